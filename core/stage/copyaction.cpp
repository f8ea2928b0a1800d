// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/copyaction.h"

#include "core/plan/chunkledger.h"
#include "core/plan/workers.h"

#include <QJsonArray>

#include <mutex>

namespace tidemark::stage {

namespace {

constexpr qint64 fewestPages = 16;
constexpr qint64 mostPages = 131'072; // 1 GB of the usual pages

/// The table's pages as of the beginning: under another file node they are others.
struct Pages
{
    quint32 fileNode = 0;
    qint64 count = 0;
    qint64 rowEstimate = -1;
};

/// What may begin anew is told from other errors by this.
constexpr const char *otherPages = "the table has other pages than when the copy began";

Result<Pages> readPages(pg::Session &session, const pg::QualifiedName &table)
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
    return Pages{rows.oid(0, 0), rows.int64(0, 1), rows.int64(0, 2)};
}

/// Hands out ranges of pages to the workers: those an earlier driver left first, then on from where it was.
class Ranges
{
public:
    struct Range
    {
        int number = 0;
        qint64 from = 0;
        qint64 to = 0;
        bool claimed = false;
    };

    Ranges(const std::vector<Chunk> &before, qint64 pages, qint64 firstSize)
        : m_pages(pages)
        , m_size(firstSize)
    {
        for (const Chunk &chunk : before) {
            const qint64 from = chunk.bounds.value(QStringLiteral("from")).toInteger();
            const qint64 to = chunk.bounds.value(QStringLiteral("to")).toInteger();
            m_next = std::max(m_next, to);
            m_number = std::max(m_number, chunk.number + 1);
            if (!chunk.done)
                m_left.push_back({chunk.number, from, to, true});
        }
    }

    std::optional<Range> take()
    {
        const std::lock_guard lock(m_mutex);
        if (!m_left.empty()) {
            const Range range = m_left.back();
            m_left.pop_back();
            return range;
        }
        if (m_next >= m_pages)
            return std::nullopt;
        const Range range{m_number++, m_next, std::min(m_next + m_size, m_pages), false};
        m_next = range.to;
        return range;
    }

    /// The next ones take about as long as wished: half of the way there at a time, at most twice the size.
    void learn(const Range &range, Millis took, Millis wished)
    {
        const std::lock_guard lock(m_mutex);
        const double ratio = double(wished.count()) / double(std::max<qint64>(took.count(), 1));
        const double ideal = double(range.to - range.from) * std::clamp(ratio, 0.25, 3.0);
        m_size = std::clamp(qint64((double(m_size) + ideal) / 2), fewestPages, mostPages);
    }

private:
    std::mutex m_mutex;
    qint64 m_pages;
    qint64 m_size;
    qint64 m_next = 0;
    int m_number = 0;
    std::vector<Range> m_left;
};

Status beginAnew(StepContext &context, const CopySpec &spec, const ChunkLedger &ledger)
{
    TIDEMARK_TRY(pg::Transaction transaction, context.begin({}));
    TIDEMARK_TRY([[maybe_unused]] const auto truncated,
                 transaction.exec("TRUNCATE " + spec.target.quoted().toUtf8(), {}, context.call()));
    TIDEMARK_CHECK(ledger.clear(transaction));
    return transaction.commit();
}

QJsonObject boundsOf(const Ranges::Range &range, const Pages &pages)
{
    return {{QStringLiteral("from"), range.from},
            {QStringLiteral("to"), range.to},
            {QStringLiteral("file_node"), qint64(pages.fileNode)}};
}

Result<qint64> copyRange(pg::Session &session, const StepContext &context, const CopySpec &spec, const Pages &pages,
                         const Ranges::Range &range, const ChunkLedger &ledger, std::stop_token stop)
{
    pg::CallOptions call = context.call();
    call.stop = std::move(stop);
    TIDEMARK_TRY(pg::Transaction transaction, pg::Transaction::begin(session));
    TIDEMARK_CHECK(context.journal().guard(transaction));
    TIDEMARK_TRY(const auto copied,
                 transaction.exec(CopyAction::chunkSql(spec, session.serverVersion()), {range.from, range.to}, call));
    // Until the end of this transaction nobody can exchange the pages: we hold ACCESS SHARE since we read them.
    TIDEMARK_TRY(const Pages now, readPages(session, spec.source));
    if (now.fileNode != pages.fileNode)
        return fail(Error::input(QLatin1String(otherPages)));
    TIDEMARK_CHECK(ledger.done(transaction, range.number, copied.affectedRows()));
    TIDEMARK_CHECK(transaction.commit());
    return copied.affectedRows();
}

Status copyAll(StepContext &context, const CopySpec &spec, const Pages &pages, const ChunkLedger &ledger)
{
    TIDEMARK_TRY(const std::vector<Chunk> before, ledger.read(context.session()));
    for (const Chunk &chunk : before) {
        if (quint32(chunk.bounds.value(QStringLiteral("file_node")).toInteger()) != pages.fileNode)
            return fail(Error::input(QLatin1String(otherPages)));
    }
    Ranges ranges(before, pages.count, context.control().settings().chunkPages);
    return workTogether(
        context, std::max(context.control().settings().workers, 1),
        [&](pg::Session &session, int worker, std::stop_token stop) -> Status {
            // A crash of the server may forget the last chunks together with their records: they are done again.
            TIDEMARK_TRY([[maybe_unused]] const auto set, session.exec("SET synchronous_commit = off"));
            while (const auto range = ranges.take()) {
                TIDEMARK_CHECK(context.control().checkpoint());
                if (stop.stop_requested())
                    return fail(Error::cancelled());
                if (!range->claimed)
                    TIDEMARK_CHECK(ledger.claim(session, range->number, boundsOf(*range, pages), worker));
                const auto begun = std::chrono::steady_clock::now();
                TIDEMARK_CHECK(copyRange(session, context, spec, pages, *range, ledger, stop));
                ranges.learn(*range, std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun),
                             context.control().settings().chunkTime);
            }
            return {};
        });
}

} // namespace

