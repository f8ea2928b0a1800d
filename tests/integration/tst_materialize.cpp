// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/fidelity.h"
#include "core/changes/allactions.h"
#include "core/managed/deltarefresh.h"
#include "core/managed/materializespec.h"
#include "core/plan/runner.h"
#include "core/plan/toolkit.h"
#include "tests/support/actor.h"
#include "tests/support/registerscene.h"
#include "tests/support/testserver.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <thread>

using namespace tidemark;
using namespace tidemark::test;
using managed::DeltaRequest;
using managed::DeltaScope;
using managed::MaterializeSpec;

namespace {

MaterializeSpec specOf(const QStringList &views, bool unlogged = false)
{
    MaterializeSpec spec;
    for (const QString &view : views)
        spec.views.push_back({RegisterScene::name(view), {}, {}, {}, {}, {}});
    spec.unlogged = unlogged;
    return spec;
}

using Key = std::vector<std::optional<QString>>;

QString isWithin(const DeltaScope &scope)
{
    return QStringLiteral("(%1 >= '%2' AND %1 < '%3')").arg(pg::quoteIdentifier(scope.column), *scope.from, *scope.to);
}

} // namespace

/// Views that become tables, kept equal to what they were, and back again.
class TstMaterialize : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
    }
    void cleanup() { m_database.reset(); }

    void theRegisterBecomesTablesAndStaysEqualThroughARandomizedBattery();
    void undoGivesBackTheViewsExactly();
    void allThatHangsOnAViewFollowsTheTable_data();
    void allThatHangsOnAViewFollowsTheTable();
    void anUnloggedTableThatACrashEmptiedIsNoticedAndRebuilt();
    void aTransactionThatWouldFindTheTableEmptyIsWaitedFor();
    void onlySnapshotsOfTheBeginningAreWaitedFor();
    void theDefinitionIsComputedAsItsRoleSeesItAllTheWay();
    void whatATableCannotBeIsRefusedWithItsReason_data();
    void whatATableCannotBeIsRefusedWithItsReason();

