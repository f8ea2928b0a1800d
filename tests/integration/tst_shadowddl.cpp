// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ddl/identifiers.h"
#include "core/ddl/rebind.h"
#include "core/stage/attachddl.h"
#include "core/stage/obstacles.h"
#include "core/stage/partitionplan.h"
#include "core/stage/shadowddl.h"
#include "core/stage/swapddl.h"
#include "tests/support/testserver.h"
#include "tests/support/uglytable.h"

using namespace Qt::Literals::StringLiterals;
using namespace tidemark;
using namespace tidemark::stage;
using namespace tidemark::test;

namespace {

/// Runs statements one by one; what went wrong names the statement.
Status runAll(pg::Session &session, const QStringList &statements, bool inTransaction)
{
    if (inTransaction)
        TIDEMARK_CHECK(session.exec("BEGIN"));
    for (const QString &statement : statements)
        TIDEMARK_CHECK(session.exec(statement.toUtf8()));
    if (inTransaction)
        TIDEMARK_CHECK(session.exec("COMMIT"));
    return {};
}

QString listOf(const std::vector<Difference> &differences)
{
    QStringList lines;
    for (const Difference &difference : differences)
        lines << u"%1 | %2 | %3 | %4"_s.arg(difference.key(), difference.source, difference.target, difference.reason);
    return lines.join(u'\n');
}

QString keysOf(const std::vector<Difference> &differences)
{
    QStringList keys;
    for (const Difference &difference : differences)
        keys << difference.key();
    keys.sort();
    return keys.join(u'\n');
}

ShadowSpec ugly(ShadowShape shape, const TableInventory &source)
{
    ShadowSpec spec;
    spec.shape = shape;
    spec.shadowName = u"Plays \"new;"_s;
    spec.retiredName = u"Plays \"old;"_s;
    if (shape == ShadowShape::Same)
        return spec;
    spec.keyColumn = u"at"_s;
    spec.chunkInterval = u"30 days"_s;
    PartitionPlan plan;
    plan.keyType = source.column(u"at"_s)->type;
    plan.lowest = u"2026-01-01 00:43:00+00"_s;
    plan.highest = u"2026-04-01 00:00:00+00"_s;
    plan.now = *parseTimestamp(u"2026-03-15 00:00:00+00"_s);
    plan.premake = 2;
    plan.zone = QTimeZone("Europe/Oslo");
    plan.tableName = source.facts.name.name;
    spec.partitions = planPartitions(plan).value();
    return spec;
}

} // namespace

/// Whether the SQL of core/stage makes a table that lacks nothing of the one it replaces, and gives it back again.
class TstShadowDdl : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theUgliestTableIsReplacedAndGivenBack_data()
    {
        QTest::addColumn<QString>("server");
        QTest::addColumn<int>("shape");
        for (const QString &name : plainServerNames()) {
            QTest::addRow("native on %s", qPrintable(name)) << name << int(ShadowShape::Native);
            QTest::addRow("same on %s", qPrintable(name)) << name << int(ShadowShape::Same);
        }
        QTest::addRow("hypertable") << u"timescale"_s << int(ShadowShape::Hypertable);
    }
    void theUgliestTableIsReplacedAndGivenBack();
    void theUgliestTableIsAttachedAndGivenBack_data()
    {
        QTest::addColumn<QString>("server");
        for (const QString &name : plainServerNames())
            QTest::addRow("%s", qPrintable(name)) << name;
    }
    void theUgliestTableIsAttachedAndGivenBack();
    void whatCannotBeAttachedIsSaid();
    void anExclusionConstraintIsRefusedWithItsReason();
};

