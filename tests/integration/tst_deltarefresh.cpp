// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/deltarefresh.h"
#include "core/plan/toolkit.h"
#include "tests/support/actor.h"
#include "tests/support/testserver.h"

#include <thread>

using namespace tidemark;
using namespace tidemark::test;
using managed::DeltaOptions;
using managed::DeltaOutcome;
using managed::DeltaScope;

namespace {

const pg::QualifiedName sales{QStringLiteral("public"), QStringLiteral("sales")};

} // namespace

/// A table that is kept equal to a view by touching only the rows that differ.
class TstDeltaRefresh : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
        m_session = m_database->open();
        m_database->exec("CREATE TABLE base (id int PRIMARY KEY, day date, amount numeric, note json);"
                         "CREATE VIEW sales_def AS SELECT id, day, amount, note FROM base;"
                         "INSERT INTO base SELECT g, date '2026-01-01' + g % 100, g, json_build_object('n', g) "
                         "FROM generate_series(1, 1000) AS g;"
                         "CREATE TABLE sales (id int PRIMARY KEY, day date, amount numeric, note json)");
        keep("sales", "sales_def", "{id}");
    }
    void cleanup()
    {
        m_session.reset();
        m_database.reset();
    }

    void onlyRowsThatDifferAreTouched()
    {
        const DeltaOutcome filled = refresh();
        QCOMPARE(filled.inserted, 1000);
        m_database->exec("UPDATE base SET amount = 5.00 WHERE id = 5;"        // prints another text, is equal
                         "UPDATE base SET note = '{\"n\":  7}' WHERE id = 7;" // json has no equality
                         "DELETE FROM base WHERE id = 9; INSERT INTO base VALUES (2000)");
        m_database->exec("CREATE TABLE places AS SELECT id, ctid AS place FROM sales");
        const DeltaOutcome changed = refresh();
        QCOMPARE(changed.deleted, 1);
        QCOMPARE(changed.updated, 2);
        QCOMPARE(changed.inserted, 1);
        QCOMPARE(changed.unchanged(), 997);
        QCOMPARE(
            m_database->value("SELECT count(*) FROM places AS p JOIN sales AS s ON s.id = p.id AND s.ctid = p.place"),
            QStringLiteral("997"));
        isEqual();
        QVERIFY(!refresh().hasChanged());
        QCOMPARE(m_database->value("SELECT string_agg(concat_ws(' ', mode, rows_deleted, rows_updated, rows_inserted), "
                                   "', ' ORDER BY id) FROM tidemark.managed_refresh"),
                 QStringLiteral("full 0 0 1000, full 1 2 1, full 0 0 0"));
    }

    void aScopeLeavesTheRestAsItIs()
    {
        refresh();
        m_database->exec("UPDATE base SET amount = -amount");
        const DeltaOutcome byKeys = refresh(
            DeltaScope::keys({QStringLiteral("id")}, {{QStringLiteral("3")}, {QStringLiteral("4")}}));
        QCOMPARE(byKeys.updated, 2);
        QCOMPARE(m_database->value("SELECT count(*) FROM sales WHERE amount < 0"), QStringLiteral("2"));
        const DeltaOutcome byRange = refresh(
            DeltaScope::range(QStringLiteral("day"), QStringLiteral("2026-01-10"), QStringLiteral("2026-01-12")));
        QCOMPARE(byRange.updated, 20);
        QCOMPARE(m_database->value("SELECT count(*) FROM sales WHERE amount < 0"), QStringLiteral("22"));
        refresh(DeltaScope::range(QStringLiteral("day"), {}, {}));
        isEqual();
    }

    void aRowThatLeavesOrEntersTheRangeIsFollowed()
    {
        refresh();
        const auto january = DeltaScope::range(QStringLiteral("day"), QStringLiteral("2026-01-01"),
                                               QStringLiteral("2026-02-01"));
        m_database->exec("UPDATE base SET day = '2027-01-01' WHERE id = 1;"  // leaves
                         "UPDATE base SET day = NULL WHERE id = 2;"          // leaves
                         "UPDATE base SET day = '2026-01-05' WHERE id = 60;" // enters
                         "DELETE FROM base WHERE id = 3");
        const DeltaOutcome outcome = refresh(january);
        QCOMPARE(outcome.deleted, 1);
        QCOMPARE(outcome.updated, 3);
        QCOMPARE(outcome.inserted, 0);
        isEqual();
    }

    void nullIsAKeyLikeAnyOther()
    {
        m_database->exec(
            "CREATE TABLE loose (a int, b text, c int); INSERT INTO loose VALUES (1, NULL, 1), (NULL, NULL, 2), "
            "(NULL, 'x', 3), (1, 'x', 4), (2, '{\"},', 5); CREATE VIEW loose_def AS SELECT * FROM loose;"
            "CREATE TABLE kept (a int, b text, c int); CREATE UNIQUE INDEX ON kept (a, b)");
        keep("kept", "loose_def", "{a,b}");
        const pg::QualifiedName kept{QStringLiteral("public"), QStringLiteral("kept")};
        QCOMPARE(refresh({}, kept).inserted, 5);
        QVERIFY(!refresh({}, kept).hasChanged());
        m_database->exec("UPDATE loose SET c = c + 10");
        const auto some = DeltaScope::keys(
            {QStringLiteral("a"), QStringLiteral("b")},
            {{std::nullopt, std::nullopt}, {QStringLiteral("2"), QStringLiteral("{\"},")}});
        QCOMPARE(refresh(some, kept).updated, 2);
        m_database->exec("DELETE FROM loose WHERE a IS NULL");
        const auto nulls = DeltaScope::keys({QStringLiteral("a")}, {{std::nullopt}});
        QCOMPARE(refresh(nulls, kept).deleted, 2);
        refresh({}, kept);
        isEqual(kept);
        m_database->exec("INSERT INTO loose VALUES (1, NULL, 99)");
        const auto refused = managed::refreshManaged(*m_session, kept);
        QVERIFY(!refused);
        QVERIFY2(refused.error().message.contains(QLatin1String("a = 1, b = NULL 2 times")),
                 qPrintable(refused.error().message));
    }

    void aKeyThatIsNoneIsNamedAndNothingChanges_data()
    {
        QTest::addColumn<QByteArray>("second");
        QTest::newRow("of a standing row") << QByteArray("SELECT 77, date '2026-01-01', 0::numeric, NULL::json");
        QTest::newRow("the same as a standing row") << QByteArray("SELECT * FROM base WHERE id = 77");
        QTest::newRow("of new rows") << QByteArray(
            "SELECT 5000 + g / 2, NULL, g, NULL FROM generate_series(2, 3) AS g");
    }
    void aKeyThatIsNoneIsNamedAndNothingChanges()
    {
        QFETCH(const QByteArray, second);
        refresh();
        m_database->exec("UPDATE base SET amount = 0; CREATE OR REPLACE VIEW sales_def AS SELECT * FROM base UNION ALL "
                         + second);
        const auto refused = managed::refreshManaged(*m_session, sales);
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Constraint);
        const QString told = refused.error().message + refused.error().detail;
        QVERIFY2(told.contains(QLatin1String("77")) || told.contains(QLatin1String("5001")), qPrintable(told));
        QCOMPARE(m_database->value("SELECT count(*) FROM sales WHERE amount = id"), QStringLiteral("1000"));
        QCOMPARE(m_database->value("SELECT count(*) FROM tidemark.managed_refresh WHERE error IS NOT NULL"),
                 QStringLiteral("1"));
        QVERIFY(managed::readManaged(*m_session, sales).value().hasFailed());
    }

    void oneRefreshOfATableAtATime()
    {
        pg::Session other = m_database->open();
        QVERIFY_RESULT(
            other.exec("SELECT pg_catalog.pg_advisory_lock(1414087757, 'public.sales'::regclass::oid::int)"));
        const auto refused = managed::refreshManaged(*m_session, sales);
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Conflict);
        QVERIFY2(refused.error().message.contains(QStringLiteral("pid %1").arg(other.backendPid())),
                 qPrintable(refused.error().message));
        std::jthread freeing([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(400));
            static_cast<void>(other.exec("SELECT pg_catalog.pg_advisory_unlock_all()"));
        });
        DeltaOptions options;
        options.waitForOther = Millis(20'000);
        QVERIFY_RESULT(managed::refreshManaged(*m_session, sales, {}, options));
        isEqual();
    }

    void aWriterOfTheTableItselfMakesItTryAgain()
    {
        refresh();
        m_database->exec("UPDATE base SET amount = amount + 1");
        Actor writer(m_database->open());
        writer.run("BEGIN; UPDATE public.sales SET amount = -1 WHERE id = 10");
        std::jthread committing([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(700));
            writer.run("COMMIT");
        });
        const auto outcome = managed::refreshManaged(*m_session, sales);
        QVERIFY_RESULT(outcome);
        QCOMPARE(outcome->attempts, 2);
        isEqual();
    }

    void linesThatAnotherPrunesMeanwhileAreNoConflict()
    {
        QVERIFY_RESULT(m_session->exec("SELECT pg_catalog.pg_advisory_lock(4711)"));
        m_database->exec(
            "INSERT INTO tidemark.managed_refresh (relation, schema_name, relation_name, mode, scope, started_at, "
            "finished_at) SELECT 'sales'::regclass, 'public', 'sales', 'full', '{}', d, d "
            "FROM (VALUES (now() - interval '100 days'), (now() - interval '99 days')) AS old (d);"
            "CREATE FUNCTION held() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM pg_advisory_xact_lock_shared(4711)';"
            "CREATE OR REPLACE VIEW sales_def AS SELECT base.* FROM held(), base;"
            "SELECT setval(pg_get_serial_sequence('tidemark.managed_refresh', 'id'), 99)");
        QCOMPARE(m_database->value("SELECT count(*) FROM tidemark.managed_refresh"), QStringLiteral("2"));
        DeltaOutcome outcome;
        std::jthread refreshing([&] { outcome = refresh(); });
        const auto isHeld = [&] {
            return m_database->value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 "
                                     "AND NOT granted AND database = (SELECT oid FROM pg_database "
                                     "WHERE datname = current_database())")
                   == QLatin1String("1");
        };
        QTRY_VERIFY_WITH_TIMEOUT(isHeld(), 20'000);
        m_database->exec(
            "DELETE FROM tidemark.managed_refresh WHERE finished_at < now() - interval '99 days 12 hours'");
        QVERIFY_RESULT(m_session->exec("SELECT pg_catalog.pg_advisory_unlock(4711)"));
        refreshing.join();
        QCOMPARE(outcome.attempts, 1);
        QCOMPARE(outcome.id, 100);
        QCOMPARE(m_database->value("SELECT string_agg(id::text, ' ') FROM tidemark.managed_refresh"),
                 QStringLiteral("100"));
    }

    void readersNeitherWaitNorSeeHalf()
    {
        refresh();
        m_database->exec("CREATE FUNCTION slow(int) RETURNS int LANGUAGE sql AS 'SELECT $1 FROM pg_sleep(0.002)';"
                         "CREATE OR REPLACE VIEW sales_def AS SELECT slow(id) AS id, day, amount, note FROM base;"
                         "UPDATE base SET amount = 1");
        std::jthread refreshing([&] { refresh(); });
        int looks = 0;
        for (bool isDone = false; !isDone; ++looks) {
            pg::Session session = m_database->open();
            QVERIFY_RESULT(session.exec("SET lock_timeout = '1ms'"));
            const auto rows = session.exec("SELECT count(*) FILTER (WHERE amount = 1), count(*) FROM public.sales");
            QVERIFY_RESULT(rows);
            isDone = rows->int64(0, 0) == 1000;
            QVERIFY(isDone || rows->int64(0, 0) == 1);
            QCOMPARE(rows->int64(0, 1), 1000);
        }
        QVERIFY(looks > 5);
    }

    void whoMayNotReadTheToolkitSeesNoManagedTables()
    {
        m_database->exec("DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tidemark_stranger') THEN "
                         "CREATE ROLE tidemark_stranger; END IF; END $$");
        pg::Session stranger = m_database->open();
        QVERIFY_RESULT(stranger.exec("SET ROLE tidemark_stranger"));
        const auto none = managed::readManaged(stranger);
        QVERIFY_RESULT(none);
        QVERIFY(none->empty());
        QVERIFY_RESULT(stranger.exec("RESET ROLE"));
        QCOMPARE(managed::readManaged(stranger).value().size(), 1U);
    }

    void theDefinitionFindsWhatItsFunctionsNameAndKeepsItsTimeZone()
    {
        m_database->exec(
            "ALTER DATABASE \"" + m_database->name().toUtf8()
            + "\" SET search_path = public;"
              "CREATE FUNCTION bases() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM base';"
              "CREATE OR REPLACE VIEW sales_def AS SELECT id, (timestamptz '2026-01-01 23:30Z')::date AS day, "
              "bases()::numeric AS amount, note FROM base;"
              "UPDATE tidemark.managed_table SET time_zone = 'Europe/Oslo'");
        QCOMPARE(refresh().inserted, 1000);
        QCOMPARE(m_database->value("SELECT DISTINCT day || ' ' || amount FROM sales"),
                 QStringLiteral("2026-01-02 1000"));
        isEqual();
    }

    void rowsMayExchangeWhatIsUniqueBesideTheKey()
    {
        m_database->exec(
            "CREATE TABLE ranked (id int PRIMARY KEY, place int, name text, score int);"
            "INSERT INTO ranked SELECT g, g, 'n' || g, 0 FROM generate_series(1, 100) AS g;"
            "CREATE VIEW ranks_def AS SELECT * FROM ranked;"
            "CREATE TABLE ranks (id int PRIMARY KEY, place int, name text, score int);"
            "CREATE UNIQUE INDEX ON ranks (place); CREATE UNIQUE INDEX ON ranks (lower(name)) WHERE score = 0");
        keep("ranks", "ranks_def", "{id}");
        const pg::QualifiedName ranks{QStringLiteral("public"), QStringLiteral("ranks")};
        refresh({}, ranks);
        m_database->exec(
            "UPDATE ranked SET place = 101 - place WHERE id IN (1, 100);"
            "UPDATE ranked SET name = 'N' || 5 - id WHERE id IN (2, 3); UPDATE ranked SET score = -1 WHERE id = 50;"
            "DELETE FROM ranked WHERE id = 60; INSERT INTO ranked VALUES (60000, 60, 'n60', 0)");
        const DeltaOutcome all = refresh({}, ranks);
        isEqual(ranks);
        QCOMPARE(all.compared, 100);
        QCOMPARE(all.deleted, 1);
        QCOMPARE(all.updated, 5);
        QCOMPARE(all.inserted, 1);
        m_database->exec("UPDATE ranked SET place = place % 100 + 1 WHERE id <= 100 AND id NOT IN (60)");
        m_database->exec("UPDATE ranked SET place = 61 WHERE id = 60000");
        std::vector<std::vector<std::optional<QString>>> keys;
        for (const int id : {1, 100, 2, 3, 60000})
            keys.push_back({QString::number(id)});
        for (int id = 4; id < 100; ++id)
            keys.push_back({QString::number(id)});
        DeltaOptions options;
        options.batch = 7;
        const auto some = managed::refreshManaged(*m_session, ranks, DeltaScope::keys({QStringLiteral("id")}, keys),
                                                  options);
        QVERIFY_RESULT(some);
        isEqual(ranks);
        QCOMPARE(some->deleted, 0);
        QCOMPARE(some->updated, 100);
        m_database->exec("UPDATE ranked SET place = 101 - place");
        refresh(DeltaScope::range(QStringLiteral("score"), {}, {}), ranks);
        isEqual(ranks);
    }

    void theDefinitionIsComputedAsItsRoleSeesIt()
    {
        m_database->exec("ALTER DATABASE \"" + m_database->name().toUtf8()
                         + "\" SET DateStyle = 'SQL, DMY'; ALTER DATABASE \"" + m_database->name().toUtf8()
                         + "\" SET IntervalStyle = 'iso_8601'; ALTER DATABASE \"" + m_database->name().toUtf8()
                         + "\" SET bytea_output = 'escape'; ALTER DATABASE \"" + m_database->name().toUtf8()
                         + "\" SET extra_float_digits = -5; ALTER DATABASE \"" + m_database->name().toUtf8()
                         + "\" SET jit = on");
        const QByteArray said =
            "concat_ws(' ', date '2026-12-31', interval '1 day', 'a'::bytea, 0.1::float8 + 0.2::float8, "
            "current_setting('jit'))";
        m_database->exec("CREATE TABLE one (id int); INSERT INTO one VALUES (1);"
                         "CREATE VIEW spoken_def AS SELECT id, "
                         + said
                         + " AS said FROM one;"
                           "CREATE TABLE spoken (id int PRIMARY KEY, said text)");
        keep("spoken", "spoken_def", "{id}");
        const pg::QualifiedName spoken{QStringLiteral("public"), QStringLiteral("spoken")};
        QCOMPARE(refresh({}, spoken).inserted, 1);
        m_session = m_database->open(); // whose defaults are those of the database now
        QCOMPARE(m_database->value("SELECT said FROM spoken"), QStringLiteral("31/12/2026 P1D a 0.3 on"));
        isEqual(spoken);
    }

    void keysAreComparedInBatchesOfOneTransaction()
    {
        refresh();
        m_database->exec("UPDATE base SET amount = 0, day = day + 1; DELETE FROM base WHERE id % 10 = 0");
        std::vector<std::vector<std::optional<QString>>> days;
        for (int day = 0; day <= 101; ++day)
            days.push_back({QDate(2026, 1, 1).addDays(day).toString(Qt::ISODate)});
        DeltaOptions options;
        options.batch = 7;
        const auto outcome = managed::refreshManaged(*m_session, sales, DeltaScope::keys({QStringLiteral("day")}, days),
                                                     options);
        QVERIFY_RESULT(outcome);
        QCOMPARE(outcome->deleted, 100);
        isEqual();
        QCOMPARE(m_database->value("SELECT count(DISTINCT xmin::text) FROM sales"), QStringLiteral("1"));
    }

private:
    void keep(const char *table, const char *definition, const char *key)
    {
        QVERIFY_RESULT(applyToolkit(*m_session, QStringLiteral("managed"), true));
        m_database->exec("INSERT INTO tidemark.managed_table (relation, definition, key_columns) VALUES ('"
                         + QByteArray(table) + "', '" + definition + "', '" + key + "')");
    }
    DeltaOutcome refresh(const DeltaScope &scope = {}, const pg::QualifiedName &table = sales)
    {
        pg::Session session = m_database->open();
        const auto outcome = managed::refreshManaged(session, table, scope);
        if (!outcome) {
            QTest::qFail(describe(outcome.error()).constData(), __FILE__, __LINE__);
            return {};
        }
        return *outcome;
    }
    void isEqual(const pg::QualifiedName &table = sales)
    {
        const auto divergence = managed::compareManaged(*m_session, table);
        QVERIFY_RESULT(divergence);
        QCOMPARE(divergence->surplus, 0);
        QCOMPARE(divergence->lacking, 0);
    }

    std::unique_ptr<TestDatabase> m_database;
    std::optional<pg::Session> m_session;
};

QTEST_GUILESS_MAIN(TstDeltaRefresh)
#include "tst_deltarefresh.moc"
