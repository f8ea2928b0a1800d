// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/continuousaggregates.h"

#include "core/catalog/interval.h"
#include "core/monitor/jobcollector.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <limits>

namespace tidemark {

namespace {

constexpr qint64 ticksBetweenNewest = 5;
constexpr qint64 ticksBetweenChecks = 30;
constexpr int chunksAsked = 2; ///< of each source: the newest may be empty yet
constexpr std::size_t mostRanges = 200;

/// The watermark of an aggregate that was never refreshed: the least value of its dimension's type, as TimescaleDB counts
/// (times in microseconds since 1970).
qint64 unsetWatermark(const QString &type)
{
    if (type == QLatin1String("int2"))
        return std::numeric_limits<qint16>::min();
    if (type == QLatin1String("int4"))
        return std::numeric_limits<qint32>::min();
    constexpr qint64 firstTimestamp = -210'866'803'200'000'000; // 4714-11-24 BC
    return type == QLatin1String("int8") ? std::numeric_limits<qint64>::min() : firstTimestamp;
}

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(ContinuousAggregates)
};

/// "1 day before now" of a policy's offset; an absent one reaches to the end of time.
QString offsetText(const QJsonObject &config, const char *key)
{
    const QJsonValue value = config.value(QLatin1String(key));
    if (value.isString())
        return value.toString();
    return value.isDouble() ? QString::number(value.toInteger()) : QString();
}

QString policyText(const QString &interval, const QJsonObject &config)
{
    const QString start = offsetText(config, "start_offset");
    const QString end = offsetText(config, "end_offset");
    if (start.isEmpty() && end.isEmpty())
        return Words::tr("every %1, all").arg(interval);
    if (start.isEmpty())
        return Words::tr("every %1, until %2 before now").arg(interval, end);
    if (end.isEmpty())
        return Words::tr("every %1, from %2 before now").arg(interval, start);
    return Words::tr("every %1, from %2 to %3 before now").arg(interval, start, end);
}

/// What a policy leaves to its next run; nothing where its numbers are no lengths of time.
std::optional<Millis> lagOf(const QString &interval, const QJsonObject &config)
{
    const QString end = offsetText(config, "end_offset");
    const auto every = parseInterval(interval);
    const auto offset = end.isEmpty() ? Millis(0) : parseInterval(end);
    if (!every || !offset)
        return std::nullopt;
    return *every + *offset;
}

const PartitionedTable *tableOf(const DatabaseSnapshot &snapshot, quint32 oid)
{
    if (!snapshot.partitions)
        return nullptr;
    const auto &tables = snapshot.partitions->tables;
    const auto found = std::find_if(tables.begin(), tables.end(),
                                    [oid](const auto &table) { return table->oid == oid; });
    return found == tables.end() ? nullptr : found->get();
}

} // namespace

ContinuousAggregates::ContinuousAggregates(std::shared_ptr<HistoryStore> history)
    : m_history(std::move(history))
{
}

TickQuery ContinuousAggregates::query(const QString &id, pg::Params params,
                                      std::function<void(const pg::ResultSet &)> absorb)
{
    return {id, std::move(params), [this, absorb = std::move(absorb)](const Result<pg::ResultSet> &rows) {
                if (rows)
                    absorb(*rows);
                else
                    m_error = rows.error().within(QStringLiteral("reading continuous aggregates"));
            }};
}

std::vector<TickQuery> ContinuousAggregates::plan(const TickContext &context)
{
    m_error.reset();
    if (!context.capabilities->hasExtension(QStringLiteral("timescaledb"))) {
        m_aggregates.clear();
        sessionLost();
        return {};
    }
    std::vector<TickQuery> queries;
    queries.push_back(query(QStringLiteral("timescale/pulse"), {}, [this](const pg::ResultSet &rows) {
        const qint64 pulse = rows.int64(0, rows.column("aggregates"));
        const qint64 jobs = rows.int64(0, rows.column("jobs"));
        m_readAll = m_readAll || m_pulse != pulse || m_jobPulse != jobs;
        m_pulse = pulse;
        m_jobPulse = jobs;
    }));
    if (!m_isProbed) {
        queries.push_back(query(QStringLiteral("timescale/probe"), {}, [this](const pg::ResultSet &rows) {
            m_hasWatermarks = rows.boolean(0, rows.column("has_watermarks"));
            m_hasRunningRanges = rows.boolean(0, rows.column("has_refresh_ranges"));
            m_isProbed = true;
        }));
    }
    m_readAll = m_readAll || context.first || context.number % ticksBetweenChecks == ticksBetweenChecks - 1;
    // A watermark of 2.10 is a function of the data, which no counter tells.
    m_readAll = m_readAll || (m_isProbed && !m_hasWatermarks && context.number % ticksBetweenNewest == 0);
    if (context.number % ticksBetweenNewest == 1) {
        auto newest = askNewest();
        std::move(newest.begin(), newest.end(), std::back_inserter(queries));
    }
    return queries;
}