void TstShadowDdl::theUgliestTableIsReplacedAndGivenBack()
{
    QFETCH(const QString, server);
    QFETCH(const int, shape);
    TIDEMARK_REQUIRE_SERVER(server.toUtf8());
    TestDatabase database(server);
    pg::Session session = database.open();
    const int major = session.serverVersion() / 10'000;
    if (shape == int(ShadowShape::Hypertable))
        database.exec("CREATE EXTENSION timescaledb");
    database.exec(UglyTable::sql(major));
    const QByteArray table = UglyTable::name().quoted().toUtf8();
    const QByteArray schema = pg::quoteIdentifier(UglyTable::schema()).toUtf8();
    const auto inventory = [&] { return readTableInventory(session, UglyTable::name(), {}); };

    const auto read = inventory();
    QVERIFY_RESULT(read);
    const TableInventory &source = *read;
    ShadowSpec spec = ugly(ShadowShape(shape), source);
    spec.foreignKeysAfterSwap = major % 2 == 1;
    const auto kept = ShadowSpec::fromJson(spec.toJson());
    QVERIFY_RESULT(kept);
    QVERIFY(*kept == spec);
    QStringList lost;
    for (const Obstacle &obstacle : findObstacles(source, spec)) {
        if (obstacle.gravity != Obstacle::Gravity::Changes)
            lost << obstacle.object;
    }
    const bool isHypertable = shape == int(ShadowShape::Hypertable);
    QCOMPARE(lost, isHypertable ? (QStringList{u"foreign key to up on \"Ugly; \"\"schéma\".\"Plays \"\"é;\""_s,
                                               u"trigger After; row"_s, u"rule quiet"_s, u"publication Pub; 1"_s})
                                : QStringList());
    QSet<QString> waived;
    if (isHypertable)
        waived = {lost.at(0) + u": missing"_s, lost.at(1) + u": missing"_s,
                  u"rule quiet on "_s + UglyTable::name().display() + u": missing"_s};

    QVERIFY_RESULT(runAll(session, createShadow(source, spec), true));
    QStringList columns;
    for (const TableColumn &column : source.columns) {
        if (column.generated.isEmpty())
            columns << pg::quoteIdentifier(column.name);
    }
    const QByteArray list = columns.join(u", "_s).toUtf8();
    for (std::size_t i = 0; i < copyTargets(source, spec).size(); ++i) {
        QByteArray range = "true";
        if (shape == int(ShadowShape::Native)) {
            const ShadowPartition &partition = spec.partitions.at(i);
            const QByteArray low = pg::quoteLiteral(spec.partitions.front().from).toUtf8();
            const QByteArray high = pg::quoteLiteral(spec.partitions.at(spec.partitions.size() - 2).to).toUtf8();
            range = partition.isDefault ? "\"at\" < " + low + " OR \"at\" >= " + high
                                        : "\"at\" >= " + pg::quoteLiteral(partition.from).toUtf8() + " AND \"at\" < "
                                              + pg::quoteLiteral(partition.to).toUtf8();
        }
        QVERIFY_RESULT(session.exec("INSERT INTO " + copyTargets(source, spec).at(i).quoted().toUtf8() + " (" + list
                                    + ") OVERRIDING SYSTEM VALUE SELECT " + list + " FROM " + table + " WHERE "
                                    + range));
    }
    for (const IndexBuild &build : buildIndexes(source, spec))
        QVERIFY_RESULT(runAll(session, build.statements, false));
    QVERIFY_RESULT(runAll(session, attachPartitions(source, spec), true));
    QVERIFY_RESULT(runAll(session, parentIndexes(source, spec), true));
    QVERIFY_RESULT(runAll(session, finishShadow(source, spec), true));
    QVERIFY_RESULT(runAll(session, analyzeShadow(source, spec), false));

    // The gate before the swap.
    const auto shadow = readTableInventory(session, {UglyTable::schema(), spec.shadowName}, {});
    QVERIFY_RESULT(shadow);
    const auto before = diff(source, *shadow, fidelityRules(source, spec, false));
    QCOMPARE(listOf(unwaived(before, waived)), QString());

    // Swap.
    const auto oldIdentity = source.sequences.at(0).lastValue;
    QVERIFY_RESULT(runAll(session, stage::swap(source, spec), true));
    const auto swapped = inventory();
    QVERIFY_RESULT(swapped);
    QVERIFY(swapped->facts.oid != source.facts.oid);
    FidelityRules rules = fidelityRules(source, spec, true);
    rules.finishing = true;
    QCOMPARE(listOf(unwaived(diff(source, *swapped, rules), waived)), QString());

    QVERIFY_RESULT(runAll(session, finishSwap(source, spec), false));
    for (const ddl::ViewRebuild &rebuild : ddl::rebuildViews(source)) {
        QVERIFY_RESULT(runAll(session, rebuild.create, true));
        if (!rebuild.refresh.isEmpty())
            QVERIFY_RESULT(session.exec(rebuild.refresh.toUtf8()));
        QVERIFY_RESULT(runAll(session, rebuild.complete, true));
        QVERIFY_RESULT(runAll(session, rebuild.exchange, true));
    }
    const auto finished = inventory();
    QVERIFY_RESULT(finished);
    rules.finishing = false;
    const auto after = diff(source, *finished, rules);
    QCOMPARE(listOf(unwaived(after, waived)), QString());
    if (shape == int(ShadowShape::Same))
        QCOMPARE(listOf(after), QString());

    // Same content, and every way in still works.
    QCOMPARE(database.value("SELECT count(*) FROM " + table), u"3003"_s);
    const QByteArray sums = " SELECT sum(hashtextextended(p::text, 0)::numeric) FROM (SELECT " + list + " FROM ";
    const QByteArray old = pg::QualifiedName{UglyTable::schema(), spec.retiredName}.quoted().toUtf8();
    QCOMPARE(database.value(sums + table + ") AS p"), database.value(sums + old + ") AS p"));
    const auto inserted = session.exec(
        "INSERT INTO " + table + " (qty, artist) VALUES (7, 1) RETURNING \"Id\", other_id, \"Serial\", loose, twice");
    QVERIFY_RESULT(inserted);
    QCOMPARE(inserted->int64(0, 1), 3004);
    QVERIFY(inserted->int64(0, 0) > *oldIdentity);
    QCOMPARE(inserted->int64(0, 3), 3004);
    QCOMPARE(inserted->int64(0, 4), 14);
    QVERIFY(!session.exec("INSERT INTO " + table + " (qty, artist) VALUES (7, 4711)"));     // foreign key
    QVERIFY(!session.exec("INSERT INTO " + table + " (qty) VALUES (1000000), (-1)"));       // domain
    QVERIFY(!session.exec("INSERT INTO " + table + " (\"quo\"\"te\") VALUES (-1)"));        // check that was not valid
    QVERIFY(!session.exec("INSERT INTO " + schema + ".comments_on VALUES (1, now(), -5)")); // inbound
    QVERIFY_RESULT(session.exec("INSERT INTO " + schema + ".v_rule (\"Id\", qty) VALUES (1, 21)"));
    QCOMPARE(database.value("SELECT count(*) FROM " + table + " WHERE qty = 21 AND \"at\" > now() - interval '1 hour'"),
             u"1"_s);
    QCOMPARE(database.value("SELECT count(*) FROM " + old), u"3003"_s);
    QVERIFY(database.value("SELECT count(*) FROM " + schema + ".rows_touched").toInt() > 0); // statement trigger
    QCOMPARE(database.value("SELECT " + schema + ".of_row(p) FROM " + table
                            + " AS p WHERE qty = 21 AND \"at\" > now() - interval '1 hour'"),
             u"it's \"x\" \\ y"_s);
    QCOMPARE(database.value("SELECT count(*) FROM " + schema + ".newest(2)"), u"2"_s);
    if (major >= 14)
        QCOMPARE(database.value("SELECT " + schema + ".atomic_count(0)"),
                 database.value("SELECT count(*) FROM " + table + " WHERE qty >= 0"));
    if (shape == int(ShadowShape::Native)) {
        QCOMPARE(database.value("SELECT count(*) FROM pg_inherits WHERE inhparent = $1::regclass",
                                {QString::fromUtf8(table)}),
                 QString::number(spec.partitions.size()));
        QCOMPARE(
            database.value(
                "SELECT count(*) FROM pg_index AS i JOIN pg_inherits AS h ON h.inhrelid = i.indrelid "
                "WHERE h.inhparent = $1::regclass AND NOT EXISTS (SELECT FROM pg_inherits AS p WHERE p.inhrelid = i.indexrelid)",
                {QString::fromUtf8(table)}),
            u"0"_s);
        QCOMPARE(database.value("SELECT bool_and(indisvalid) FROM pg_index WHERE indrelid = $1::regclass",
                                {QString::fromUtf8(table)}),
                 u"t"_s);
        // Each key is one again, the parent's, and valid. (Below 18 what partitions have of an inbound key stays marked.)
        QCOMPARE(database.value(
                     "SELECT string_agg(conname || ' ' || convalidated, ', ' ORDER BY conname) FROM pg_constraint "
                     "WHERE contype = 'f' AND conparentid = 0"),
                 u"in; 1 true, to up true, to_artist true"_s);
        QCOMPARE(database.value("SELECT count(*) FROM pg_constraint WHERE conname = 'to_artist' AND NOT convalidated"),
                 u"0"_s);
        QCOMPARE(
            database.value(
                "SELECT count(*) FROM pg_class AS c JOIN pg_inherits AS h ON h.inhrelid = c.oid WHERE h.inhparent = $1::regclass "
                "AND NOT 'fillfactor=70' = ANY (c.reloptions)",
                {QString::fromUtf8(table)}),
            u"0"_s);
    }

    // And back.
    QVERIFY_RESULT(session.exec("DELETE FROM " + table + " WHERE \"at\" > now() - interval '1 hour'"));
    const auto leaving = inventory();
    QVERIFY_RESULT(leaving);
    const auto rebuilds = ddl::rebuildViews(source);
    QVERIFY_RESULT(runAll(session, swapBack(source, spec), true));
    QVERIFY_RESULT(runAll(session, finishSwapBack(source, spec), false));
    for (auto rebuild = rebuilds.rbegin(); rebuild != rebuilds.rend(); ++rebuild)
        QVERIFY_RESULT(runAll(session, rebuild->exchangeBack, true));
    const auto back = inventory();
    QVERIFY_RESULT(back);
    QCOMPARE(back->facts.oid, source.facts.oid);
    QCOMPARE(listOf(diff(source, *back, {})), QString());
    const auto returned = session.exec("INSERT INTO " + table
                                       + " (qty) VALUES (7) RETURNING \"Id\", other_id, \"Serial\"");
    QVERIFY_RESULT(returned);
    QVERIFY(returned->int64(0, 0) > inserted->int64(0, 0));
    QVERIFY(returned->int64(0, 1) > inserted->int64(0, 1));

    // Forward once more, and for good: nothing of the old table is left.
    QVERIFY_RESULT(runAll(session, stage::swap(source, spec), true));
    QVERIFY_RESULT(runAll(session, finishSwap(source, spec), false));
    for (const ddl::ViewRebuild &rebuild : rebuilds)
        QVERIFY_RESULT(runAll(session, rebuild.exchange, true));
    QVERIFY_RESULT(runAll(session, retire(source, spec), false));
    const auto end = inventory();
    QVERIFY_RESULT(end);
    QCOMPARE(keysOf(diff(source, *end, rules)), keysOf(after));
    QCOMPARE(
        database.value(
            "SELECT string_agg(relname, ', ') FROM pg_class WHERE relname LIKE '%tidemark%' OR relname LIKE '% old;%'"),
        QString());
}

