// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/alertlog.h"
#include "core/store/historystore.h"

#include <mutex>
#include <thread>

namespace tidemark {

/// Keeps what the snapshots of a Monitor say beyond what the collectors themselves store: what the watching cost, and the
/// alerts, which it also adds to the snapshot. Called from the watches' threads. Once an hour it prunes the store, on a
/// thread of its own: after a week's absence that takes seconds.
class HistoryRecorder
{
public:
    /// Without a store alerts are judged all the same.
    explicit HistoryRecorder(std::shared_ptr<LocalStore> store);

    void record(ServerSnapshot &server);
    /// New rules for alerts, from the next snapshot on.
    void setRules(const AlertRules &rules);

private:
    struct Server
    {
        AlertEngine engine;
        std::optional<AlertLog> log;
        Instant overheadAt;
    };

    [[nodiscard]] Server &known(const QString &systemIdentifier, const QString &profile);
    void recordOverhead(const QString &systemIdentifier, const ServerSnapshot &server, Server &known);
    void judgeAlerts(ServerSnapshot &server, Server &known);
    void prune(Instant now);

    std::mutex m_mutex;
    std::shared_ptr<HistoryStore> m_history;
    AlertRules m_rules;
    std::map<QString, Server> m_servers; // by profile name
    Instant m_prunedAt;
    std::jthread m_pruner; // last: it uses the history
};

} // namespace tidemark
