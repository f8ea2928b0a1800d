// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/session.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>

#include <thread>

using namespace tidemark;
using namespace tidemark::test;
using pg::Session;
using pg::Statement;

/// A tick's shape: many statements, one round trip, each on its own.
class TstBatch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void resultsStandInTheOrderOfTheStatements();
    void twoThatFailLeaveThreeAlone();
    void everyFailingPositionLeavesTheOthersAlone();
    void aStatementOnlyOneOfThemIsATransactionOfItsOwn();
    void namedStatementsArePreparedOnce();
    void aNamedStatementThatCannotBePreparedIsTriedAgain();
    void muchDataInBothDirectionsDoesNotStall();
    void anEmptyBatchIsEmpty();
    void theDeadlineCancelsEverySlowStatement();
    void aStopEndsTheBatch();
    void aBackendThatDiesFailsTheRest();
    void aDeadSessionFailsThemAll();

private:
    [[nodiscard]] Session &session() { return *m_session; }

    std::unique_ptr<TestDatabase> m_database;
    std::optional<Session> m_session;
};

void TstBatch::init()
{
    TIDEMARK_REQUIRE_SERVER("15");
    m_database = std::make_unique<TestDatabase>();
    m_session = m_database->open();
}

void TstBatch::cleanup()
{
    m_session.reset();
    m_database.reset();
}

void TstBatch::resultsStandInTheOrderOfTheStatements()
{
    std::vector<Statement> statements;
    for (int i = 0; i < 100; ++i)
        statements.push_back({"SELECT $1::int4 AS number", {i}, {}});
    const auto results = session().execBatch(statements);
    QCOMPARE(results.size(), statements.size());
    for (int i = 0; i < 100; ++i) {
        QVERIFY_RESULT(results[static_cast<std::size_t>(i)]);
        QCOMPARE(results[static_cast<std::size_t>(i)]->int32(0, 0), i);
    }
}

void TstBatch::twoThatFailLeaveThreeAlone()
{
    const std::vector<Statement> statements{{"SELECT 1", {}, {}},
                                            {"SELECT * FROM public.nowhere", {}, {}},
                                            {"SELECT 2", {}, {}},
                                            {"SELECT 1 / 0", {}, {}},
                                            {"SELECT 3", {}, {}}};
    const auto results = session().execBatch(statements);
    QCOMPARE(results.size(), std::size_t(5));
    for (const std::size_t good : {0, 2, 4}) {
        QVERIFY_RESULT(results[good]);
        QCOMPARE(results[good]->int32(0, 0), int(good / 2 + 1));
    }
    QVERIFY(!results[1]);
    QCOMPARE(results[1].error().sqlState, QByteArray("42P01"));
    QCOMPARE(results[1].error().statement, statements[1].sql);
    QVERIFY(!results[3]);
    QCOMPARE(results[3].error().sqlState, QByteArray("22012"));
    QVERIFY_RESULT(session().exec("SELECT 1"));
}

void TstBatch::everyFailingPositionLeavesTheOthersAlone()
{
    for (unsigned failing = 0; failing < 32; ++failing) {
        std::vector<Statement> statements;
        for (unsigned i = 0; i < 5; ++i)
            statements.push_back({(failing >> i & 1U) != 0 ? "SELECT nothing" : "SELECT 1",
                                  {},
                                  i % 2 == 0 ? "" : QByteArray::number(failing * 5 + i)});
        const auto results = session().execBatch(statements);
        for (unsigned i = 0; i < 5; ++i)
            QCOMPARE(results[i].has_value(), (failing >> i & 1U) == 0);
    }
}

void TstBatch::aStatementOnlyOneOfThemIsATransactionOfItsOwn()
{
    const std::vector<Statement> statements{{"CREATE TABLE public.t (id int)", {}, {}},
                                            {"SELECT nothing", {}, {}},
                                            {"INSERT INTO public.t VALUES (1)", {}, {}}};
    const auto results = session().execBatch(statements);
    QVERIFY_RESULT(results[0]);
    QVERIFY(!results[1]);
    QVERIFY_RESULT(results[2]);
    QCOMPARE(m_database->value("SELECT count(*) FROM t"), QStringLiteral("1"));
}

void TstBatch::namedStatementsArePreparedOnce()
{
    for (int round = 0; round < 3; ++round) {
        const std::vector<Statement> statements{{"SELECT $1::int4 * 2", {round}, "twice"},
                                                {"SELECT $1::text", {QStringLiteral("x")}, "same"}};
        const auto results = session().execBatch(statements);
        QVERIFY_RESULT(results[0]);
        QCOMPARE(results[0]->int32(0, 0), round * 2);
        QVERIFY_RESULT(results[1]);
    }
    const auto prepared = session().exec(
        "SELECT name, generic_plans + custom_plans FROM pg_catalog.pg_prepared_statements ORDER BY name");
    QVERIFY_RESULT(prepared);
    QCOMPARE(prepared->rowCount(), 2);
    QCOMPARE(prepared->text(1, 0), QStringLiteral("twice"));
    QCOMPARE(prepared->int64(1, 1), qint64(3));
}

