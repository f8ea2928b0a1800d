// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/boarddata.h"

#include <QRandomGenerator>

#include <algorithm>

namespace tidemark::test {

namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr quint32 randomSeed = 20260301;

std::vector<Millis> trend(QRandomGenerator &random, Millis around)
{
    std::vector<Millis> durations;
    for (int run = 0; run < 20; ++run)
        durations.emplace_back(around.count() * (70 + random.bounded(60)) / 100);
    return durations;
}

void known(Refreshable &it, Instant at, Confidence confidence, RefreshSource source, Millis took,
           QRandomGenerator &random)
{
    it.lastRefresh = {confidence, source, at, std::nullopt, false};
    it.lastDuration = took;
    it.recentDurations = trend(random, took);
    it.lastChangedAt = at;
}

std::shared_ptr<const FreshnessSnapshot> plays(Instant now, QRandomGenerator &random)
{
    auto snapshot = std::make_shared<FreshnessSnapshot>();
    Refreshable popular = refreshable(101, QStringLiteral("public"), QStringLiteral("popular_tracks"));
    known(popular, now - 47min, Confidence::Commit, RefreshSource::CommitTimestamp, 8400ms, random);
    popular.target = 30min;
    popular.sourceChanges = 184'220;
    popular.sources = {110, 111};
    popular.bytesEstimate = 312'000'000;
    popular.rowsEstimate = 1'204'331;
    popular.schedule = QStringLiteral("pg_cron: */30 * * * *");
    popular.nextScheduled = now - 17min;
    Refreshable trending = refreshable(102, QStringLiteral("public"), QStringLiteral("trending_tracks_7d"));
    known(trending, now - 4min, Confidence::Exact, RefreshSource::EventTrigger, 2300ms, random);
    trending.target = 10min;
    trending.sourceChanges = 9'120;
    trending.sources = {110, 101};
    trending.bytesEstimate = 18'800'000;
    trending.rowsEstimate = 50'000;
    trending.concurrently = {false, QStringLiteral("it has no unique index without a WHERE clause over plain columns")};
    trending.running = RunningRefresh{4711, now - 12s, false, QStringLiteral("etl"), QStringLiteral("airflow"), 21s};
    Refreshable hourly = refreshable(103, QStringLiteral("public"), QStringLiteral("plays_hourly"));
    hourly.kind = RefreshableKind::ContinuousAggregate;
    known(hourly, now - 51min, Confidence::Exact, RefreshSource::JobHistory, 640ms, random);
    hourly.target = 1h;
    hourly.sourceChanges = 0;
    hourly.sources = {110};
    hourly.schedule = QStringLiteral("policy: every 1 h");
    hourly.nextScheduled = now + 9min;
    hourly.bytesEstimate = 88'000'000;
    hourly.rowsEstimate = 812'000;
    hourly.aggregate = ContinuousAggregateState{QStringLiteral("public.source_track_plays"),
                                                now - 1h,
                                                51min,
                                                {{now - 5h, now - 4h, 0}},
                                                {},
                                                false,
                                                true,
                                                QStringLiteral("every 1 h, from 6 h to 1 h before now"),
                                                2h + 5min};
    popular.dependents = {102};
    snapshot->refreshables = {popular, trending, hourly};
    snapshot->sources = {
        {110, {QStringLiteral("public"), QStringLiteral("source_track_plays")}, 'p', {101, 102, 103}, 20'184'220},
        {111, {QStringLiteral("public"), QStringLiteral("tracks")}, 'r', {101}, 81'002}};
    return snapshot;
}

std::shared_ptr<const FreshnessSnapshot> registers(Instant now, QRandomGenerator &random)
{
    auto snapshot = std::make_shared<FreshnessSnapshot>();
    const char *names[] = {"timepoints", "timesegments", "timeline_establishment", "timeline_legal_unit",
                           "timeline_enterprise"};
    quint32 oid = 201;
    for (const char *name : names) {
        Refreshable it = refreshable(oid, QStringLiteral("public"), QLatin1String(name));
        it.kind = oid < 203 ? RefreshableKind::MaterializedView : RefreshableKind::ManagedTable;
        known(it, now - (oid - 200) * 3min - 2min, Confidence::Bracketed, RefreshSource::XidClock, 1200ms, random);
        it.lastRefresh.bracket = TimeRange{*it.lastRefresh.at - (oid == 202 ? 2s : 118s), *it.lastRefresh.at};
        it.sources = oid == 201 ? std::vector<quint32>{210, 211, 212} : std::vector<quint32>{oid - 1};
        if (oid < 205)
            it.dependents = {oid + 1};
        it.sourceChanges = oid == 201 ? 1'310 : 0;
        it.bytesEstimate = 4'100'000 * (oid - 200);
        it.rowsEstimate = 41'000 * (oid - 200);
        snapshot->refreshables.push_back(it);
        ++oid;
    }
    for (const char *name : {"establishment", "legal_unit", "enterprise"}) {
        snapshot->sources.push_back({static_cast<quint32>(210 + snapshot->sources.size()),
                                     {QStringLiteral("public"), QLatin1String(name)},
                                     'r',
                                     {201},
                                     5'000});
    }
    return snapshot;
}

std::shared_ptr<const FreshnessSnapshot> warehouse(Instant now, QRandomGenerator &random)
{
    auto snapshot = std::make_shared<FreshnessSnapshot>();
    const char *names[] = {"mv_ergonomic_5min", "mv_ergonomic_hourly", "mv_shift_daily", "mv_worker_risk",
                           "mv_site_summary"};
    quint32 oid = 301;
    for (const char *name : names) {
        Refreshable it = refreshable(oid, QStringLiteral("public"), QLatin1String(name));
        known(it, now - (oid - 300) * 55s, Confidence::Commit, RefreshSource::CommitTimestamp, Millis(90 * (oid - 300)),
              random);
        it.target = oid < 303 ? 5min : 15min;
        it.sourceChanges = (oid - 300) * 211;
        it.sources = {310};
        it.bytesEstimate = 900'000 * (oid - 300);
        it.rowsEstimate = 12'300;
        it.schedule = QStringLiteral("pg_cron: */5 * * * *");
        it.nextScheduled = now + 2min;
        snapshot->refreshables.push_back(it);
        ++oid;
    }
    Refreshable &late = snapshot->refreshables[1];
    late.lastRefresh.at = now - 4min - 20s;
    Refreshable &summary = snapshot->refreshables[4];
    summary.notJudgedBecause = QStringLiteral("it reads the foreign table hr.workers");
    summary.sourceChanges.reset();
    snapshot->sources = {{310,
                          {QStringLiteral("public"), QStringLiteral("ergonomic_snapshots")},
                          'p',
                          {301, 302, 303, 304, 305},
                          998'000}};
    return snapshot;
}

std::shared_ptr<const FreshnessSnapshot> wip(Instant now, QRandomGenerator &random)
{
    auto snapshot = std::make_shared<FreshnessSnapshot>();
    Refreshable lots = refreshable(401, QStringLiteral("public"), QStringLiteral("mv_lot_wip"));
    lots.lastRefresh = {Confidence::AtLeast, RefreshSource::None, now - 3h - 5min, std::nullopt, false};
    lots.target = 2h;
    lots.sources = {410};
    lots.bytesEstimate = 5'400'000;
    lots.rowsEstimate = 22'104;
    Refreshable process = refreshable(402, QStringLiteral("public"), QStringLiteral("mv_process_wip"));
    process.populated = false;
    process.rowsEstimate = -1;
    process.sources = {410};
    Refreshable odd = refreshable(403, QStringLiteral("Odd \"Schema\""), QStringLiteral("Größe der Lose; drop"));
    odd.sources = {410};
    odd.bytesEstimate = 8192;
    odd.rowsEstimate = 3;
    static_cast<void>(random);
    snapshot->refreshables = {lots, process, odd};
    snapshot->sources = {{410, {QStringLiteral("public"), QStringLiteral("lots")}, 'r', {401, 402, 403}, 7'201}};
    return snapshot;
}

std::shared_ptr<const PartitionedTable> rolled(PartitionedTable table, Instant now)
{
    rollUp(table, now);
    return std::make_shared<const PartitionedTable>(std::move(table));
}

std::shared_ptr<const PartitionSnapshot> playPartitions(Instant now)
{
    auto snapshot = std::make_shared<PartitionSnapshot>();
    const Instant today = std::chrono::floor<days>(now);
    QRandomGenerator random(randomSeed);

    PartitionedTable main = dailyTable(110, QStringLiteral("public"), QStringLiteral("source_track_plays"),
                                       today - days(120), 124);
    main.managedBy = QStringLiteral("pg_partman");
    main.retention = Millis(std::chrono::hours(24 * 110));
    main.partitions.erase(main.partitions.begin() + 80, main.partitions.begin() + 83);
    for (Partition &partition : main.partitions) {
        const bool future = *partition.from.axis > toEpochMicros(now);
        partition.rowsEstimate = future ? -1 : 150'000 + random.bounded(80'000);
        partition.bytesEstimate = future ? 24'576 : partition.rowsEstimate * 140;
        partition.modifications = future ? 0 : partition.rowsEstimate;
        partition.frozen = *partition.from.axis < toEpochMicros(now - days(90));
    }
    main.partitions[main.partitions.size() - 5].lastModifiedSeenAt = now - 3s;
    Partition rest;
    rest.oid = 11'999;
    rest.parentOid = 110;
    rest.name = {QStringLiteral("public"), QStringLiteral("source_track_plays_default")};
    rest.isDefault = true;
    rest.boundText = QStringLiteral("DEFAULT");
    rest.rowsEstimate = 1'204;
    rest.modifications = 1'204;
    rest.bytesEstimate = 212'992;
    main.partitions.push_back(rest);

    PartitionedTable chunks = dailyTable(120, QStringLiteral("public"), QStringLiteral("sensor_readings"),
                                         today - days(60), 61);
    chunks.kind = PartitioningKind::Hypertable;
    chunks.managedBy = QStringLiteral("timescaledb");
    chunks.compressAfter = Millis(std::chrono::hours(24 * 7));
    chunks.retention = Millis(std::chrono::hours(24 * 55));
    for (Partition &partition : chunks.partitions) {
        partition.rowsEstimate = 900'000 + random.bounded(300'000);
        partition.modifications = partition.rowsEstimate;
        partition.bytesEstimate = partition.rowsEstimate * 96;
        if (*partition.from.axis < toEpochMicros(now - days(8))) {
            partition.compressed = true;
            partition.uncompressedBytes = partition.bytesEstimate;
            partition.bytesEstimate /= 11;
        }
    }

    PartitionedTable listed;
    listed.oid = 130;
    listed.name = {QStringLiteral("public"), QStringLiteral("orders_by_region")};
    listed.strategy = PartitionStrategy::List;
    listed.keyText = QStringLiteral("LIST (region)");
    quint32 oid = 13'000;
    for (const char *region : {"eu", "us", "apac", "latam", "mea"}) {
        Partition partition;
        partition.oid = ++oid;
        partition.parentOid = 130;
        partition.name = {QStringLiteral("public"), QStringLiteral("orders_") + QLatin1String(region)};
        partition.boundText = QStringLiteral("FOR VALUES IN ('%1')").arg(QLatin1String(region));
        partition.rowsEstimate = 20'000 + random.bounded(900'000);
        partition.modifications = partition.rowsEstimate;
        partition.bytesEstimate = partition.rowsEstimate * 180;
        listed.partitions.push_back(partition);
    }

    PartitionedTable ended = dailyTable(140, QStringLiteral("audit"), QStringLiteral("changes"), today - days(30), 30);
    for (Partition &partition : ended.partitions) {
        partition.rowsEstimate = 12'000;
        partition.modifications = 12'000;
        partition.bytesEstimate = 2'100'000;
    }
    snapshot->tables = {rolled(std::move(main), now), rolled(std::move(chunks), now), rolled(std::move(listed), now),
                        rolled(std::move(ended), now)};
    return snapshot;
}

std::shared_ptr<const std::vector<Job>> jobs(Instant now)
{
    auto list = std::make_shared<std::vector<Job>>();
    Job refresh;
    refresh.id = 3;
    refresh.name = QStringLiteral("refresh-popular");
    refresh.schedule = QStringLiteral("*/30 * * * *");
    refresh.command = QStringLiteral("REFRESH MATERIALIZED VIEW CONCURRENTLY public.popular_tracks");
    refresh.database = QStringLiteral("plays");
    refresh.user = QStringLiteral("etl");
    refresh.lastStartedAt = now - 17min;
    refresh.lastFinishedAt = now - 17min + 3s;
    refresh.lastSucceeded = false;
    refresh.lastMessage = QStringLiteral("ERROR:  canceling statement due to lock timeout");
    refresh.nextStart = now + 13min;
    refresh.totalRuns = 412;
    refresh.totalFailures = 9;
    Job policy = refresh;
    policy.scheduler = JobScheduler::TimescaleDb;
    policy.id = 1004;
    policy.name = QStringLiteral("Refresh plays_hourly");
    policy.schedule = QStringLiteral("1 h");
    policy.command = QStringLiteral("policy_refresh_continuous_aggregate on plays_hourly");
    policy.lastSucceeded = true;
    policy.lastMessage.clear();
    policy.lastFinishedAt = now - 51min;
    policy.nextStart = now + 9min;
    policy.totalFailures = 0;
    Job upkeep = refresh;
    upkeep.id = 4;
    upkeep.name.clear();
    upkeep.command = QStringLiteral("CALL partman.run_maintenance_proc()");
    upkeep.schedule = QStringLiteral("0 3 * * *");
    upkeep.lastSucceeded.reset();
    upkeep.lastStartedAt.reset();
    upkeep.lastFinishedAt.reset();
    upkeep.lastMessage.clear();
    upkeep.totalRuns = 0;
    upkeep.totalFailures = 0;
    *list = {refresh, policy, upkeep};
    return list;
}

std::shared_ptr<DatabaseSnapshot> database(const QString &server, const QString &name, Instant now)
{
    auto it = std::make_shared<DatabaseSnapshot>();
    it->name = name;
    it->state = WatchState::Live;
    it->takenAt = now;
    it->capabilities.systemIdentifier = QStringLiteral("system of ") + server;
    it->capabilities.database = name;
    it->capabilities.serverVersion = 150018;
    it->capabilities.extensionSchemas.insert(QStringLiteral("timescaledb"), QStringLiteral("public"));
    return it;
}

} // namespace

Refreshable refreshable(quint32 oid, const QString &schema, const QString &name)
{
    Refreshable it;
    it.oid = oid;
    it.name = {schema, name};
    it.owner = QStringLiteral("app");
    it.concurrently.eligible = true;
    return it;
}

PartitionedTable dailyTable(quint32 oid, const QString &schema, const QString &name, Instant firstDay, int dayCount)
{
    PartitionedTable table;
    table.oid = oid;
    table.name = {schema, name};
    table.strategy = PartitionStrategy::Range;
    table.keyText = QStringLiteral("RANGE (created_at)");
    table.unit = BoundUnit::Time;
    table.intervalText = QStringLiteral("1 day");
    table.partitions.reserve(static_cast<std::size_t>(dayCount));
    for (int day = 0; day < dayCount; ++day) {
        const Instant from = firstDay + days(day);
        const auto bound = [](Instant at) {
            return Bound{Bound::Kind::Value, toIso8601(at).replace(QLatin1Char('T'), QLatin1Char(' ')).chopped(1),
                         toEpochMicros(at)};
        };
        Partition partition;
        partition.oid = oid * 100 + static_cast<quint32>(day);
        partition.parentOid = oid;
        partition.name = {schema, name + QStringLiteral("_p") + toIso8601(from).left(10).remove(QLatin1Char('-'))};
        partition.from = bound(from);
        partition.to = bound(from + days(1));
        partition.boundText =
            QStringLiteral("FOR VALUES FROM ('%1') TO ('%2')").arg(partition.from.text, partition.to.text);
        table.partitions.push_back(std::move(partition));
    }
    return table;
}

std::shared_ptr<ServerSnapshot> serverWith(const QString &server, const QString &name, Instant now,
                                           std::shared_ptr<const FreshnessSnapshot> freshness,
                                           std::shared_ptr<const PartitionSnapshot> partitions)
{
    auto snapshot = std::make_shared<ServerSnapshot>();
    snapshot->name = server;
    snapshot->environment = QStringLiteral("development");
    snapshot->state = WatchState::Live;
    snapshot->takenAt = now;
    auto it = database(server, name, now);
    it->freshness = std::move(freshness);
    it->partitions = std::move(partitions);
    snapshot->databases[name] = it;
    return snapshot;
}

std::shared_ptr<ServerSnapshot> demoServer(const QString &name, Instant now)
{
    QRandomGenerator random(randomSeed);
    auto snapshot = std::make_shared<ServerSnapshot>();
    snapshot->name = name;
    snapshot->environment = QStringLiteral("development");
    snapshot->state = WatchState::Live;
    snapshot->takenAt = now;
    const auto add = [&](const char *databaseName, std::shared_ptr<const FreshnessSnapshot> freshness) {
        auto it = database(name, QLatin1String(databaseName), now);
        it->freshness = std::move(freshness);
        it->partitions = std::make_shared<PartitionSnapshot>();
        snapshot->databases[it->name] = it;
        return it;
    };
    const auto playDatabase = add("plays", plays(now, random));
    playDatabase->partitions = playPartitions(now);
    playDatabase->jobs = jobs(now);
    add("register", registers(now, random));
    add("warehouse", warehouse(now, random));
    add("wip", wip(now, random));
    add("sensors", std::make_shared<FreshnessSnapshot>());
    return snapshot;
}

std::shared_ptr<ServerSnapshot> largeServer(const QString &name, Instant now, int refreshables, int partitions,
                                            int generation)
{
    auto freshness = std::make_shared<FreshnessSnapshot>();
    for (int index = 0; index < refreshables; ++index) {
        Refreshable it = refreshable(1000 + static_cast<quint32>(index), QStringLiteral("public"),
                                     QStringLiteral("view_%1").arg(index, 5, 10, QLatin1Char('0')));
        it.lastRefresh = {Confidence::Commit, RefreshSource::CommitTimestamp, now - std::chrono::seconds(index + 1),
                          std::nullopt, false};
        it.lastDuration = Millis(index);
        it.target = 10min;
        it.sourceChanges = index == 7 ? generation : index;
        it.sources = {900};
        freshness->refreshables.push_back(std::move(it));
    }
    freshness->sources = {{900, {QStringLiteral("public"), QStringLiteral("events")}, 'p', {}, generation}};
    PartitionedTable table = dailyTable(900, QStringLiteral("public"), QStringLiteral("events"),
                                        std::chrono::floor<days>(now) - days(partitions - 3), partitions);
    for (std::size_t index = 0; index < table.partitions.size(); ++index) {
        table.partitions[index].rowsEstimate = 1000 + static_cast<qint64>(index);
        table.partitions[index].modifications = 1000;
        table.partitions[index].bytesEstimate = 1'000'000 + static_cast<qint64>(index % 97) * 10'000;
    }
    table.partitions[7].rowsEstimate += generation;
    auto all = std::make_shared<PartitionSnapshot>();
    all->tables = {rolled(std::move(table), now)};
    return serverWith(name, QStringLiteral("large"), now, std::move(freshness), std::move(all));
}

Status fillHistory(HistoryStore &history, const ServerSnapshot &server, Instant now)
{
    QRandomGenerator random(randomSeed);
    for (const auto &[name, database] : server.databases) {
        const DatabaseRef ref{database->capabilities.systemIdentifier, name};
        if (database->freshness) {
            for (const Refreshable &it : database->freshness->refreshables) {
                if (!it.lastRefresh.at || !it.lastDuration)
                    continue;
                const auto period = std::chrono::minutes(5 + it.oid % 7 * 9);
                for (Instant at = *it.lastRefresh.at; at > now - 24h;
                     at -= period + std::chrono::seconds(random.bounded(50))) {
                    RefreshEvent event;
                    event.name = it.name;
                    event.kind = it.kind;
                    event.duration = Millis(it.lastDuration->count() * (60 + random.bounded(80)) / 100);
                    event.finishedAt = at;
                    event.startedAt = at - *event.duration;
                    event.confidence = it.lastRefresh.confidence;
                    event.source = it.lastRefresh.source;
                    event.rows = it.rowsEstimate;
                    event.user = QStringLiteral("etl");
                    if (event.confidence == Confidence::Bracketed) {
                        event.finishedBracket = TimeRange{at - 90s, at};
                        event.startedAt.reset();
                        event.duration.reset();
                        event.rows.reset();
                        event.user.clear();
                    }
                    if (random.bounded(16) == 0) {
                        event.succeeded = false;
                        event.error =
                            QStringLiteral(
                                "ERROR:  canceling statement due to lock timeout\nCONTEXT:  waiting for AccessExclusiveLock on relation %1")
                                .arg(it.name.display());
                        event.source = RefreshSource::JobHistory;
                        event.sourceDetail = QStringLiteral("pg_cron job 3");
                        event.confidence = Confidence::Exact;
                    }
                    if (const auto added = history.addRefresh(ref, event); !added)
                        return fail(added.error());
                }
            }
        }
        if (!database->partitions)
            continue;
        for (const auto &table : database->partitions->tables) {
            for (int day = 30; day >= 0; --day) {
                const double share = 1.0 - day * 0.006;
                const SizeSample sample{now - days(day),
                                        static_cast<qint64>(static_cast<double>(table->totalBytes) * share),
                                        table->rowsEstimate, table->leafCount};
                if (const Status added = history.addSizes(ref, now - days(day), {{table->name, sample}}); !added)
                    return added;
            }
        }
    }
    return {};
}

} // namespace tidemark::test
