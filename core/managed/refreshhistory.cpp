// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/refreshhistory.h"

#include <QJsonDocument>

#include <algorithm>

namespace tidemark::managed {

namespace {

constexpr qint64 linesToPruning = 100;

} // namespace

Result<qint64> writeHistory(pg::Transaction &transaction, const ManagedTable &table, const DeltaScope &scope,
                            const DeltaOutcome &outcome, const QString &startedAt)
{
    const QByteArray json = QJsonDocument(scope.toJson()).toJson(QJsonDocument::Compact);
    TIDEMARK_TRY(
        const auto line,
        transaction.exec("INSERT INTO tidemark.managed_refresh (relation, schema_name, relation_name, mode, "
                         "scope, started_at, rows_compared, rows_deleted, rows_updated, rows_inserted, rebuilt) "
                         "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
                         {table.oid, table.name.schema, table.name.name, modeWord(scope.mode), json, startedAt,
                          outcome.compared, outcome.deleted, outcome.updated, outcome.inserted, outcome.rebuilt}));
    TIDEMARK_TRY(
        [[maybe_unused]] const auto written,
        transaction.exec(
            "UPDATE tidemark.managed_table SET last_refresh_at = clock.now, last_mode = $2, "
            "last_full_at = CASE WHEN $2 = 'full' THEN clock.now ELSE last_full_at END, "
            "last_changed_at = CASE WHEN $4::int8 + $5::int8 + $6::int8 > 0 THEN clock.now ELSE last_changed_at END, "
            "last_duration_ms = pg_catalog.date_part('epoch', clock.now - $3::timestamptz) * 1000, "
            "rows_deleted = $4, rows_updated = $5, rows_inserted = $6 "
            "FROM (SELECT pg_catalog.clock_timestamp()) AS clock (now) WHERE relation = $1::oid",
            {table.oid, modeWord(scope.mode), startedAt, outcome.deleted, outcome.updated, outcome.inserted}));
    return line.int64(0, 0);
}

void pruneHistory(pg::Session &session, const std::vector<DeltaOutcome> &outcomes)
{
    const bool isDue = std::any_of(outcomes.begin(), outcomes.end(),
                                   [](const DeltaOutcome &outcome) { return outcome.id % linesToPruning == 0; });
    if (!isDue)
        return;
    static_cast<void>(session.exec("DELETE FROM tidemark.managed_refresh WHERE id IN (SELECT l.id "
                                   "FROM tidemark.managed_refresh AS l "
                                   "WHERE l.finished_at < pg_catalog.now() - interval '90 days' "
                                   "ORDER BY l.finished_at LIMIT 1000 FOR UPDATE SKIP LOCKED)"));
}

void writeFailure(pg::Session &session, const ManagedTable &table, const DeltaScope &scope, const QString &startedAt,
                  const Error &error)
{
    if (!session.isAlive())
        return;
    const QByteArray json = QJsonDocument(scope.toJson()).toJson(QJsonDocument::Compact);
    static_cast<void>(session.exec(
        "WITH line AS (INSERT INTO tidemark.managed_refresh (relation, schema_name, relation_name, mode, scope, "
        "started_at, error) VALUES ($1, $2, $3, $4, $5, $6, $7)) "
        "UPDATE tidemark.managed_table SET last_error_at = pg_catalog.clock_timestamp(), last_error = $7 "
        "WHERE relation = $1::oid",
        {table.oid, table.name.schema, table.name.name, modeWord(scope.mode), json, startedAt, error.summary()}));
}

} // namespace tidemark::managed
