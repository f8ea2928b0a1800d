// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/snapshot.h"
#include "core/store/history.h"
#include "core/store/settingsstore.h"

#include <map>
#include <tuple>
#include <vector>

namespace tidemark {

enum class AlertKind { Freshness, Blocking, Runway, Job };
[[nodiscard]] QString toWord(AlertKind kind); ///< "freshness", "blocking", "runway", "job"
[[nodiscard]] std::optional<AlertKind> alertKindOf(const QString &word);

/// When to raise an alert. A threshold that is not set switches its rule off. Freshness has its targets with the objects.
struct AlertRules
{
    bool freshness = true;
    std::optional<Millis> blockingLongerThan{std::chrono::seconds(30)};
    std::optional<Millis> runwayShorterThan{usualShortRunway};
    bool jobFailed = true;
    friend bool operator==(const AlertRules &, const AlertRules &) = default;
};

/// The rules of this workstation: those that hold for every server, and those of servers that have their own.
struct AlertSettings
{
    AlertRules common;
    std::map<QString, AlertRules> own; ///< by the profile's name
    [[nodiscard]] const AlertRules &of(const QString &profile) const;
    friend bool operator==(const AlertSettings &, const AlertSettings &) = default;
};

/// Kept in the settings; a profile that is renamed or removed takes its own rules along (ProfileStore does it).
[[nodiscard]] AlertSettings loadAlertSettings(const SettingsStore &settings);
[[nodiscard]] Status saveAlertSettings(SettingsStore &settings, const AlertSettings &rules);

struct AlertKey
{
    AlertKind kind = AlertKind::Freshness;
    QString database;
    QString subject; ///< "public.mv_daily", "pid 4711", "pg_cron job 3"
    friend bool operator==(const AlertKey &, const AlertKey &) = default;
    friend bool operator<(const AlertKey &one, const AlertKey &other)
    {
        return std::tie(one.kind, one.database, one.subject) < std::tie(other.kind, other.database, other.subject);
    }
};

struct Alert
{
    AlertKey key;
    QString message; ///< object, number and limit, for people
    Instant raisedAt;
    bool seen =
        false; ///< this engine found it to hold; else it stood open in the history, from an earlier run or another program
    QString endedBecause; ///< of one that is cleared without being well: "the database plays was dropped"
};

struct AlertTransitions
{
    std::vector<Alert> raised;
    std::vector<Alert> cleared;
};

/// Holds the rules against one server's snapshots and tells what began and what ended. Pure: no clock, no store. Lives on
/// one thread.
///
/// Not to know is not to be well: what is not seen (a database that is not live, a part that failed or was never loaded,
/// a replayed snapshot) neither raises nor clears; a database that does not come within minutes is no longer watched, and
/// its alerts end; of one that was dropped or renamed they end at once, with that reason.
///
/// Several programs may write one history. Each judges what it watches: where databases are named it leaves those of others
/// alone, their locks too, and of those it found but does not watch it judges the locks alone. It takes up what stands open
/// of its own databases, so that it can end it; whoever announces alerts announces those that `seen` says this program
/// found itself, so each is announced once by each program that watches its database. A blocking alert stays as long as its root holds up anybody, however
/// short the others wait, and clears when two samples in a row do not show it. The other kinds go by values that do not
/// jitter, and clear when they are seen to be well.
class AlertEngine
{
public:
    explicit AlertEngine(AlertRules rules = {});

    /// New rules hold from the next evaluation on; what they no longer judge is cleared then.
    void setRules(const AlertRules &rules) { m_rules = rules; }
    [[nodiscard]] const AlertRules &rules() const { return m_rules; }

    /// Takes up what stood open when the last run ended, so that it is cleared rather than raised again.
    void restore(const std::vector<AlertRecord> &open);

    /// `now` is the server's. The message of an alert that stands is brought up to date.
    [[nodiscard]] AlertTransitions evaluate(const ServerSnapshot &snapshot, Instant now);

    [[nodiscard]] const std::map<AlertKey, Alert> &active() const { return m_active; }

private:
    struct Findings;

    void endOfGoneDatabases(const ServerSnapshot &snapshot, AlertTransitions &transitions);
    void leaveToOthers(const ServerSnapshot &snapshot);
    void judgeFreshness(const DatabaseSnapshot &database, Instant now, Findings &findings) const;
    void judgeRunways(const DatabaseSnapshot &database, Instant now, Findings &findings) const;
    void judgeJobs(const DatabaseSnapshot &database, Instant now, Findings &findings) const;
    void judgeLocks(const ServerSnapshot &snapshot, Findings &findings);
    void judgeRoot(const LockSnapshot &locks, const AlertKey &key, int root, Findings &findings) const;

    /// A root blocker, from the sample that first showed it to the one that no longer does.
    struct Root
    {
        Instant since;
        int missed = 0;
    };

    AlertRules m_rules;
    std::map<AlertKey, Alert> m_active;
    std::map<AlertKey, Root> m_roots;
    Instant m_locksTakenAt{};
    std::optional<Instant> m_startedAt;
};

} // namespace tidemark
