// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/session.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QFile>

#include <csignal>
#include <thread>

using namespace tidemark;
using namespace tidemark::test;
using pg::CallOptions;
using pg::ResultSet;
using pg::Session;

namespace {

CallOptions within(Millis deadline)
{
    CallOptions call;
    call.deadline = deadline;
    return call;
}

/// Asks a stop source to stop after a while, from another thread.
class StopAfter
{
public:
    explicit StopAfter(Millis delay)
        : m_thread([this, delay] {
            std::this_thread::sleep_for(delay);
            m_source.request_stop();
        })
    {
    }
    [[nodiscard]] CallOptions call() const
    {
        CallOptions call;
        call.stop = m_source.get_token();
        return call;
    }

private:
    std::stop_source m_source;
    std::jthread m_thread;
};

} // namespace

/// One statement at a time: values in and out, limits, interruptions, and connections that die.
class TstSession : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void valuesComeBackAsTheirTypes();
    void parametersTravelApartFromTheSql();
    void instantsSurviveTheServer_data();
    void instantsSurviveTheServer();
    void infinityAndNullAreNoInstant();
    void affectedRowsAndCommandAreTold();
    void aScriptReturnsItsLastResult();
    void noticesComeWithTheirStatement();
    void bytesAreCounted();

    void aServerErrorSaysWhatWhereAndWhatNext();
    void theSessionGoesOnAfterAnError();
    void aReadOnlySessionRefusesWrites();
    void lockTimeoutGivesUpWaiting();
    void statementTimeoutIsTheServersOwn();

    void theDeadlineCancelsOnTheServer();
    void theDeadlineCancelsAScript();
    void aStopFromAnotherThreadCancels();
    void aStopAskedBeforehandRunsNothing();
    void aLateCancelNeverHitsTheNextStatement();

    void aTerminatedBackendPoisonsTheSession();
    void aBackendThatDiesInMidStatementIsToldAtOnce();
    void aFrozenServerCostsNoMoreThanTheGrace();
    void aSlowAnswerIsAwaitedWhereTheServerIsThere();
    void theServersReasonComesFirstWhenItEndsASession();
    void anotherSessionsCancelIsNotOurs();

    void copyInStoresEveryRow();
    void copyInTellsTheServersComplaint();
    void copyInStopsOnRequestAndLeavesNothing();
    void copyInKeepsToItsDeadline();
    void copyOfTheWrongKindIsRefused();

private:
    [[nodiscard]] Session &session() { return *m_session; }

    std::unique_ptr<TestDatabase> m_database;
    std::optional<Session> m_session;
};

void TstSession::init()
{
    TIDEMARK_REQUIRE_SERVER("15");
    m_database = std::make_unique<TestDatabase>();
    m_session = m_database->open();
}

void TstSession::cleanup()
{
    m_session.reset();
    m_database.reset();
}

void TstSession::valuesComeBackAsTheirTypes()
{
    const auto rows = session().exec(
        "SELECT 9223372036854775807::int8 AS big, -5::int4 AS small, 4294967295::oid AS oid, 1.5::float8 AS real, "
        "true AS yes, false AS no, ''::text AS empty, NULL::text AS nothing, 'näme'::text AS text, "
        "ARRAY[1, 2]::int8[] AS numbers, ARRAY['a,b', NULL, '']::text[] AS texts, "
        "timestamptz '2026-03-01 12:00:00.5+05:45' AS at, 1 AS \"We\"\"ird\"");
    QVERIFY_RESULT(rows);
    QCOMPARE(rows->rowCount(), 1);
    QCOMPARE(rows->int64(0, rows->column("big")), std::numeric_limits<qint64>::max());
    QCOMPARE(rows->int32(0, rows->column("small")), -5);
    QCOMPARE(rows->oid(0, rows->column("oid")), std::numeric_limits<quint32>::max());
    QCOMPARE(rows->real(0, rows->column("real")), 1.5);
    QVERIFY(rows->boolean(0, rows->column("yes")));
    QVERIFY(!rows->boolean(0, rows->column("no")));
    QVERIFY(!rows->isNull(0, rows->column("empty")));
    QVERIFY(!rows->text(0, rows->column("empty")).isNull());
    QVERIFY(rows->isNull(0, rows->column("nothing")));
    QVERIFY(rows->text(0, rows->column("nothing")).isNull());
    QVERIFY(!rows->optionalInt64(0, rows->column("nothing")));
    QCOMPARE(rows->text(0, rows->column("text")), QStringLiteral("näme"));
    QCOMPARE(rows->int64s(0, rows->column("numbers")), (std::vector<qint64>{1, 2}));
    const QStringList texts = rows->texts(0, rows->column("texts"));
    QCOMPARE(texts, (QStringList{QStringLiteral("a,b"), QString(), QString()}));
    QVERIFY(texts.at(1).isNull());
    QVERIFY(!texts.at(2).isNull());
    QCOMPARE(toIso8601(*rows->instant(0, rows->column("at"))), QStringLiteral("2026-03-01T06:15:00.5Z"));
}

