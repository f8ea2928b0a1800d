// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/replay.h"

#include "core/monitor/replaycodec.h"

#include <QHashFunctions>

#include <algorithm>
#include <map>

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

    TIDEMARK_TRY(const auto kept, m_history->replayDatabasesAt(systemIdentifier, at));
    for (const DatabaseRef &ref : kept) {
        TIDEMARK_TRY(server.databases[ref.database], keptDatabaseAt(ref, at));
    }
    if (kept.empty()) {
        TIDEMARK_TRY(const QStringList names, m_history->databases(systemIdentifier));
        for (const QString &name : names) {
            TIDEMARK_TRY(server.databases[name], databaseAt({systemIdentifier, name}, at));
        }
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

Result<std::shared_ptr<const DatabaseSnapshot>> HistoryReader::keptDatabaseAt(const DatabaseRef &database,
                                                                              Instant at) const
{
    auto snapshot = std::make_shared<DatabaseSnapshot>();
    snapshot->name = database.database;
    snapshot->state = WatchState::Live;
    snapshot->takenAt = at;
    const auto read = [&](ReplayPart part, auto take) -> Status {
        TIDEMARK_TRY(const auto rows, m_history->replayRowsAt(database, part, at));
        for (const auto &[key, bytes] : rows)
            take(bytes);
        return {};
    };
    TIDEMARK_CHECK(read(ReplayPart::Database, [&](const QByteArray &bytes) {
        snapshot->capabilities = decodedCapabilities(bytes).value_or(pg::Capabilities());
    }));
    auto freshness = std::make_shared<FreshnessSnapshot>();
    TIDEMARK_CHECK(read(ReplayPart::Refreshable, [&](const QByteArray &bytes) {
        if (auto row = decodedRefreshable(bytes))
            freshness->refreshables.push_back(std::move(*row));
    }));
    TIDEMARK_CHECK(read(ReplayPart::Source, [&](const QByteArray &bytes) {
        if (auto row = decodedSource(bytes))
            freshness->sources.push_back(std::move(*row));
    }));
    snapshot->freshness = std::move(freshness);
    auto jobs = std::make_shared<std::vector<Job>>();
    TIDEMARK_CHECK(read(ReplayPart::Job, [&](const QByteArray &bytes) {
        if (auto row = decodedJob(bytes))
            jobs->push_back(std::move(*row));
    }));
    snapshot->jobs = std::move(jobs);

    std::map<quint32, PartitionedTable> tables;
    TIDEMARK_CHECK(read(ReplayPart::Table, [&](const QByteArray &bytes) {
        if (auto row = decodedTable(bytes))
            tables.insert_or_assign(row->oid, std::move(*row));
    }));
    TIDEMARK_CHECK(read(ReplayPart::Partition, [&](const QByteArray &bytes) {
        if (auto row = decodedPartition(bytes)) {
            if (const auto table = tables.find(row->first); table != tables.end())
                table->second.partitions.push_back(std::move(row->second));
        }
    }));
    auto partitions = std::make_shared<PartitionSnapshot>();
    for (auto &[oid, table] : tables) {
        rollUp(table, at);
        partitions->tables.push_back(std::make_shared<const PartitionedTable>(std::move(table)));
    }
    snapshot->partitions = std::move(partitions);
    return snapshot;
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
