// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/preflight.h"

#include "core/base/units.h"
#include "core/pg/capabilities.h"
#include "core/pg/sqllibrary.h"
#include "core/stage/shadowparts.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>

namespace tidemark::stage {

namespace {

constexpr Millis oldTransaction{60'000};

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Preflight)
};

ShadowSpec shapeOf(const StageSpec &spec)
{
    ShadowSpec shadow;
    shadow.shape = spec.shape;
    shadow.keyColumn = spec.keyColumn;
    return shadow;
}

void lookAtDisk(std::vector<Finding> &found, const StageSpec &spec, const TableInventory &source, const Needs &needs)
{
    if (needs.disk > 0 && !spec.freeDisk)
        found.push_back(
            {Words::tr("disk"),
             Words::tr("About %1 more are needed until the old table goes, and no query tells how much is free.")
                 .arg(units::bytes(needs.disk)),
             Words::tr("Tell what is free with --free-disk, to be refused beforehand where it is too little.")});
    if (source.facts.rowEstimate < 0)
        found.push_back(
            {Words::tr("statistics"),
             Words::tr("%1 was never analysed: how many rows it has is not known.").arg(source.facts.name.display()),
             QStringLiteral("ANALYZE ") + source.facts.name.quoted()});
}

Status lookAtDelays(std::vector<Finding> &found, pg::Session &session, const Needs &needs, const pg::CallOptions &call)
{
    const auto &query = pg::SqlLibrary::builtIn().query(QStringLiteral("stage/delays"), session.serverVersion());
    TIDEMARK_TRY(const auto rows, session.exec(query.sql, {}, call));
    for (int row = 0; row < rows.rowCount(); ++row) {
        const QString kind = rows.text(row, rows.column("kind"));
        const QString who = rows.text(row, rows.column("who"));
        const Millis age(rows.optionalInt64(row, rows.column("age_ms")).value_or(0));
        if (kind == QLatin1String("prepared transaction")) {
            found.push_back({Words::tr("prepared transaction %1").arg(who),
                             Words::tr("It is open for %1 and keeps its locks and its snapshot, restarts included.")
                                 .arg(units::duration(age)),
                             Words::tr("COMMIT PREPARED or ROLLBACK PREPARED it.")});
        } else if (kind.endsWith(QLatin1String("transaction")) && age >= oldTransaction) {
            found.push_back(
                {Words::tr("transaction of %1").arg(who),
                 Words::tr("It is open for %1: the swap, and every CREATE INDEX CONCURRENTLY, waits for its end.")
                     .arg(units::duration(age)),
                 Words::tr("Let it end.")});
        } else if (kind.endsWith(QLatin1String("slot"))) {
            const auto bytes = rows.optionalInt64(row, rows.column("bytes"));
            const bool isIdle = kind.startsWith(QLatin1String("idle"));
            if (isIdle || (bytes && needs.wal > 0))
                found.push_back({Words::tr("replication slot %1").arg(who),
                                 Words::tr("It is %1 and keeps %2 of WAL; the migration writes about %3 more.")
                                     .arg(isIdle ? Words::tr("read by nobody") : Words::tr("in use"),
                                          bytes ? units::bytes(*bytes) : Words::tr("some"), units::bytes(needs.wal)),
                                 isIdle ? Words::tr("Drop it where nobody needs it.")
                                        : Words::tr("Bound it with max_slot_lag_bytes when you run the plan.")});
        }
    }
    return {};
}

/// ON CONFLICT targets in some text that lack the column.
QStringList targetsWithout(const QString &text, const QString &column)
{
    static const QRegularExpression target(QStringLiteral("on\\s+conflict\\s*\\(([^)]*)\\)"),
                                           QRegularExpression::CaseInsensitiveOption);
    QStringList found;
    for (auto match = target.globalMatch(text); match.hasNext();) {
        QStringList columns;
        for (const QString &part : match.next().captured(1).split(QLatin1Char(',')))
            columns << part.trimmed().remove(QLatin1Char('"'));
        if (!columns.contains(column, Qt::CaseInsensitive) && !found.contains(columns.join(QLatin1String(", "))))
            found << columns.join(QLatin1String(", "));
    }
    return found;
}

Status lookAtConflictTargets(std::vector<Finding> &found, pg::Session &session, const StageSpec &spec,
                             const TableInventory &source, const pg::CallOptions &call)
{
    const bool anyGains = std::any_of(source.indexes.begin(), source.indexes.end(), [&](const TableIndex &index) {
        return index.isValid && gainsKey(index, shapeOf(spec));
    });
    if (!anyGains)
        return {};
    const auto judge = [&](const QString &what, const QString &text) {
        for (const QString &columns : targetsWithout(text, spec.keyColumn))
            found.push_back({what,
                             Words::tr("ON CONFLICT (%1) finds no such unique key any more: it becomes (%1, %2).")
                                 .arg(columns, spec.keyColumn),
                             Words::tr("Name %1 in the target, or name the constraint.").arg(spec.keyColumn)});
    };
    const QString table = source.facts.name.name;
    const auto &query = pg::SqlLibrary::builtIn().query(QStringLiteral("stage/conflict_functions"),
                                                        session.serverVersion());
    TIDEMARK_TRY(const auto functions, session.exec(query.sql, {table}, call));
    for (int row = 0; row < functions.rowCount(); ++row)
        judge(Words::tr("function %1").arg(functions.text(row, 0)), functions.text(row, 1));

    TIDEMARK_TRY(const auto capabilities, pg::Capabilities::probe(session, call));
    const QString extension = QStringLiteral("pg_stat_statements");
    if (!capabilities.hasExtension(extension))
        return {};
    // Its view is wherever the extension was installed, so this is no query file.
    const pg::QualifiedName view{capabilities.extensionSchemas.value(extension), extension};
    const auto statements = session.exec(
        QStringLiteral(
            "SELECT s.query FROM %1 AS s JOIN pg_catalog.pg_database AS d ON d.oid = s.dbid "
            "WHERE d.datname = pg_catalog.current_database() AND s.query ~* '^\\s*(insert|with)\\M.*on\\s+conflict' "
            "AND pg_catalog.strpos(pg_catalog.lower(s.query), pg_catalog.lower($1)) > 0 "
            "ORDER BY s.calls DESC LIMIT 100")
            .arg(view.quoted())
            .toUtf8(),
        {table}, call);
    if (!statements) // installed without being preloaded, or not for this role
        return statements.error().poisonsSession ? fail(statements.error()) : Status();
    for (int row = 0; row < statements->rowCount(); ++row)
        judge(Words::tr("statement “%1”").arg(statements->text(row, 0).simplified().left(80)),
              statements->text(row, 0));
    return {};
}

} // namespace

Result<std::vector<Finding>> findRisks(pg::Session &session, const StageSpec &spec, const TableInventory &source,
                                       const Needs &needs, const pg::CallOptions &call)
{
    std::vector<Finding> found;
    lookAtDisk(found, spec, source, needs);
    TIDEMARK_CHECK(lookAtDelays(found, session, needs, call));
    TIDEMARK_CHECK(lookAtConflictTargets(found, session, spec, source, call));
    return found;
}

std::optional<Obstacle> diskObstacle(const StageSpec &spec, const Needs &needs)
{
    if (!spec.freeDisk || *spec.freeDisk >= needs.disk)
        return std::nullopt;
    return Obstacle{Obstacle::Gravity::Refused, Words::tr("disk"),
                    Words::tr("About %1 are needed beside the table, and %2 are free.")
                        .arg(units::bytes(needs.disk), units::bytes(*spec.freeDisk)),
                    Words::tr("Make room, or attach the table instead of copying it.")};
}

} // namespace tidemark::stage