void TstSession::parametersTravelApartFromTheSql()
{
    const QString nasty = QStringLiteral("'; DROP TABLE x; -- $1 \\ \" näme 😀");
    const auto rows = session().exec(
        "SELECT $1::text AS text, $2::int8 + 1 AS number, $3::bool AS yes, $4::text IS NULL AS nothing, "
        "$5 = ANY ($6::int4[]) AS found, $7::float8 AS real, $8::oid AS oid",
        {nasty, qint64(41), true, nullptr, 7, pg::Param::array(std::vector<int>{5, 7}), 0.1,
         std::numeric_limits<quint32>::max()});
    QVERIFY_RESULT(rows);
    QCOMPARE(rows->text(0, rows->column("text")), nasty);
    QCOMPARE(rows->int64(0, rows->column("number")), qint64(42));
    QVERIFY(rows->boolean(0, rows->column("yes")));
    QVERIFY(rows->boolean(0, rows->column("nothing")));
    QVERIFY(rows->boolean(0, rows->column("found")));
    QCOMPARE(rows->real(0, rows->column("real")), 0.1);
    QCOMPARE(rows->oid(0, rows->column("oid")), std::numeric_limits<quint32>::max());
}

void TstSession::instantsSurviveTheServer_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text : {"2026-03-01 12:00:00+00", "2026-03-01 12:00:00.000001+00", "1969-12-31 23:59:59.999999+00",
                             "0044-03-15 12:00:00+00 BC", "0001-02-29 00:00:00+00 BC", "12026-03-01 12:00:00+00",
                             "4713-12-01 00:00:00+00 BC", "32767-12-31 23:59:59+00"})
        QTest::newRow(text) << QString::fromLatin1(text);
}

void TstSession::instantsSurviveTheServer()
{
    QFETCH(const QString, text);
    const auto instant = parseTimestamp(text);
    QVERIFY(instant);
    const auto rows = session().exec("SELECT $1::timestamptz AS at, $1::timestamptz::text AS printed", {*instant});
    QVERIFY_RESULT(rows);
    QCOMPARE(rows->text(0, rows->column("printed")), text);
    QVERIFY(rows->instant(0, rows->column("at")) == instant);
}

void TstSession::infinityAndNullAreNoInstant()
{
    const auto rows = session().exec("SELECT timestamptz 'infinity', timestamptz '-infinity', NULL::timestamptz");
    QVERIFY_RESULT(rows);
    for (int column = 0; column < 3; ++column)
        QVERIFY(!rows->instant(0, column));
}

void TstSession::affectedRowsAndCommandAreTold()
{
    QVERIFY_RESULT(session().exec("CREATE TABLE public.t (id int)"));
    const auto inserted = session().exec("INSERT INTO public.t SELECT generate_series(1, 7)");
    QVERIFY_RESULT(inserted);
    QCOMPARE(inserted->affectedRows(), qint64(7));
    QCOMPARE(inserted->command(), QByteArray("INSERT 0 7"));
    QCOMPARE(inserted->rowCount(), 0);
    const auto dropped = session().exec("DROP TABLE public.t");
    QVERIFY_RESULT(dropped);
    QCOMPARE(dropped->affectedRows(), qint64(0));
}

