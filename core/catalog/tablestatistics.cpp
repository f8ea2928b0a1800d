// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/tablestatistics.h"

#include "core/pg/session.h"
#include "core/pg/sqllibrary.h"

#include <QCoreApplication>

#include <array>

namespace tidemark {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(TableStatistics)
};

/// A row whose columns are named where they are used: on demand, the look-up by name costs nothing that counts.
class Row
{
public:
    Row(const pg::ResultSet &rows, int row)
        : m_rows(rows)
        , m_row(row)
    {
    }

    [[nodiscard]] qint64 number(const char *column) const { return m_rows.int64(m_row, m_rows.column(column)); }
    [[nodiscard]] std::optional<qint64> optionalNumber(const char *column) const
    {
        return m_rows.optionalInt64(m_row, m_rows.column(column));
    }
    [[nodiscard]] quint32 oid(const char *column) const { return m_rows.oid(m_row, m_rows.column(column)); }
    [[nodiscard]] bool flag(const char *column) const { return m_rows.boolean(m_row, m_rows.column(column)); }
    [[nodiscard]] char letter(const char *column) const { return m_rows.bytes(m_row, m_rows.column(column)).at(0); }
    [[nodiscard]] std::optional<Instant> time(const char *column) const
    {
        return m_rows.instant(m_row, m_rows.column(column));
    }
    [[nodiscard]] pg::QualifiedName name() const
    {
        return {m_rows.text(m_row, m_rows.column("schema")), m_rows.text(m_row, m_rows.column("name"))};
    }
    [[nodiscard]] CacheUse cache(const char *read, const char *hit) const { return {number(read), number(hit)}; }

private:
    const pg::ResultSet &m_rows;
    int m_row;
};

pg::Statement statement(const pg::Session &session, const char *id, quint32 oid)
{
    return {pg::SqlLibrary::builtIn().query(QString::fromLatin1(id), session.serverVersion()).sql, {oid}, {}};
}

Error explained(Error error)
{
    if (error.kind == ErrorKind::LockTimeout)
        error.hint = Words::tr(
            "Somebody holds an ACCESS EXCLUSIVE lock: see the Locks page for who, or try again later.");
    return error.within(QStringLiteral("reading statistics"));
}

} // namespace

std::optional<double> CacheUse::hitRatio() const
{
    const qint64 total = blocksRead + blocksHit;
    if (total <= 0)
        return std::nullopt;
    return static_cast<double>(blocksHit) / static_cast<double>(total);
}

Result<TableStatistics> readTableStatistics(pg::Session &session, quint32 oid, const pg::CallOptions &call)
{
    const std::array statements{statement(session, "statistics/table", oid),
                                statement(session, "statistics/indexes", oid)};
    const auto results = session.execBatch(statements, call);
    for (const auto &result : results) {
        if (!result)
            return fail(explained(result.error()));
    }
    if (results[0]->isEmpty())
        return fail(explained(Error::missing(Words::tr("no table has the oid %1 any more").arg(oid))));

    const Row row(*results[0], 0);
    TableStatistics table;
    table.oid = oid;
    table.name = row.name();
    table.kind = row.letter("kind");
    table.heapBytes = row.number("heap_bytes");
    table.toastBytes = row.number("toast_bytes");
    table.indexBytes = row.number("index_bytes");
    table.totalBytes = row.number("total_bytes");
    table.rowEstimate = row.number("row_estimate");
    table.liveRows = row.number("live_rows");
    table.deadRows = row.number("dead_rows");
    table.modifiedSinceAnalyze = row.number("modified_since_analyze");
    table.inserted = row.number("inserted");
    table.updated = row.number("updated");
    table.hotUpdated = row.number("hot_updated");
    table.deleted = row.number("deleted");
    table.sequentialScans = row.number("sequential_scans");
    table.sequentialRows = row.number("sequential_rows");
    table.indexScans = row.number("index_scans");
    table.heapCache = row.cache("heap_blocks_read", "heap_blocks_hit");
    table.indexCache = row.cache("index_blocks_read", "index_blocks_hit");
    table.toastCache = row.cache("toast_blocks_read", "toast_blocks_hit");
    table.lastVacuum = row.time("last_vacuum");
    table.lastAutovacuum = row.time("last_autovacuum");
    table.lastAnalyze = row.time("last_analyze");
    table.lastAutoanalyze = row.time("last_autoanalyze");
    table.vacuums = row.number("vacuums");
    table.analyzes = row.number("analyzes");
    table.frozenAge = row.optionalNumber("frozen_age");
    table.countedSince = row.time("counted_since");
    for (int i = 0; i < results[1]->rowCount(); ++i) {
        const Row index(*results[1], i);
        table.indexes.push_back({index.oid("relid"), index.name(), index.number("bytes"), index.number("scans"),
                                 index.number("rows_read"), index.cache("blocks_read", "blocks_hit"),
                                 index.flag("is_unique"), index.flag("is_valid")});
    }
    return table;
}

Result<std::vector<PartitionStatistics>> readPartitionStatistics(pg::Session &session, quint32 parent,
                                                                 const pg::CallOptions &call)
{
    const pg::Statement query = statement(session, "statistics/partitions", parent);
    const auto rows = session.exec(query.sql, query.params, call);
    if (!rows)
        return fail(explained(rows.error()));
    std::vector<PartitionStatistics> partitions;
    partitions.reserve(static_cast<std::size_t>(rows->rowCount()));
    for (int i = 0; i < rows->rowCount(); ++i) {
        const Row row(*rows, i);
        partitions.push_back({row.oid("relid"), row.name(), row.number("table_bytes"), row.number("index_bytes"),
                              row.number("live_rows"), row.number("dead_rows"), row.number("scans"),
                              row.cache("blocks_read", "blocks_hit"), row.time("last_vacuumed"),
                              row.time("last_analyzed")});
    }
    return partitions;
}

} // namespace tidemark
