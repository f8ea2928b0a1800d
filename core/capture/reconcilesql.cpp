// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/capture/reconcilesql.h"

#include "core/capture/capturesql.h"
#include "core/capture/reconciler.h"

namespace tidemark::reconcilesql {

namespace {

using capturesql::columnList;
using capturesql::keyMatchesLog;
using capturesql::logColumns;

const QString k = QStringLiteral("k");
const QString s = QStringLiteral("s");
const QString t = QStringLiteral("t");

QString entries(const CaptureSpec &spec, Scope scope)
{
    QString from = spec.log().quoted() + QStringLiteral(" AS l");
    if (scope == Scope::Batch)
        from += QStringLiteral(" WHERE l.ctid <= $1::pg_catalog.tid");
    return from;
}

/// The keys that stand in the log, once each; with skipEqual those alone whose rows differ.
QString keys(const ReconcileSpec &spec, Scope scope)
{
    const CaptureSpec &capture = spec.capture;
    const QString logged = QStringLiteral("(SELECT DISTINCT %1 FROM %2)")
                               .arg(logColumns(capture, QStringLiteral("l")), entries(capture, scope));
    if (!spec.skipEqual)
        return logged;
    return QStringLiteral("(SELECT %1 FROM %2 AS k LEFT JOIN %3 AS s ON %4"
                          " CROSS JOIN LATERAL (SELECT pg_catalog.count(*) AS rows,"
                          " pg_catalog.bool_and(pg_catalog.record_image_eq(ROW(%5), ROW(%6))) AS same"
                          " FROM %7 AS t WHERE %8) AS t"
                          " WHERE CASE WHEN s.%9 IS NULL THEN t.rows > 0 ELSE t.rows <> 1 OR NOT t.same END)")
        .arg(logColumns(capture, k), logged, capture.source.quoted(), keyMatchesLog(capture, s, k),
             columnList(spec.columns, s), columnList(spec.columns, t), spec.target.quoted(),
             keyMatchesLog(capture, t, k), pg::quoteIdentifier(capture.key.front().name));
}

} // namespace

QByteArray prologue(const ReconcileSpec &spec)
{
    // A policy of row security would hide rows and look like their deletion. A scan that starts anywhere would make a
    // batch of the log of any size.
    QByteArray sql =
        "SET LOCAL row_security = off; SET LOCAL synchronize_seqscans = off; SET CONSTRAINTS ALL IMMEDIATE";
    if (spec.asReplica)
        sql += "; SET LOCAL session_replication_role = replica";
    return sql;
}

QByteArray lookUpKeys()
{
    return "; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";
}

QByteArray epilogue(const ReconcileSpec &spec)
{
    QByteArray sql = "SET LOCAL row_security TO DEFAULT; SET LOCAL synchronize_seqscans TO DEFAULT; "
                     "SET LOCAL enable_hashjoin TO DEFAULT; SET LOCAL enable_mergejoin TO DEFAULT";
    if (spec.asReplica)
        sql += "; SET LOCAL session_replication_role TO DEFAULT";
    return sql;
}

QByteArray tryLock(const CaptureSpec &spec)
{
    // The number's upper half is of Tidemark's captures, the lower the log's.
    return QStringLiteral(
               "SELECT pg_catalog.pg_try_advisory_xact_lock((1953064037::int8 << 32) | %1::pg_catalog.regclass::oid::int8)"
               " AS locked")
        .arg(pg::quoteLiteral(spec.log().quoted()))
        .toUtf8();
}

Error busy(const CaptureSpec &spec)
{
    Error error;
    error.kind = ErrorKind::Conflict;
    error.message = QStringLiteral("another session is reconciling %1").arg(spec.source.display());
    error.retryable = true;
    return error;
}

QByteArray checkLocked(const CaptureSpec &spec)
{
    return QStringLiteral(
               "SELECT pg_catalog.current_setting('transaction_isolation') AS isolation, EXISTS ("
               "SELECT FROM pg_catalog.pg_locks AS l WHERE l.pid = pg_catalog.pg_backend_pid() AND l.granted"
               " AND l.locktype = 'relation' AND l.relation = %1::pg_catalog.regclass AND l.mode IN ('ShareLock',"
               " 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')) AS locked")
        .arg(pg::quoteLiteral(spec.source.quoted()))
        .toUtf8();
}

QByteArray takeTruncations(const CaptureSpec &spec)
{
    return QStringLiteral("DELETE FROM %1 RETURNING condition").arg(spec.truncations().quoted()).toUtf8();
}

QByteArray endOfBatch(const CaptureSpec &spec)
{
    return QStringLiteral("SELECT l.ctid::text FROM %1 AS l OFFSET $1::int8 - 1 LIMIT 1")
        .arg(spec.log().quoted())
        .toUtf8();
}

QByteArray deleteRows(const ReconcileSpec &spec, const pg::QualifiedName &target, Scope scope)
{
    return QStringLiteral("DELETE FROM %1 AS t USING %2 AS k WHERE %3")
        .arg(target.quoted(), keys(spec, scope), keyMatchesLog(spec.capture, t, k))
        .toUtf8();
}

QByteArray insertRows(const ReconcileSpec &spec, Scope scope)
{
    return QStringLiteral("INSERT INTO %1 (%2) OVERRIDING SYSTEM VALUE SELECT %3 FROM %4 AS k JOIN %5 AS s ON %6")
        .arg(spec.target.quoted(), columnList(spec.columns), columnList(spec.columns, s), keys(spec, scope),
             spec.capture.source.quoted(), keyMatchesLog(spec.capture, s, k))
        .toUtf8();
}

QByteArray forget(const CaptureSpec &spec, Scope scope)
{
    return QStringLiteral("DELETE FROM %1").arg(entries(spec, scope)).toUtf8();
}

QByteArray lag(const CaptureSpec &spec)
{
    return QStringLiteral("SELECT pg_catalog.count(*) AS pending, pg_catalog.min(l.at) AS oldest,"
                          " pg_catalog.clock_timestamp() AS now,"
                          " (SELECT pg_catalog.count(*) FROM %1) AS truncations FROM %2 AS l")
        .arg(spec.truncations().quoted(), spec.log().quoted())
        .toUtf8();
}

} // namespace tidemark::reconcilesql
