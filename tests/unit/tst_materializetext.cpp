// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/exchangeddl.h"
#include "core/managed/proposal.h"
#include "core/managed/viewobstacles.h"

#include <QJsonObject>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace tidemark;
using namespace tidemark::managed;

namespace {

TableColumn columnOf(const QString &name, const QString &type)
{
    TableColumn column;
    column.name = name;
    column.type = type;
    return column;
}

DependentView reader(quint32 oid, const QString &name, const QString &definition, const std::vector<quint32> &reads)
{
    DependentView view;
    view.facts.oid = oid;
    view.facts.name = {u"public"_s, name};
    view.facts.kind = u"view"_s;
    view.definition = definition;
    view.reads = reads;
    return view;
}

ChainView viewOf(quint32 oid, const QString &name, const QString &definition)
{
    ChainView view;
    view.inventory.serverVersion = 150'000;
    view.inventory.facts.oid = oid;
    view.inventory.facts.name = {u"public"_s, name};
    view.inventory.facts.kind = u"view"_s;
    view.inventory.facts.owner = u"app"_s;
    view.inventory.columns = {columnOf(u"id"_s, u"integer"_s), columnOf(u"va\"lid"_s, u"date"_s)};
    view.definition = definition;
    view.wish.view = view.inventory.facts.name;
    view.wish.definition = name + u"_def"_s;
    view.wish.key = {u"id"_s, u"va\"lid"_s};
    view.wish.rangeColumn = u"va\"lid"_s;
    view.wish.indexes = {{u"lower_idx"_s, u"USING btree (\"id\")"_s, false}};
    return view;
}

/// upper reads lower; outside reads both.
ViewChain chainOf()
{
    ViewChain chain;
    chain.serverVersion = 150'000;
    chain.timeZone = u"Europe/Oslo"_s;
    ChainView lower = viewOf(10, u"Lower"_s, u" SELECT 1"_s);
    ChainView upper = viewOf(20, u"upper"_s, u" SELECT 2"_s);
    const DependentView outside = reader(30, u"outside"_s, u" SELECT 3"_s, {10, 20});
    lower.inventory.views = {reader(20, u"upper"_s, u" SELECT 2"_s, {10}), outside};
    upper.inventory.views = {outside};
    lower.wish.unlogged = true;
    chain.views = {lower, upper};
    return chain;
}

std::vector<ProposalColumn> timeline()
{
    return {{u"unit_type"_s, u"public.unit"_s}, {u"unit_id"_s, u"integer"_s},  {u"valid_after"_s, u"date"_s},
            {u"valid_to"_s, u"date"_s},         {u"name"_s, u"text"_s},        {u"search"_s, u"tsvector"_s},
            {u"region_id"_s, u"integer"_s},     {u"owner_id"_s, u"integer"_s}, {u"share"_s, u"double precision"_s},
            {u"places"_s, u"json"_s, false}};
}

} // namespace

