// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/refresh/refreshorder.h"
#include "core/refresh/refreshrecord.h"

#include <condition_variable>
#include <mutex>

namespace tidemark::refresh {

enum class ItemState {
    Open,    ///< waits for its turn
    Waiting, ///< for its locks
    Running,
    Succeeded,
    Failed,
    Skipped, ///< what it reads was not refreshed, or it has an obstacle of its own
    Stopped, ///< before it began, or while it ran: then its outcome tells since when
};

[[nodiscard]] QString toWord(ItemState state); ///< "open", "waiting", "running", …

/// Where one refresh stands.
struct RefreshStanding
{
    ItemState state = ItemState::Open;
    QString text; ///< whom it waits for; why it failed or was skipped
    std::optional<Millis> runningFor;
    std::optional<double> filled; ///< of a plain one whose heap can be seen: its size against what it was, at most 1
    RefreshOutcome outcome;       ///< once it has ended
};

struct RefreshLook
{
    std::vector<RefreshStanding> items; ///< as in the plan
    std::optional<Millis> left;         ///< of all, where it is known of each
    [[nodiscard]] int count(ItemState state) const;
};

/// What happened to one of them just now.
struct RefreshNews
{
    int place = 0;
    RefreshStanding standing;
};

struct RefreshRunOptions
{
    pg::ConnInfo server; ///< with the database
    Profile profile;     ///< whose safety holds
    QString applicationName = QStringLiteral("tidemark");
    LockPatience patience; ///< all but giveUp, which the spec says
    std::shared_ptr<HistoryStore> history;
    /// Called on the run's threads, one call at a time.
    std::function<void(const RefreshNews &)> onNews;
};

/// Carries out one RefreshPlan, once: each refresh exactly once, after what it reads, as many at a time as the spec has
/// sessions. What fails stops what depends on it and nothing else. A stop cancels what runs, begins nothing more, and
/// leaves nothing behind: each refresh is one transaction. A session that is lost is replaced for the next refresh; whether a
/// refresh that it was lost in at COMMIT is done, is looked up.
///
/// run() blocks, on a thread that is not the GUI's; look() may be called from any. One more session than the spec says
/// looks how far they are; it cannot write.
class RefreshRun
{
public:
    RefreshRun(RefreshPlan plan, RefreshRunOptions options, const Clock &clock);
    ~RefreshRun();

    /// `fingerprint`: of what was confirmed. Errors, and nothing was begun: Input for another plan or another database;
    /// Safety where the profile refuses or the confirmation is missing; Connection.
    [[nodiscard]] Result<RefreshLook> run(const QString &fingerprint, const Confirmation &confirmation,
                                          std::stop_token stop);
    [[nodiscard]] RefreshLook look() const;
    [[nodiscard]] const RefreshPlan &plan() const { return m_plan; }

private:
    using Steady = std::chrono::steady_clock;
    struct Item
    {
        RefreshStanding standing;
        Steady::time_point began;
        int pid = 0;           ///< of the backend that refreshes it; 0 while none does
        Millis sampledWait{0}; ///< for locks, while it ran
    };

    [[nodiscard]] Result<pg::Session> openSession(const std::stop_token &stop) const;
    [[nodiscard]] Status begin(const QString &fingerprint, const Confirmation &confirmation, pg::Session &session);
    void work(std::optional<pg::Session> session, std::stop_token stop);
    [[nodiscard]] std::optional<int> next(const std::stop_token &stop);
    void refresh(int place, pg::Session &session, const std::stop_token &stop);
    void settleDoubt(const RefreshItem &item, RefreshOutcome &outcome, const std::stop_token &stop) const;
    void end(int place, RefreshOutcome outcome, const QString &afterword, const std::stop_token &stop);
    void skip(const std::vector<RefreshOrder::Skip> &skips);
    void set(int place, ItemState state, const QString &text = {});
    void watch(std::stop_token stop);
    void takeProgress(pg::Session &session, const std::stop_token &stop);
    void tell(int place);
    [[nodiscard]] const RefreshItem &planned(int place) const
    {
        return m_plan.items.at(static_cast<std::size_t>(place));
    }
    [[nodiscard]] Item &item(int place) { return m_items.at(static_cast<std::size_t>(place)); }

    const RefreshPlan m_plan;
    const RefreshRunOptions m_options;
    const Clock &m_clock;
    std::optional<RefreshRecord> m_record;

    mutable std::mutex m_mutex; ///< of all below
    std::condition_variable_any m_changed;
    RefreshOrder m_order;
    std::vector<Item> m_items;
    std::optional<Error> m_lost; ///< why the last worker could not go on

    std::mutex m_telling;
};

} // namespace tidemark::refresh
