// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/capture/proofsql.h"

#include "core/capture/capturesql.h"

#include <algorithm>

namespace tidemark::proofsql {

namespace {

using pg::quoteIdentifier;

constexpr int firstWithRecordHash = 140000;

/// A column so that its hash tells apart whatever differs in a byte.
QString exact(const RowColumn &column)
{
    const QString name = QStringLiteral("r.") + quoteIdentifier(column.name);
    return column.hashIsExact ? name : name + QStringLiteral("::text COLLATE pg_catalog.\"C\"");
}

QString hashOf(const QStringList &columns, int serverVersion)
{
    const QString row = QStringLiteral("ROW(%1)").arg(columns.join(QStringLiteral(", ")));
    if (serverVersion < firstWithRecordHash)
        return QStringLiteral("pg_catalog.hashtextextended(%1::text COLLATE pg_catalog.\"C\", 0)").arg(row);
    return QStringLiteral("pg_catalog.hash_record_extended(%1, 0)").arg(row);
}

/// A record's hash is a sum of its columns' hashes, each times a constant: added up over rows, it would not see values
/// that changed places between rows. Hashing it once more makes each row's number a matter of the whole row.
QString rowHash(const ProofSpec &spec, int serverVersion)
{
    QStringList columns;
    for (const RowColumn &column : spec.columns)
        columns << exact(column);
    return QStringLiteral("pg_catalog.hashint8extended(%1, 0)").arg(hashOf(columns, serverVersion));
}

QString bucketOf(const ProofSpec &spec, int serverVersion)
{
    const std::vector<KeyColumn> &key = spec.capture.key;
    static const QStringList integers{QStringLiteral("bigint"), QStringLiteral("integer"), QStringLiteral("smallint")};
    QStringList columns;
    for (const KeyColumn &part : key) {
        const auto column = std::find_if(spec.columns.begin(), spec.columns.end(),
                                         [&](const RowColumn &candidate) { return candidate.name == part.name; });
        columns << (column == spec.columns.end() ? QStringLiteral("r.") + quoteIdentifier(part.name) : exact(*column));
    }
    const QString number = key.size() == 1 && integers.contains(key.front().type)
                               ? columns.front() + QStringLiteral("::int8")
                               : hashOf(columns, serverVersion);
    return QStringLiteral("(%1 & %2)::int4").arg(number, QString::number(spec.buckets - 1));
}

QString from(const ProofSpec &spec, Side side, const Unsettled &unsettled)
{
    const CaptureSpec &capture = spec.capture;
    QStringList conditions;
    if (unsettled.entries > 0)
        conditions << QStringLiteral("NOT EXISTS (SELECT FROM %1 AS l WHERE %2)")
                          .arg(capture.log().quoted(),
                               capturesql::keyMatchesLog(capture, QStringLiteral("r"), QStringLiteral("l")));
    // Whatever the source has now under such a condition came after the TRUNCATE and is in the log.
    if (side == Side::Target) {
        for (const QString &condition : unsettled.conditions)
            conditions << QStringLiteral("(%1) IS NOT TRUE").arg(condition);
    }
    if (spec.range) {
        const QString column = QStringLiteral("r.") + quoteIdentifier(spec.range->column);
        if (spec.range->onlyNull)
            conditions << column + QStringLiteral(" IS NULL");
        if (spec.range->from)
            conditions << column + QStringLiteral(" >= ") + pg::quoteLiteral(*spec.range->from);
        if (spec.range->to)
            conditions << column + QStringLiteral(" < ") + pg::quoteLiteral(*spec.range->to);
    }
    const QString table = (side == Side::Source ? capture.source : spec.target).quoted();
    return table + QStringLiteral(" AS r")
           + (conditions.isEmpty() ? QString() : QStringLiteral(" WHERE ") + conditions.join(QStringLiteral(" AND ")));
}

QString perKey(const ProofSpec &spec, Side side, const Unsettled &unsettled, int serverVersion)
{
    const QString all = from(spec, side, unsettled);
    QStringList columns;
    QStringList group;
    for (std::size_t i = 0; i < spec.capture.key.size(); ++i) {
        columns << QStringLiteral("r.%1 AS k%2").arg(quoteIdentifier(spec.capture.key[i].name), QString::number(i + 1));
        group << QString::number(i + 1);
    }
    return QStringLiteral(
               "SELECT %1, pg_catalog.count(*) AS rows, pg_catalog.sum(%2) AS sum FROM %3 %4 %5 = ANY ($1::int4[])"
               " GROUP BY %6")
        .arg(columns.join(QStringLiteral(", ")), rowHash(spec, serverVersion), all,
             all.contains(QLatin1String(" AS r WHERE ")) ? QStringLiteral("AND") : QStringLiteral("WHERE"),
             bucketOf(spec, serverVersion), group.join(QStringLiteral(", ")));
}

/// Both sides by key, where they differ; k1, k2 … of whichever side has it.
QString differingKeys(const ProofSpec &spec, const Unsettled &unsettled, int serverVersion)
{
    QStringList keys;
    QStringList matches;
    for (std::size_t i = 0; i < spec.capture.key.size(); ++i) {
        const QString number = QString::number(i + 1);
        keys << QStringLiteral("coalesce(s.k%1, t.k%1) AS k%1").arg(number);
        matches << QStringLiteral("s.k%1 OPERATOR(%2) t.k%1").arg(number, spec.capture.key[i].equality);
    }
    return QStringLiteral("SELECT %1, coalesce(s.rows, 0) AS in_source, coalesce(t.rows, 0) AS in_target"
                          " FROM (%2) AS s FULL JOIN (%3) AS t ON %4"
                          " WHERE s.rows IS DISTINCT FROM t.rows OR s.sum IS DISTINCT FROM t.sum")
        .arg(keys.join(QStringLiteral(", ")), perKey(spec, Side::Source, unsettled, serverVersion),
             perKey(spec, Side::Target, unsettled, serverVersion), matches.join(QStringLiteral(" AND ")));
}

} // namespace

QByteArray prologue(const ProofSpec &spec)
{
    // Fewer digits would make different floats the same text; a row hidden by a policy would be a difference; and the
    // log has no index for nested loops.
    QByteArray sql = "LOCK TABLE " + spec.capture.source.quoted().toUtf8() + ", " + spec.target.quoted().toUtf8()
                     + " IN ACCESS SHARE MODE; SET LOCAL extra_float_digits = 3; SET LOCAL row_security = off;"
                       " SET LOCAL enable_nestloop = off";
    if (spec.parallelWorkers)
        sql += "; SET LOCAL max_parallel_workers_per_gather = " + QByteArray::number(*spec.parallelWorkers);
    return sql;
}

QByteArray unsettled(const CaptureSpec &spec)
{
    return QStringLiteral("SELECT (SELECT pg_catalog.count(*) FROM %1) AS entries,"
                          " ARRAY(SELECT DISTINCT t.condition FROM %2 AS t) AS conditions")
        .arg(spec.log().quoted(), spec.truncations().quoted())
        .toUtf8();
}

QByteArray buckets(const ProofSpec &spec, Side side, const Unsettled &unsettled, int serverVersion)
{
    return QStringLiteral(
               "SELECT %1 AS bucket, pg_catalog.count(*) AS rows, pg_catalog.sum(%2)::text AS sum FROM %3 GROUP BY 1")
        .arg(bucketOf(spec, serverVersion), rowHash(spec, serverVersion), from(spec, side, unsettled))
        .toUtf8();
}

QByteArray differences(const ProofSpec &spec, const Unsettled &unsettled, int serverVersion)
{
    return QStringLiteral(
               "SELECT ROW(%1)::text AS key, d.in_source, d.in_target, pg_catalog.count(*) OVER () AS differing"
               " FROM (%2) AS d LIMIT $2::int8")
        .arg(capturesql::logColumns(spec.capture, QStringLiteral("d")), differingKeys(spec, unsettled, serverVersion))
        .toUtf8();
}

QByteArray logDifferences(const ProofSpec &spec, const Unsettled &unsettled, int serverVersion)
{
    return QStringLiteral("INSERT INTO %1 (%2) SELECT %3 FROM (%4) AS d")
        .arg(spec.capture.log().quoted(), capturesql::logColumns(spec.capture),
             capturesql::logColumns(spec.capture, QStringLiteral("d")), differingKeys(spec, unsettled, serverVersion))
        .toUtf8();
}

} // namespace tidemark::proofsql