std::vector<TickQuery> ContinuousAggregates::followUp(const TickContext &)
{
    if (!m_isProbed || !std::exchange(m_readAll, false))
        return {};
    std::vector<TickQuery> queries;
    queries.push_back(query(m_hasWatermarks ? QStringLiteral("timescale/aggregates:table")
                                            : QStringLiteral("timescale/aggregates:function"),
                            {}, [this](const pg::ResultSet &rows) { absorbAggregates(rows); }));
    queries.push_back(
        query(QStringLiteral("timescale/policies"), {}, [this](const pg::ResultSet &rows) { absorbPolicies(rows); }));
    if (m_hasRunningRanges)
        queries.push_back(query(QStringLiteral("timescale/running_refreshes"), {},
                                [this](const pg::ResultSet &rows) { absorbRunning(rows); }));
    return queries;
}

std::vector<TickQuery> ContinuousAggregates::askNewest()
{
    if (m_newestChunks.isEmpty())
        return {};
    std::vector<quint32> chunks;
    QStringList columns;
    for (auto chunk = m_newestChunks.cbegin(); chunk != m_newestChunks.cend(); ++chunk) {
        chunks.push_back(chunk.key());
        QString element = chunk.value();
        element.replace(QLatin1Char('\\'), QLatin1String("\\\\")).replace(QLatin1Char('"'), QLatin1String("\\\""));
        columns << QLatin1Char('"') + element + QLatin1Char('"');
    }
    return {{QStringLiteral("timescale/newest"),
             {pg::Param::array(chunks),
              pg::Param(QString(QLatin1Char('{') + columns.join(QLatin1Char(',')) + QLatin1Char('}')))},
             [this](const Result<pg::ResultSet> &rows) {
                 if (!rows) {
                     if (rows.error().kind != ErrorKind::LockTimeout) // a chunk is locked: what was known stays
                         m_error = rows.error().within(QStringLiteral("reading the newest rows"));
                     return;
                 }
                 const auto relid = rows->column("relid");
                 const auto newest = rows->column("newest");
                 QHash<quint32, qint64> found;
                 for (int row = 0; row < rows->rowCount(); ++row) {
                     if (rows->isNull(row, newest))
                         continue;
                     qint64 &known = found[m_chunkSources.value(rows->oid(row, relid))];
                     known = std::max(known, rows->int64(row, newest));
                 }
                 m_newest = found;
             }}};
}

void ContinuousAggregates::sessionLost()
{
    m_isProbed = false;
    m_pulse.reset();
    m_jobPulse.reset();
    m_readAt.reset();
    m_running.clear();
    m_runningSince.clear();
}

