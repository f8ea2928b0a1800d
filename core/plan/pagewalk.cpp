// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/pagewalk.h"

#include "core/plan/pageranges.h"
#include "core/plan/workers.h"

#include <algorithm>
#include <atomic>

namespace tidemark {

namespace {

QJsonObject boundsOf(const PageRange &range, const PageWalk &walk)
{
    QJsonObject bounds = walk.label;
    bounds.insert(QStringLiteral("from"), range.from);
    bounds.insert(QStringLiteral("to"), range.to);
    bounds.insert(QStringLiteral("file_node"), qint64(walk.pages.fileNode));
    return bounds;
}

bool belongsTo(const Chunk &chunk, const QJsonObject &label)
{
    for (auto member = label.begin(); member != label.end(); ++member) {
        if (chunk.bounds.value(member.key()) != member.value())
            return false;
    }
    return true;
}

/// Nothing where the table has other pages now.
Result<std::optional<qint64>> workOn(const PageWalk &walk, pg::Session &session, const StepContext &context,
                                     const PageRange &range, const ChunkLedger &ledger, std::stop_token stop)
{
    pg::CallOptions call = context.call();
    call.stop = std::move(stop);
    TIDEMARK_TRY(pg::Transaction transaction, pg::Transaction::begin(session));
    TIDEMARK_CHECK(context.journal().guard(transaction));
    TIDEMARK_TRY(const qint64 rows, walk.work(transaction, range.from, range.to, call));
    // Until the end of this transaction nobody can exchange the pages: we hold ACCESS SHARE since we read them.
    TIDEMARK_TRY(const TablePages now, readTablePages(session, walk.table));
    if (now.fileNode != walk.pages.fileNode)
        return std::nullopt;
    TIDEMARK_CHECK(ledger.done(transaction, range.number, rows));
    TIDEMARK_CHECK(transaction.commit());
    return rows;
}

} // namespace

Result<TablePages> readTablePages(pg::Session &session, const pg::QualifiedName &table)
{
    TIDEMARK_TRY(
        const auto rows,
        session.exec("SELECT pg_catalog.pg_relation_filenode(c.oid), "
                     "pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int8, "
                     "CASE WHEN c.relpages > 0 AND c.reltuples >= 0 THEN "
                     "  (c.reltuples / c.relpages * (pg_catalog.pg_relation_size(c.oid) "
                     "   / pg_catalog.current_setting('block_size')::int8))::int8 ELSE -1 END "
                     "FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
                     "WHERE n.nspname = $1 AND c.relname = $2",
                     {table.schema, table.name}));
    if (rows.isEmpty())
        return fail(Error::missing(QStringLiteral("there is no table %1").arg(table.display())));
    return TablePages{rows.oid(0, 0), rows.int64(0, 1), rows.int64(0, 2)};
}

QString onPagesSql(int serverVersion, const QString &of)
{
    // Ranges of tids are read as such from 14 on; before, each tid a page can hold (291 of 8 kB) is named.
    return (serverVersion >= 140'000
                ? QStringLiteral(
                    "%1ctid >= ('(' || $1::int8 || ',0)')::tid AND %1ctid < ('(' || $2::int8 || ',0)')::tid")
                : QStringLiteral(
                    "%1ctid = ANY (ARRAY(SELECT ('(' || page || ',' || line || ')')::tid "
                    "FROM pg_catalog.generate_series($1::int8, $2::int8 - 1) AS page, "
                    "pg_catalog.generate_series(1, pg_catalog.current_setting('block_size')::int / 28) AS line))"))
        .arg(of);
}

Result<bool> PageWalk::walk(StepContext &context, const ChunkLedger &ledger) const
{
    TIDEMARK_TRY(const std::vector<Chunk> before, ledger.read(context.session()));
    const int workers = std::max(context.control().settings().workers, 1);
    const int firstNumber = before.empty() ? 0 : before.back().number + 1;
    PageRanges ranges(pages.count, context.control().settings().chunkPages, workers, firstNumber);
    for (const Chunk &chunk : before) {
        if (!belongsTo(chunk, label))
            continue;
        if (quint32(chunk.bounds.value(QStringLiteral("file_node")).toInteger()) != pages.fileNode)
            return false;
        ranges.resume({chunk.number, chunk.bounds.value(QStringLiteral("from")).toInteger(),
                       chunk.bounds.value(QStringLiteral("to")).toInteger(), true},
                      chunk.done);
    }
    std::atomic_bool hasOtherPages = false;
    TIDEMARK_CHECK(
        workTogether(context, workers, [&](pg::Session &session, int worker, std::stop_token stop) -> Status {
            // A crash of the server may forget the last chunks together with their records: they are done again.
            TIDEMARK_TRY([[maybe_unused]] const auto set, session.exec("SET synchronous_commit = off"));
            while (const auto range = ranges.take(worker)) {
                TIDEMARK_CHECK(context.control().checkpoint());
                if (stop.stop_requested())
                    return fail(Error::cancelled());
                if (hasOtherPages)
                    return {};
                if (!range->isClaimed)
                    TIDEMARK_CHECK(ledger.claim(session, range->number, boundsOf(*range, *this), worker));
                const auto begun = std::chrono::steady_clock::now();
                TIDEMARK_TRY(const auto rows, workOn(*this, session, context, *range, ledger, stop));
                if (!rows) {
                    hasOtherPages = true;
                    return {};
                }
                ranges.learn(*range, std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun),
                             context.control().settings().chunkTime);
            }
            return {};
        }));
    return !hasOtherPages;
}

} // namespace tidemark
