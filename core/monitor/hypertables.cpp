// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/hypertables.h"

#include "core/catalog/interval.h"
#include "core/catalog/partitionbound.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <limits>

namespace tidemark {

namespace {

// Bits of _timescaledb_catalog.chunk.status.
constexpr int statusCompressed = 1;
constexpr int statusFrozen = 4;

const QString extension = QStringLiteral("timescaledb");

// Counters reach the statistics late or never (a crash, a reset): look without being told now and then.
constexpr qint64 ticksBetweenChecks = 60;

Bound chunkBound(qint64 axis, BoundUnit unit)
{
    if (axis == std::numeric_limits<qint64>::min())
        return {Bound::Kind::MinValue, QStringLiteral("MINVALUE"), {}};
    if (axis == std::numeric_limits<qint64>::max())
        return {Bound::Kind::MaxValue, QStringLiteral("MAXVALUE"), {}};
    return {Bound::Kind::Value, axisText(axis, unit), axis};
}

} // namespace

TickQuery Hypertables::query(const QString &id, pg::Params params, std::function<void(const pg::ResultSet &)> absorb)
{
    return {id, std::move(params), [this, absorb = std::move(absorb)](const Result<pg::ResultSet> &rows) {
                if (rows)
                    absorb(*rows);
                else
                    m_error = rows.error().within(QStringLiteral("reading hypertables"));
            }};
}

TickQuery Hypertables::askChunks(const std::optional<std::vector<int>> &hypertables, std::optional<quint32> since)
{
    QString id = QStringLiteral("timescale/chunks:constraint");
    if (m_layout == Layout::BySlice)
        id = QStringLiteral("timescale/chunks:slice");
    else if (m_layout == Layout::ByRelid)
        id = QStringLiteral("timescale/chunks:relid");
    std::optional<std::vector<int>> whole;
    if (!since)
        whole = hypertables.value_or(std::vector<int>{});
    return query(id,
                 {hypertables ? pg::Param::array(*hypertables) : pg::Param(nullptr),
                  since ? pg::Param(*since) : pg::Param(nullptr)},
                 [this, whole](const pg::ResultSet &rows) { absorbChunks(rows, whole); });
}

std::vector<TickQuery> Hypertables::plan(const TickContext &context)
{
    m_error.reset();
    if (!context.capabilities->hasExtension(extension)) {
        clear();
        return {};
    }
    std::vector<TickQuery> queries;
    queries.push_back(
        query(QStringLiteral("timescale/pulse"), {}, [this](const pg::ResultSet &rows) { absorbPulse(rows); }));
    if (context.first) { // the extension may have been updated while we were away
        queries.push_back(
            query(QStringLiteral("timescale/probe"), {}, [this](const pg::ResultSet &rows) { absorbProbe(rows); }));
        m_readHypertables = m_readAllChunks = m_readPolicies = true;
    } else if (context.number % ticksBetweenChecks == ticksBetweenChecks - 1) {
        m_readHypertables = m_readPolicies = true;
    }
    if (const std::vector<int> missing = incomplete(); !missing.empty() && m_layout != Layout::Unknown)
        queries.push_back(askChunks(missing, std::nullopt));
    return queries;
}

std::vector<TickQuery> Hypertables::followUp(const TickContext &)
{
    if (m_layout == Layout::Unknown)
        return {};
    std::vector<TickQuery> queries;
    if (std::exchange(m_readHypertables, false)) {
        const bool all = std::exchange(m_readAllChunks, false) || !m_horizon;
        const std::optional<quint32> since = all ? std::nullopt : m_horizon;
        queries.push_back(query(QStringLiteral("timescale/hypertables"), {},
                                [this](const pg::ResultSet &rows) { absorbHypertables(rows); }));
        queries.push_back(askChunks(std::nullopt, since));
    }
    if (std::exchange(m_readPolicies, false))
        queries.push_back(query(QStringLiteral("timescale/policies"), {},
                                [this](const pg::ResultSet &rows) { absorbPolicies(rows); }));
    return queries;
}

void Hypertables::sessionLost()
{
    m_chunkPulse.reset();
    m_jobPulse.reset();
    m_horizon.reset();
    m_layout = Layout::Unknown;
}

void Hypertables::clear()
{
    if (!m_hypertables.isEmpty())
        m_relationsChanged = true;
    m_hypertables.clear();
    m_owners.clear();
    m_changed.clear();
    sessionLost();
}

void Hypertables::absorbProbe(const pg::ResultSet &rows)
{
    m_layout = Layout::ByConstraint;
    if (rows.boolean(0, rows.column("slices_name_chunk")))
        m_layout = Layout::BySlice;
    if (rows.boolean(0, rows.column("chunks_have_relid")))
        m_layout = Layout::ByRelid;
}

void Hypertables::absorbPulse(const pg::ResultSet &rows)
{
    const qint64 chunks = rows.int64(0, rows.column("chunks"));
    const qint64 jobs = rows.int64(0, rows.column("jobs"));
    m_readHypertables = m_readHypertables || (m_chunkPulse && *m_chunkPulse != chunks);
    m_readPolicies = m_readPolicies || (m_jobPulse && *m_jobPulse != jobs);
    m_chunkPulse = chunks;
    m_jobPulse = jobs;
}

void Hypertables::absorbHypertables(const pg::ResultSet &rows)
{
    const auto idColumn = rows.column("id");
    const auto relid = rows.column("relid");
    const auto schema = rows.column("schema");
    const auto name = rows.column("name");
    const auto columnName = rows.column("column_name");
    const auto columnType = rows.column("column_type");
    const auto interval = rows.column("interval_length");
    const auto dimensions = rows.column("dimensions");
    const auto chunks = rows.column("chunks");
    const auto chunkIds = rows.column("chunk_ids");
    const auto horizon = rows.column("horizon");
    QHash<int, Hypertable> found;
    for (int row = 0; row < rows.rowCount(); ++row) {
        const int id = rows.int32(row, idColumn);
        Hypertable hypertable = m_hypertables.value(id);
        const Hypertable before = hypertable;
        hypertable.relid = rows.oid(row, relid);
        hypertable.name = {rows.text(row, schema), rows.text(row, name)};
        hypertable.column = rows.text(row, columnName);
        hypertable.unit = boundUnitOf(rows.text(row, columnType));
        hypertable.interval = rows.int64(row, interval);
        hypertable.dimensions = rows.int32(row, dimensions);
        hypertable.digestCount = rows.int64(row, chunks);
        hypertable.digestSum = rows.int64(row, chunkIds);
        if (before.relid != hypertable.relid || before.name != hypertable.name || before.column != hypertable.column
            || before.interval != hypertable.interval || before.dimensions != hypertable.dimensions)
            m_changed.insert(id);
        m_relationsChanged = m_relationsChanged || before.relid != hypertable.relid;
        m_horizon = static_cast<quint32>(rows.int64(row, horizon) & 0xffffffff);
        found.insert(id, std::move(hypertable));
    }
    m_relationsChanged = m_relationsChanged || found.size() != m_hypertables.size();
    m_hypertables = std::move(found);
    m_owners.clear();
    for (auto hypertable = m_hypertables.cbegin(); hypertable != m_hypertables.cend(); ++hypertable) {
        m_owners.insert(hypertable->relid, hypertable.key());
        for (const auto &chunk : hypertable->chunks) {
            if (chunk)
                m_owners.insert(chunk->oid, hypertable.key());
        }
    }
}

void Hypertables::absorbChunks(const pg::ResultSet &rows, const std::optional<std::vector<int>> &whole)
{
    if (whole) {
        for (auto hypertable = m_hypertables.begin(); hypertable != m_hypertables.end(); ++hypertable) {
            if (!whole->empty() && std::find(whole->begin(), whole->end(), hypertable.key()) == whole->end())
                continue;
            for (const auto &chunk : std::as_const(hypertable->chunks)) {
                if (chunk)
                    m_owners.remove(chunk->oid);
            }
            hypertable->chunks.clear();
            m_changed.insert(hypertable.key());
        }
        m_relationsChanged = true;
    }
    const auto chunkId = rows.column("chunk_id");
    const auto hypertableId = rows.column("hypertable_id");
    const auto relid = rows.column("relid");
    const auto schema = rows.column("schema");
    const auto name = rows.column("name");
    const auto kind = rows.column("kind");
    const auto status = rows.column("status");
    const auto from = rows.column("range_start");
    const auto to = rows.column("range_end");
    const auto others = rows.column("other_dimensions");
    const auto uncompressed = rows.column("uncompressed_bytes");
    const auto compressed = rows.column("compressed_bytes");
    const auto compressedRows = rows.column("compressed_rows");
    for (int row = 0; row < rows.rowCount(); ++row) {
        const int owner = rows.int32(row, hypertableId);
        const auto hypertable = m_hypertables.find(owner);
        if (hypertable == m_hypertables.end())
            continue;
        auto &chunk = hypertable->chunks[rows.int64(row, chunkId)];
        const std::optional<Partition> before = std::exchange(chunk, std::nullopt);
        m_changed.insert(owner);
        if (rows.isNull(row, relid)) {
            m_relationsChanged = m_relationsChanged || before;
            continue;
        }
        Partition partition;
        partition.oid = rows.oid(row, relid);
        partition.parentOid = hypertable->relid;
        partition.name = {rows.text(row, schema), rows.text(row, name)};
        partition.isForeign = rows.bytes(row, kind) == "f";
        partition.compressed = (rows.int32(row, status) & statusCompressed) != 0;
        partition.frozen = (rows.int32(row, status) & statusFrozen) != 0;
        if (!rows.isNull(row, from) && !rows.isNull(row, to)) {
            partition.from = chunkBound(rows.int64(row, from), hypertable->unit);
            partition.to = chunkBound(rows.int64(row, to), hypertable->unit);
            partition.boundText = QStringLiteral("[%1, %2)").arg(partition.from.text, partition.to.text);
        }
        if (const QString more = rows.text(row, others); !more.isEmpty())
            partition.boundText += QStringLiteral(", ") + more;
        if (partition.compressed) {
            partition.bytesEstimate = rows.int64(row, compressed);
            partition.uncompressedBytes = rows.optionalInt64(row, uncompressed);
            partition.rowsEstimate = rows.optionalInt64(row, compressedRows).value_or(-1);
        }
        m_relationsChanged = m_relationsChanged || !before || before->oid != partition.oid;
        m_owners.insert(partition.oid, owner);
        chunk = std::move(partition);
    }
}

std::vector<int> Hypertables::incomplete() const
{
    std::vector<int> found;
    for (auto hypertable = m_hypertables.cbegin(); hypertable != m_hypertables.cend(); ++hypertable) {
        qint64 sum = 0;
        for (auto chunk = hypertable->chunks.cbegin(); chunk != hypertable->chunks.cend(); ++chunk)
            sum += chunk.key();
        if (hypertable->digestCount >= 0
            && (hypertable->chunks.size() != hypertable->digestCount || sum != hypertable->digestSum))
            found.push_back(hypertable.key());
    }
    return found;
}

void Hypertables::absorbPolicies(const pg::ResultSet &rows)
{
    const auto procedure = rows.column("proc_name");
    const auto scheduled = rows.column("scheduled");
    const auto configColumn = rows.column("config");
    QHash<int, Policy> policies;
    for (int row = 0; row < rows.rowCount(); ++row) {
        const QJsonObject config = QJsonDocument::fromJson(rows.bytes(row, configColumn)).object();
        const int id = config.value(QLatin1String("hypertable_id")).toInt();
        if (id == 0 || !rows.boolean(row, scheduled))
            continue;
        const QString name = rows.text(row, procedure);
        if (name == QLatin1String("policy_retention"))
            policies[id].retention = parseInterval(config.value(QLatin1String("drop_after")).toString());
        else if (name == QLatin1String("policy_compression"))
            policies[id].compressAfter = parseInterval(config.value(QLatin1String("compress_after")).toString());
    }
    for (auto hypertable = m_hypertables.begin(); hypertable != m_hypertables.end(); ++hypertable) {
        if (const Policy policy = policies.value(hypertable.key()); hypertable->policy != policy) {
            hypertable->policy = policy;
            m_changed.insert(hypertable.key());
        }
    }
}

QSet<quint32> Hypertables::relids() const
{
    QSet<quint32> found;
    for (const Hypertable &hypertable : m_hypertables)
        found.insert(hypertable.relid);
    return found;
}

std::vector<quint32> Hypertables::relations() const
{
    std::vector<quint32> found;
    found.reserve(static_cast<std::size_t>(m_owners.size()));
    for (const Hypertable &hypertable : m_hypertables) {
        found.push_back(hypertable.relid);
        for (const auto &chunk : hypertable.chunks) {
            if (chunk)
                found.push_back(chunk->oid);
        }
    }
    return found;
}

QSet<quint32> Hypertables::takeChanged()
{
    QSet<quint32> found;
    for (const int id : std::as_const(m_changed))
        found.insert(m_hypertables.value(id).relid);
    m_changed.clear();
    return found;
}

QSet<quint32> Hypertables::ownersOf(const QSet<quint32> &relations) const
{
    QSet<quint32> found;
    for (const quint32 relation : relations) {
        if (const auto owner = m_owners.constFind(relation); owner != m_owners.cend())
            found.insert(m_hypertables.value(*owner).relid);
    }
    return found;
}

PartitionedTable Hypertables::build(quint32 relid) const
{
    PartitionedTable table;
    const auto owner = m_owners.constFind(relid);
    const auto hypertable = owner == m_owners.cend() ? m_hypertables.cend() : m_hypertables.constFind(*owner);
    if (hypertable == m_hypertables.cend())
        return table;
    table.oid = relid;
    table.name = hypertable->name;
    table.kind = PartitioningKind::Hypertable;
    table.strategy = PartitionStrategy::Range;
    table.unit = hypertable->unit;
    table.keyText = QStringLiteral("RANGE (") + pg::QualifiedName{{}, hypertable->column}.display() + QLatin1Char(')');
    table.managedBy = extension;
    table.intervalText = widthText({Bound::Kind::Value, {}, 0}, {Bound::Kind::Value, {}, hypertable->interval},
                                   hypertable->unit);
    table.retention = hypertable->policy.retention;
    table.compressAfter = hypertable->policy.compressAfter;
    table.partitions.reserve(static_cast<std::size_t>(hypertable->chunks.size()));
    for (const auto &chunk : hypertable->chunks) {
        if (chunk)
            table.partitions.push_back(*chunk);
    }
    return table;
}

} // namespace tidemark