/// How views become tables, as whole text; and what is proposed for them.
class TstMaterializeText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theFillMarksWhatACrashWouldEmpty()
    {
        const ViewChain chain = chainOf();
        QCOMPARE(fill(chain, chain.views[0]),
                 QStringList({u"SET LOCAL row_security = off"_s, u"SET LOCAL search_path TO DEFAULT"_s,
                              u"SET LOCAL DateStyle TO DEFAULT"_s, u"SET LOCAL IntervalStyle TO DEFAULT"_s,
                              u"SET LOCAL bytea_output TO DEFAULT"_s, u"SET LOCAL jit TO DEFAULT"_s,
                              u"SET LOCAL max_parallel_workers_per_gather TO DEFAULT"_s,
                              u"SET LOCAL TimeZone = 'Europe/Oslo'"_s,
                              u"CREATE UNLOGGED TABLE \"public\".\"Lower_tidemark_new\" AS\n"
                              "SELECT \"id\", \"va\"\"lid\"\nFROM \"public\".\"Lower\""_s,
                              u"INSERT INTO tidemark.managed_mark VALUES "
                              "('\"public\".\"Lower_tidemark_new\"'::pg_catalog.regclass)"_s}));
        QCOMPARE(fill(chain, chain.views[1]).last(), u"CREATE TABLE \"public\".\"upper_tidemark_new\" AS\n"
                                                     "SELECT \"id\", \"va\"\"lid\"\nFROM \"public\".\"upper\""_s);
    }

    void aKeyWithNullsIsAnIndexThatHoldsThemOnceWhereTheServerCan()
    {
        ViewChain chain = chainOf();
        QCOMPARE(
            buildIndexes(chain, chain.views[0]),
            QStringList({u"ALTER TABLE \"public\".\"Lower_tidemark_new\" ADD CONSTRAINT \"Lower_pkey\" PRIMARY KEY "
                         "(\"id\", \"va\"\"lid\")"_s,
                         u"CREATE INDEX \"lower_idx\" ON \"public\".\"Lower_tidemark_new\" USING btree (\"id\")"_s}));
        chain.views[0].keyMayBeNull = true;
        QCOMPARE(
            buildIndexes(chain, chain.views[0]).first(),
            u"CREATE UNIQUE INDEX \"Lower_key\" ON \"public\".\"Lower_tidemark_new\" (\"id\", \"va\"\"lid\") NULLS NOT "
            "DISTINCT"_s);
        chain.serverVersion = 140'000;
        QVERIFY(!buildIndexes(chain, chain.views[0]).first().contains(u"NULLS"_s));
    }

    void theNamesChangeHandsAndAllThatReadsThemFollowsOnce()
    {
        const ViewChain chain = chainOf();
        const QString registering =
            u"INSERT INTO tidemark.managed_table (relation, definition, key_columns, range_column, "
            "time_zone) VALUES ('\"public\".\"%1\"'::pg_catalog.regclass, "
            "'\"public\".\"%1_def\"'::pg_catalog.regclass, ARRAY['id', 'va\"lid']::text[], 'va\"lid', "
            "'Europe/Oslo')"_s;
        QCOMPARE(exchange(chain), QStringList({u"ALTER VIEW \"public\".\"Lower\" RENAME TO \"Lower_def\""_s,
                                               u"ALTER TABLE \"public\".\"Lower_tidemark_new\" RENAME TO \"Lower\""_s,
                                               u"ALTER VIEW \"public\".\"upper\" RENAME TO \"upper_def\""_s,
                                               u"ALTER TABLE \"public\".\"upper_tidemark_new\" RENAME TO \"upper\""_s,
                                               u"CREATE OR REPLACE VIEW \"public\".\"upper_def\" AS\n SELECT 2"_s,
                                               u"CREATE OR REPLACE VIEW \"public\".\"outside\" AS\n SELECT 3"_s,
                                               registering.arg(u"Lower"_s), registering.arg(u"upper"_s)}));
        QCOMPARE(
            exchangeBack(chain),
            QStringList(
                {u"DELETE FROM tidemark.managed_table WHERE relation = '\"public\".\"Lower\"'::pg_catalog.regclass"_s,
                 u"ALTER TABLE \"public\".\"Lower\" RENAME TO \"Lower_tidemark_new\""_s,
                 u"ALTER VIEW \"public\".\"Lower_def\" RENAME TO \"Lower\""_s,
                 u"DELETE FROM tidemark.managed_table WHERE relation = '\"public\".\"upper\"'::pg_catalog.regclass"_s,
                 u"ALTER TABLE \"public\".\"upper\" RENAME TO \"upper_tidemark_new\""_s,
                 u"ALTER VIEW \"public\".\"upper_def\" RENAME TO \"upper\""_s,
                 u"CREATE OR REPLACE VIEW \"public\".\"upper\" AS\n SELECT 2"_s,
                 u"CREATE OR REPLACE VIEW \"public\".\"outside\" AS\n SELECT 3"_s}));
        QStringList locked;
        for (const StepLock &lock : exchangeLocks(chain))
            locked << lock.relation.name;
        QCOMPARE(locked, QStringList({u"Lower"_s, u"upper"_s, u"outside"_s}));
    }

    void privilegesToWriteAreNotGivenOn()
    {
        ViewChain chain = chainOf();
        chain.views[0].inventory.facts.privileges = {{u"app"_s, u"writer"_s, u"INSERT"_s, false},
                                                     {u"app"_s, u"writer"_s, u"SELECT"_s, false}};
        const QString all = dress(chain, chain.views[0]).join(QLatin1Char('\n'));
        QVERIFY2(all.contains(u"GRANT SELECT ON TABLE \"public\".\"Lower_tidemark_new\" TO \"writer\""_s),
                 qPrintable(all));
        QVERIFY2(!all.contains(u"INSERT"_s), qPrintable(all));
    }

    void keysAndIndexesAreProposedFromTheColumns()
    {
        const std::vector<QStringList> candidates = keyCandidates(timeline());
        QCOMPARE(candidates.front(), QStringList(u"unit_id"_s));
        QVERIFY(std::find(candidates.begin(), candidates.end(),
                          QStringList({u"unit_type"_s, u"unit_id"_s, u"valid_after"_s}))
                != candidates.end());
        for (const QStringList &candidate : candidates)
            QVERIFY(!candidate.contains(u"share"_s) && !candidate.contains(u"search"_s));
        const auto validity = validityOf(timeline());
        QCOMPARE(validity, (Validity{u"valid_after"_s, u"valid_to"_s, u"daterange"_s, u"(]"_s}));
        const QStringList key{u"unit_type"_s, u"unit_id"_s, u"valid_after"_s};
        QStringList bodies;
        for (const IndexWish &wish : indexProposals(timeline(), key, validity, {u"owner_id"_s}))
            bodies << wish.body;
        QCOMPARE(bodies, QStringList({u"USING gist (pg_catalog.daterange(\"valid_after\", \"valid_to\", '(]'))"_s,
                                      u"USING btree (\"unit_id\")"_s, u"USING gin (\"search\")"_s,
                                      u"USING btree (\"region_id\")"_s}));
        QCOMPARE(rangeProposal(timeline(), key, {}), u"valid_after"_s);
    }

    void whatFollowsTheClockOrTheReaderIsSaid()
    {
        ViewChain chain = chainOf();
        chain.views[0].volatility.stableFunctions = {u"now"_s};
        chain.views[1].inventory.facts.options = {u"security_invoker=on"_s};
        const auto found = findViewObstacles(chain);
        QVERIFY(found.front().refuses && found.front().why.contains(u"security_invoker"_s));
        QVERIFY(std::any_of(found.begin(), found.end(), [](const MaterializeObstacle &obstacle) {
            return !obstacle.refuses && obstacle.why.contains(u"now"_s) && obstacle.why.contains(u"Europe/Oslo"_s);
        }));
        QVERIFY(std::any_of(found.begin(), found.end(),
                            [](const MaterializeObstacle &obstacle) { return obstacle.why.contains(u"UNLOGGED"_s); }));
    }

    void aSpecGoesToJsonAndBack()
    {
        MaterializeSpec spec;
        spec.views = {chainOf().views[0].wish, {{u"public"_s, u"bare"_s}, {}, {}, {}, {}, {}}};
        spec.queries = {u"SELECT 1"_s};
        spec.rebuildViews = false;
        const auto back = MaterializeSpec::fromJson(spec.toJson());
        QVERIFY(back.has_value());
        QCOMPARE(back->views, spec.views);
        QCOMPARE(back->toJson(), spec.toJson());
        QVERIFY(!MaterializeSpec::fromJson({{u"wiews"_s, 1}}));
        QVERIFY(!MaterializeSpec::fromJson({}));
    }
};

QTEST_APPLESS_MAIN(TstMaterializeText)
#include "tst_materializetext.moc"