void TstShadowDdl::theUgliestTableIsAttachedAndGivenBack()
{
    QFETCH(const QString, server);
    TIDEMARK_REQUIRE_SERVER(server.toUtf8());
    TestDatabase database(server);
    pg::Session session = database.open();
    const int major = session.serverVersion() / 10'000;
    database.exec(UglyTable::sql(major));
    const QByteArray table = UglyTable::name().quoted().toUtf8();
    const QByteArray schema = pg::quoteIdentifier(UglyTable::schema()).toUtf8();
    // What attaching refuses, and a unique key and a unique index that must gain the partition key.
    database.exec("ALTER TABLE " + table + " DROP CONSTRAINT alone, DROP CONSTRAINT \"to up\"");
    database.exec("ALTER TABLE " + table + " ADD CONSTRAINT \"Only; once\" UNIQUE (\"Serial\", \"Id\") DEFERRABLE");
    database.exec("CREATE UNIQUE INDEX \"index; once\" ON " + table + " (loose) WHERE loose > 0");
    const auto inventory = [&] { return readTableInventory(session, UglyTable::name(), {}); };
    const auto read = inventory();
    QVERIFY_RESULT(read);
    const TableInventory &source = *read;

    ShadowSpec spec;
    spec.shape = ShadowShape::Native;
    spec.keyColumn = u"at"_s;
    spec.attach = true;
    spec.shadowName = u"Plays \"new;"_s;
    spec.retiredName = u"Plays \"history;"_s;
    spec.historyTo = u"2091-01-01 00:00:00+00"_s;
    spec.partitions = {{u"plays \"2091"_s, spec.historyTo, u"2092-01-01 00:00:00+00"_s, false},
                       {u"plays \"rest"_s, {}, {}, true}};
    const auto kept = ShadowSpec::fromJson(spec.toJson());
    QVERIFY_RESULT(kept);
    QVERIFY(*kept == spec);
    for (const Obstacle &obstacle : findObstacles(source, spec))
        QVERIFY2(obstacle.gravity == Obstacle::Gravity::Changes, qPrintable(obstacle.object + obstacle.why));
    const QString file = database.value("SELECT pg_relation_filenode($1::regclass)", {QString::fromUtf8(table)});
    const QString sum = database.value("SELECT sum(hashtextextended(t::text, 0)::numeric) FROM " + table + " AS t");

    QStringList create = createShadow(source, spec) + attachPartitions(source, spec);
    for (const IndexBuild &build : buildIndexes(source, spec))
        create += build.statements;
    create += parentIndexes(source, spec) + finishShadow(source, spec);
    QVERIFY_RESULT(runAll(session, create, true));
    QCOMPARE(keyIndexes(source, spec).size(), 3U);
    for (const KeyIndex &key : keyIndexes(source, spec)) {
        QCOMPARE(database.value(key.ready.toUtf8()), u"f"_s);
        QVERIFY_RESULT(session.exec(key.create.toUtf8()));
        QCOMPARE(database.value(key.ready.toUtf8()), u"t"_s);
    }
    QVERIFY_RESULT(session.exec(addBoundsCheck(source, spec).toUtf8()));
    QCOMPARE(database.value(boundsAreProven(source).toUtf8()), u"f"_s);
    QVERIFY_RESULT(session.exec(validateBoundsCheck(source).toUtf8()));
    QCOMPARE(database.value(boundsAreProven(source).toUtf8()), u"t"_s);
    const auto shadow = readTableInventory(session, {UglyTable::schema(), spec.shadowName}, {});
    QVERIFY_RESULT(shadow);
    QCOMPARE(listOf(unwaived(diff(source, *shadow, fidelityRules(source, spec, false)), {})), QString());

    const auto attach = [&] {
        QVERIFY_RESULT(runAll(session, attachTable(source, spec), true));
        FidelityRules rules = fidelityRules(source, spec, true);
        rules.finishing = true;
        const auto swapped = inventory();
        QVERIFY_RESULT(swapped);
        QVERIFY(swapped->facts.oid != source.facts.oid);
        QCOMPARE(listOf(unwaived(diff(source, *swapped, rules), {})), QString());
        QVERIFY_RESULT(runAll(session, finishAttach(source, spec), false));
    };
    attach();
    QVERIFY(!QTest::currentTestFailed());
    for (const ddl::ViewRebuild &rebuild : ddl::rebuildViews(source)) {
        QVERIFY_RESULT(runAll(session, rebuild.create, true));
        if (!rebuild.refresh.isEmpty())
            QVERIFY_RESULT(session.exec(rebuild.refresh.toUtf8()));
        QVERIFY_RESULT(runAll(session, rebuild.complete, true));
        QVERIFY_RESULT(runAll(session, rebuild.exchange, true));
    }
    const auto finished = inventory();
    QVERIFY_RESULT(finished);
    QCOMPARE(listOf(unwaived(diff(source, *finished, fidelityRules(source, spec, true)), {})), QString());

    // No row moved, no index was made anew, and each has its parent's: the one of the same direction too.
    const QByteArray history = pg::QualifiedName{UglyTable::schema(), spec.retiredName}.quoted().toUtf8();
    QCOMPARE(database.value("SELECT pg_relation_filenode($1::regclass)", {QString::fromUtf8(history)}), file);
    QCOMPARE(database.value("SELECT sum(hashtextextended(t::text, 0)::numeric) FROM " + table + " AS t"), sum);
    const auto pairs = session.exec(
        "SELECT c.relname, p.relname FROM pg_index AS i JOIN pg_inherits AS h ON h.inhrelid = i.indexrelid "
        "JOIN pg_class AS p ON p.oid = h.inhparent JOIN pg_class AS c ON c.oid = i.indexrelid "
        "WHERE i.indrelid = $1::regclass",
        {QString::fromUtf8(history)});
    QVERIFY_RESULT(pairs);
    QCOMPARE(pairs->rowCount(), int(source.indexes.size()));
    for (int row = 0; row < pairs->rowCount(); ++row)
        QCOMPARE(pairs->text(row, 0), ddl::nameOnPartition(spec.retiredName, pairs->text(row, 1)));
    QCOMPARE(database.value("SELECT bool_and(indisvalid) FROM pg_index WHERE indrelid = $1::regclass",
                            {QString::fromUtf8(table)}),
             u"t"_s);

    // Every way in works, and what is beyond the bound has its own partition.
    const auto inserted = session.exec(
        "INSERT INTO " + table
        + " (\"at\", qty, artist) VALUES (now(), 7, 1), ('2091-05-05Z', 8, 2), ('2099-05-05Z', 9, NULL) "
          "RETURNING \"Id\", \"Serial\"");
    QVERIFY_RESULT(inserted);
    QVERIFY(inserted->int64(0, 0) > *source.sequences.at(0).lastValue);
    QCOMPARE(database.value("SELECT count(*) FROM ONLY " + history), u"3004"_s);
    QVERIFY(!session.exec("INSERT INTO " + table + " (qty, artist) VALUES (7, 4711)"));                // foreign key
    QVERIFY(!session.exec("INSERT INTO " + table + " (\"at\", artist) VALUES ('2091-01-01Z', 4711)")); // and there
    QVERIFY(!session.exec("INSERT INTO " + table + " (\"quo\"\"te\") VALUES (-1)"));
    QVERIFY(!session.exec("INSERT INTO " + schema + ".comments_on VALUES (1, now(), -5)")); // inbound
    QCOMPARE(database.value("SELECT count(*) FROM " + schema + ".newest(2)"), u"2"_s);
    QVERIFY(database.value("SELECT count(*) FROM " + schema + ".rows_touched").toInt() > 0); // statement trigger
    // One of the parent's, cloned to each partition.
    QCOMPARE(database.value("SELECT count(*) FROM pg_trigger WHERE tgrelid = $1::regclass AND tgname = 'late'",
                            {QString::fromUtf8(history)}),
             u"1"_s);

    // And back: the same table as ever, with what was written since.
    const auto goBack = [&] {
        const auto rebuilds = ddl::rebuildViews(source);
        for (const QString &statement : rebuildKey(source, spec))
            QVERIFY_RESULT(session.exec(statement.toUtf8()));
        QVERIFY_RESULT(runAll(session, detachTable(source, spec), true));
        QVERIFY_RESULT(runAll(session, finishDetach(source, spec), false));
        for (auto rebuild = rebuilds.rbegin(); rebuild != rebuilds.rend(); ++rebuild) {
            QVERIFY_RESULT(runAll(session, rebuild->exchangeBack, true));
            QVERIFY_RESULT(session.exec(rebuild->drop.toUtf8()));
        }
    };
    goBack();
    QVERIFY(!QTest::currentTestFailed());
    QCOMPARE(database.value("SELECT count(*) FROM ONLY " + table), u"3006"_s);
    QCOMPARE(database.value("SELECT pg_relation_filenode($1::regclass)", {QString::fromUtf8(table)}), file);
    for (const KeyIndex &key : keyIndexes(source, spec))
        QVERIFY_RESULT(session.exec(key.drop.toUtf8()));
    QVERIFY_RESULT(runAll(session, dropShadow(source, spec), true));
    const auto back = inventory();
    QVERIFY_RESULT(back);
    QCOMPARE(back->facts.oid, source.facts.oid);
    QCOMPARE(listOf(diff(source, *back, {})), QString());
    const auto returned = session.exec("INSERT INTO " + table + " (qty) VALUES (7) RETURNING \"Id\", \"Serial\"");
    QVERIFY_RESULT(returned);
    QVERIFY(returned->int64(0, 0) > inserted->int64(2, 0));
    QVERIFY(returned->int64(0, 1) > inserted->int64(2, 1));
    QCOMPARE(database.value("SELECT string_agg(relname, ', ') FROM pg_class WHERE relname LIKE '%tidemark%'"),
             QString());
}