void ContinuousAggregates::absorbAggregates(const pg::ResultSet &rows)
{
    const auto text = [&](int row, const char *column) { return rows.text(row, rows.column(column)); };
    const auto watermark = rows.column("watermark");
    const auto xmin = rows.column("watermark_xmin");
    m_aggregates.clear();
    m_didRead = true;
    for (int row = 0; row < rows.rowCount(); ++row) {
        Aggregate aggregate;
        aggregate.relid = rows.oid(row, rows.column("relid"));
        aggregate.name = {text(row, "schema"), text(row, "name")};
        aggregate.owner = text(row, "owner");
        aggregate.matId = rows.int32(row, rows.column("mat_id"));
        aggregate.matRelid = rows.oid(row, rows.column("mat_relid"));
        aggregate.sourceRelid = rows.oid(row, rows.column("source_relid"));
        aggregate.source = {text(row, "source_schema"), text(row, "source_name")};
        aggregate.column = text(row, "column_name");
        const QString type = text(row, "column_type");
        aggregate.isTime = type.startsWith(QLatin1String("timestamp")) || type == QLatin1String("date");
        aggregate.bucketWidth = text(row, "bucket_width");
        aggregate.materializedOnly = rows.boolean(row, rows.column("materialized_only"));
        aggregate.finalized = rows.boolean(row, rows.column("finalized"));
        aggregate.hasSiblings = rows.int64(row, rows.column("siblings")) > 0;
        aggregate.watermark = rows.optionalInt64(row, watermark);
        aggregate.isPopulated = aggregate.watermark.value_or(0) > unsetWatermark(type);
        if (!rows.isNull(row, xmin))
            aggregate.watermarkXmin = rows.oid(row, xmin);
        aggregate.watermarkAt = rows.instant(row, rows.column("watermark_at"));
        aggregate.logAt = rows.instant(row, rows.column("log_at"));
        const auto from = rows.int64s(row, rows.column("invalid_from"));
        const auto to = rows.int64s(row, rows.column("invalid_to"));
        for (std::size_t i = 0; i < std::min(from.size(), to.size()); ++i) {
            const bool isLast = to[i] == std::numeric_limits<qint64>::max();
            aggregate.invalid.push_back({from[i], isLast ? to[i] : to[i] + 1, 0});
        }
        m_aggregates.push_back(std::move(aggregate));
    }
}

void ContinuousAggregates::absorbRunning(const pg::ResultSet &rows)
{
    m_running.clear();
    m_runningSince.clear();
    for (int row = 0; row < rows.rowCount(); ++row) {
        const int matId = rows.int32(row, rows.column("mat_id"));
        m_running[matId].push_back({rows.int64(row, rows.column("range_start")),
                                    rows.int64(row, rows.column("range_end")), rows.int32(row, rows.column("pid"))});
        if (const auto since = rows.instant(row, rows.column("started_at"))) {
            const auto known = m_runningSince.try_emplace(matId, *since).first;
            known->second = std::min(known->second, *since);
        }
    }
}

void ContinuousAggregates::absorbPolicies(const pg::ResultSet &rows)
{
    m_policies.clear();
    for (int row = 0; row < rows.rowCount(); ++row) {
        if (rows.text(row, rows.column("proc_name")) != QLatin1String("policy_refresh_continuous_aggregate"))
            continue;
        const QJsonObject config = QJsonDocument::fromJson(rows.bytes(row, rows.column("config"))).object();
        QString policy = policyText(rows.text(row, rows.column("schedule_interval")), config);
        Policy &known = m_policies[config.value(QLatin1String("mat_hypertable_id")).toInt()];
        if (rows.boolean(row, rows.column("scheduled")))
            known.lag = lagOf(rows.text(row, rows.column("schedule_interval")), config);
        else
            policy = Words::tr("switched off: %1").arg(policy);
        known.text = known.text.isEmpty() ? policy : known.text + QStringLiteral("; ") + policy;
    }
}

void ContinuousAggregates::noteChunks(const DatabaseSnapshot &snapshot)
{
    m_newestChunks.clear();
    m_chunkSources.clear();
    for (const Aggregate &aggregate : m_aggregates) {
        const PartitionedTable *source = aggregate.isTime ? tableOf(snapshot, aggregate.sourceRelid) : nullptr;
        if (!source)
            continue;
        int taken = 0;
        for (auto chunk = source->partitions.rbegin(); chunk != source->partitions.rend() && taken < chunksAsked;
             ++chunk) {
            if (chunk->compressed || chunk->isForeign)
                continue;
            m_newestChunks.insert(chunk->oid, aggregate.column);
            m_chunkSources.insert(chunk->oid, aggregate.sourceRelid);
            ++taken;
        }
    }
}

