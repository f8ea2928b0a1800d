// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/deltasql.h"

#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace tidemark;
using managed::DeltaScope;
using managed::DeltaTarget;
namespace deltasql = tidemark::managed::deltasql;

namespace {

RowColumn column(const QString &name, const QString &type, bool notNull, const QString &equality = u"pg_catalog.="_s)
{
    const bool isExact = type == u"integer"_s || type == u"date"_s;
    return {name, notNull, isExact, {name, type, {}, equality}};
}

/// (unit, "va""lid") is the key; note has no equality.
DeltaTarget periods()
{
    return {{u"public"_s, u"Periods"_s},
            {u"public"_s, u"Periods_def"_s},
            {column(u"unit"_s, u"integer"_s, true), column(u"va\"lid"_s, u"date"_s, true),
             column(u"name"_s, u"public.citext"_s, false, u"public.="_s), column(u"note"_s, u"json"_s, false, {})},
            {u"unit"_s, u"va\"lid"_s},
            {}};
}

QStringList textsOf(const pg::Params &params)
{
    QStringList texts;
    for (const pg::Param &param : params)
        texts << (param.value() ? QString::fromUtf8(*param.value()) : u"NULL"_s);
    return texts;
}

} // namespace

/// The statements of a delta refresh, as whole text.
class TstDeltaSql : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void allOfItIsComparedInOnePass()
    {
        const DeltaTarget target = periods();
        const DeltaScope all;
        QCOMPARE(deltasql::fetch(target, all), u"CREATE TEMPORARY TABLE tidemark_new ON COMMIT DROP AS\n"
                                               "SELECT d.\"unit\", d.\"va\"\"lid\", d.\"name\", d.\"note\"\n"
                                               "FROM \"public\".\"Periods_def\" AS d"_s);
        QCOMPARE(
            deltasql::compare(target, all),
            u"CREATE TEMPORARY TABLE tidemark_diff ON COMMIT DROP AS\n"
            "SELECT t.ctid AS place, n.ctid IS NULL AS gone, n.\"unit\" AS c1, n.\"va\"\"lid\" AS c2, n.\"name\" AS c3, "
            "n.\"note\" AS c4\n"
            "FROM pg_temp.tidemark_new AS n\n"
            "FULL JOIN \"public\".\"Periods\" AS t ON n.\"unit\" OPERATOR(pg_catalog.=) t.\"unit\" AND "
            "n.\"va\"\"lid\" OPERATOR(pg_catalog.=) t.\"va\"\"lid\"\n"
            "WHERE t.ctid IS NULL OR n.ctid IS NULL OR (n.\"unit\" IS DISTINCT FROM t.\"unit\" OR n.\"va\"\"lid\" IS "
            "DISTINCT FROM t.\"va\"\"lid\" OR pg_catalog.record_image_ne(ROW(n.\"name\", n.\"note\"), ROW(t.\"name\", "
            "t.\"note\")))"_s);
        QCOMPARE(deltasql::removeGone(target, all), u"DELETE FROM \"public\".\"Periods\" AS t\n"
                                                    "USING pg_temp.tidemark_diff AS x\n"
                                                    "WHERE t.ctid = x.place AND x.gone"_s);
        QCOMPARE(deltasql::update(target),
                 u"UPDATE \"public\".\"Periods\" AS t\n"
                 "SET \"unit\" = x.c1, \"va\"\"lid\" = x.c2, \"name\" = x.c3, \"note\" = x.c4\n"
                 "FROM pg_temp.tidemark_diff AS x\n"
                 "WHERE t.ctid = x.place AND NOT x.gone"_s);
        QCOMPARE(deltasql::insert(target),
                 u"INSERT INTO \"public\".\"Periods\" (\"unit\", \"va\"\"lid\", \"name\", \"note\")\n"
                 "SELECT x.c1, x.c2, x.c3, x.c4\n"
                 "FROM pg_temp.tidemark_diff AS x\n"
                 "WHERE x.place IS NULL"_s);
        QVERIFY(deltasql::paramsOf(all).empty());
    }

    void theTextForPeopleSaysWhatItLeavesOut()
    {
        const QString text = deltasql::wholeText(periods());
        const QString head = text.section(u"CREATE TEMPORARY"_s, 0, 0);
        for (const QString &left : {u"BEGIN"_s, u"COMMIT"_s, u"ANALYZE"_s, u"DROP"_s, u"tidemark.managed_refresh"_s})
            QVERIFY2(head.contains(left), qPrintable(left));
        for (const QString &line : head.split(u'\n', Qt::SkipEmptyParts))
            QVERIFY2(line.startsWith(u"-- "), qPrintable(line));
    }

    void aRangeIsAPredicateOnBothSides()
    {
        const DeltaTarget target = periods();
        const auto scope = DeltaScope::range(u"va\"lid"_s, u"2026-01-01"_s, {});
        QCOMPARE(deltasql::fetch(target, scope),
                 u"CREATE TEMPORARY TABLE tidemark_new ON COMMIT DROP AS\n"
                 "SELECT d.\"unit\", d.\"va\"\"lid\", d.\"name\", d.\"note\"\n"
                 "FROM \"public\".\"Periods_def\" AS d\n"
                 "WHERE ($1::date IS NULL OR d.\"va\"\"lid\" OPERATOR(pg_catalog.>=) $1::date) AND "
                 "($2::date IS NULL OR d.\"va\"\"lid\" OPERATOR(pg_catalog.<) $2::date)"_s);
        QCOMPARE(
            deltasql::removeGone(target, scope),
            u"DELETE FROM \"public\".\"Periods\" AS t\n"
            "WHERE ($1::date IS NULL OR t.\"va\"\"lid\" OPERATOR(pg_catalog.>=) $1::date) AND "
            "($2::date IS NULL OR t.\"va\"\"lid\" OPERATOR(pg_catalog.<) $2::date)\n"
            "  AND NOT EXISTS (SELECT FROM pg_temp.tidemark_new AS n WHERE n.\"unit\" OPERATOR(pg_catalog.=) t.\"unit\" "
            "AND n.\"va\"\"lid\" OPERATOR(pg_catalog.=) t.\"va\"\"lid\")"_s);
        QCOMPARE(textsOf(deltasql::paramsOf(scope)), QStringList({u"2026-01-01"_s, u"NULL"_s}));
        QVERIFY(target.isOfKey(scope));
        QVERIFY(!target.isOfKey(DeltaScope::range(u"name"_s, u"a"_s, u"b"_s)));
    }

    void oneColumnOfKeysIsAnArrayThatReachesIntoTheView()
    {
        const auto scope = DeltaScope::keys({u"name"_s}, {{u"a"_s}, {u"b\"\\,{}"_s}, {u"NULL"_s}});
        QCOMPARE(deltasql::fetchMore(periods(), scope),
                 u"INSERT INTO pg_temp.tidemark_new\n"
                 "SELECT d.\"unit\", d.\"va\"\"lid\", d.\"name\", d.\"note\"\n"
                 "FROM \"public\".\"Periods_def\" AS d\n"
                 "WHERE d.\"name\" OPERATOR(public.=) ANY ($1::public.citext[])"_s);
        QCOMPARE(textsOf(deltasql::paramsOf(scope)), QStringList(u"{\"a\",\"b\\\"\\\\,{}\",\"NULL\"}"_s));
        QCOMPARE(textsOf(deltasql::paramsOf(scope, 1, 1)), QStringList(u"{\"b\\\"\\\\,{}\"}"_s));
    }

    void severalColumnsOfKeysAreNarrowedAndThenExact()
    {
        const auto scope = DeltaScope::keys({u"unit"_s, u"va\"lid"_s},
                                            {{u"1"_s, u"2026-01-01"_s}, {std::nullopt, u"x"_s}});
        QCOMPARE(
            deltasql::missing(periods(), scope),
            u"SELECT t.\"unit\", t.\"va\"\"lid\"\n"
            "FROM \"public\".\"Periods\" AS t\n"
            "WHERE (t.\"unit\" OPERATOR(pg_catalog.=) ANY ($1::integer[]) OR t.\"unit\" IS NULL) AND "
            "t.\"va\"\"lid\" OPERATOR(pg_catalog.=) ANY ($2::date[]) AND EXISTS (SELECT FROM ROWS FROM "
            "(pg_catalog.unnest($1::integer[]), pg_catalog.unnest($2::date[])) AS wanted (v1, v2) WHERE "
            "ARRAY[wanted.v1] OPERATOR(pg_catalog.=) ARRAY[t.\"unit\"] AND wanted.v2 OPERATOR(pg_catalog.=) "
            "t.\"va\"\"lid\")\n"
            "  AND NOT EXISTS (SELECT FROM pg_temp.tidemark_new AS n WHERE n.\"unit\" OPERATOR(pg_catalog.=) t.\"unit\" "
            "AND n.\"va\"\"lid\" OPERATOR(pg_catalog.=) t.\"va\"\"lid\")"_s);
        QCOMPARE(textsOf(deltasql::paramsOf(scope)), QStringList({u"{\"1\",NULL}"_s, u"{\"2026-01-01\",\"x\"}"_s}));
    }

    void aKeyThatMayBeNullIsComparedAsAnArray()
    {
        DeltaTarget target = periods();
        target.key = {u"name"_s};
        QVERIFY(!target.isKeyGuarded());
        QVERIFY(deltasql::compare(target, {})
                    .contains(u"ON ARRAY[n.\"name\"] OPERATOR(pg_catalog.=) ARRAY[t.\"name\"]\n"_s));
        QCOMPARE(deltasql::duplicate(target), u"SELECT n.\"name\", pg_catalog.count(*)\n"
                                              "FROM pg_temp.tidemark_new AS n\n"
                                              "GROUP BY n.\"name\"\n"
                                              "HAVING pg_catalog.count(*) > 1\n"
                                              "LIMIT 1"_s);
    }
};

QTEST_APPLESS_MAIN(TstDeltaSql)
#include "tst_deltasql.moc"