private:
    /// The content within a range of two bounds, or outside it.
    [[nodiscard]] QString rowsOf(const char *schema, const DeltaRequest &request, bool within) const;
    /// Where the rows outside the range stand and who wrote them.
    [[nodiscard]] QString placesOutside(const DeltaRequest &request) const;
    [[nodiscard]] std::optional<Plan> planned(const MaterializeSpec &spec, QString *refused = nullptr);
    qint64 created(const MaterializeSpec &spec);
    /// Until it ends or waits for a word.
    void run(qint64 id);
    void undo(qint64 id);
    [[nodiscard]] Runner runner() const
    {
        return Runner({m_database->conn(), QStringLiteral("the test"), Millis(30'000), {}}, allActions());
    }

    std::unique_ptr<TestDatabase> m_database;
};

QString TstMaterialize::rowsOf(const char *schema, const DeltaRequest &request, bool within) const
{
    return m_database->value(
        QStringLiteral(
            "SELECT string_agg(r::text, '|' ORDER BY r::text COLLATE \"C\") FROM %1 AS r WHERE %2 IS %3 TRUE")
            .arg(pg::QualifiedName{QLatin1String(schema), request.table.name}.quoted(), isWithin(request.scope),
                 within ? QString() : QStringLiteral("NOT"))
            .toUtf8());
}

QString TstMaterialize::placesOutside(const DeltaRequest &request) const
{
    return m_database->value(
        QStringLiteral("SELECT string_agg(concat_ws(' ', ctid, xmin), '|' ORDER BY ctid) FROM %1 WHERE %2 IS NOT TRUE")
            .arg(request.table.quoted(), isWithin(request.scope))
            .toUtf8());
}

std::optional<Plan> TstMaterialize::planned(const MaterializeSpec &spec, QString *refused)
{
    pg::Session session = m_database->open();
    const auto plan = managed::planMaterialize(session, spec);
    if (!plan) {
        if (refused)
            *refused = plan.error().summary();
        else
            QTest::qFail(describe(plan.error()).constData(), __FILE__, __LINE__);
        return {};
    }
    if (!plan->plan) {
        QStringList why;
        for (const auto &obstacle : plan->obstacles) {
            if (obstacle.refuses)
                why << obstacle.object + QStringLiteral(": ") + obstacle.why;
        }
        if (refused)
            *refused = why.join(QLatin1Char('\n'));
        else
            QTest::qFail(qPrintable(why.join(QLatin1Char('\n'))), __FILE__, __LINE__);
    }
    return plan->plan;
}

qint64 TstMaterialize::created(const MaterializeSpec &spec)
{
    const auto plan = planned(spec);
    if (!plan)
        return 0;
    pg::Session session = m_database->open();
    if (!applyToolkit(session, QStringLiteral("runs"), true))
        QTest::qFail("no toolkit", __FILE__, __LINE__);
    return Journal::create(session, *plan, {}).value();
}

void TstMaterialize::run(qint64 id)
{
    std::stop_source detach;
    std::jthread letGo([&](const std::stop_token &stop) {
        pg::Session session = m_database->open();
        while (!stop.stop_requested()) {
            const auto held = session.exec(
                "SELECT count(*) FROM tidemark.run_step WHERE state = 'waiting' AND run = $1", {id});
            if (!held || held->int64(0, 0) > 0)
                detach.request_stop();
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    });
    const auto result = runner().run(id, detach.get_token());
    QVERIFY_RESULT(result);
    QVERIFY2(!result->error, result->error ? describe(*result->error).constData() : "");
}

void TstMaterialize::undo(qint64 id)
{
    std::stop_source never;
    const auto result = runner().undo(id, never.get_token());
    QVERIFY_RESULT(result);
    QVERIFY2(result->end == RunEnd::Undone, result->error ? describe(*result->error).constData() : "");
}

void TstMaterialize::theRegisterBecomesTablesAndStaysEqualThroughARandomizedBattery()
{
    RegisterScene scene(*m_database);
    run(created(specOf(RegisterScene::chain(), true)));
    QVERIFY(!QTest::currentTestFailed());
    QCOMPARE(m_database->value(
                 "SELECT string_agg(relkind::text || relpersistence::text, ' ' ORDER BY oid) FROM pg_class "
                 "WHERE relname ~ '^time' AND relkind IN ('r', 'v') AND relnamespace = 'public'::regnamespace"),
             QStringLiteral("vp vp vp vp vp ru ru ru ru ru"));
    QCOMPARE(scene.differing(), QString());

    const quint32 seed = qEnvironmentVariableIntValue("TIDEMARK_SEED") > 0
                             ? quint32(qEnvironmentVariableIntValue("TIDEMARK_SEED"))
                             : QRandomGenerator::global()->generate() % 1'000'000;
    qInfo("TIDEMARK_SEED=%u", seed);
    QRandomGenerator random(seed);

    // One statement over the whole chain: what it sees must be one of the contents that a refresh has left.
    const QByteArray sight = [] {
        QByteArray sql = "SELECT pg_catalog.md5(";
        for (const QString &relation : RegisterScene::chain()) {
            sql +=
                "(SELECT coalesce(pg_catalog.sum(pg_catalog.hashtext(r::text)), 0)::text || ',' || pg_catalog.count(*)::text "
                "FROM public."
                + relation.toLatin1() + " AS r) || ' ' || ";
        }
        return sql + "'')";
    }();
    std::mutex mutex;
    std::set<QString> seen;
    int looks = 0;
    std::set<QString> left{m_database->value(sight)};
    std::vector<std::jthread> readers;
    for (int reader = 0; reader < 2; ++reader) {
        readers.emplace_back([&](const std::stop_token &stop) {
            pg::Session session = m_database->open();
            while (!stop.stop_requested()) {
                const auto rows = session.exec(sight);
                const std::scoped_lock lock(mutex);
                seen.insert(rows ? rows->text(0, 0) : rows.error().summary());
                ++looks;
            }
        });
    }
    pg::Session session = m_database->open();
    std::array<int, 3> rounds{};
    qint64 touched = 0;
    int touchedWithin = 0;
    int staleOutside = 0;
    for (int round = 0; round < 120; ++round) {
        RegisterScene::Units units;
        for (int writes = random.bounded(1, 5); writes > 0; --writes)
            units.merge(scene.write(random));
        const int mode = round % 3;
        ++rounds[static_cast<size_t>(mode)];
        std::vector<std::vector<DeltaRequest>> passes(1);
        if (mode == 2) {
            const QString middle = QStringLiteral("%1-06-15").arg(random.bounded(2019, 2027));
            passes.clear();
            // All parts of a table before the first of one that reads it: half of a chain is no content to compute from.
            for (const QString &relation : RegisterScene::chain()) {
                const QString column = relation == QLatin1String("timepoints") ? QStringLiteral("timepoint")
                                                                               : QStringLiteral("valid_after");
                std::vector<DeltaRequest> parts{{RegisterScene::name(relation), DeltaScope::range(column, {}, middle)},
                                                {RegisterScene::name(relation), DeltaScope::range(column, middle, {})}};
                if (random.bounded(2) == 0)
                    std::swap(parts[0], parts[1]);
                const int year = random.bounded(2018, 2026);
                passes.push_back({{RegisterScene::name(relation),
                                   DeltaScope::range(column, QStringLiteral("%1-03-01").arg(year),
                                                     QStringLiteral("%1-09-01").arg(year + random.bounded(3)))}});
                passes.push_back({parts[0]});
                passes.push_back({parts[1]});
            }
        } else {
            std::vector<Key> keys;
            for (const auto &[type, id] : units)
                keys.push_back({type, id});
            for (const QString &relation : RegisterScene::chain()) {
                passes[0].push_back(
                    {RegisterScene::name(relation),
                     mode == 0 ? DeltaScope::full()
                               : DeltaScope::keys({QStringLiteral("unit_type"), QStringLiteral("unit_id")}, keys)});
            }
        }
        for (const auto &requests : passes) {
            const DeltaScope &scope = requests.front().scope;
            const bool isBounded = scope.mode == DeltaScope::Mode::Range && scope.from && scope.to;
            const QString untouched = isBounded ? placesOutside(requests.front()) : QString();
            const auto outcomes = managed::refreshTogether(session, requests);
            QVERIFY_RESULT(outcomes);
            for (const auto &outcome : *outcomes)
                touched += outcome.deleted + outcome.updated + outcome.inserted;
            if (isBounded) {
                const QByteArray told = QStringLiteral("round %1, %2 from %3 to %4")
                                            .arg(round)
                                            .arg(requests.front().table.display(), *scope.from, *scope.to)
                                            .toUtf8();
                QVERIFY2(rowsOf("public", requests.front(), true) == rowsOf("orig", requests.front(), true),
                         told.constData());
                QVERIFY2(placesOutside(requests.front()) == untouched, told.constData());
                touchedWithin += outcomes->front().hasChanged() ? 1 : 0;
                if (rowsOf("public", requests.front(), false) != rowsOf("orig", requests.front(), false))
                    ++staleOutside;
            }
            left.insert(m_database->value(sight));
        }
        const QString differing = scene.differing();
        QVERIFY2(differing.isEmpty(),
                 qPrintable(QStringLiteral("round %1, mode %2: %3").arg(round).arg(mode).arg(differing)));
    }
    for (std::jthread &reader : readers)
        reader.request_stop();
    readers.clear();
    qInfo("%d full, %d by keys, %d by range; %lld rows touched, %d looks at %d contents", rounds[0], rounds[1],
          rounds[2], touched, looks, int(seen.size()));
    for (const QString &content : seen)
        QVERIFY2(left.contains(content), qPrintable(content));
    qInfo("of the bounded ranges %d changed rows within and %d left stale ones outside", touchedWithin, staleOutside);
    QVERIFY(seen.size() > 10 && touched > 500);
    QVERIFY(touchedWithin > 5 && staleOutside > 5);
}

void TstMaterialize::undoGivesBackTheViewsExactly()
{
    RegisterScene scene(*m_database);
    m_database->exec(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'register reader') THEN "
        "CREATE ROLE \"register reader\"; END IF; END $$;"
        "GRANT SELECT ON timeline_enterprise TO \"register reader\" WITH GRANT OPTION;"
        "GRANT SELECT (unit_id) ON timepoints TO PUBLIC;"
        "COMMENT ON VIEW timesegments IS 'it''s segments'; COMMENT ON COLUMN timesegments.valid_to IS 'last day';"
        "CREATE VIEW on_top AS SELECT l.name, count(*) AS n FROM timeline_legal_unit AS l "
        "JOIN timepoints AS t USING (unit_type, unit_id) GROUP BY l.name;"
        "CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM timesegments; END");
    const auto inventories = [&] {
        std::vector<TableInventory> all;
        pg::Session session = m_database->open();
        for (const QString &relation : RegisterScene::chain())
            all.push_back(readTableInventory(session, RegisterScene::name(relation), {}).value());
        return all;
    };
    const auto relations = [&] {
        return m_database->value(
            "SELECT string_agg(relname || relkind::text, ' ' ORDER BY relname COLLATE \"C\") FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace");
    };
    const std::vector<TableInventory> before = inventories();
    const QString relationsBefore = relations();
    const qint64 id = created(specOf(RegisterScene::chain()));
    run(id);
    QVERIFY(!QTest::currentTestFailed());
    QCOMPARE(m_database->value("SELECT (SELECT count(*) FROM pg_depend AS d JOIN pg_rewrite AS r ON r.oid = d.objid "
                               "WHERE r.ev_class = 'on_top'::regclass AND d.refobjid IN ('timepoints'::regclass, "
                               "'timeline_legal_unit'::regclass) AND d.refobjsubid > 0) > 0"),
             QStringLiteral("t"));
    QCOMPARE(m_database->value("SELECT string_agg(DISTINCT refobjid::regclass::text, ' ') FROM pg_depend "
                               "WHERE objid = 'counted'::regproc AND refclassid = 'pg_class'::regclass"),
             QStringLiteral("timesegments"));
    QCOMPARE(m_database->value(
                 "SELECT obj_description('timesegments'::regclass) || col_description('timesegments'::regclass, 4)"),
             QStringLiteral("it's segmentslast day"));
    QCOMPARE(m_database->value(
                 "SELECT has_table_privilege('register reader', 'timeline_enterprise', 'SELECT WITH GRANT OPTION')"),
             QStringLiteral("t"));
    QCOMPARE(scene.differing(), QString());
    undo(id);
    QVERIFY(!QTest::currentTestFailed());
    const std::vector<TableInventory> after = inventories();
    for (std::size_t index = 0; index < before.size(); ++index) {
        QStringList keys;
        for (const Difference &difference : diff(before[index], after[index]))
            keys << difference.key();
        QVERIFY2(keys.isEmpty(), qPrintable(keys.join(QLatin1String("; "))));
        QCOMPARE(after[index].facts.oid, before[index].facts.oid);
    }
    QCOMPARE(relations(), relationsBefore);
    QCOMPARE(m_database->value("SELECT count(*) FROM tidemark.managed_table"), QStringLiteral("0"));
    QCOMPARE(scene.differing(), QString());
}

void TstMaterialize::allThatHangsOnAViewFollowsTheTable_data()
{
    QTest::addColumn<QString>("server");
    for (const QString &name : serverNames())
        QTest::newRow(qPrintable(name)) << name;
}

void TstMaterialize::allThatHangsOnAViewFollowsTheTable()
{
    QFETCH(const QString, server);
    TIDEMARK_REQUIRE_SERVER(server.toUtf8());
    m_database = std::make_unique<TestDatabase>(server);
    // One of everything, under ugly names.
    m_database->exec(
        "CREATE SCHEMA \"we\"\"ird; drop\"; SET search_path = \"we\"\"ird; drop\";"
        "CREATE TABLE base (id int PRIMARY KEY, \"Ünï\"\"t\" text, j json, p point);"
        "INSERT INTO base SELECT g, 'u' || g, '{\"a\": 1}', point(g, g) FROM generate_series(1, 50) AS g;"
        "CREATE VIEW \"Vi\"\"ew; 😀 of a name that is very very long, 63 byt\" AS SELECT id AS \"the id\", \"Ünï\"\"t\", j, p FROM base;"
        "CREATE VIEW second AS SELECT \"the id\", p FROM \"Vi\"\"ew; 😀 of a name that is very very long, 63 byt\";"
        "CREATE MATERIALIZED VIEW kept AS SELECT count(*) AS n FROM second; CREATE UNIQUE INDEX ON kept (n);"
        "CREATE VIEW over_kept AS SELECT n FROM kept;"
        "CREATE FUNCTION label(r \"Vi\"\"ew; 😀 of a name that is very very long, 63 byt\") RETURNS text LANGUAGE sql "
        "AS 'SELECT $1.\"the id\"::text';"
        "CREATE TABLE secured (id int); ALTER TABLE secured ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY known ON secured USING (id IN (SELECT \"the id\" FROM second));");
    const pg::QualifiedName first{QStringLiteral("we\"ird; drop"),
                                  QStringLiteral("Vi\"ew; 😀 of a name that is very very long, 63 byt")};
    const pg::QualifiedName second{first.schema, QStringLiteral("second")};
    MaterializeSpec spec;
    spec.views = {{second, {}, {}, {}, {}, {}}, {first, {}, {}, {}, {}, {}}};
    spec.queries = {QStringLiteral("SELECT * FROM %1").arg(second.quoted())};
    const auto before = [&] {
        pg::Session session = m_database->open();
        return std::pair(readTableInventory(session, first, {}).value(),
                         readTableInventory(session, second, {}).value());
    };
    const auto views = before();
    const qint64 id = created(spec);
    run(id);
    QVERIFY(!QTest::currentTestFailed());
    pg::Session session = m_database->open();
    m_database->exec("INSERT INTO base VALUES (51, 'x', NULL, NULL); DELETE FROM base WHERE id = 1;"
                     "UPDATE base SET p = point(0.1, 0) WHERE id = 2");
    const auto outcomes = managed::refreshTogether(session, {{second, {}}, {first, {}}});
    QVERIFY_RESULT(outcomes);
    QCOMPARE(outcomes->front().table, first); // after what it reads, whatever the order asked for
    for (const auto &outcome : *outcomes)
        QCOMPARE(outcome.deleted + outcome.updated + outcome.inserted, 3);
    QVERIFY(managed::compareManaged(session, second).value().isEqual());
    QCOMPARE(
        m_database->value("SELECT label(v) FROM \"Vi\"\"ew; 😀 of a name that is very very long, 63 byt\" AS v LIMIT 1")
            .isEmpty(),
        false);
    QCOMPARE(m_database->value(
                 "SELECT string_agg(DISTINCT c.relkind::text, '') FROM pg_depend AS d JOIN pg_class AS c ON c.oid = "
                 "d.refobjid JOIN pg_rewrite AS r ON r.oid = d.objid WHERE r.ev_class = 'kept'::regclass AND c.oid <> "
                 "r.ev_class"),
             QStringLiteral("r"));
    QCOMPARE(m_database->value("SELECT n FROM over_kept"), QStringLiteral("50"));
    const QJsonObject timings = QJsonDocument::fromJson(m_database
                                                            ->value("SELECT outcome FROM tidemark.run_step "
                                                                    "WHERE name = 'timings_after'")
                                                            .toUtf8())
                                    .object();
    QVERIFY(QJsonDocument(timings).toJson().contains("before_ms"));
    undo(id);
    QVERIFY(!QTest::currentTestFailed());
    const auto back = before();
    QCOMPARE(diff(views.first, back.first).size(), 0U);
    QCOMPARE(diff(views.second, back.second).size(), 0U);
    QCOMPARE(
        m_database->value(
            "SELECT count(*) FROM pg_class WHERE relname ~ 'tidemark' AND relnamespace <> 'tidemark'::regnamespace"),
        QStringLiteral("0"));
}

void TstMaterialize::anUnloggedTableThatACrashEmptiedIsNoticedAndRebuilt()
{
    TestCluster cluster;
    QVERIFY_RESULT(cluster.start());
    m_database = std::make_unique<TestDatabase>(cluster.connInfo());
    m_database->exec(
        "CREATE TABLE base (id int PRIMARY KEY, n int); INSERT INTO base SELECT g, g FROM generate_series(1, 500) AS g;"
        "CREATE VIEW v AS SELECT id, n FROM base; CREATE VIEW w AS SELECT id FROM base WHERE n < 0");
    run(created(specOf({QStringLiteral("v"), QStringLiteral("w")}, true)));
    QVERIFY(!QTest::currentTestFailed());
    m_database->exec("CHECKPOINT");
    QVERIFY_RESULT(cluster.stop(QStringLiteral("fast")));
    QVERIFY_RESULT(cluster.start());
    const auto emptied = [&] {
        pg::Session session = pg::Session::open(m_database->conn(), writable()).value();
        QStringList names;
        const auto tables = managed::readManaged(session).value();
        for (const auto &table : tables) {
            if (table.wasEmptied)
                names << table.name.name;
        }
        return names;
    };
    QCOMPARE(emptied(), QStringList()); // a stop is no crash

    QVERIFY_RESULT(cluster.stop(QStringLiteral("immediate")));
    QVERIFY_RESULT(cluster.start());
    QCOMPARE(emptied(), QStringList({QStringLiteral("v"), QStringLiteral("w")})); // one that was empty before, too
    pg::Session session = pg::Session::open(m_database->conn(), writable()).value();
    const auto one = DeltaScope::keys({QStringLiteral("id")}, {{QStringLiteral("7")}});
    const auto rebuilt = managed::refreshManaged(session, RegisterScene::name(QStringLiteral("v")), one);
    QVERIFY_RESULT(rebuilt);
    QVERIFY(rebuilt->rebuilt);
    QCOMPARE(rebuilt->inserted, 500);
    QCOMPARE(rebuilt->mode, DeltaScope::Mode::Full);
    QVERIFY(managed::compareManaged(session, RegisterScene::name(QStringLiteral("v"))).value().isEqual());
    QCOMPARE(emptied(), QStringList(QStringLiteral("w")));
    const auto again = managed::refreshManaged(session, RegisterScene::name(QStringLiteral("v")), one);
    QVERIFY_RESULT(again);
    QVERIFY(!again->rebuilt);
    QCOMPARE(again->compared, 1);
    m_database.reset();
}

void TstMaterialize::aTransactionThatWouldFindTheTableEmptyIsWaitedFor()
{
    m_database->exec(
        "CREATE TABLE base (id int PRIMARY KEY, n int); INSERT INTO base SELECT g, g FROM generate_series(1, 500) AS g;"
        "CREATE VIEW v AS SELECT id, n FROM base");
    const qint64 id = created(specOf({QStringLiteral("v")}));
    Actor reader(m_database->open());
    reader.run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM public.base LIMIT 1");
    bool isReading = true;
    QString seen;
    std::jthread reading([&] {
        pg::Session session = m_database->open();
        const auto told = [&] {
            const auto rows = session.exec("SELECT count(*) FROM tidemark.run_event WHERE run = $1 AND text LIKE "
                                           "'waiting for transactions that would not see%'",
                                           {id});
            return rows && rows->int64(0, 0) > 0;
        };
        for (int look = 0; look < 600 && !told(); ++look)
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        const auto kind = session.exec(
            "SELECT relkind::text FROM pg_catalog.pg_class WHERE oid = 'public.v'::regclass");
        seen = kind ? kind->text(0, 0) : kind.error().summary();
        reader.run("SELECT 1 / (SELECT count(*) FROM public.v WHERE id <= 500)"); // none would be a division by zero
        reader.run("COMMIT");
        isReading = false;
    });
    run(id);
    QVERIFY(!QTest::currentTestFailed());
    QVERIFY(!isReading);
    QCOMPARE(seen, QStringLiteral("v"));
    QCOMPARE(m_database->value("SELECT relkind FROM pg_class WHERE oid = 'v'::regclass"), QStringLiteral("r"));
}

void TstMaterialize::onlySnapshotsOfTheBeginningAreWaitedFor()
{
    m_database->exec(
        "CREATE TABLE base (id int PRIMARY KEY, n int); INSERT INTO base SELECT g, g FROM generate_series(1, 500) AS g;"
        "CREATE TABLE other (id int); CREATE VIEW v AS SELECT id, n FROM base");
    const qint64 id = created(specOf({QStringLiteral("v")}));
    // All three hold back the horizon of whatever snapshot is taken from now on.
    TestDatabase elsewhere;
    Actor stranger(elsewhere.open());
    stranger.run("BEGIN; SELECT pg_catalog.txid_current()");
    Actor writer(m_database->open());
    writer.run("BEGIN; INSERT INTO public.other VALUES (1)");
    Actor prepared(m_database->open());
    const QByteArray gid = "'settle " + m_database->name().toUtf8() + "'";
    prepared.run("BEGIN; INSERT INTO public.other VALUES (2); PREPARE TRANSACTION " + gid);
    // At every moment one of the readers has a snapshot, never one for long.
    std::jthread reading([&](const std::stop_token &stop) {
        std::array<std::unique_ptr<Actor>, 2> readers{std::make_unique<Actor>(m_database->open()),
                                                      std::make_unique<Actor>(m_database->open())};
        const auto enough = std::chrono::steady_clock::now() + std::chrono::seconds(15);
        readers[1]->run("BEGIN");
        for (std::size_t turn = 0; !stop.stop_requested() && std::chrono::steady_clock::now() < enough; ++turn) {
            readers[turn % 2]->run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM public.other LIMIT 1");
            readers[(turn + 1) % 2]->run("COMMIT");
            std::this_thread::sleep_for(std::chrono::milliseconds(40));
        }
    });
    run(id);
    reading.request_stop();
    reading.join();
    prepared.run("ROLLBACK PREPARED " + gid);
    QVERIFY(!QTest::currentTestFailed());
    const qint64 waited =
        m_database->value("SELECT outcome ->> 'waited_ms' FROM tidemark.run_step WHERE name = 'settle'").toLongLong();
    QVERIFY2(waited < 5'000, qPrintable(QString::number(waited)));
}

void TstMaterialize::theDefinitionIsComputedAsItsRoleSeesItAllTheWay()
{
    m_database->exec("CREATE TABLE base (id int PRIMARY KEY); INSERT INTO base SELECT generate_series(1, 500)");
    QByteArray holds = "current_setting('TimeZone') = 'Europe/Oslo'";
    for (const auto &[setting, value] :
         {std::pair("DateStyle", "SQL, DMY"), std::pair("IntervalStyle", "iso_8601"),
          std::pair("bytea_output", "escape"), std::pair("jit", "on"),
          std::pair("max_parallel_workers_per_gather", "3"), std::pair("search_path", "public")}) {
        m_database->exec("ALTER DATABASE \"" + m_database->name().toUtf8() + "\" SET " + setting + " = " + value);
        holds += QByteArray(" AND current_setting('") + setting + "') = '" + value + "'";
    }
    // Computed under any other setting it is a division by zero.
    m_database->exec("CREATE VIEW v AS SELECT id, 1 / (" + holds + ")::int AS n FROM base");
    MaterializeSpec spec = specOf({QStringLiteral("v")});
    spec.timeZone = QStringLiteral("Europe/Oslo");
    run(created(spec));
    QVERIFY(!QTest::currentTestFailed());
    QCOMPARE(m_database->value("SELECT sum(n) FROM v"), QStringLiteral("500"));
    pg::Session session = m_database->open();
    QVERIFY(managed::compareManaged(session, RegisterScene::name(QStringLiteral("v"))).value().isEqual());
}

void TstMaterialize::whatATableCannotBeIsRefusedWithItsReason_data()
{
    QTest::addColumn<QByteArray>("change");
    QTest::addColumn<QString>("told");
    const auto row = [](const char *name, const char *change, const char *told) {
        QTest::newRow(name) << QByteArray(change) << QString::fromUtf8(told);
    };
    row("security_invoker", "ALTER VIEW v SET (security_invoker = on)", "security_invoker");
    row("check option", "ALTER VIEW v SET (check_option = local)", "check option");
    row("an INSTEAD OF trigger",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TRIGGER t INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION f()",
        "trigger t");
    row("a rule", "CREATE RULE r AS ON INSERT TO v DO INSTEAD NOTHING", "rule r");
    row("no key", "CREATE OR REPLACE VIEW v AS SELECT 1 AS id, 2 AS n FROM base", "No key was found");
    row("a column of its row type", "CREATE TABLE holder (it v)", "bound to the view or its row type");
    row("a materialized view", "DROP VIEW v; CREATE MATERIALIZED VIEW v AS SELECT * FROM base", "only a view becomes");
    row("a taken name", "CREATE TABLE v_def (a int)", "There is a relation v_def already");
    row("a view in between", "CREATE VIEW w AS SELECT v AS whole FROM v", "row type in a column");
}

void TstMaterialize::whatATableCannotBeIsRefusedWithItsReason()
{
    QFETCH(const QByteArray, change);
    QFETCH(const QString, told);
    m_database->exec("CREATE TABLE base (id int PRIMARY KEY, n int); INSERT INTO base VALUES (1, 1), (2, 1), (3, 2);"
                     "CREATE VIEW v AS SELECT id, n FROM base");
    m_database->exec(change);
    QString refused;
    QVERIFY(!planned(specOf({QStringLiteral("v")}), &refused));
    QVERIFY2(refused.contains(told), qPrintable(refused));
}

QTEST_GUILESS_MAIN(TstMaterialize)
#include "tst_materialize.moc"