QJsonObject CopySpec::toJson() const
{
    return {{QStringLiteral("source_schema"), source.schema},
            {QStringLiteral("source_name"), source.name},
            {QStringLiteral("target_schema"), target.schema},
            {QStringLiteral("target_name"), target.name},
            {QStringLiteral("columns"), QJsonArray::fromStringList(columns)}};
}

Result<CopySpec> CopySpec::fromJson(const QJsonObject &json)
{
    CopySpec spec;
    spec.source = {json.value(QStringLiteral("source_schema")).toString(),
                   json.value(QStringLiteral("source_name")).toString()};
    spec.target = {json.value(QStringLiteral("target_schema")).toString(),
                   json.value(QStringLiteral("target_name")).toString()};
    for (const QJsonValue &column : json.value(QStringLiteral("columns")).toArray())
        spec.columns << column.toString();
    if (spec.source.name.isEmpty() || spec.target.name.isEmpty() || spec.columns.isEmpty())
        return fail(Error::input(QStringLiteral("a copy needs a source, a target and columns")));
    return spec;
}

QByteArray CopyAction::chunkSql(const CopySpec &spec, int serverVersion)
{
    QStringList quoted;
    for (const QString &column : spec.columns)
        quoted << pg::quoteIdentifier(column);
    const QString columns = quoted.join(QLatin1String(", "));
    // Ranges of tids are read as such from 14 on; before, each tid a page can hold (291 of 8 kB) is named.
    const QString where =
        serverVersion >= 140'000
            ? QStringLiteral("ctid >= ('(' || $1::int8 || ',0)')::tid AND ctid < ('(' || $2::int8 || ',0)')::tid")
            : QStringLiteral(
                "ctid = ANY (ARRAY(SELECT ('(' || page || ',' || line || ')')::tid "
                "FROM pg_catalog.generate_series($1::int8, $2::int8 - 1) AS page, "
                "pg_catalog.generate_series(1, pg_catalog.current_setting('block_size')::int / 28) AS line))");
    return QStringLiteral("INSERT INTO %1 (%2) OVERRIDING SYSTEM VALUE SELECT %2 FROM ONLY %3 WHERE %4")
        .arg(spec.target.quoted(), columns, spec.source.quoted(), where)
        .toUtf8();
}

Result<StepOutcome> CopyAction::execute(StepContext &context) const
{
    TIDEMARK_TRY(const CopySpec spec, CopySpec::fromJson(context.step().parameters));
    const ChunkLedger ledger(context.journal(), context.ordinal());
    for (;;) {
        TIDEMARK_TRY(const Pages pages, readPages(context.session(), spec.source));
        if (pages.rowEstimate >= 0)
            TIDEMARK_CHECK(context.journal().setRowsTotal(context.session(), context.ordinal(), pages.rowEstimate));
        const auto copied = copyAll(context, spec, pages, ledger);
        if (copied)
            break;
        if (copied.error().message != QLatin1String(otherPages))
            return fail(copied.error());
        context.tell(QStringLiteral("note"),
                     QStringLiteral("%1 was truncated or rewritten: the copy begins anew").arg(spec.source.display()));
        TIDEMARK_CHECK(beginAnew(context, spec, ledger));
    }
    TIDEMARK_TRY(const std::vector<Chunk> chunks, ledger.read(context.session()));
    qint64 rows = 0;
    for (const Chunk &chunk : chunks)
        rows += chunk.rows;
    return StepOutcome{rows, {{QStringLiteral("chunks"), qint64(chunks.size())}}};
}

Status CopyAction::undo(StepContext &context) const
{
    TIDEMARK_TRY(const CopySpec spec, CopySpec::fromJson(context.step().parameters));
    return beginAnew(context, spec, ChunkLedger(context.journal(), context.ordinal()));
}

} // namespace tidemark::stage
