// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/replay.h"

#include <QHashFunctions>

#include <algorithm>

namespace tidemark {

namespace {

/// Sizes move slowly, and are kept by the hour at worst.
constexpr auto oldestSize = std::chrono::hours(24);
/// The cost of watching is kept by the tick, later by the hour.
constexpr auto oldestOverhead = std::chrono::hours(1);
constexpr int timelineParts = 500;

/// Above what servers give out before they have made two thousand million objects.
quint32 madeUpOid(const pg::QualifiedName &name)
{
    return static_cast<quint32>(qHash(name, 0)) | 0x80000000U;
}

} // namespace

HistoryReader::HistoryReader(std::shared_ptr<const HistoryStore> history)
    : m_history(std::move(history))
{
}

Result<ServerSnapshot> HistoryReader::snapshotAt(const QString &profile, const QString &environment,
                                                 const QString &systemIdentifier, Instant at) const
{
    ServerSnapshot server;
    server.name = profile;
    server.environment = environment;
    server.state = WatchState::Live;
    server.takenAt = at;
    server.replayed = true;

    TIDEMARK_TRY(const QStringList names, m_history->databases(systemIdentifier));
    for (const QString &name : names) {
        TIDEMARK_TRY(auto database, databaseAt({systemIdentifier, name}, at));
        server.databases[name] = std::move(database);
    }
    TIDEMARK_TRY(auto locks, m_history->locksAt(systemIdentifier, at));
    server.locks = std::make_shared<const LockSnapshot>(std::move(locks));

    TIDEMARK_TRY(const auto costs, m_history->overhead(systemIdentifier, {at - oldestOverhead, at}));
    if (!costs.empty()) {
        server.overhead.serverMsPerSecond = costs.back().serverMsPerSecond;
        server.overhead.bytesPerSecond = costs.back().bytesPerSecond;
    }
    return server;
}

Result<std::vector<TimelineMark>> HistoryReader::timelineEvents(const QString &systemIdentifier,
                                                                const TimeRange &range) const
{
    return m_history->timeline(systemIdentifier, range, timelineParts);
}

Result<std::shared_ptr<const DatabaseSnapshot>> HistoryReader::databaseAt(const DatabaseRef &database, Instant at) const
{
    auto snapshot = std::make_shared<DatabaseSnapshot>();
    snapshot->name = database.database;
    snapshot->state = WatchState::Live;
    snapshot->takenAt = at;
    snapshot->capabilities.systemIdentifier = database.systemIdentifier;
    snapshot->capabilities.database = database.database;
    TIDEMARK_TRY(snapshot->freshness, freshnessAt(database, at));
    TIDEMARK_TRY(snapshot->partitions, partitionsAt(database, at));
    return snapshot;
}

Result<std::shared_ptr<const FreshnessSnapshot>> HistoryReader::freshnessAt(const DatabaseRef &database,
                                                                            Instant at) const
{
    TIDEMARK_TRY(auto states, m_history->refreshStatesAt(database, at));
    const bool anythingKnown = std::any_of(states.begin(), states.end(), [](const RefreshState &state) {
        return state.lastRefresh.at || state.lastChangedAt;
    });
    if (!anythingKnown)
        return nullptr;
    TIDEMARK_TRY(const auto targets, m_history->targets(database));

    auto freshness = std::make_shared<FreshnessSnapshot>();
    for (RefreshState &state : states) {
        Refreshable refreshable;
        refreshable.oid = state.oid != 0 ? state.oid : madeUpOid(state.name);
        refreshable.name = state.name;
        refreshable.kind = state.kind;
        refreshable.populated = state.populated;
        refreshable.lastRefresh = state.lastRefresh;
        refreshable.lastChangedAt = state.lastChangedAt;
        if (!state.recentDurations.empty())
            refreshable.lastDuration = state.recentDurations.back();
        refreshable.recentDurations = std::move(state.recentDurations);
        refreshable.notJudgedBecause = QStringLiteral("changes in the sources are not kept in the history");
        refreshable.target = targetFor(targets, state.name);
        freshness->refreshables.push_back(std::move(refreshable));
    }
    std::sort(freshness->refreshables.begin(), freshness->refreshables.end(),
              [](const Refreshable &one, const Refreshable &other) { return one.oid < other.oid; });
    return freshness;
}

Result<std::shared_ptr<const PartitionSnapshot>> HistoryReader::partitionsAt(const DatabaseRef &database,
                                                                             Instant at) const
{
    TIDEMARK_TRY(const auto sizes, m_history->sizesAt(database, at, oldestSize));
    if (sizes.empty())
        return nullptr;
    auto partitions = std::make_shared<PartitionSnapshot>();
    for (const auto &[name, size] : sizes) {
        auto table = std::make_shared<PartitionedTable>();
        table->oid = madeUpOid(name);
        table->name = name;
        table->leafCount = size.partitions;
        table->totalBytes = size.bytes;
        table->rowsEstimate = size.rows;
        partitions->tables.push_back(std::move(table));
    }
    std::sort(partitions->tables.begin(), partitions->tables.end(),
              [](const auto &one, const auto &other) { return one->oid < other->oid; });
    return partitions;
}

} // namespace tidemark