void TstBatch::aNamedStatementThatCannotBePreparedIsTriedAgain()
{
    const std::vector<Statement> statements{{"SELECT count(*) FROM public.later", {}, "later"},
                                            {"SELECT 1", {}, "one"}};
    auto results = session().execBatch(statements);
    QVERIFY(!results[0]);
    QCOMPARE(results[0].error().sqlState, QByteArray("42P01"));
    QVERIFY_RESULT(results[1]);
    m_database->exec("CREATE TABLE later (id int)");
    results = session().execBatch(statements);
    QVERIFY_RESULT(results[0]);
    QVERIFY_RESULT(results[1]);
}

void TstBatch::muchDataInBothDirectionsDoesNotStall()
{
    // Each way far more than the buffers of both sides: who only sends and never reads would wait for ever.
    const QString large(1'000'000, QLatin1Char('x'));
    std::vector<Statement> statements;
    for (int i = 0; i < 40; ++i)
        statements.push_back({"SELECT $1::text, repeat('y', 1000000)", {large}, {}});
    const auto results = session().execBatch(statements);
    for (const auto &result : results) {
        QVERIFY_RESULT(result);
        QCOMPARE(result->bytes(0, 0).size(), large.size());
        QCOMPARE(result->bytes(0, 1).size(), qsizetype(1'000'000));
    }
}

void TstBatch::anEmptyBatchIsEmpty()
{
    QVERIFY(session().execBatch({}).empty());
    QVERIFY_RESULT(session().exec("SELECT 1"));
}

void TstBatch::theDeadlineCancelsEverySlowStatement()
{
    pg::CallOptions call;
    call.deadline = Millis(300);
    std::vector<Statement> statements(4, {"SELECT pg_sleep(30)", {}, {}});
    statements.push_back({"SELECT 1", {}, {}});
    QElapsedTimer taken;
    taken.start();
    const auto results = session().execBatch(statements, call);
    const qint64 ms = taken.elapsed();
    for (std::size_t i = 0; i < 4; ++i) {
        QVERIFY(!results[i]);
        QCOMPARE(errorKindName(results[i].error().kind), QStringLiteral("timeout"));
    }
    QVERIFY2(ms < 4'000, qPrintable(QString::number(ms)));
    QVERIFY(session().isAlive());
    QVERIFY_RESULT(session().exec("SELECT 1"));
}

void TstBatch::aStopEndsTheBatch()
{
    std::stop_source source;
    std::jthread stopper([&source] {
        std::this_thread::sleep_for(Millis(200));
        source.request_stop();
    });
    pg::CallOptions call;
    call.stop = source.get_token();
    const std::vector<Statement> statements{
        {"SELECT 1", {}, {}}, {"SELECT pg_sleep(30)", {}, {}}, {"SELECT pg_sleep(30)", {}, {}}};
    QElapsedTimer taken;
    taken.start();
    const auto results = session().execBatch(statements, call);
    QVERIFY_RESULT(results[0]);
    QCOMPARE(errorKindName(results[1].error().kind), QStringLiteral("cancelled"));
    QCOMPARE(errorKindName(results[2].error().kind), QStringLiteral("cancelled"));
    QVERIFY2(taken.elapsed() < 3'000, qPrintable(QString::number(taken.elapsed())));
    QVERIFY_RESULT(session().exec("SELECT 1"));
}

void TstBatch::aBackendThatDiesFailsTheRest()
{
    const std::vector<Statement> statements{{"SELECT 1", {}, {}},
                                            {"SELECT pg_terminate_backend(pg_backend_pid())", {}, {}},
                                            {"SELECT 2", {}, {}},
                                            {"SELECT 3", {}, {}}};
    const auto results = session().execBatch(statements);
    QCOMPARE(results.size(), statements.size());
    QVERIFY_RESULT(results[0]);
    for (std::size_t i = 1; i < 4; ++i) {
        QVERIFY(!results[i]);
        QVERIFY(results[i].error().poisonsSession);
        QCOMPARE(errorKindName(results[i].error().kind), QStringLiteral("connection"));
        QCOMPARE(results[i].error().statement, statements[i].sql);
    }
    QVERIFY(!session().isAlive());
}

void TstBatch::aDeadSessionFailsThemAll()
{
    QCOMPARE(m_database->value("SELECT pg_terminate_backend($1)", {session().backendPid()}), QStringLiteral("t"));
    const std::vector<Statement> statements(3, {"SELECT 1", {}, {}});
    for (int round = 0; round < 2; ++round) {
        const auto results = session().execBatch(statements);
        QCOMPARE(results.size(), statements.size());
        for (const auto &result : results) {
            QVERIFY(!result);
            QVERIFY(result.error().poisonsSession);
        }
    }
}

QTEST_GUILESS_MAIN(TstBatch)
#include "tst_batch.moc"
