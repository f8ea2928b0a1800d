// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/transaction.h"
#include "tests/support/testserver.h"

using namespace tidemark;
using namespace tidemark::test;
using pg::Session;
using pg::Transaction;

class TstTransaction : public QObject
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

    void whatIsCommittedStays()
    {
        auto transaction = Transaction::begin(*m_session);
        QVERIFY_RESULT(transaction);
        QVERIFY_RESULT(transaction->exec("INSERT INTO public.t VALUES ($1)", {7}));
        QCOMPARE(m_database->value("SELECT count(*) FROM t"), QStringLiteral("0"));
        QVERIFY_RESULT(transaction->commit());
        QCOMPARE(m_database->value("SELECT count(*) FROM t"), QStringLiteral("1"));
    }

    void whatIsLeftBehindIsRolledBack()
    {
        {
            auto transaction = Transaction::begin(*m_session);
            QVERIFY_RESULT(transaction);
            QVERIFY_RESULT(transaction->exec("INSERT INTO public.t VALUES (1)"));
        }
        QVERIFY_RESULT(m_session->exec("SELECT 1"));
        QCOMPARE(m_database->value("SELECT count(*) FROM t"), QStringLiteral("0"));
        QCOMPARE(m_database->value("SELECT state FROM pg_stat_activity WHERE pid = $1", {m_session->backendPid()}),
                 QStringLiteral("idle"));
    }

    void theModeIsTheServers()
    {
        auto transaction = Transaction::begin(*m_session, "ISOLATION LEVEL REPEATABLE READ READ ONLY");
        QVERIFY_RESULT(transaction);
        const auto level = transaction->exec("SHOW transaction_isolation");
        QVERIFY_RESULT(level);
        QCOMPARE(level->text(0, 0), QStringLiteral("repeatable read"));
        QCOMPARE(errorKindName(transaction->exec("INSERT INTO public.t VALUES (1)").error().kind),
                 QStringLiteral("safety"));
    }

    void aCommitAfterAFailureIsNoSuccess()
    {
        auto transaction = Transaction::begin(*m_session);
        QVERIFY_RESULT(transaction);
        QVERIFY_RESULT(transaction->exec("INSERT INTO public.t VALUES (1)"));
        QVERIFY(!transaction->exec("SELECT nothing"));
        const Status committed = transaction->commit();
        QVERIFY(!committed);
        QVERIFY2(committed.error().summary().contains(QLatin1String("rolled")),
                 qPrintable(committed.error().summary()));
        QCOMPARE(m_database->value("SELECT count(*) FROM t"), QStringLiteral("0"));
        QVERIFY_RESULT(m_session->exec("SELECT 1"));
    }

    void aDeferredConstraintFailsTheCommitAndIsNotInDoubt()
    {
        m_database->exec("ALTER TABLE t ADD CONSTRAINT once UNIQUE (id) DEFERRABLE INITIALLY DEFERRED");
        auto transaction = Transaction::begin(*m_session);
        QVERIFY_RESULT(transaction);
        QVERIFY_RESULT(transaction->exec("INSERT INTO public.t VALUES (1), (1)"));
        const Status committed = transaction->commit();
        QVERIFY(!committed);
        QCOMPARE(errorKindName(committed.error().kind), QStringLiteral("constraint"));
    }

    void aConnectionThatBreaksAtCommitLeavesItInDoubt()
    {
        // The backend ends while it commits: a deferred trigger runs inside COMMIT.
        m_database->exec(
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(30); RETURN NULL; END';"
            "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION public.die()");
        auto transaction = Transaction::begin(*m_session);
        QVERIFY_RESULT(transaction);
        QVERIFY_RESULT(transaction->exec("INSERT INTO public.t VALUES (1)"));
        const Status committed = transaction->commit();
        QVERIFY(!committed);
        QCOMPARE(errorKindName(committed.error().kind), QStringLiteral("in_doubt"));
        QVERIFY(committed.error().poisonsSession);
        QVERIFY(!committed.error().retryable);
        QVERIFY(!m_session->isAlive());
    }

    void afterItsEndItTakesNothing()
    {
        auto transaction = Transaction::begin(*m_session);
        QVERIFY_RESULT(transaction);
        transaction->rollback();
        QCOMPARE(errorKindName(transaction->exec("SELECT 1").error().kind), QStringLiteral("internal"));
        QCOMPARE(errorKindName(transaction->commit().error().kind), QStringLiteral("internal"));
    }

private:
    std::unique_ptr<TestDatabase> m_database;
    std::optional<Session> m_session;
};

QTEST_GUILESS_MAIN(TstTransaction)
#include "tst_transaction.moc"