void TstSession::aScriptReturnsItsLastResult()
{
    const auto rows = session().execScript(
        "CREATE TABLE public.t (id int); INSERT INTO public.t VALUES (1), (2); SELECT count(*) FROM public.t");
    QVERIFY_RESULT(rows);
    QCOMPARE(rows->int64(0, 0), qint64(2));
    const auto failed = session().execScript(
        "INSERT INTO public.t VALUES (3); SELECT nothing; INSERT INTO public.t VALUES (4)");
    QVERIFY(!failed);
    QCOMPARE(failed.error().sqlState, QByteArray("42703"));
    QCOMPARE(m_database->value("SELECT count(*) FROM t"), QStringLiteral("2"));
}

void TstSession::noticesComeWithTheirStatement()
{
    const auto first = session().exec("DO $$ BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two'; END $$");
    QVERIFY_RESULT(first);
    QCOMPARE(first->notices(), (QStringList{QStringLiteral("one"), QStringLiteral("two")}));
    QVERIFY(!session().exec("DO $$ BEGIN RAISE NOTICE 'lost with its error'; RAISE EXCEPTION 'x'; END $$"));
    const auto next = session().exec("SELECT 1");
    QVERIFY_RESULT(next);
    QVERIFY(next->notices().isEmpty());
}