LastRefresh ContinuousAggregates::lastRefresh(const Aggregate &aggregate, const DatabaseSnapshot &snapshot) const
{
    LastRefresh last;
    const auto offer = [&last](const LastRefresh &other) {
        if (!last.at || *other.at > *last.at)
            last = other;
    };
    if (!aggregate.isPopulated)
        return last; // created, never refreshed: its rows are those of its creation
    const auto seen = m_seen.find(aggregate.matId);
    if (seen != m_seen.end() && seen->second.movedBetween && !aggregate.watermarkAt) // the commit is the better witness
        offer({Confidence::Bracketed, RefreshSource::Sampling, seen->second.movedBetween->to, seen->second.movedBetween,
               false});
    if (aggregate.watermarkAt)
        offer({Confidence::Commit, RefreshSource::CommitTimestamp, aggregate.watermarkAt, {}, false});
    if (aggregate.logAt && !aggregate.hasSiblings)
        offer({Confidence::Commit, RefreshSource::CommitTimestamp, aggregate.logAt, {}, false});
    if (!snapshot.jobs)
        return last;
    for (const Job &job : *snapshot.jobs) {
        const bool isOurs = job.scheduler == JobScheduler::TimescaleDb
                            && job.command.contains(QLatin1String("policy_refresh_continuous_aggregate"))
                            && std::find(job.refreshes.begin(), job.refreshes.end(), aggregate.name)
                                   != job.refreshes.end();
        // Of the same run the job's own record is the better witness, though the commit came a moment later.
        if (isOurs && job.lastSucceeded.value_or(false) && job.lastFinishedAt
            && (!last.at || *job.lastFinishedAt + std::chrono::seconds(1) > *last.at))
            last = {Confidence::Exact, RefreshSource::JobHistory, job.lastFinishedAt, {}, false};
    }
    return last;
}

Refreshable ContinuousAggregates::build(const Aggregate &aggregate, const DatabaseSnapshot &snapshot) const
{
    Refreshable row;
    row.oid = aggregate.relid;
    row.name = aggregate.name;
    row.kind = RefreshableKind::ContinuousAggregate;
    row.owner = aggregate.owner;
    row.lastRefresh = lastRefresh(aggregate, snapshot);
    row.notJudgedBecause = Words::tr("A continuous aggregate is judged by its invalid ranges and its tail lag.");
    row.sources = {aggregate.sourceRelid};
    row.concurrently.reason = Words::tr("Not a materialized view: its refresh locks nobody out.");
    row.populated = aggregate.isPopulated;
    if (const PartitionedTable *materialized = tableOf(snapshot, aggregate.matRelid)) {
        row.bytesEstimate = materialized->totalBytes;
        row.rowsEstimate = materialized->rowsEstimate;
    }
    if (snapshot.jobs) {
        std::vector<Refreshable> scheduled{row};
        applySchedules(scheduled, *snapshot.jobs, snapshot.name);
        row = scheduled.front();
        for (const Job &job : *snapshot.jobs) {
            if (std::find(job.refreshes.begin(), job.refreshes.end(), aggregate.name) == job.refreshes.end())
                continue;
            if (job.lastStartedAt && job.lastFinishedAt && *job.lastFinishedAt >= *job.lastStartedAt)
                row.lastDuration = millisBetween(*job.lastStartedAt, *job.lastFinishedAt);
            if (job.running && job.lastStartedAt)
                row.running = RunningRefresh{{}, *job.lastStartedAt, true, job.user, job.name, row.lastDuration};
        }
    }

    ContinuousAggregateState state;
    state.hypertable = aggregate.source.display();
    state.materializedOnly = aggregate.materializedOnly;
    state.finalized = aggregate.finalized;
    if (const auto policy = m_policies.find(aggregate.matId); policy != m_policies.end()) {
        state.policy = policy->second.text;
        if (policy->second.lag)
            state.policyLag = *policy->second.lag + parseInterval(aggregate.bucketWidth).value_or(Millis(0));
    }
    const auto running = m_running.find(aggregate.matId);
    if (running != m_running.end()) {
        const auto since = m_runningSince.find(aggregate.matId);
        if (since != m_runningSince.end())
            row.running = RunningRefresh{running->second.front().pid, since->second, true, {}, {}, row.lastDuration};
    }
    if (aggregate.isTime && row.populated && aggregate.watermark) {
        const PartitionedTable *source = tableOf(snapshot, aggregate.sourceRelid);
        state.watermark = fromEpochMicros(*aggregate.watermark);
        if (m_newest.contains(aggregate.sourceRelid)) {
            const qint64 lag = m_newest.value(aggregate.sourceRelid) - *aggregate.watermark;
            state.tailLag = Millis(std::max<qint64>(lag, 0) / 1000);
        }
        // Beyond the watermark lies the tail, before the first chunk no data: the logs reach to both infinities.
        const qint64 first = source && !source->partitions.empty()
                                 ? source->partitions.front().from.axis.value_or(std::numeric_limits<qint64>::min())
                                 : std::numeric_limits<qint64>::max();
        std::vector<Range> ranges;
        for (Range range : aggregate.invalid) {
            range.from = std::max(range.from, first);
            range.to = std::min(range.to, *aggregate.watermark);
            if (range.from < range.to)
                ranges.push_back(range);
        }
        std::sort(ranges.begin(), ranges.end(),
                  [](const Range &left, const Range &right) { return left.from < right.from; });
        for (const Range &range : ranges) {
            if (!state.invalidRanges.empty() && range.from <= toEpochMicros(state.invalidRanges.back().to)) {
                auto &to = state.invalidRanges.back().to;
                to = std::max(to, fromEpochMicros(range.to));
            } else if (state.invalidRanges.size() < mostRanges) {
                state.invalidRanges.push_back({fromEpochMicros(range.from), fromEpochMicros(range.to), 0});
            }
        }
    }
    if (aggregate.isTime && running != m_running.end()) {
        for (const Range &range : running->second)
            state.runningRanges.push_back({fromEpochMicros(range.from), fromEpochMicros(range.to), range.pid});
    }
    row.aggregate = state;
    return row;
}