void TstShadowDdl::whatCannotBeAttachedIsSaid()
{
    TIDEMARK_REQUIRE_SERVER("15");
    TestDatabase database;
    pg::Session session = database.open();
    database.exec("CREATE TABLE t (id bigint PRIMARY KEY, at timestamptz, up bigint REFERENCES t, "
                  "CONSTRAINT alone CHECK (id > 0) NO INHERIT)");
    const auto source = readTableInventory(session, {u"public"_s, u"t"_s}, {});
    QVERIFY_RESULT(source);
    ShadowSpec spec;
    spec.shape = ShadowShape::Native;
    spec.keyColumn = u"at"_s;
    spec.attach = true;
    QStringList refused;
    for (const Obstacle &obstacle : findObstacles(*source, spec)) {
        if (obstacle.gravity == Obstacle::Gravity::Refused)
            refused << obstacle.object;
    }
    QCOMPARE(refused, (QStringList{u"constraint t_pkey"_s, u"public.t"_s, u"constraint alone"_s,
                                   u"foreign key t_up_fkey on public.t"_s}));
    spec.shape = ShadowShape::Hypertable;
    QVERIFY(std::ranges::any_of(findObstacles(*source, spec), [](const Obstacle &obstacle) {
        return obstacle.gravity == Obstacle::Gravity::Refused && obstacle.why.contains(u"chunk"_s);
    }));
}

