// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backfill/fillaction.h"

#include "core/base/pause.h"
#include "core/base/units.h"
#include "core/plan/pagewalk.h"

#include <QJsonArray>

#include <atomic>

namespace tidemark::backfill {

namespace {

constexpr int mostPasses = 100;
constexpr Millis betweenPasses{1'000};

QJsonArray nameJson(const pg::QualifiedName &name)
{
    return {name.schema, name.name};
}

pg::QualifiedName nameFrom(const QJsonValue &json)
{
    return {json[0].toString(), json[1].toString()};
}

QJsonObject passLabel(int pass, std::size_t table)
{
    return {{QStringLiteral("pass"), pass}, {QStringLiteral("table"), qint64(table)}};
}

/// The pass that an earlier driver was in, or 1.
int passOf(const std::vector<Chunk> &chunks)
{
    return chunks.empty() ? 1 : std::max(1, chunks.back().bounds.value(QStringLiteral("pass")).toInt());
}

qint64 rowsOf(const std::vector<Chunk> &chunks, int pass = 0)
{
    qint64 rows = 0;
    for (const Chunk &chunk : chunks) {
        if (pass == 0 || chunk.bounds.value(QStringLiteral("pass")).toInt() == pass)
            rows += chunk.rows;
    }
    return rows;
}

Status walkOnce(StepContext &context, const FillParameters &fill, int pass, const ChunkLedger &ledger)
{
    for (std::size_t index = 0; index < fill.tables.size(); ++index) {
        const QByteArray sql = context.step().statements.at(static_cast<qsizetype>(index)).toUtf8();
        TIDEMARK_TRY(const TablePages pages, readTablePages(context.session(), fill.tables[index]));
        const auto work = [&](pg::Transaction &transaction, qint64 from, qint64 to,
                              const pg::CallOptions &call) -> Result<qint64> {
            TIDEMARK_TRY(const auto filled, transaction.exec(sql, {from, to}, call));
            const qint64 still = filled.int64(0, 1);
            if (fill.mustEnd && still > 0) {
                return fail(Error::input(
                    QStringLiteral("of %1 rows of %2 the condition still holds once they are filled: %3")
                        .arg(units::count(still), fill.tables[index].display(), fill.condition),
                    QStringLiteral("Name a condition that filling a row ends, or let the old values be kept.")));
            }
            return filled.int64(0, 0);
        };
        // Other pages mean that the table was truncated or rewritten: the next pass has a look at those.
        const PageWalk filling{fill.tables[index], pages, passLabel(pass, index), work};
        TIDEMARK_TRY([[maybe_unused]] const bool isWhole, filling.walk(context, ledger));
    }
    return {};
}

Result<bool> isAnyLeft(StepContext &context, const FillParameters &fill)
{
    for (const QString &sql : fill.isLeft) {
        TIDEMARK_TRY(const auto answer, context.session().exec(sql.toUtf8(), {}, context.call()));
        if (answer.boolean(0, 0))
            return true;
    }
    return false;
}

Result<qint64> estimate(StepContext &context, const FillParameters &fill)
{
    qint64 rows = 0;
    for (const pg::QualifiedName &table : fill.tables) {
        TIDEMARK_TRY(const TablePages pages, readTablePages(context.session(), table));
        if (pages.rowEstimate < 0)
            return -1;
        rows += pages.rowEstimate;
    }
    return rows;
}

} // namespace

QJsonObject FillParameters::toJson() const
{
    QJsonArray names;
    for (const pg::QualifiedName &table : tables)
        names.append(nameJson(table));
    return {{QStringLiteral("tables"), names},
            {QStringLiteral("is_left"), QJsonArray::fromStringList(isLeft)},
            {QStringLiteral("condition"), condition},
            {QStringLiteral("must_end"), mustEnd},
            {QStringLiteral("may_be_kept_out"), mayBeKeptOut},
            {QStringLiteral("kept"), nameJson(kept)},
            {QStringLiteral("take_back"), takeBack}};
}

Result<FillParameters> FillParameters::fromJson(const QJsonObject &json)
{
    FillParameters fill;
    for (const QJsonValue &name : json.value(QStringLiteral("tables")).toArray())
        fill.tables.push_back(nameFrom(name));
    for (const QJsonValue &sql : json.value(QStringLiteral("is_left")).toArray())
        fill.isLeft << sql.toString();
    fill.condition = json.value(QStringLiteral("condition")).toString();
    fill.mustEnd = json.value(QStringLiteral("must_end")).toBool();
    fill.mayBeKeptOut = json.value(QStringLiteral("may_be_kept_out")).toBool();
    fill.kept = nameFrom(json.value(QStringLiteral("kept")));
    fill.takeBack = json.value(QStringLiteral("take_back")).toString();
    if (fill.tables.empty() || fill.isLeft.size() != static_cast<qsizetype>(fill.tables.size()))
        return fail(Error::input(QStringLiteral("a filling step needs tables, and of each how to see what is left")));
    return fill;
}

Result<StepOutcome> FillAction::execute(StepContext &context) const
{
    TIDEMARK_TRY(const FillParameters fill, FillParameters::fromJson(context.step().parameters));
    if (context.step().statements.size() != static_cast<qsizetype>(fill.tables.size()))
        return fail(Error::input(QStringLiteral("a filling step needs a statement for each of its tables")));
    const ChunkLedger ledger(context.journal(), context.ordinal());
    TIDEMARK_TRY(const qint64 total, estimate(context, fill));
    if (total >= 0)
        TIDEMARK_CHECK(context.journal().setRowsTotal(context.session(), context.ordinal(), total));
    TIDEMARK_TRY(std::vector<Chunk> chunks, ledger.read(context.session()));
    for (int pass = passOf(chunks);; ++pass) {
        TIDEMARK_CHECK(walkOnce(context, fill, pass, ledger));
        TIDEMARK_TRY(chunks, ledger.read(context.session()));
        TIDEMARK_TRY(const bool isLeft, isAnyLeft(context, fill));
        if (!isLeft)
            return StepOutcome{rowsOf(chunks), {{QStringLiteral("passes"), pass}}};
        if (fill.mayBeKeptOut && rowsOf(chunks, pass) == 0) {
            return fail(Error::input(
                QStringLiteral("rows are left that cannot be added: another unique key has rows in their place"),
                QStringLiteral("Narrow the condition, or take out what stands in the way: %1")
                    .arg(fill.isLeft.join(QStringLiteral("; ")))));
        }
        if (pass >= mostPasses) {
            return fail(Error::input(
                QStringLiteral("rows to be filled keep coming: %1").arg(fill.condition),
                QStringLiteral("Let them come filled (keep_up), or narrow the condition; resuming goes on.")));
        }
        context.tell(QStringLiteral("note"),
                     QStringLiteral("pass %1 filled %2 rows and left some that others held, moved or added; once more")
                         .arg(pass)
                         .arg(units::count(rowsOf(chunks, pass))));
        static_cast<void>(pauseFor(betweenPasses, context.stop()));
        TIDEMARK_CHECK(context.control().checkpoint());
    }
}

Status FillAction::undo(StepContext &context) const
{
    TIDEMARK_TRY(const FillParameters fill, FillParameters::fromJson(context.step().parameters));
    if (fill.kept.name.isEmpty())
        return fail(Error::input(QStringLiteral("the old values were not kept: the rows stay as they are")));
    const ChunkLedger ledger(context.journal(), context.ordinal());
    TIDEMARK_TRY(const TablePages pages, readTablePages(context.session(), fill.kept));
    const QByteArray sql = fill.takeBack.toUtf8();
    std::atomic<qint64> changedSince = 0;
    const auto work = [&](pg::Transaction &transaction, qint64 from, qint64 to,
                          const pg::CallOptions &call) -> Result<qint64> {
        // By the key of each, whatever the planner thinks of how many there are.
        TIDEMARK_TRY([[maybe_unused]] const auto set,
                     transaction.exec("SELECT pg_catalog.set_config('enable_hashjoin', 'off', true), "
                                      "pg_catalog.set_config('enable_mergejoin', 'off', true)"));
        TIDEMARK_TRY(const auto taken, transaction.exec(sql, {from, to}, call));
        changedSince += taken.int64(0, 1);
        return taken.int64(0, 0);
    };
    const PageWalk takingBack{fill.kept, pages, {{QStringLiteral("undo"), true}}, work};
    TIDEMARK_TRY([[maybe_unused]] const bool isWhole, takingBack.walk(context, ledger));
    if (changedSince > 0) {
        context.tell(QStringLiteral("note"),
                     QStringLiteral("%1 rows were changed or deleted by others since they were filled, and stay so")
                         .arg(units::count(changedSince)));
    }
    return {};
}

} // namespace tidemark::backfill