void TstSession::bytesAreCounted()
{
    const qint64 before = session().bytesReceived();
    const qint64 sentBefore = session().bytesSent();
    QVERIFY_RESULT(session().exec("SELECT repeat('x', 100000)"));
    const qint64 received = session().bytesReceived() - before;
    QVERIFY2(received >= 100'000 && received < 100'200, qPrintable(QString::number(received)));
    QVERIFY_RESULT(session().exec("SELECT length($1::text)", {QString(50'000, QLatin1Char('y'))}));
    const qint64 sent = session().bytesSent() - sentBefore;
    QVERIFY2(sent >= 50'000 && sent < 50'300, qPrintable(QString::number(sent)));
}

void TstSession::aServerErrorSaysWhatWhereAndWhatNext()
{
    const QByteArray sql = "SELECT nmae FROM pg_catalog.pg_class AS c";
    const auto failed = session().exec(sql);
    QVERIFY(!failed);
    QCOMPARE(errorKindName(failed.error().kind), QStringLiteral("missing"));
    QCOMPARE(failed.error().sqlState, QByteArray("42703"));
    QCOMPARE(failed.error().position, 8);
    QCOMPARE(failed.error().statement, sql);
    QVERIFY(!failed.error().poisonsSession);

    QVERIFY_RESULT(session().execScript("CREATE TABLE public.t (id int PRIMARY KEY); INSERT INTO public.t VALUES (1)"));
    const auto twice = session().exec("INSERT INTO public.t VALUES (1)");
    QVERIFY(!twice);
    QCOMPARE(errorKindName(twice.error().kind), QStringLiteral("constraint"));
    QVERIFY2(twice.error().detail.contains(QLatin1String("(id)=(1)")), qPrintable(twice.error().detail));
}

void TstSession::theSessionGoesOnAfterAnError()
{
    QVERIFY(!session().exec("SELECT nothing"));
    QVERIFY(!session().exec("this is no SQL"));
    QVERIFY(session().isAlive());
    QVERIFY_RESULT(session().exec("SELECT 1"));
}

void TstSession::aReadOnlySessionRefusesWrites()
{
    Session poller = m_database->open(pg::SessionOptions());
    const auto failed = poller.exec("CREATE TABLE public.t (id int)");
    QVERIFY(!failed);
    QCOMPARE(errorKindName(failed.error().kind), QStringLiteral("safety"));
    QCOMPARE(failed.error().sqlState, QByteArray("25006"));
}

void TstSession::lockTimeoutGivesUpWaiting()
{
    m_database->exec("CREATE TABLE t (id int)");
    QVERIFY_RESULT(session().execScript("BEGIN; LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE"));
    pg::SessionOptions options;
    options.lockTimeout = Millis(150);
    Session poller = m_database->open(options);
    QElapsedTimer taken;
    taken.start();
    const auto failed = poller.exec("SELECT count(*) FROM public.t");
    QVERIFY(!failed);
    QCOMPARE(errorKindName(failed.error().kind), QStringLiteral("lock_timeout"));
    QVERIFY(failed.error().retryable);
    QVERIFY2(taken.elapsed() >= 140 && taken.elapsed() < 1'500, qPrintable(QString::number(taken.elapsed())));
    QVERIFY_RESULT(poller.exec("SELECT 1"));
}

void TstSession::statementTimeoutIsTheServersOwn()
{
    pg::SessionOptions options;
    options.statementTimeout = Millis(150);
    Session poller = m_database->open(options);
    const auto failed = poller.exec("SELECT pg_sleep(30)");
    QVERIFY(!failed);
    QCOMPARE(errorKindName(failed.error().kind), QStringLiteral("timeout"));
    QVERIFY2(failed.error().message.contains(QLatin1String("statement timeout")), qPrintable(failed.error().message));
}

void TstSession::theDeadlineCancelsOnTheServer()
{
    QElapsedTimer taken;
    taken.start();
    const auto failed = session().exec("SELECT pg_sleep(30)", {}, within(Millis(300)));
    const qint64 ms = taken.elapsed();
    QVERIFY(!failed);
    QCOMPARE(errorKindName(failed.error().kind), QStringLiteral("timeout"));
    QCOMPARE(failed.error().message, QStringLiteral("no result within 300 ms"));
    QVERIFY2(ms >= 290 && ms < 1'500, qPrintable(QString::number(ms)));
    QVERIFY(session().isAlive());
    QCOMPARE(m_database->value(
                 "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep%' "
                 "AND state = 'active' AND pid <> pg_backend_pid()"),
             QStringLiteral("0"));
    QVERIFY_RESULT(session().exec("SELECT 1"));
}

void TstSession::theDeadlineCancelsAScript()
{
    const auto failed = session().execScript("CREATE TABLE public.t (id int); SELECT pg_sleep(30)",
                                             within(Millis(300)));
    QVERIFY(!failed);
    QCOMPARE(errorKindName(failed.error().kind), QStringLiteral("timeout"));
    QCOMPARE(m_database->value("SELECT to_regclass('public.t') IS NULL"), QStringLiteral("t"));
}

void TstSession::aStopFromAnotherThreadCancels()
{
    const StopAfter stop(Millis(200));
    QElapsedTimer taken;
    taken.start();
    const auto failed = session().exec("SELECT pg_sleep(30)", {}, stop.call());
    QVERIFY(!failed);
    QCOMPARE(errorKindName(failed.error().kind), QStringLiteral("cancelled"));
    QVERIFY2(taken.elapsed() < 1'500, qPrintable(QString::number(taken.elapsed())));
    QVERIFY(!failed.error().poisonsSession);
    QVERIFY_RESULT(session().exec("SELECT 1"));
}

void TstSession::aStopAskedBeforehandRunsNothing()
{
    std::stop_source source;
    source.request_stop();
    CallOptions call;
    call.stop = source.get_token();
    const auto failed = session().exec("CREATE TABLE public.t (id int)", {}, call);
    QVERIFY(!failed);
    QCOMPARE(errorKindName(failed.error().kind), QStringLiteral("cancelled"));
    QCOMPARE(m_database->value("SELECT to_regclass('public.t') IS NULL"), QStringLiteral("t"));
    QVERIFY_RESULT(session().exec("SELECT 1"));
}

void TstSession::aLateCancelNeverHitsTheNextStatement()
{
    // The deadline falls about where the statement ends, so that the cancel often comes after it.
    for (int round = 0; round < 60; ++round) {
        const QByteArray sleep = "SELECT pg_sleep(0.0" + QByteArray::number(18 + round % 5) + ")";
        static_cast<void>(session().exec(sleep, {}, within(Millis(20))));
        const auto next = session().exec("SELECT sum(g) FROM generate_series(1, 20000) AS g");
        QVERIFY_RESULT(next);
    }
}

void TstSession::aTerminatedBackendPoisonsTheSession()
{
    QCOMPARE(m_database->value("SELECT pg_terminate_backend($1)", {session().backendPid()}), QStringLiteral("t"));
    const auto failed = session().exec("SELECT 1");
    QVERIFY(!failed);
    QCOMPARE(errorKindName(failed.error().kind), QStringLiteral("connection"));
    QVERIFY(failed.error().poisonsSession);
    QVERIFY(failed.error().retryable);
    QVERIFY(!session().isAlive());
    const auto again = session().exec("SELECT 1");
    QVERIFY(!again);
    QVERIFY(again.error().poisonsSession);
}

void TstSession::aBackendThatDiesInMidStatementIsToldAtOnce()
{
    std::jthread killer([this] {
        std::this_thread::sleep_for(Millis(200));
        Session other = m_database->open();
        static_cast<void>(other.exec("SELECT pg_terminate_backend($1)", {session().backendPid()}));
    });
    QElapsedTimer taken;
    taken.start();
    const auto failed = session().exec("SELECT pg_sleep(30)");
    killer.join();
    QVERIFY(!failed);
    QVERIFY(failed.error().poisonsSession);
    QCOMPARE(failed.error().sqlState, QByteArray("57P01"));
    QVERIFY2(taken.elapsed() < 2'000, qPrintable(QString::number(taken.elapsed())));
}

void TstSession::aFrozenServerCostsNoMoreThanTheGrace()
{
    TestCluster cluster;
    QVERIFY_RESULT(cluster.start());
    auto frozen = Session::open(cluster.connInfo());
    QVERIFY_RESULT(frozen);
    QFile pidFile(cluster.folder() + QStringLiteral("/data/postmaster.pid"));
    QVERIFY(pidFile.open(QIODevice::ReadOnly));
    const int postmaster = pidFile.readLine().trimmed().toInt();
    const int backend = frozen->backendPid();
    // Neither answers now: not the statement's backend, nor the postmaster that would take the cancel.
    if (::kill(postmaster, SIGSTOP) != 0)
        QSKIP("the server runs as a user whose processes this one may not stop");
    QCOMPARE(::kill(backend, SIGSTOP), 0);
    QElapsedTimer taken;
    taken.start();
    const auto failed = frozen->exec("SELECT 1", {}, within(Millis(300)));
    const qint64 ms = taken.elapsed();
    ::kill(backend, SIGCONT);
    ::kill(postmaster, SIGCONT);
    QVERIFY(!failed);
    QCOMPARE(errorKindName(failed.error().kind), QStringLiteral("timeout"));
    QVERIFY(failed.error().poisonsSession);
    QVERIFY(!frozen->isAlive());
    QVERIFY2(ms < 5'000, qPrintable(QString::number(ms)));
}

void TstSession::aSlowAnswerIsAwaitedWhereTheServerIsThere()
{
    pg::CallOptions call = within(Millis(10'000));
    call.probeAfter = Millis(200);
    QVERIFY_RESULT(session().exec("SELECT pg_sleep(1.5)", {}, call));
}

void TstSession::theServersReasonComesFirstWhenItEndsASession()
{
    Session poller = m_database->open();
    for (const bool isBatch : {false, true}) {
        Session idle = m_database->open();
        QVERIFY_RESULT(poller.exec("SELECT pg_terminate_backend($1)", {idle.backendPid()}));
        QTest::qSleep(100); // it has said why and gone before anything is asked
        Error error;
        if (isBatch) {
            const std::vector<pg::Statement> statements(3, pg::Statement{"SELECT 1", {}, {}});
            const auto results = idle.execBatch(statements);
            QVERIFY(!results.front());
            error = results.front().error();
        } else {
            const auto failed = idle.exec("SELECT 1");
            QVERIFY(!failed);
            error = failed.error();
        }
        QCOMPARE(error.summary(), QStringLiteral("terminating connection due to administrator command"));
        QCOMPARE(error.sqlState, QByteArray("57P01"));
        QVERIFY(error.poisonsSession && error.retryable);
    }
}

void TstSession::anotherSessionsCancelIsNotOurs()
{
    std::jthread canceller([this] {
        std::this_thread::sleep_for(Millis(200));
        Session other = m_database->open();
        static_cast<void>(other.exec("SELECT pg_cancel_backend($1)", {session().backendPid()}));
    });
    const auto failed = session().exec("SELECT pg_sleep(30)");
    canceller.join();
    QVERIFY(!failed);
    QVERIFY2(failed.error().message.contains(QLatin1String("user request")), qPrintable(failed.error().message));
    QVERIFY(failed.error().kind != ErrorKind::Cancelled); // we did not ask for it
    QVERIFY_RESULT(session().exec("SELECT 1"));
}

void TstSession::copyInStoresEveryRow()
{
    m_database->exec("CREATE TABLE t (id int, name text)");
    // Far more than the socket and libpq buffer, so that it has to wait for the server.
    constexpr int rows = 200'000;
    int next = 0;
    const auto copied = session().copyIn("COPY public.t FROM STDIN", [&]() -> QByteArray {
        QByteArray piece;
        for (int i = 0; i < 1'000 && next < rows; ++i, ++next)
            piece += QByteArray::number(next) + "\trow number " + QByteArray::number(next) + '\n';
        return piece;
    });
    QVERIFY_RESULT(copied);
    QCOMPARE(copied->affectedRows(), qint64(rows));
    QCOMPARE(m_database->value("SELECT count(DISTINCT id) || ' ' || max(id) FROM t WHERE name = 'row number ' || id"),
             QStringLiteral("%1 %2").arg(rows).arg(rows - 1));
}

void TstSession::copyInTellsTheServersComplaint()
{
    m_database->exec("CREATE TABLE t (id int)");
    QList<QByteArray> pieces{"1\n", "two\n", "3\n"};
    const auto failed = session().copyIn("COPY public.t FROM STDIN",
                                         [&] { return pieces.isEmpty() ? QByteArray() : pieces.takeFirst(); });
    QVERIFY(!failed);
    QCOMPARE(failed.error().sqlState, QByteArray("22P02"));
    QVERIFY_RESULT(session().exec("SELECT 1"));
    QCOMPARE(m_database->value("SELECT count(*) FROM t"), QStringLiteral("0"));
}

void TstSession::copyInStopsOnRequestAndLeavesNothing()
{
    m_database->exec("CREATE TABLE t (id int)");
    const StopAfter stop(Millis(200));
    const auto endless = [] {
        std::this_thread::sleep_for(Millis(5));
        return QByteArray("1\n");
    };
    const auto failed = session().copyIn("COPY public.t FROM STDIN", endless, stop.call());
    QVERIFY(!failed);
    QCOMPARE(errorKindName(failed.error().kind), QStringLiteral("cancelled"));
    QVERIFY(session().isAlive());
    QCOMPARE(m_database->value("SELECT count(*) FROM t"), QStringLiteral("0"));
    QVERIFY_RESULT(session().exec("SELECT 1"));
}

void TstSession::copyInKeepsToItsDeadline()
{
    m_database->exec("CREATE TABLE t (id int)");
    QElapsedTimer taken;
    taken.start();
    const auto failed = session().copyIn(
        "COPY public.t FROM STDIN",
        [] {
            std::this_thread::sleep_for(Millis(5));
            return QByteArray("1\n");
        },
        within(Millis(300)));
    QVERIFY(!failed);
    QCOMPARE(errorKindName(failed.error().kind), QStringLiteral("timeout"));
    QVERIFY2(taken.elapsed() < 1'500, qPrintable(QString::number(taken.elapsed())));
    QVERIFY_RESULT(session().exec("SELECT 1"));
}

void TstSession::copyOfTheWrongKindIsRefused()
{
    const auto noCopy = session().copyIn("SELECT 1", [] { return QByteArray(); });
    QVERIFY(!noCopy);
    QCOMPARE(errorKindName(noCopy.error().kind), QStringLiteral("internal"));
    QVERIFY_RESULT(session().exec("SELECT 1"));
    const auto out = session().exec("COPY (SELECT 1) TO STDOUT");
    QVERIFY(!out);
    QCOMPARE(errorKindName(out.error().kind), QStringLiteral("internal"));
    QVERIFY(!session().isAlive());
}

QTEST_GUILESS_MAIN(TstSession)
#include "tst_session.moc"