void ContinuousAggregates::tellMoved(const TickContext &context)
{
    if (!m_history)
        return m_moved.clear();
    if (const Status kept = m_moved.flush(*m_history, databaseRefOf(*context.capabilities)); !kept)
        m_error = kept.error().within(QStringLiteral("keeping the refreshes of continuous aggregates"));
}

void ContinuousAggregates::publish(const TickContext &context, DatabaseSnapshot &snapshot)
{
    const Instant now = context.feed ? context.feed->serverNow : context.serverNow;
    if (std::exchange(m_didRead, false)) {
        for (const Aggregate &aggregate : m_aggregates) {
            if (!aggregate.watermarkXmin)
                continue;
            Seen &seen = m_seen[aggregate.matId];
            if (seen.watermarkXmin != 0 && seen.watermarkXmin != *aggregate.watermarkXmin && m_readAt) {
                seen.movedBetween = TimeRange{*m_readAt, now};
                RefreshEvent event;
                event.name = aggregate.name;
                event.kind = RefreshableKind::ContinuousAggregate;
                event.finishedBracket = aggregate.watermarkAt ? std::nullopt : seen.movedBetween;
                event.finishedAt = aggregate.watermarkAt.value_or(now);
                event.confidence = aggregate.watermarkAt ? Confidence::Commit : Confidence::Bracketed;
                event.source = aggregate.watermarkAt ? RefreshSource::CommitTimestamp : RefreshSource::Sampling;
                event.sourceDetail = QStringLiteral("its watermark moved");
                m_moved.push(std::move(event));
            }
            seen.watermarkXmin = *aggregate.watermarkXmin;
        }
        m_readAt = now;
    }
    tellMoved(context);
    if (m_error)
        snapshot.errors.insert(name(), *m_error);
    noteChunks(snapshot);

    std::vector<Refreshable> rows;
    rows.reserve(m_aggregates.size());
    for (const Aggregate &aggregate : m_aggregates)
        rows.push_back(build(aggregate, snapshot));
    if (rows.empty() && m_published.empty())
        return;
    // Where freshness stays the object that it was, so does what is merged from it.
    const bool isSameBase = snapshot.freshness == m_base || snapshot.freshness == m_merged;
    if (m_merged && isSameBase && rows == m_published) {
        snapshot.freshness = m_merged;
        return;
    }
    if (snapshot.freshness != m_merged)
        m_base = snapshot.freshness;
    auto merged = m_base ? std::make_shared<FreshnessSnapshot>(*m_base) : std::make_shared<FreshnessSnapshot>();
    std::vector<SourceRelation> sources;
    for (const Aggregate &aggregate : m_aggregates)
        sources.push_back({aggregate.sourceRelid, aggregate.source, 'r', {aggregate.relid}, 0});
    mergeRefreshables(*merged, rows, sources);
    m_published = std::move(rows);
    m_merged = std::move(merged);
    snapshot.freshness = m_merged;
}

} // namespace tidemark
