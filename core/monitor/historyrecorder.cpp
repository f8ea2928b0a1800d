// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/historyrecorder.h"

#include "core/base/log.h"

#include <algorithm>
#include <utility>

namespace tidemark {

namespace {

constexpr std::chrono::seconds overheadPeriod{10};
constexpr std::chrono::hours prunePeriod{1};
constexpr int notWritten = -1; // what stands open in the history is not what stands: to be compared again

QString systemIdentifierOf(const ServerSnapshot &server)
{
    for (const auto &[name, database] : server.databases) {
        if (!database->capabilities.systemIdentifier.isEmpty())
            return database->capabilities.systemIdentifier;
    }
    return {};
}

/// The store's own troubles are told with the snapshot, once.
void warn(const Error &error)
{
    if (error.kind == ErrorKind::Local)
        qCInfo(logStore) << "the history misses something:" << error.summary();
    else
        qCWarning(logStore) << "the history misses something:" << error.summary();
}

} // namespace

HistoryRecorder::HistoryRecorder(std::shared_ptr<LocalStore> store, const Clock &clock)
    : m_clock(clock)
    , m_store(store)
{
    if (!store)
        return;
    m_history = std::make_shared<HistoryStore>(store);
    if (store->opened() > 0)
        m_rules = loadAlertSettings(SettingsStore(store));
}

void HistoryRecorder::setRules(const AlertSettings &rules)
{
    const std::lock_guard lock(m_mutex);
    m_rules = rules;
    for (auto &[key, known] : m_servers)
        known.engine.setRules(rules.of(key.first));
}

void HistoryRecorder::record(ServerSnapshot &server)
{
    const QString systemIdentifier = systemIdentifierOf(server);
    if (systemIdentifier.isEmpty())
        return; // never connected: nothing to say of it
    const std::lock_guard lock(m_mutex);
    Server &watched = known(systemIdentifier, server.name);
    if (m_history && watched.opened != m_store->opened())
        openHistory(systemIdentifier, watched, server.takenAt);
    judgeAlerts(server, watched);
    if (m_history) {
        if (const Status kept = watched.rows->record(server); !kept)
            warn(kept.error());
        recordOverhead(systemIdentifier, server, watched);
        prune();
        server.storeError = m_store->trouble();
    }
}

HistoryRecorder::Server &HistoryRecorder::known(const QString &systemIdentifier, const QString &profile)
{
    const auto [found, isNew] = m_servers.try_emplace(
        {profile, systemIdentifier}, Server{AlertEngine(m_rules.of(profile)), std::nullopt, std::nullopt, 0, {}, 0, 0});
    Server &server = found->second;
    if (isNew && m_history) {
        server.log.emplace(m_history, systemIdentifier);
        server.rows.emplace(m_history);
    }
    return server;
}

void HistoryRecorder::openHistory(const QString &systemIdentifier, Server &server, Instant now)
{
    const int opened = m_store->opened();
    server.log.emplace(m_history, systemIdentifier);
    server.rows.emplace(m_history);
    const auto open = server.log->takeUp();
    if (!open) {
        warn(open.error());
        return;
    }
    AlertTransitions standing;
    for (const auto &[key, alert] : server.engine.active())
        standing.raised.push_back(alert);
    server.engine.restore(*open);
    if (const Status recorded = server.log->record(standing, now); !recorded)
        warn(recorded.error());
    server.opened = opened;
}

void HistoryRecorder::recordOverhead(const QString &systemIdentifier, const ServerSnapshot &server, Server &known)
{
    if (server.state != WatchState::Live)
        return;
    if (server.locks) {
        known.waiters = std::max(known.waiters, server.locks->waiterCount);
        known.longestChain = std::max(known.longestChain, longestChain(*server.locks));
    }
    if (server.takenAt - known.overheadAt < overheadPeriod)
        return;
    known.overheadAt = server.takenAt;
    OverheadSample sample;
    sample.at = server.takenAt;
    sample.serverMsPerSecond = server.overhead.serverMsPerSecond;
    sample.bytesPerSecond = server.overhead.bytesPerSecond;
    sample.waiters = std::exchange(known.waiters, 0);
    sample.longestChain = std::exchange(known.longestChain, 0);
    if (const Status added = m_history->addOverhead(systemIdentifier, sample); !added)
        warn(added.error());
}

void HistoryRecorder::judgeAlerts(ServerSnapshot &server, Server &known)
{
    const AlertTransitions transitions = known.engine.evaluate(server, server.takenAt);
    if (known.log) {
        if (const Status recorded = known.log->record(transitions, server.takenAt); !recorded) {
            warn(recorded.error());
            known.opened = notWritten;
        }
    }
    auto active = std::make_shared<std::vector<Alert>>();
    for (const auto &[key, alert] : known.engine.active())
        active->push_back(alert);
    server.alerts = std::move(active);
    server.shortRunway = known.engine.rules().runwayShorterThan;
}

void HistoryRecorder::prune()
{
    // By our own clock: that of one server, wrong by a year, must not cost the history of all.
    const Instant now = m_clock.now();
    if (now - m_prunedAt < prunePeriod)
        return;
    m_prunedAt = now;
    m_pruner = std::jthread([history = m_history, now] {
        if (const Status pruned = history->prune(now); !pruned)
            warn(pruned.error());
    });
}

} // namespace tidemark
