// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/capture/capturesql.h"
#include "core/pg/transaction.h"
#include "tests/support/actor.h"
#include "tests/support/capturescene.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>

using namespace tidemark;
using namespace tidemark::test;
using pg::QualifiedName;

namespace {

const QualifiedName plays{QStringLiteral("public"), QStringLiteral("plays")};
const QualifiedName copyOfPlays{QStringLiteral("public"), QStringLiteral("plays_new")};

} // namespace

/// What an application notices of a capture (nothing but time), which tables can have one, and who may do what when.
class TstCaptureWriters : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
        m_database->exec(
            "DO $$ BEGIN CREATE ROLE tidemark_test_writer LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    }

    void init() { m_scene = std::make_unique<CaptureScene>(*m_database, plays, copyOfPlays); }

    void cleanup()
    {
        m_scene.reset();
        if (m_database)
            m_database->exec("DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS tidemark CASCADE; CREATE SCHEMA public;"
                             "GRANT USAGE ON SCHEMA public TO PUBLIC");
    }

    void cleanupTestCase() { m_database.reset(); }

    void aWriterNeedsNoRightOnTheToolkit()
    {
        follow();
        m_database->exec("GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON plays TO tidemark_test_writer");
        Actor writer(openAsWriter());
        writer.run(
            "INSERT INTO public.plays VALUES (5, 'five'); UPDATE public.plays SET c = 'x'; DELETE FROM public.plays WHERE id = 1;"
            "TRUNCATE public.plays; INSERT INTO public.plays VALUES (6, 'six')");
        m_scene->reconcileAll();
        QCOMPARE(m_scene->difference(), QString());
        auto session = openAsWriter();
        QCOMPARE(errorKindName(session.exec("SELECT FROM tidemark." + m_scene->capture().name.toUtf8()).error().kind),
                 QStringLiteral("permission"));
    }

    void nobodyElseMayHangTheFunctionsOnATableOfTheirs()
    {
        follow();
        m_database->exec(
            "GRANT USAGE ON SCHEMA tidemark TO PUBLIC; CREATE SCHEMA own AUTHORIZATION tidemark_test_writer");
        auto session = openAsWriter();
        QVERIFY_RESULT(session.exec("CREATE TABLE own.t (id bigint, c text)"));
        const auto hung = session.exec("CREATE TRIGGER t AFTER INSERT ON own.t REFERENCING NEW TABLE AS new_rows"
                                       " FOR EACH STATEMENT EXECUTE FUNCTION tidemark."
                                       + m_scene->capture().name.toUtf8() + "_insert()");
        QVERIFY(!hung);
        QCOMPARE(errorKindName(hung.error().kind), QStringLiteral("permission"));
        m_database->exec("DROP SCHEMA own CASCADE");
    }

    // The functions run with their owner's rights and without a search_path of their own.
    void noNameOfAWritersOwnGetsBetweenAFunctionAndTheLog_data()
    {
        QTest::addColumn<bool>("byRows");
        QTest::newRow("statements") << false;
        QTest::newRow("rows") << true;
    }

    void noNameOfAWritersOwnGetsBetweenAFunctionAndTheLog()
    {
        QFETCH(const bool, byRows);
        m_database->exec(
            "CREATE TABLE plays (id varchar(9) PRIMARY KEY, c text); INSERT INTO plays VALUES ('1', 'one'), ('2', 'two');"
            "CREATE TABLE plays_new (LIKE plays); INSERT INTO plays_new SELECT * FROM plays;"
            "ALTER TABLE plays_new ADD PRIMARY KEY (id); GRANT ALL ON plays TO tidemark_test_writer;"
            "CREATE SCHEMA own AUTHORIZATION tidemark_test_writer");
        m_scene->install({}, byRows ? CaptureFlavour::Row : CaptureFlavour::Statement);
        Actor writer(openAsWriter());
        writer.run("CREATE TABLE own.caught (who text);"
                   "CREATE FUNCTION own.trap(a text, b text) RETURNS bool LANGUAGE plpgsql AS"
                   " $$ BEGIN INSERT INTO own.caught VALUES (current_user); RETURN false; END $$;"
                   "CREATE FUNCTION own.statement_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS"
                   " $$ BEGIN INSERT INTO own.caught VALUES (current_user); RETURN pg_catalog.now(); END $$;"
                   "CREATE OPERATOR own.= (LEFTARG = text, RIGHTARG = text, FUNCTION = own.trap);"
                   "CREATE OPERATOR own.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = own.trap);"
                   "CREATE TEMP TABLE new_rows (id varchar(9)); CREATE TEMP TABLE old_rows (id varchar(9));"
                   "CREATE TABLE own.new_rows (id varchar(9)); CREATE TABLE own.old_rows (id varchar(9));"
                   "SET search_path = own, pg_temp, pg_catalog;"
                   "INSERT INTO public.plays VALUES ('3', 'three'); UPDATE public.plays SET c = 'x';"
                   "UPDATE public.plays SET id = 'k' || id; DELETE FROM public.plays WHERE c IS NULL OR id LIKE 'k1%'");
        m_scene->reconcileAll();
        QCOMPARE(m_scene->difference(), QString());
        QCOMPARE(m_database->value("SELECT count(*) FROM own.caught WHERE who <> 'tidemark_test_writer'"),
                 QStringLiteral("0"));
        m_database->exec("DROP SCHEMA own CASCADE");
    }

    void lastvalIsStillTheWritersOwn()
    {
        m_database->exec("CREATE TABLE plays (id bigserial PRIMARY KEY, c text); CREATE TABLE plays_new (LIKE plays)");
        m_scene->install();
        pg::Session session = m_database->open();
        QVERIFY_RESULT(session.exec("INSERT INTO public.plays (c) VALUES ('a'), ('b'), ('c')"));
        const auto last = session.exec("SELECT lastval(), (SELECT max(id) FROM public.plays)");
        QVERIFY_RESULT(last);
        QCOMPARE(last->int64(0, 0), last->int64(0, 1));
        QCOMPARE(m_scene->pending(), 3);
    }

    void aStatementThatTouchesNothingLogsNothing()
    {
        follow();
        m_database->exec(
            "UPDATE plays SET c = 'x' WHERE false; DELETE FROM plays WHERE false; INSERT INTO plays SELECT 1, 'x' WHERE false");
        QCOMPARE(m_scene->pending(), 0);
    }

    void rowsThatASubscriptionAppliesAreCaptured()
    {
        ClusterOptions options;
        options.settings.insert(QStringLiteral("wal_level"), QStringLiteral("logical"));
        TestCluster cluster(options);
        QVERIFY_RESULT(cluster.start());
        TestDatabase publisher(cluster.connInfo());
        TestDatabase subscriber(cluster.connInfo());
        publisher.exec("CREATE TABLE plays (id bigint PRIMARY KEY, c text); CREATE PUBLICATION p FOR TABLE plays");
        publisher.exec("SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
        subscriber.exec("CREATE TABLE plays (id bigint PRIMARY KEY, c text); CREATE TABLE plays_new (LIKE plays);"
                        "ALTER TABLE plays_new ADD PRIMARY KEY (id)");
        const QString where = publisher.conn().with(QStringLiteral("application_name"), QString()).withoutPassword();
        subscriber.exec("CREATE SUBSCRIPTION s CONNECTION " + pg::quoteLiteral(where).toUtf8()
                        + " PUBLICATION p WITH (create_slot = false, slot_name = 's', copy_data = false)");
        {
            CaptureScene scene(subscriber, plays, copyOfPlays);
            scene.install();
            QCOMPARE(scene.capture().flavour, CaptureFlavour::Row);
            publisher.exec("INSERT INTO plays SELECT g, 'c' FROM generate_series(1, 20) AS g");
            publisher.exec(
                "UPDATE plays SET c = 'd' WHERE id < 5; DELETE FROM plays WHERE id > 15; UPDATE plays SET id = 99 WHERE id = 7");
            QTRY_COMPARE_WITH_TIMEOUT(subscriber.value("SELECT count(*) || ' ' || max(id) FROM plays"),
                                      QStringLiteral("15 99"), 20'000);
            scene.reconcileAll();
            QCOMPARE(scene.difference(), QString());
            publisher.exec("TRUNCATE plays; INSERT INTO plays VALUES (1, 'after')");
            QTRY_COMPARE_WITH_TIMEOUT(subscriber.value("SELECT count(*) || ' ' || max(c) FROM plays"),
                                      QStringLiteral("1 after"), 20'000);
            scene.reconcileAll();
            QCOMPARE(scene.difference(), QString());
        }
        subscriber.exec("ALTER SUBSCRIPTION s DISABLE");
        subscriber.exec("ALTER SUBSCRIPTION s SET (slot_name = NONE)");
        subscriber.exec("DROP SUBSCRIPTION s");
        QTRY_COMPARE_WITH_TIMEOUT(publisher.value("SELECT count(*) FROM pg_replication_slots WHERE active"),
                                  QStringLiteral("0"), 20'000);
        publisher.exec("SELECT pg_drop_replication_slot('s')");
    }

    void aHypertableIsCapturedByRows()
    {
        TIDEMARK_REQUIRE_SERVER("timescale");
        TestDatabase database(QStringLiteral("timescale"));
        database.exec("CREATE EXTENSION timescaledb SCHEMA public");
        database.exec(
            "CREATE TABLE plays (id bigint, at timestamptz NOT NULL, c text, PRIMARY KEY (id, at));"
            "SELECT create_hypertable('plays', 'at', chunk_time_interval => interval '1 day');"
            "INSERT INTO plays SELECT g, timestamptz '2026-01-01Z' + g * interval '1 hour', 'c' FROM generate_series(1, 100) AS g;"
            "CREATE TABLE plays_new (LIKE plays); INSERT INTO plays_new SELECT * FROM plays; ALTER TABLE plays_new ADD PRIMARY KEY (id, at)");
        {
            CaptureScene scene(database, plays, copyOfPlays);
            scene.install();
            QCOMPARE(scene.capture().flavour, CaptureFlavour::Row);
            const auto probe = probeCapture(scene.driver(), scene.capture());
            QVERIFY_RESULT(probe);
            QVERIFY(probe->isEnabled);
            database.exec(
                "UPDATE plays SET c = 'd' WHERE id % 3 = 0; DELETE FROM plays WHERE id > 90;"
                "INSERT INTO plays VALUES (500, '2027-01-01Z', 'a new chunk'); COPY plays FROM PROGRAM 'echo 501,2027-05-05,copied' CSV;");
            scene.reconcileAll();
            QCOMPARE(scene.difference(), QString());
            database.exec("TRUNCATE plays; INSERT INTO plays VALUES (1, '2026-01-01Z', 'after')");
            QCOMPARE(scene.differenceAfterDrain(), QString());
            scene.run(capturesql::disable(scene.capture()));
            scene.run(capturesql::uninstall(scene.capture()));
        }
    }

    // Which tables.

    void aTableWithoutAKeyIsRefusedWithTheReason_data()
    {
        QTest::addColumn<QByteArray>("table");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char *name, const char *table, const char *reason) {
            QTest::newRow(name) << QByteArray(table) << QString::fromLatin1(reason);
        };
        row("no key", "CREATE TABLE plays (id bigint, c text)", "no key to capture its changes by");
        row("NULL in the key", "CREATE TABLE plays (id bigint UNIQUE, c text)", "no key to capture its changes by");
        row("partial", "CREATE TABLE plays (id bigint NOT NULL); CREATE UNIQUE INDEX ON plays (id) WHERE id > 5",
            "no key to capture its changes by");
        row("expression", "CREATE TABLE plays (id text NOT NULL); CREATE UNIQUE INDEX ON plays (lower(id))",
            "no key to capture its changes by");
        row("view", "CREATE VIEW plays AS SELECT 1 AS id", "no table whose changes can be captured");
        row("inherited", "CREATE TABLE plays (id bigint PRIMARY KEY); CREATE TABLE child () INHERITS (plays)",
            "tables that inherit from it");
        row("missing", "SELECT 1", "there is no table");
    }

    void aTableWithoutAKeyIsRefusedWithTheReason()
    {
        QFETCH(const QByteArray, table);
        QFETCH(const QString, reason);
        m_database->exec(table);
        const auto spec = readCaptureSpec(m_scene->driver(), plays, QStringLiteral("c"));
        QVERIFY(!spec);
        QVERIFY2(spec.error().summary().contains(reason), qPrintable(spec.error().summary()));
    }

    void theKeyIsThePrimaryKeyElseTheShortestThatHasNoNulls()
    {
        m_database->exec(
            "CREATE DOMAIN email AS varchar(50); CREATE TABLE plays (a int NOT NULL, b email COLLATE \"C\" NOT NULL, c uuid NOT NULL, d int UNIQUE);"
            "CREATE UNIQUE INDEX ON plays (a, c); CREATE UNIQUE INDEX ON plays (b) INCLUDE (d)");
        auto spec = readCaptureSpec(m_scene->driver(), plays, QStringLiteral("c"));
        QVERIFY_RESULT(spec);
        const KeyColumn mail{QStringLiteral("b"), QStringLiteral("character varying(50)"),
                             QStringLiteral("pg_catalog.\"C\""), QStringLiteral("pg_catalog.=")};
        QCOMPARE(spec->key, std::vector<KeyColumn>{mail});
        m_database->exec("ALTER TABLE plays ADD PRIMARY KEY (c, a)");
        spec = readCaptureSpec(m_scene->driver(), plays, QStringLiteral("c"));
        QVERIFY_RESULT(spec);
        QCOMPARE(spec->key.size(), 2u);
        QCOMPARE(spec->key.front().name, QStringLiteral("c"));
        QVERIFY_RESULT(
            readCaptureSpec(m_scene->driver(), plays, QStringLiteral("c"), {QStringLiteral("c"), QStringLiteral("b")}));
        QVERIFY(!readCaptureSpec(m_scene->driver(), plays, QStringLiteral("c"), {QStringLiteral("d")}));
        QVERIFY(!readCaptureSpec(m_scene->driver(), plays, QStringLiteral("not \" a name")));
        QVERIFY(!readCaptureSpec(m_scene->driver(), plays, QString(60, QLatin1Char('n'))));
    }

    void namesAreWhateverPostgresAllows()
    {
        const QualifiedName source{QStringLiteral("we\"ird; drop"),
                                   QStringLiteral("Plays '$capture$' %1 ") + QString(30, QChar(0xe4))};
        const QualifiedName target{QStringLiteral("we\"ird; drop"), QStringLiteral("%2 new_rows")};
        const QString table = QStringLiteral(
            "(\"k\"\"1\" bigint, \"$capture$\" text, \"new_rows\" int, \"%1\" text, \"select\" text, PRIMARY KEY (\"k\"\"1\", \"$capture$\"))");
        m_database->exec("CREATE SCHEMA \"we\"\"ird; drop\"; CREATE TABLE " + source.quoted().toUtf8() + table.toUtf8()
                         + "; CREATE TABLE " + target.quoted().toUtf8() + table.toUtf8());
        CaptureScene scene(*m_database, source, target);
        scene.install();
        const auto insert = "INSERT INTO " + source.quoted().toUtf8()
                            + " SELECT g, 'x', g, 'y', 'z' FROM generate_series(1, 50) AS g;";
        m_database->exec(insert + "UPDATE " + source.quoted().toUtf8() + " SET \"%1\" = NULL WHERE new_rows < 9");
        scene.reconcileAll(7);
        QCOMPARE(scene.difference(), QString());
        m_database->exec("DROP SCHEMA \"we\"\"ird; drop\" CASCADE");
    }

    // Who may do what when.

    void drainAsksForALockAndForSnapshotsYoungerThanIt()
    {
        follow();
        auto transaction = pg::Transaction::begin(m_scene->driver());
        QVERIFY_RESULT(transaction->exec("LOCK TABLE public.plays IN ROW EXCLUSIVE MODE"));
        auto drained = m_scene->reconciler().drain(*transaction);
        QVERIFY(!drained);
        QVERIFY(drained.error().kind == ErrorKind::Safety);
        transaction->rollback();
        auto repeatable = pg::Transaction::begin(m_scene->driver(), "ISOLATION LEVEL REPEATABLE READ");
        QVERIFY_RESULT(repeatable->exec("LOCK TABLE public.plays IN ACCESS EXCLUSIVE MODE"));
        drained = m_scene->reconciler().drain(*repeatable);
        QVERIFY(!drained);
        QVERIFY(drained.error().kind == ErrorKind::Safety);
    }

    void twoReconcilersDoNotOverlap()
    {
        follow();
        m_database->exec("UPDATE plays SET c = 'x'");
        pg::Session second = m_database->open();
        auto transaction = pg::Transaction::begin(m_scene->driver());
        QVERIFY_RESULT(transaction->exec("LOCK TABLE public.plays IN SHARE MODE"));
        QVERIFY_RESULT(m_scene->reconciler().drain(*transaction));
        const auto other = Reconciler(second, m_scene->spec()).step(10);
        QVERIFY(!other);
        QVERIFY(other.error().kind == ErrorKind::Conflict && other.error().retryable);
        transaction->rollback();
        QVERIFY_RESULT(Reconciler(second, m_scene->spec()).step(10));
    }

    void aPolicyThatHidesRowsStopsReconcileInsteadOfDeletingThem()
    {
        follow();
        m_database->exec(
            "ALTER TABLE plays ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON plays USING (id > 2);"
            "GRANT USAGE ON SCHEMA tidemark TO tidemark_test_writer; GRANT ALL ON ALL TABLES IN SCHEMA public, tidemark TO tidemark_test_writer;"
            "UPDATE plays SET c = 'x'");
        pg::Session session = openAsWriter();
        const auto done = Reconciler(session, m_scene->spec()).step(10);
        QVERIFY(!done);
        QVERIFY(done.error().kind == ErrorKind::Permission);
        QCOMPARE(m_scene->pending(), 3);
        m_scene->reconcileAll();
        QCOMPARE(m_scene->difference(), QString());
    }

    void aDrainIsPredictedFromBatchesThatWereMeasured()
    {
        follow();
        Reconciler reconciler = m_scene->reconciler();
        QVERIFY(!reconciler.predictedDrain(10));
        QVERIFY_RESULT(reconciler.step(10)); // there was nothing
        QVERIFY(!reconciler.predictedDrain(10));
        m_database->exec("INSERT INTO plays SELECT g, 'c' FROM generate_series(10, 5000) AS g");
        const auto lag = reconciler.lag();
        QVERIFY_RESULT(lag);
        QCOMPARE(lag->pending, 4991);
        QVERIFY(lag->oldest && lag->oldest->count() >= 0);
        const auto done = reconciler.step(4000);
        QVERIFY_RESULT(done);
        QCOMPARE(done->entries, 4000);
        const auto predicted = reconciler.predictedDrain(991);
        QVERIFY(predicted && predicted->count() > 0 && *predicted < done->duration);
        QVERIFY(reconciler.entriesPerSecond() > 0);
    }

    void uninstallLeavesNothing()
    {
        follow();
        m_scene->run(capturesql::disable(m_scene->capture()));
        m_scene->run(capturesql::uninstall(m_scene->capture()));
        const auto probe = probeCapture(m_scene->driver(), m_scene->capture());
        QVERIFY_RESULT(probe);
        QVERIFY(!probe->hasLog && !probe->hasFunctions && !probe->isEnabled);
        QCOMPARE(
            m_database->value(
                "SELECT (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal) + (SELECT count(*) FROM pg_proc WHERE pronamespace = 'tidemark'::regnamespace)"
                " + (SELECT count(*) FROM pg_class WHERE relnamespace = 'tidemark'::regnamespace)"),
            QStringLiteral("0"));
    }

    // The mirror.

    void theMirrorIsThereWhenTheStatementIs()
    {
        follow();
        mirror();
        m_database->exec(
            "INSERT INTO plays VALUES (7, 'seven'), (8, 'eight'); UPDATE plays SET c = upper(c) WHERE id > 1; UPDATE plays SET id = 80 WHERE id = 8; DELETE FROM plays WHERE id = 1;"
            "INSERT INTO plays VALUES (7, 'x') ON CONFLICT (id) DO UPDATE SET c = excluded.c");
        QCOMPARE(m_scene->difference(), QString());
        QVERIFY(m_scene->pending() > 0);
        const auto done = m_scene->reconciler().step(100);
        QVERIFY_RESULT(done);
        QCOMPARE(done->deleted + done->inserted, 0);
        QVERIFY(done->entries > 0);
        m_scene->run(capturesql::stopMirror(m_scene->capture()));
        m_database->exec("INSERT INTO plays VALUES (9, 'nine')");
        QVERIFY(!m_scene->difference().isEmpty());
        QCOMPARE(m_scene->differenceAfterDrain(), QString());
    }

    void whatTheTargetRefusesStaysInTheLogAndTheStatementSucceeds()
    {
        follow();
        mirror();
        m_database->exec(
            "ALTER TABLE plays_new ADD CHECK (c <> 'bad'); INSERT INTO plays VALUES (7, 'bad'); INSERT INTO plays VALUES (8, 'good')");
        QCOMPARE(m_database->value("SELECT string_agg(id::text, ',' ORDER BY id) FROM plays_new WHERE id > 3"),
                 QStringLiteral("8"));
        const auto refused = m_scene->reconciler().step(100);
        QVERIFY(!refused);
        QVERIFY(refused.error().kind == ErrorKind::Constraint);
        m_database->exec("UPDATE plays SET c = 'better' WHERE id = 7");
        m_scene->reconcileAll();
        QCOMPARE(m_scene->difference(), QString());
    }

    void aStrictMirrorRefusesWithTheTarget()
    {
        follow();
        mirror(true);
        m_database->exec("ALTER TABLE plays_new ADD CHECK (c <> 'bad')");
        pg::Session session = m_database->open();
        const auto refused = session.exec("INSERT INTO public.plays VALUES (7, 'bad')");
        QVERIFY(!refused);
        QVERIFY(refused.error().kind == ErrorKind::Constraint);
        QVERIFY_RESULT(session.exec("INSERT INTO public.plays VALUES (7, 'good')"));
        QCOMPARE(m_scene->difference(), QString());
    }

    void aWriterDoesNotWaitLongForALockOnTheTarget()
    {
        follow();
        mirror();
        Actor holder(m_database->open());
        holder.run("BEGIN; LOCK TABLE public.plays_new IN ACCESS EXCLUSIVE MODE");
        QElapsedTimer elapsed;
        elapsed.start();
        m_database->exec("UPDATE plays SET c = 'x' WHERE id = 1");
        QVERIFY2(elapsed.elapsed() < 5000, qPrintable(QString::number(elapsed.elapsed())));
        holder.run("COMMIT");
        QVERIFY(!m_scene->difference().isEmpty());
        m_scene->reconcileAll();
        QCOMPARE(m_scene->difference(), QString());
    }

private:
    pg::Session openAsWriter() const
    {
        auto session = pg::Session::open(
            m_database->conn().with(QStringLiteral("user"), QStringLiteral("tidemark_test_writer")), writable());
        if (!session)
            qFatal("%s", describe(session.error()).constData());
        return std::move(*session);
    }

    void follow()
    {
        m_database->exec(
            "CREATE TABLE plays (id bigint PRIMARY KEY, c text); INSERT INTO plays VALUES (1, 'one'), (2, 'two'), (3, 'three');"
            "CREATE TABLE plays_new (LIKE plays); INSERT INTO plays_new SELECT * FROM plays; ALTER TABLE plays_new ADD PRIMARY KEY (id)");
        m_scene->install();
    }

    void mirror(bool strict = false)
    {
        m_scene->spec().skipEqual = true;
        m_scene->run(
            capturesql::startMirror(m_scene->capture(), {m_scene->spec().target, m_scene->spec().columns, strict}));
    }

    std::unique_ptr<TestDatabase> m_database;
    std::unique_ptr<CaptureScene> m_scene;
};

QTEST_GUILESS_MAIN(TstCaptureWriters)
#include "tst_capturewriters.moc"
