// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/historyrecorder.h"

#include "core/base/log.h"

namespace tidemark {

namespace {

constexpr std::chrono::seconds overheadPeriod{10};
constexpr std::chrono::hours prunePeriod{1};

QString systemIdentifierOf(const ServerSnapshot &server)
{
    for (const auto &[name, database] : server.databases) {
        if (!database->capabilities.systemIdentifier.isEmpty())
            return database->capabilities.systemIdentifier;
    }
    return {};
}

void warn(const Error &error)
{
    qCWarning(logStore) << "the history misses something:" << error.summary();
}

} // namespace

HistoryRecorder::HistoryRecorder(std::shared_ptr<LocalStore> store)
{
    if (!store)
        return;
    m_history = std::make_unique<HistoryStore>(store);
    m_rules = loadAlertRules(SettingsStore(store));
}

void HistoryRecorder::setRules(const AlertRules &rules)
{
    const std::lock_guard lock(m_mutex);
    m_rules = rules;
    for (auto &[name, known] : m_servers)
        known.engine.setRules(rules);
}

void HistoryRecorder::record(ServerSnapshot &server)
{
    const QString systemIdentifier = systemIdentifierOf(server);
    if (systemIdentifier.isEmpty())
        return; // never connected: nothing to say of it
    const std::lock_guard lock(m_mutex);
    Server &known = m_servers.try_emplace(server.name, Server{AlertEngine(m_rules), {}, false, {}}).first->second;
    recordAlerts(systemIdentifier, server, known);
    if (m_history) {
        recordOverhead(systemIdentifier, server, known);
        prune(server.takenAt);
    }
}

void HistoryRecorder::recordOverhead(const QString &systemIdentifier, const ServerSnapshot &server, Server &known)
{
    if (server.state != WatchState::Live || server.takenAt - known.overheadAt < overheadPeriod)
        return;
    known.overheadAt = server.takenAt;
    OverheadSample sample;
    sample.at = server.takenAt;
    sample.serverMsPerSecond = server.overhead.serverMsPerSecond;
    sample.bytesPerSecond = server.overhead.bytesPerSecond;
    if (server.locks) {
        sample.waiters = server.locks->waiterCount;
        sample.longestChain = longestChain(*server.locks);
    }
    if (const Status added = m_history->addOverhead(systemIdentifier, sample); !added)
        warn(added.error());
}

void HistoryRecorder::recordAlerts(const QString &systemIdentifier, ServerSnapshot &server, Server &known)
{
    if (m_history && !known.restored) {
        known.restored = true;
        const auto open = m_history->openAlerts(systemIdentifier);
        if (open) {
            known.engine.restore(*open);
            for (const AlertRecord &record : *open) {
                if (const auto kind = alertKindOf(record.kind))
                    known.stored[{*kind, record.database, record.subject}] = record.id;
            }
        } else {
            warn(open.error());
        }
    }

    const AlertTransitions transitions = known.engine.evaluate(server, server.takenAt);
    for (const Alert &alert : m_history ? transitions.raised : std::vector<Alert>{}) {
        AlertRecord record;
        record.kind = toWord(alert.key.kind);
        record.subject = alert.key.subject;
        record.message = alert.message;
        record.raisedAt = alert.raisedAt;
        const auto id = m_history->raiseAlert({systemIdentifier, alert.key.database}, record);
        if (id)
            known.stored[alert.key] = *id;
        else
            warn(id.error());
    }
    for (const Alert &alert : m_history ? transitions.cleared : std::vector<Alert>{}) {
        const auto stored = known.stored.extract(alert.key);
        if (stored.empty())
            continue;
        if (const Status cleared = m_history->clearAlert(stored.mapped(), server.takenAt); !cleared)
            warn(cleared.error());
    }

    auto active = std::make_shared<std::vector<Alert>>();
    for (const auto &[key, alert] : known.engine.active())
        active->push_back(alert);
    server.alerts = std::move(active);
}

void HistoryRecorder::prune(Instant now)
{
    if (now - m_prunedAt < prunePeriod)
        return;
    m_prunedAt = now;
    if (const Status pruned = m_history->prune(now); !pruned)
        warn(pruned.error());
}

} // namespace tidemark
