// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/backendaction.h"
#include "core/monitor/databaseticker.h"
#include "core/monitor/lockcollector.h"
#include "tests/support/actor.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QThread>

using namespace tidemark;
using namespace tidemark::test;

using Kind = BackendAction::Kind;

class TstBackendAction : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
        auto store = LocalStore::inMemory();
        QVERIFY_RESULT(store);
        m_history = std::make_shared<HistoryStore>(*store);
        m_profile = {};
        m_profile.name = QStringLiteral("here");
        m_profile.safety = Safety::Free;
    }

    void cleanup() { m_database.reset(); }

    void terminatingTheRootFreesTheChainOnEveryVersion_data()
    {
        QTest::addColumn<QString>("server");
        for (const QString &name : plainServerNames())
            QTest::newRow(qPrintable(name)) << name;
    }

    void terminatingTheRootFreesTheChainOnEveryVersion()
    {
        QFETCH(const QString, server);
        TIDEMARK_REQUIRE_SERVER(server.toUtf8());
        TestDatabase database(server);
        database.exec("CREATE TABLE public.hot (id int)");
        Actor root(database.open());
        Actor alter(database.open());
        Actor reader(database.open());
        root.run("BEGIN; SELECT * FROM public.hot");
        alter.start("ALTER TABLE public.hot ADD COLUMN note text");
        waitUntilWaiting(database, 1);
        reader.start("SELECT note FROM public.hot");
        waitUntilWaiting(database, 2);

        Collectors collectors;
        collectors.push_back(std::make_unique<LockCollector>());
        DatabaseTicker ticker(database.conn(), std::move(collectors), m_clock, QStringLiteral("tidemark test"));
        QVERIFY_RESULT(ticker.tick(Millis(1000)));
        const LockSnapshot &locks = *ticker.snapshot()->locks;
        LockParty victim;
        for (const LockNode &node : lockForest(locks)) {
            const LockParty &party = locks.parties[static_cast<std::size_t>(node.party)];
            if (party.pid == root.pid()) {
                victim = party;
                QCOMPARE(node.blocks, 2);
            }
        }
        QCOMPARE(victim.pid, root.pid());

        pg::Session session = poller(database);
        const auto report = action().perform(session, Kind::Terminate, victim, {true, {}});
        QVERIFY_RESULT(report);
        QCOMPARE(report->outcome, BackendOutcome::Done);
        QVERIFY_RESULT(alter.finish());
        QVERIFY_RESULT(reader.finish());

        const auto audit = m_history->audit(10);
        QVERIFY_RESULT(audit);
        QCOMPARE(audit->size(), std::size_t{2});
        QCOMPARE((*audit)[1].outcome, QStringLiteral("begun"));
        QCOMPARE((*audit)[0].outcome, report->text);
        QCOMPARE((*audit)[0].statement, BackendAction::sql(Kind::Terminate, victim));
        QCOMPARE((*audit)[0].profile, QStringLiteral("here"));
        QCOMPARE((*audit)[0].database, database.name());
    }

    void whoIsAskedToStopSignalsNobodyAndDoesNotWait()
    {
        Actor sleeper(m_database->open());
        sleeper.start("SELECT pg_sleep(60)");
        waitUntilActive(sleeper.pid());
        pg::Session session = poller(*m_database);
        std::stop_source quitting;
        quitting.request_stop();
        QElapsedTimer taken;
        taken.start();
        const auto report = action().perform(session, Kind::Cancel, party(sleeper.pid()), {}, Millis(3'000),
                                             quitting.get_token());
        QVERIFY(!report);
        QCOMPARE(report.error().kind, ErrorKind::Cancelled);
        QVERIFY2(taken.elapsed() < 1'000, qPrintable(QString::number(taken.elapsed())));
        sleeper.cancel();
    }

    void cancellingEndsTheStatementAndLeavesTheBackend()
    {
        Actor sleeper(m_database->open());
        sleeper.start("SELECT pg_sleep(60)");
        waitUntilActive(sleeper.pid());
        pg::Session session = poller(*m_database);
        const auto report = action().perform(session, Kind::Cancel, party(sleeper.pid()), {});
        QVERIFY_RESULT(report);
        QCOMPARE(report->outcome, BackendOutcome::Done);
        const Status ended = sleeper.finish();
        QVERIFY(!ended);
        QCOMPARE(ended.error().sqlState, QByteArray("57014"));
        sleeper.run("SELECT 1");
    }

    void aStopEndsTheWaiting()
    {
        Actor sleeper(m_database->open());
        sleeper.start("SELECT pg_sleep(60)");
        waitUntilActive(sleeper.pid());
        pg::Session session = poller(*m_database);
        std::stop_source stop;
        stop.request_stop();
        const auto report = action().perform(session, Kind::Cancel, party(sleeper.pid()), {}, Millis(60'000),
                                             stop.get_token());
        QVERIFY(!report);
        QCOMPARE(report.error().kind, ErrorKind::Cancelled);
    }

    void aBackendThatTookOverThePidIsNotTouched_data()
    {
        QTest::addColumn<Kind>("kind");
        QTest::newRow("cancel") << Kind::Cancel;
        QTest::newRow("terminate") << Kind::Terminate;
    }

    void aBackendThatTookOverThePidIsNotTouched()
    {
        QFETCH(const Kind, kind);
        Actor innocent(m_database->open());
        innocent.start("SELECT pg_sleep(1)");
        waitUntilActive(innocent.pid());
        LockParty earlier = party(innocent.pid());
        *earlier.backendStart -= std::chrono::microseconds(1);
        pg::Session session = poller(*m_database);
        const auto report = action().perform(session, kind, earlier, {true, {}});
        QVERIFY_RESULT(report);
        QCOMPARE(report->outcome, BackendOutcome::AlreadyGone);
        QVERIFY_RESULT(innocent.finish());
    }

    void aBackendThatEndedIsToldAsGone()
    {
        LockParty gone;
        {
            Actor actor(m_database->open());
            gone = party(actor.pid());
        }
        QTRY_VERIFY(m_database->value("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", {gone.pid})
                    == QLatin1String("0"));
        pg::Session session = poller(*m_database);
        const auto report = action().perform(session, Kind::Terminate, gone, {true, {}});
        QVERIFY_RESULT(report);
        QCOMPARE(report->outcome, BackendOutcome::AlreadyGone);
    }

    void anIdleTransactionHasNothingToCancel()
    {
        Actor idle(m_database->open());
        idle.run("BEGIN; SELECT 1");
        pg::Session session = poller(*m_database);
        const auto report = action().perform(session, Kind::Cancel, party(idle.pid()), {});
        QVERIFY_RESULT(report);
        QCOMPARE(report->outcome, BackendOutcome::Refused);
        QVERIFY2(report->text.contains(QLatin1String("idle in transaction")), qPrintable(report->text));
        idle.run("COMMIT");
    }

    void aRoleThatMayNotIsRefusedAndToldWhatItTakes()
    {
        const QString role = QStringLiteral("weak_") + m_database->name();
        const QByteArray quoted = pg::quoteIdentifier(role).toUtf8();
        m_database->exec("CREATE ROLE " + quoted + " LOGIN IN ROLE pg_read_all_stats");
        {
            Actor actor(m_database->open());
            auto session = pg::Session::open(m_database->conn().with(QStringLiteral("user"), role));
            QVERIFY_RESULT(session);
            const auto report = action().perform(*session, Kind::Terminate, party(actor.pid()), {true, {}});
            QVERIFY_RESULT(report);
            QCOMPARE(report->outcome, BackendOutcome::Refused);
            QVERIFY2(report->text.contains(QLatin1String("pg_signal_backend")), qPrintable(report->text));
            actor.run("SELECT 1");

            LockParty hidden = party(actor.pid());
            hidden.backendStart.reset();
            const auto blind = action().perform(*session, Kind::Terminate, hidden, {true, {}});
            QVERIFY(!blind);
            QCOMPARE(blind.error().kind, ErrorKind::Permission);
        }
        m_database->exec("DROP ROLE " + quoted);
    }

    void aReadOnlyProfileRefusesBeforeTheServerIsAsked()
    {
        m_profile.safety = Safety::ReadOnly;
        Actor actor(m_database->open());
        pg::Session session = poller(*m_database);
        for (const Kind kind : {Kind::Cancel, Kind::Terminate}) {
            const auto refused = action().perform(session, kind, party(actor.pid()),
                                                  {true, QString::number(actor.pid())});
            QVERIFY(!refused);
            QCOMPARE(refused.error().kind, ErrorKind::Safety);
            QVERIFY(!refused.error().hint.isEmpty());
        }
        actor.run("SELECT 1");
        const auto audit = m_history->audit(10);
        QVERIFY_RESULT(audit);
        QVERIFY(audit->empty());
    }

    void whatIsAskedDependsOnSafetyAndEnvironment_data()
    {
        QTest::addColumn<int>("safety");
        QTest::addColumn<int>("environment");
        QTest::addColumn<Kind>("kind");
        QTest::addColumn<bool>("asks");
        QTest::addColumn<bool>("typed");
        const auto row = [](const char *name, Safety safety, Environment environment, Kind kind, bool asks,
                            bool typed) {
            QTest::newRow(name) << static_cast<int>(safety) << static_cast<int>(environment) << kind << asks << typed;
        };
        row("free cancels at once", Safety::Free, Environment::Test, Kind::Cancel, false, false);
        row("free asks before it terminates", Safety::Free, Environment::Test, Kind::Terminate, true, false);
        row("confirm asks before it cancels", Safety::Confirm, Environment::Test, Kind::Cancel, true, false);
        row("production is typed even when free", Safety::Free, Environment::Production, Kind::Terminate, true, true);
        row("production is typed", Safety::Confirm, Environment::Production, Kind::Terminate, true, true);
        row("a cancel is not typed", Safety::Confirm, Environment::Production, Kind::Cancel, true, false);
    }

    void whatIsAskedDependsOnSafetyAndEnvironment()
    {
        QFETCH(const int, safety);
        QFETCH(const int, environment);
        QFETCH(const Kind, kind);
        QFETCH(const bool, asks);
        QFETCH(const bool, typed);
        m_profile.safety = static_cast<Safety>(safety);
        m_profile.environment = static_cast<Environment>(environment);
        Actor actor(m_database->open());
        const LockParty victim = party(actor.pid());
        const QString pid = QString::number(victim.pid);
        const auto needed = action().confirmation(kind, victim);
        QVERIFY_RESULT(needed);
        QCOMPARE(needed->has_value(), asks);
        if (!asks)
            return;
        QVERIFY2((*needed)->text.contains(pid), qPrintable((*needed)->text));
        QCOMPARE((*needed)->typedWord, typed ? pid : QString());

        pg::Session session = poller(*m_database);
        const auto unconfirmed = action().perform(session, kind, victim, {});
        QVERIFY(!unconfirmed);
        QCOMPARE(unconfirmed.error().kind, ErrorKind::Safety);
        if (typed) {
            const auto mistyped = action().perform(session, kind, victim, {true, pid + QLatin1Char('1')});
            QVERIFY(!mistyped);
            QCOMPARE(mistyped.error().kind, ErrorKind::Safety);
        }
        actor.run("SELECT 1");
        if (kind == Kind::Terminate)
            QCOMPARE(action().perform(session, kind, victim, {true, pid})->outcome, BackendOutcome::Done);
    }

    void aPreparedTransactionIsOnlyNamedWithTheSqlThatEndsIt()
    {
        LockParty prepared;
        prepared.preparedGid = QStringLiteral("o'gid");
        prepared.database = QStringLiteral("shop");
        const auto refused = action().confirmation(Kind::Terminate, prepared);
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Input);
        QVERIFY2(refused.error().hint.contains(QLatin1String("ROLLBACK PREPARED 'o''gid';")),
                 qPrintable(refused.error().hint));
        QVERIFY(refused.error().hint.contains(QLatin1String("shop")));
    }

    void theStatementIsShownAsItRuns()
    {
        LockParty victim;
        victim.pid = 4711;
        victim.backendStart = parseTimestamp(u"2026-03-01 12:00:00.123456+00");
        QCOMPARE(BackendAction::sql(Kind::Terminate, victim),
                 QStringLiteral(
                     "SELECT a.backend_start = '2026-03-01T12:00:00.123456Z' AS same_backend, a.state, a.query_start,\n"
                     "       CASE WHEN a.backend_start = '2026-03-01T12:00:00.123456Z' THEN "
                     "pg_catalog.pg_terminate_backend(a.pid) END AS signalled\n"
                     "FROM pg_catalog.pg_stat_get_activity(4711) AS a"));
        QCOMPARE(
            BackendAction::sql(Kind::Cancel, victim),
            QStringLiteral(
                "SELECT a.backend_start = '2026-03-01T12:00:00.123456Z' AS same_backend, a.state, a.query_start,\n"
                "       CASE WHEN a.backend_start = '2026-03-01T12:00:00.123456Z' AND coalesce(a.state, '') NOT LIKE "
                "'idle%' THEN pg_catalog.pg_cancel_backend(a.pid) END AS signalled\n"
                "FROM pg_catalog.pg_stat_get_activity(4711) AS a"));
    }

private:
    BackendAction action() const { return BackendAction(m_profile, m_history, m_clock); }

    /// The monitor's own sort of session: it may not write, yet it may signal.
    static pg::Session poller(const TestDatabase &database) { return database.open(pg::SessionOptions{}); }

    LockParty party(int pid)
    {
        auto session = m_database->open();
        const auto rows = session.exec("SELECT backend_start, datname FROM pg_stat_activity WHERE pid = $1", {pid});
        LockParty party;
        party.pid = pid;
        party.backendStart = rows->instant(0, 0);
        party.database = rows->text(0, 1);
        return party;
    }

    void waitUntilActive(int pid)
    {
        QTRY_COMPARE(m_database->value("SELECT state FROM pg_stat_activity WHERE pid = $1", {pid}),
                     QStringLiteral("active"));
    }

    static void waitUntilWaiting(TestDatabase &database, int count)
    {
        QTRY_COMPARE(database.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                    " AND datname = current_database()"),
                     QString::number(count));
    }

    SystemClock m_clock;
    Profile m_profile;
    std::unique_ptr<TestDatabase> m_database;
    std::shared_ptr<HistoryStore> m_history;
};

QTEST_GUILESS_MAIN(TstBackendAction)
#include "tst_backendaction.moc"
