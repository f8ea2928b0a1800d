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

/// Any function of the key will do. Whole numbers are their own where nothing but times stands beside them; a record's hash
/// costs as much again as the rest of the proof.
QString bucketOf(const ProofSpec &spec, int serverVersion)
{
    static const QStringList integers{QStringLiteral("bigint"), QStringLiteral("integer"), QStringLiteral("smallint")};
    QStringList numbers;
    QStringList columns;
    bool isPlain = true;
    for (const KeyColumn &part : spec.capture.key) {
        const auto column = std::find_if(spec.columns.begin(), spec.columns.end(),
                                         [&](const RowColumn &candidate) { return candidate.name == part.name; });
        columns << (column == spec.columns.end() ? QStringLiteral("r.") + quoteIdentifier(part.name) : exact(*column));
        if (integers.contains(part.type))
            numbers << columns.back() + QStringLiteral("::int8");
        else
            isPlain = isPlain
                      && (part.type.startsWith(QLatin1String("timestamp")) || part.type == QLatin1String("date"));
    }
    const QString number = isPlain && !numbers.isEmpty() ? numbers.join(QStringLiteral(" OPERATOR(pg_catalog.#) "))
                                                         : hashOf(columns, serverVersion);
    return QStringLiteral("((%1) & %2)::int4").arg(number, QString::number(spec.buckets - 1));
}

/// What rows of one side must meet beside being settled, each with AND before it.
QString conditions(const ProofSpec &spec, Side side, const Unsettled &unsettled)
{
    QStringList all;
    // Whatever the source has now under such a condition came after the TRUNCATE and is in the log.
    if (side == Side::Target) {
        for (const QString &condition : unsettled.conditions)
            all << QStringLiteral("(%1) IS NOT TRUE").arg(condition);
    }
    if (spec.range) {
        const QString column = QStringLiteral("r.") + quoteIdentifier(spec.range->column);
        if (spec.range->onlyNull)
            all << column + QStringLiteral(" IS NULL");
        if (spec.range->from)
            all << column + QStringLiteral(" >= ") + pg::quoteLiteral(*spec.range->from);
        if (spec.range->to)
            all << column + QStringLiteral(" < ") + pg::quoteLiteral(*spec.range->to);
    }
    QString text;
    for (const QString &condition : all)
        text += QStringLiteral(" AND ") + condition;
    return text;
}

QString tableOf(const ProofSpec &spec, Side side)
{
    return (side == Side::Source ? spec.capture.source : spec.target).quoted() + QStringLiteral(" AS r");
}

QString keyIsLogged(const ProofSpec &spec, const char *log)
{
    return capturesql::keyMatchesLog(spec.capture, QStringLiteral("r"), QLatin1String(log));
}

/// FROM and WHERE of the settled rows.
QString settled(const ProofSpec &spec, Side side, const Unsettled &unsettled)
{
    QString waiting = QStringLiteral("true");
    if (unsettled.entries > 0)
        waiting = QStringLiteral("NOT EXISTS (SELECT FROM %1 AS l WHERE %2)")
                      .arg(spec.capture.log().quoted(), keyIsLogged(spec, "l"));
    return tableOf(spec, side) + QStringLiteral(" WHERE ") + waiting + conditions(spec, side, unsettled);
}

QString perKey(const ProofSpec &spec, Side side, const Unsettled &unsettled, int serverVersion)
{
    QStringList columns;
    QStringList group;
    for (std::size_t i = 0; i < spec.capture.key.size(); ++i) {
        columns << QStringLiteral("r.%1 AS k%2").arg(quoteIdentifier(spec.capture.key[i].name), QString::number(i + 1));
        group << QString::number(i + 1);
    }
    return QStringLiteral("SELECT %1, pg_catalog.count(*) AS rows, pg_catalog.sum(%2) AS sum FROM %3"
                          " AND %4 = ANY ($1::int4[]) GROUP BY %5")
        .arg(columns.join(QStringLiteral(", ")), rowHash(spec, serverVersion), settled(spec, side, unsettled),
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
    // Fewer digits would make different floats the same text; a row hidden by a policy would be a difference; and what is
    // compiled for each of many partitions costs more than it saves.
    QByteArray sql = "LOCK TABLE " + spec.capture.source.quoted().toUtf8() + ", " + spec.target.quoted().toUtf8()
                     + " IN ACCESS SHARE MODE; SET LOCAL extra_float_digits = 3; SET LOCAL row_security = off;"
                       " SET LOCAL jit = off";
    if (spec.parallelWorkers)
        sql += "; SET LOCAL max_parallel_workers_per_gather = " + QByteArray::number(*spec.parallelWorkers);
    return sql;
}

QByteArray withLog()
{
    return "SET LOCAL enable_nestloop = off";
}

QByteArray unsettled(const CaptureSpec &spec)
{
    return QStringLiteral("SELECT (SELECT pg_catalog.count(*) FROM %1) AS entries,"
                          " ARRAY(SELECT DISTINCT t.condition FROM %2 AS t) AS conditions,"
                          " (SELECT c.reltuples::int8 FROM pg_catalog.pg_class AS c"
                          " WHERE c.oid = %3::pg_catalog.regclass) AS rows")
        .arg(spec.log().quoted(), spec.truncations().quoted(), pg::quoteLiteral(spec.source.quoted()))
        .toUtf8();
}

QByteArray total(const ProofSpec &spec, Side side, const Unsettled &unsettled, int serverVersion)
{
    const QString sums = QStringLiteral("pg_catalog.count(*) AS rows, coalesce(pg_catalog.sum(%1), 0) AS sum")
                             .arg(rowHash(spec, serverVersion));
    if (unsettled.entries == 0 || !unsettled.isLittle())
        return QStringLiteral("SELECT a.rows, a.sum::text FROM (SELECT %1 FROM %2) AS a")
            .arg(sums, settled(spec, side, unsettled))
            .toUtf8();
    const QString all = QStringLiteral("SELECT %1 FROM %2 WHERE true%3")
                            .arg(sums, tableOf(spec, side), conditions(spec, side, unsettled));
    const QString waiting = QStringLiteral("SELECT %1 FROM (SELECT DISTINCT %2 FROM %3 AS l) AS k JOIN %4 ON %5%6")
                                .arg(sums, capturesql::logColumns(spec.capture, QStringLiteral("l")),
                                     spec.capture.log().quoted(), tableOf(spec, side), keyIsLogged(spec, "k"),
                                     conditions(spec, side, unsettled));
    return QStringLiteral("SELECT a.rows - w.rows AS rows, (a.sum - w.sum)::text AS sum FROM (%1) AS a, (%2) AS w")
        .arg(all, waiting)
        .toUtf8();
}

QByteArray buckets(const ProofSpec &spec, Side side, const Unsettled &unsettled, int serverVersion)
{
    return QStringLiteral(
               "SELECT %1 AS bucket, pg_catalog.count(*) AS rows, pg_catalog.sum(%2)::text AS sum FROM %3 GROUP BY 1")
        .arg(bucketOf(spec, serverVersion), rowHash(spec, serverVersion), settled(spec, side, unsettled))
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