void TstShadowDdl::anExclusionConstraintIsRefusedWithItsReason()
{
    TIDEMARK_REQUIRE_SERVER("15");
    TestDatabase database;
    pg::Session session = database.open();
    database.exec("CREATE TABLE t (at timestamptz NOT NULL, during tstzrange, EXCLUDE USING gist (during WITH &&))");
    const auto source = readTableInventory(session, {u"public"_s, u"t"_s}, {});
    QVERIFY_RESULT(source);
    ShadowSpec spec;
    spec.shadowName = u"t_new"_s;
    spec.retiredName = u"t_old"_s;
    QCOMPARE(findObstacles(*source, spec).size(), 0U);
    QVERIFY_RESULT(runAll(session, createShadow(*source, spec), true));
    QVERIFY_RESULT(runAll(session, buildIndexes(*source, spec).at(0).statements, false));
    QVERIFY_RESULT(runAll(session, stage::swap(*source, spec), true));
    const auto swapped = readTableInventory(session, {u"public"_s, u"t"_s}, {});
    QVERIFY_RESULT(swapped);
    QCOMPARE(listOf(diff(*source, *swapped, fidelityRules(*source, spec, true))), QString());

    spec.shape = ShadowShape::Native;
    spec.keyColumn = u"at"_s;
    const auto obstacles = findObstacles(*source, spec);
    QCOMPARE(obstacles.size(), 1U);
    QCOMPARE(obstacles.at(0).object, u"constraint t_during_excl"_s);
    QCOMPARE(obstacles.at(0).gravity, Obstacle::Gravity::Refused);
    QVERIFY(!obstacles.at(0).wayOut.isEmpty());
}

QTEST_GUILESS_MAIN(TstShadowDdl)
#include "tst_shadowddl.moc"
