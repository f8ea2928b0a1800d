// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backfill/backfillpreview.h"

#include "core/backfill/fillsql.h"
#include "core/capture/capturecatalog.h"
#include "core/catalog/tableinventory.h"

#include <algorithm>

namespace tidemark::backfill {

namespace {

Result<pg::Session> openToRead(const pg::ConnInfo &server, const std::stop_token &stop)
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemark planning");
    options.statementTimeout = longestSample;
    return pg::Session::open(server, options, stop);
}

/// The statements of one preview.
struct Trial
{
    pg::Session &session;
    pg::CallOptions call;
    FillSql sql;
    const BackfillSpec &spec;

    [[nodiscard]] Result<pg::ResultSet> exec(const QString &statement)
    {
        return session.exec(statement.toUtf8(), {}, call);
    }

    /// Which of what was written the server does not take, each tried by itself.
    [[nodiscard]] FieldError placeOf(const Error &whole, FillSql::Sampling sampling)
    {
        for (const NewColumn &added : spec.add) {
            if (const auto tried = exec(QStringLiteral("EXPLAIN SELECT NULL::%1").arg(added.type)); !tried)
                return {FieldError::Field::Type, added.name, tried.error()};
        }
        const int most = sampling == FillSql::Executed ? mostSampleRows : 1;
        FillSql part = sql;
        part.columns.clear();
        if (const auto tried = exec(part.sample(spec.add, most, sampling)); !tried && !spec.where.isEmpty())
            return {FieldError::Field::Where, {}, tried.error()};
        for (const FilledColumn &column : sql.columns) {
            part.columns = {column};
            if (const auto tried = exec(part.sample(spec.add, most, sampling)); !tried)
                return {FieldError::Field::Expression, column.name, tried.error()};
        }
        return {FieldError::Field::Whole, {}, whole};
    }

    void readSample(BackfillPreview &preview)
    {
        const auto read = exec(sql.sample(spec.add, mostSampleRows, FillSql::Executed));
        if (!read) {
            const bool late = read.error().kind == ErrorKind::Timeout || read.error().kind == ErrorKind::LockTimeout;
            if (late || read.error().poisonsSession) {
                preview.noSample = read.error();
                return;
            }
            // What fails for the first rows fails the run.
            preview.refused = placeOf(read.error(), FillSql::Executed);
            preview.plan.reset();
            return;
        }
        preview.rows = read->rowCount();
        const auto textAt = [&](int row, int column) {
            return read->isNull(row, column) ? std::nullopt : std::optional(read->text(row, column));
        };
        for (int row = 0; row < read->rowCount(); ++row) {
            int at = 1;
            for (const FilledColumn &column : sql.columns) {
                SampleValue value{static_cast<int>(preview.sample.size()), read->text(row, 0), column.name, {}, {}};
                if (!spec.adds())
                    value.before = textAt(row, at++);
                value.after = textAt(row, at++);
                preview.sample.push_back(std::move(value));
            }
        }
    }
};

Result<FillSql> sqlOf(pg::Session &session, const BackfillSpec &spec, const pg::CallOptions &call)
{
    FillSql sql;
    TIDEMARK_TRY(const TableInventory table, readTableInventory(session, spec.table, call));
    sql.table = spec.table;
    sql.from = spec.from;
    sql.where = spec.where;
    if (sql.where.isEmpty())
        sql.where = spec.add.empty() ? conditionOf(spec) : QStringLiteral("true");
    sql.serverVersion = session.serverVersion();
    if (const auto key = readCaptureSpec(session, spec.table, QStringLiteral("backfill"), {}, call))
        sql.key = key->key;
    for (const Assignment &assignment : spec.set) {
        const auto added = std::find_if(spec.add.begin(), spec.add.end(),
                                        [&](const NewColumn &column) { return column.name == assignment.column; });
        const TableColumn *column = table.column(assignment.column);
        sql.columns.push_back({assignment.column,
                               added != spec.add.end() ? added->type
                               : column != nullptr     ? column->type
                                                       : QStringLiteral("text"),
                               assignment.expression});
    }
    return sql;
}

} // namespace

Result<std::vector<FillableColumn>> readFillable(const pg::ConnInfo &server, const pg::QualifiedName &table, bool adds,
                                                 std::stop_token stop)
{
    TIDEMARK_TRY(pg::Session session, openToRead(server, stop));
    const pg::CallOptions call{.stop = stop};
    TIDEMARK_TRY(const TableInventory inventory, readTableInventory(session, table, call));
    QStringList key;
    if (const auto spec = readCaptureSpec(session, table, QStringLiteral("backfill"), {}, call)) {
        for (const KeyColumn &column : spec->key)
            key << column.name;
    }
    std::vector<FillableColumn> columns;
    for (const TableColumn &column : inventory.columns) {
        FillableColumn fillable{column.name, column.type, column.notNull, {}};
        if (!column.generated.isEmpty())
            fillable.whyNot = QStringLiteral("generated");
        else if (!adds && key.contains(column.name))
            fillable.whyNot = QStringLiteral("part of the key");
        columns.push_back(std::move(fillable));
    }
    return columns;
}

Result<BackfillPreview> previewBackfill(const pg::ConnInfo &server, const BackfillSpec &spec, std::stop_token stop)
{
    TIDEMARK_TRY(pg::Session session, openToRead(server, stop));
    const pg::CallOptions call{.stop = stop};
    BackfillPreview preview;
    const auto plan = planBackfill(session, spec, call);
    if (!plan && (plan.error().poisonsSession || plan.error().kind == ErrorKind::Cancelled))
        return fail(plan.error());
    const auto sql = sqlOf(session, spec, call);
    if (!sql) {
        preview.refused = FieldError{FieldError::Field::Whole, {}, plan ? sql.error() : plan.error()};
        return preview;
    }
    Trial trial{session, call, *sql, spec};
    if (!plan) {
        const bool isOfTheServer = !plan.error().sqlState.isEmpty();
        preview.refused = isOfTheServer ? trial.placeOf(plan.error(), FillSql::Explained)
                                        : FieldError{FieldError::Field::Whole, {}, plan.error()};
        return preview;
    }
    preview.plan = *plan;
    trial.readSample(preview);
    if (preview.noSample && preview.noSample->kind == ErrorKind::Cancelled)
        return fail(*preview.noSample);
    return preview;
}

} // namespace tidemark::backfill
