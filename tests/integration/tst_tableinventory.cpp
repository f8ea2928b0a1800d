// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/tableinventory.h"
#include "tests/support/testserver.h"
#include "tests/support/uglytable.h"

#include <QJsonDocument>

using namespace Qt::Literals::StringLiterals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

template<typename T>
QStringList namesOf(const std::vector<T> &values)
{
    QStringList names;
    for (const T &value : values) {
        if constexpr (std::is_same_v<decltype(value.name), pg::QualifiedName>)
            names << value.name.name;
        else
            names << value.name;
    }
    names.sort();
    return names;
}

} // namespace

/// Whether nothing that hangs on a table stays unseen.
class TstTableInventory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everythingOnTheUgliestTableIsSeen_data()
    {
        QTest::addColumn<QString>("server");
        for (const QString &name : plainServerNames())
            QTest::newRow(qPrintable(name)) << name;
    }

    void everythingOnTheUgliestTableIsSeen()
    {
        QFETCH(const QString, server);
        TIDEMARK_REQUIRE_SERVER(server.toUtf8());
        TestDatabase database(server);
        pg::Session session = database.open(pg::SessionOptions{});
        const int major = session.serverVersion() / 10'000;
        database.exec(UglyTable::sql(major));

        const auto read = readTableInventory(session, UglyTable::name(), {});
        QVERIFY_RESULT(read);
        const TableInventory &table = *read;

        QCOMPARE(table.facts.name, UglyTable::name());
        QCOMPARE(table.facts.kind, u"table"_s);
        QCOMPARE(table.facts.owner, u"tidemark_test_owner"_s);
        QCOMPARE(table.facts.comment, u"what was played; it's \\ much"_s);
        QCOMPARE(table.facts.options, (QStringList{u"fillfactor=70"_s, u"autovacuum_vacuum_scale_factor=0.05"_s,
                                                   u"toast.autovacuum_enabled=true"_s}));
        QVERIFY(table.facts.rowSecurity && table.facts.forceRowSecurity);
        QCOMPARE(table.facts.replicaIdentity, u"INDEX"_s);
        QCOMPARE(table.facts.replicaIndex, u"At; serial"_s);
        QCOMPARE(table.facts.clusteredOn, u"plays_up"_s);
        QVERIFY(table.facts.bytes > 100'000);
        const Privilege toPublic{u"tidemark_test_reader"_s, {}, u"SELECT"_s, false};
        QCOMPARE(std::count(table.facts.privileges.begin(), table.facts.privileges.end(), toPublic), 1);

        QCOMPARE(table.columns.size(), std::size_t(major >= 18 ? 20 : 19));
        QCOMPARE(table.columns.at(0).name, u"Id"_s);
        QCOMPARE(table.columns.at(0).identity, u"ALWAYS"_s);
        const TableColumn &name = *table.column(u"näme"_s);
        QCOMPARE(name.collation, u"pg_catalog.\"C\""_s);
        QVERIFY(name.notNull);
        QVERIFY(name.defaultExpression.contains(u"it''s \"x\""_s));
        QCOMPARE(name.comment, u"the name"_s);
        QCOMPARE(name.privileges.size(), 1U);
        QCOMPARE(table.column(u"mood"_s)->type, u"\"Ugly; \"\"schéma\".\"Mood\""_s);
        QCOMPARE(table.column(u"big"_s)->storage, u"EXTERNAL"_s);
        QVERIFY(!table.column(u"big"_s)->storageIsDefault);
        QCOMPARE(table.column(u"doc"_s)->statisticsTarget, 321);
        QCOMPARE(table.column(u"doc"_s)->compression, major >= 14 ? u"pglz"_s : QString());
        QCOMPARE(table.column(u"artist"_s)->options, QStringList{u"n_distinct=-0.25"_s});
        QCOMPARE(table.column(u"twice"_s)->generated, u"STORED"_s);
        QVERIFY(table.column(u"quo\"te"_s));

        QVERIFY(table.primaryKey());
        QCOMPARE(table.primaryKey()->name.toUtf8().size(), 61);
        QCOMPARE(table.primaryKey()->columns, QStringList{u"Id"_s});
        const QStringList constraints = namesOf(table.constraints);
        for (const QString &constraint : {u"At; serial"_s, u"Qty and \"quote\""_s, u"alone"_s, u"unsure"_s})
            QVERIFY2(constraints.contains(constraint), qPrintable(constraint));
        for (const TableConstraint &constraint : table.constraints) {
            QCOMPARE(constraint.validated, constraint.name != u"unsure"_s && constraint.name != u"hopeful"_s);
            QCOMPARE(constraint.noInherit, constraint.name == u"alone"_s);
            QVERIFY(!constraint.definition.contains(u"NOT VALID"_s));
        }

        QCOMPARE(table.indexes.size(), 7U);
        for (const TableIndex &index : table.indexes)
            QVERIFY2(index.body.startsWith(u"USING "_s), qPrintable(index.name));
        const TableIndex &lower = *table.index(u"Index, on (näme)"_s);
        QVERIFY2(lower.body.endsWith(u"INCLUDE (qty) WITH (fillfactor='60')"_s), qPrintable(lower.body));
        QCOMPARE(lower.predicate, u"(\"näme\" <> ')(\"x'::text)"_s);
        QCOMPARE(lower.columns, (QStringList{QString(), u"Id"_s}));
        QCOMPARE(lower.columnStatistics, std::vector<IndexColumnStatistics>({{1, 222}}));
        QCOMPARE(table.index(u"plays_unique"_s)->nullsNotDistinct, major >= 15);

        QCOMPARE(namesOf(table.foreignKeys), (QStringList{u"in; 1"_s, u"to up"_s, u"to_artist"_s}));
        for (const ForeignKey &key : table.foreignKeys) {
            QCOMPARE(key.own, key.name != u"in; 1"_s);
            QCOMPARE(key.inbound, key.name != u"to_artist"_s);
        }
        QCOMPARE(table.sequences.size(), 3U);
        QCOMPARE(table.sequences.at(0).name.name, u"Ids \"of\" plays"_s);
        QVERIFY(table.sequences.at(0).isIdentity);
        QCOMPARE(table.sequences.at(0).increment, 5);
        QVERIFY(*table.sequences.at(0).lastValue >= 1000 + 5 * 3002);
        QVERIFY(table.sequences.at(2).cycle);
        QCOMPARE(table.statistics.size(), 1U);
        QCOMPARE(table.statistics.at(0).body, u"(ndistinct, dependencies) ON qty, artist"_s);
        QCOMPARE(table.statistics.at(0).statisticsTarget, major >= 13 ? 77 : -1);
        QCOMPARE(table.triggers.size(), std::size_t(major >= 13 ? 4 : 3));
        QCOMPARE(namesOf(table.rules), (QStringList{u"elsewhere"_s, u"quiet"_s, u"v_rule_insert"_s}));
        QCOMPARE(namesOf(table.policies), (QStringList{u"See \"all\""_s, u"elsewhere"_s, u"strict"_s}));
        QCOMPARE(table.publications.size(), 1U);
        QCOMPARE(table.publications.at(0).columns.size(), major >= 15 ? 5 : 0);
        QCOMPARE(table.publications.at(0).viaRoot, major >= 13);
        QCOMPARE(namesOf(table.functions), major >= 14 ? (QStringList{u"atomic_count"_s, u"atomic_purge"_s, u"newest"_s,
                                                                      u"of_row"_s, u"of_rows"_s})
                                                       : (QStringList{u"newest"_s, u"of_row"_s, u"of_rows"_s}));
        QStringList mentions;
        for (const Mention &mention : table.mentions)
            mentions << mention.kind + u": "_s + mention.description;
        QCOMPARE(mentions, QStringList());

        QStringList views;
        for (const DependentView &view : table.views) {
            for (const quint32 read : view.reads) {
                const bool before = read == table.facts.oid
                                    || std::any_of(table.views.data(), &view,
                                                   [&](const DependentView &v) { return v.facts.oid == read; });
                QVERIFY2(before, qPrintable(view.facts.name.name));
            }
            QVERIFY(!view.definition.endsWith(u';'));
            QVERIFY(!view.rowType);
            views << view.facts.name.name;
        }
        views.sort();
        QStringList expected{u"M; 1"_s,  u"V \"1"_s,  u"m_of_view"_s, u"m_three"_s,
                             u"m_two"_s, u"v_of_m"_s, u"v_rule"_s,    u"v_two"_s};
        if (major >= 15)
            expected.insert(5, u"v_invoker"_s);
        expected.sort();
        QCOMPARE(views, expected);

        const QByteArray kept = QJsonDocument(table.toJson()).toJson();
        const auto again = TableInventory::fromJson(QJsonDocument::fromJson(kept).object());
        QVERIFY_RESULT(again);
        QVERIFY(*again == table);
    }

    void whatNoReplacementCanTakeAlongIsNamed()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        database.exec("CREATE TABLE t (id bigint PRIMARY KEY, v text); CREATE TABLE other (row_of t, more t[]);"
                      "CREATE DOMAIN d AS t; CREATE VIEW whole AS SELECT t AS entire FROM t;"
                      "CREATE VIEW grouped AS SELECT id, v, count(*) FROM t GROUP BY id;"
                      "CREATE TABLE heir () INHERITS (t)");
        pg::Session session = database.open(pg::SessionOptions{});
        const auto read = readTableInventory(session, {u"public"_s, u"t"_s}, {});
        QVERIFY_RESULT(read);
        QStringList mentions;
        for (const Mention &mention : read->mentions)
            mentions << mention.description;
        QCOMPARE(mentions, (QStringList{u"column more of table public.other"_s,
                                        u"column row_of of table public.other"_s, u"type public.d"_s}));
        QCOMPARE(read->facts.children, QStringList{u"public.heir"_s});
        QCOMPARE(read->views.size(), 2U);
        QCOMPARE(read->views.at(0).facts.name.name, u"grouped"_s);
        QCOMPARE(read->views.at(0).constraints, QStringList{u"t_pkey"_s});
        QVERIFY(read->views.at(1).rowType);
    }

    void aTableThatIsGoneIsMissing()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        pg::Session session = database.open(pg::SessionOptions{});
        for (const auto &read :
             {readTableInventory(session, 4'000'000'000U, {}), readTableInventory(session, {u"no"_s, u"such"_s}, {})}) {
            QVERIFY(!read);
            QCOMPARE(read.error().kind, ErrorKind::Missing);
        }
    }
};

QTEST_GUILESS_MAIN(TstTableInventory)
#include "tst_tableinventory.moc"
