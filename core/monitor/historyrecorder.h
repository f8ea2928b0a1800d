// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/monitor/alertlog.h"
#include "core/monitor/replayrecorder.h"
#include "core/store/historystore.h"

#include <mutex>
#include <thread>

namespace tidemark {

/// Keeps what the snapshots of a Monitor say beyond what the collectors themselves store: what the watching cost, and the
/// alerts, which it also adds to the snapshot; as it adds why the store takes nothing, where it does not. A store that was
/// opened anew is given what stands open and begins with what is. Called from the watches' threads. Once an hour it prunes the store, on a
/// thread of its own: after a week's absence that takes seconds.
class HistoryRecorder
{
public:
    /// Without a store alerts are judged all the same.
    HistoryRecorder(std::shared_ptr<LocalStore> store, const Clock &clock);

    void record(ServerSnapshot &server);
    /// New rules for alerts, from the next snapshot on. May wait for a record() under way: not for the GUI thread.
    void setRules(const AlertSettings &rules);

private:
    struct Server
    {
        AlertEngine engine;
        std::optional<AlertLog> log;
        std::optional<ReplayRecorder> rows; ///< as the log, where there is a history
        int opened = 0;                     ///< how often the store had been then
        Instant overheadAt;
        int waiters = 0; ///< the most since then
        int longestChain = 0;
    };

    [[nodiscard]] Server &known(const QString &systemIdentifier, const QString &profile);
    /// Takes up what the history holds open, and gives it what stands and it does not know.
    void openHistory(const QString &systemIdentifier, Server &server, Instant now);
    void recordOverhead(const QString &systemIdentifier, const ServerSnapshot &server, Server &known);
    void judgeAlerts(ServerSnapshot &server, Server &known);
    void prune();

    const Clock &m_clock;
    std::mutex m_mutex;
    const std::shared_ptr<LocalStore> m_store;
    std::shared_ptr<HistoryStore> m_history;
    AlertSettings m_rules;
    std::map<std::pair<QString, QString>, Server> m_servers; // by profile and system identifier: a profile may move
    Instant m_prunedAt;
    std::jthread m_pruner; // last: it uses the history
};

} // namespace tidemark
