// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/pause.h"
#include "core/plan/lockgate.h"
#include "tests/support/actor.h"
#include "tests/support/steadyreader.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>

#include <thread>

using namespace tidemark;
using namespace tidemark::test;

namespace {

const std::vector<StepLock> exclusive{{{QStringLiteral("public"), QStringLiteral("t")}, LockMode::AccessExclusive}};

} // namespace

class TstLockGate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
        m_database->exec("CREATE TABLE t (id int)");
        m_session = m_database->open();
    }
    void cleanup()
    {
        m_session.reset();
        m_database.reset();
    }

    void readersNeverWaitForALockThatAnOldTransactionDenies()
    {
        Actor blocker(m_database->open());
        blocker.run("BEGIN; SELECT count(*) FROM public.t");
        QTest::qWait(300);
        SteadyReader reader(m_database->open(), "public.t");
        QStringList told;
        const LockGate gate({}, [&](const std::vector<LockHolder> &holders, Millis) {
            for (const LockHolder &holder : holders)
                told << holder.text();
        });
        blocker.start("SELECT pg_sleep(3)");
        std::jthread freeing([&] {
            static_cast<void>(blocker.finish());
            blocker.run("COMMIT");
        });
        QElapsedTimer timer;
        timer.start();
        auto locked = gate.open(*m_session, exclusive, {});
        QVERIFY_RESULT(locked);
        const qint64 waited = timer.elapsed();
        QVERIFY2(waited >= 2'500, qPrintable(QString::number(waited)));
        QCOMPARE(locked->acquisition.attempts, 1); // it never stood in the queue before the way was free
        QVERIFY2(!told.isEmpty() && told.front().contains(QStringLiteral("pid %1 ").arg(blocker.pid())),
                 qPrintable(told.join(QLatin1Char('\n'))));
        locked->transaction.rollback();
        // Who queues behind a plain LOCK TABLE waits as long as the blocker lives.
        const Millis longest = reader.longest();
        QVERIFY2(longest < Millis(1'000), qPrintable(QString::number(longest.count())));
    }

    void anAttemptAmongShortTransactionsIsBoundedAndRepeated()
    {
        Actor holder(m_database->open());
        holder.run("BEGIN; SELECT count(*) FROM public.t");
        LockPatience patience;
        patience.oldTransaction = Millis(60'000); // so that it tries while the holder is there
        patience.pause = Millis(50);
        std::jthread freeing([&] {
            static_cast<void>(pauseFor(Millis(600), {}));
            holder.run("COMMIT");
        });
        const auto locked = LockGate(patience, {}).open(*m_session, exclusive, {});
        QVERIFY_RESULT(locked);
        QVERIFY2(locked->acquisition.attempts > 1, qPrintable(QString::number(locked->acquisition.attempts)));
    }

    void aViewIsLockedWithoutWhatItReads()
    {
        m_database->exec("CREATE VIEW v AS SELECT * FROM t");
        Actor writer(m_database->open());
        writer.run("BEGIN; INSERT INTO public.t VALUES (1)");
        const auto locked = LockGate({}, {}).open(
            *m_session, {{{QStringLiteral("public"), QStringLiteral("v")}, LockMode::AccessExclusive}}, {});
        QVERIFY_RESULT(locked);
        QCOMPARE(m_database->value(
                     "SELECT string_agg(relation::regclass || ' ' || mode, ', ') FROM pg_locks WHERE pid = "
                     + QByteArray::number(m_session->backendPid()) + " AND relation IN ('v'::regclass, 't'::regclass)"),
                 QStringLiteral("v AccessExclusiveLock"));
    }

    void itGivesUpNamingWhoIsInTheWay()
    {
        Actor holder(m_database->open());
        holder.run("BEGIN; LOCK TABLE public.t IN ROW EXCLUSIVE MODE");
        LockPatience patience;
        patience.giveUp = Millis(800);
        const auto locked = LockGate(patience, {}).open(*m_session, exclusive, {});
        QVERIFY(!locked);
        QVERIFY(locked.error().kind == ErrorKind::LockTimeout);
        QVERIFY2(locked.error().message.contains(QStringLiteral("pid %1 ").arg(holder.pid())),
                 qPrintable(locked.error().message));
        QVERIFY2(locked.error().message.contains(QLatin1String("holds ROW EXCLUSIVE on public.t")),
                 qPrintable(locked.error().message));
    }

    void aPreparedTransactionIsNamedByItsIdentifier()
    {
        ClusterOptions options;
        options.settings.insert(QStringLiteral("max_prepared_transactions"), QStringLiteral("2"));
        TestCluster cluster(options);
        QVERIFY_RESULT(cluster.start());
        TestDatabase database(cluster.connInfo());
        database.exec("CREATE TABLE t (id int)");
        database.exec("BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'from the shop'");
        pg::Session session = database.open();
        const auto holders = LockGate::holders(session, exclusive);
        database.exec("ROLLBACK PREPARED 'from the shop'"); // or the database cannot be dropped
        QVERIFY_RESULT(holders);
        QCOMPARE(holders->size(), size_t(1));
        QVERIFY2(holders->front().text().startsWith(
                     QStringLiteral("prepared transaction “from the shop” holds ROW EXCLUSIVE")),
                 qPrintable(holders->front().text()));
    }

    void blockersAreEndedOnlyWithConsent()
    {
        Actor holder(m_database->open());
        holder.run("BEGIN; SELECT count(*) FROM public.t");
        LockPatience patience;
        patience.giveUp = Millis(1'000);
        QVERIFY(!LockGate(patience, {}).open(*m_session, exclusive, {}));
        holder.run("SELECT 1"); // still there
        patience.giveUp = Millis(10'000);
        patience.terminateBlockersAfter = Millis(300);
        QVERIFY_RESULT(LockGate(patience, {}).open(*m_session, exclusive, {}));
    }

    void stoppedItLeavesTheQueueAtOnce()
    {
        Actor holder(m_database->open());
        holder.run("BEGIN; SELECT count(*) FROM public.t");
        QTest::qWait(250);
        std::stop_source stop;
        std::jthread stopping([&] {
            static_cast<void>(pauseFor(Millis(300), {}));
            stop.request_stop();
        });
        const auto locked = LockGate({}, {}).open(*m_session, exclusive, stop.get_token());
        QVERIFY(!locked);
        QVERIFY(locked.error().kind == ErrorKind::Cancelled);
    }

    void aMaterializedViewIsLockedTooAndStaysWhatItIs()
    {
        m_database->exec("CREATE ROLE tidemark_test_gate; CREATE MATERIALIZED VIEW m AS SELECT 1 AS n;"
                         "ALTER MATERIALIZED VIEW m OWNER TO tidemark_test_gate");
        {
            auto locked = LockGate({}, {}).open(
                *m_session, {{{QStringLiteral("public"), QStringLiteral("m")}, LockMode::AccessExclusive}}, {});
            QVERIFY_RESULT(locked);
            QCOMPARE(m_database->value("SELECT mode FROM pg_locks WHERE relation = 'm'::regclass AND pid = $1",
                                       {m_session->backendPid()}),
                     QStringLiteral("AccessExclusiveLock"));
            QVERIFY_RESULT(locked->transaction.commit());
        }
        QCOMPARE(m_database->value("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'm'::regclass"),
                 QStringLiteral("tidemark_test_gate"));
        m_database->exec("DROP MATERIALIZED VIEW m; DROP ROLE tidemark_test_gate");
    }

    void aRelationThatIsNotThereIsNamed()
    {
        const auto locked = LockGate({}, {}).open(
            *m_session, {{{QStringLiteral("public"), QStringLiteral("Gone")}, LockMode::Share}}, {});
        QVERIFY(!locked);
        QCOMPARE(locked.error().message, QStringLiteral("there is no relation public.\"Gone\" to lock"));
    }

private:
    std::unique_ptr<TestDatabase> m_database;
    std::optional<pg::Session> m_session;
};

QTEST_GUILESS_MAIN(TstLockGate)
#include "tst_lockgate.moc"
