// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/copyaction.h"

#include "core/plan/pagewalk.h"

#include <QJsonArray>

namespace tidemark::stage {

namespace {

Status beginAnew(StepContext &context, const CopySpec &spec, const ChunkLedger &ledger)
{
    TIDEMARK_TRY(pg::Transaction transaction, context.begin({}));
    TIDEMARK_TRY([[maybe_unused]] const auto truncated,
                 transaction.exec("TRUNCATE " + spec.target.quoted().toUtf8(), {}, context.call()));
    TIDEMARK_CHECK(ledger.clear(transaction));
    return transaction.commit();
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
    return QStringLiteral("INSERT INTO %1 (%2) OVERRIDING SYSTEM VALUE SELECT %2 FROM ONLY %3 WHERE %4")
        .arg(spec.target.quoted(), columns, spec.source.quoted(), onPagesSql(serverVersion))
        .toUtf8();
}

Result<StepOutcome> CopyAction::execute(StepContext &context) const
{
    TIDEMARK_TRY(const CopySpec spec, CopySpec::fromJson(context.step().parameters));
    const ChunkLedger ledger(context.journal(), context.ordinal());
    for (;;) {
        TIDEMARK_TRY(const TablePages pages, readTablePages(context.session(), spec.source));
        if (pages.rowEstimate >= 0)
            TIDEMARK_CHECK(context.journal().setRowsTotal(context.session(), context.ordinal(), pages.rowEstimate));
        const QByteArray sql = chunkSql(spec, context.session().serverVersion());
        const PageWalk copy{spec.source, pages, {}, [&sql](auto &transaction, qint64 from, qint64 to, auto &call) {
                                return transaction.exec(sql, {from, to}, call).map(&pg::ResultSet::affectedRows);
                            }};
        TIDEMARK_TRY(const bool isWhole, copy.walk(context, ledger));
        if (isWhole)
            break;
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
