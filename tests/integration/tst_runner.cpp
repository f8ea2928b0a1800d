// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/pause.h"
#include "core/plan/runner.h"
#include "core/plan/toolkit.h"
#include "tests/support/actor.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QJsonDocument>

#include <future>

using namespace tidemark;
using namespace tidemark::test;

namespace {

const pg::QualifiedName table{QStringLiteral("public"), QStringLiteral("t")};

Step step(const char *name, const QStringList &statements, const QStringList &undo = {})
{
    Step step;
    step.name = QLatin1String(name);
    step.title = step.name;
    step.statements = statements;
    step.undo = undo;
    return step;
}

/// Three columns, each a step of its own.
std::vector<Step> threeColumns()
{
    std::vector<Step> steps;
    for (const char *column : {"a", "b", "c"}) {
        Step one = step(column, {QStringLiteral("ALTER TABLE public.t ADD COLUMN %1 int").arg(QLatin1String(column))},
                        {QStringLiteral("ALTER TABLE public.t DROP COLUMN %1").arg(QLatin1String(column))});
        one.locks = one.undoLocks = {{table, LockMode::AccessExclusive}};
        steps.push_back(one);
    }
    return steps;
}

/// Works piece by piece, until told otherwise; each piece is one row.
class Counting final : public Action
{
public:
    Result<StepOutcome> execute(StepContext &context) const override
    {
        for (int piece = 0; piece < 200; ++piece) {
            TIDEMARK_CHECK(context.control().checkpoint());
            TIDEMARK_TRY(pg::Transaction transaction, context.begin({}));
            TIDEMARK_TRY([[maybe_unused]] const auto inserted,
                         transaction.exec("INSERT INTO public.t (id) VALUES (1)"));
            TIDEMARK_CHECK(transaction.commit());
            static_cast<void>(pauseFor(Millis(5), context.stop()));
        }
        return StepOutcome{200, {}};
    }
    Status undo(StepContext &context) const override
    {
        TIDEMARK_TRY([[maybe_unused]] const auto deleted, context.session().exec("DELETE FROM public.t"));
        return {};
    }
};

Step counting()
{
    Step one = step("count", {});
    one.action = QStringLiteral("count");
    one.transaction = StepTransaction::Own;
    return one;
}

} // namespace

class TstRunner : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
        m_database->exec("CREATE TABLE t (id int)");
        m_session = m_database->open();
        QVERIFY_RESULT(applyToolkit(*m_session, QStringLiteral("runs"), true));
    }

    void cleanup()
    {
        m_session.reset();
        m_database.reset();
    }

    void theToolkitComesAndGoesWithoutATrace()
    {
        QVERIFY_RESULT(applyToolkit(*m_session, QStringLiteral("runs"), true)); // a second time is nothing
        QCOMPARE(*installedToolkit(*m_session), QStringList{QStringLiteral("runs")});
        QVERIFY_RESULT(applyToolkit(*m_session, QStringLiteral("runs"), false));
        QCOMPARE(*installedToolkit(*m_session), QStringList());
        QCOMPARE(m_database->value("SELECT count(*) FROM pg_namespace WHERE nspname = 'tidemark'"),
                 QStringLiteral("0"));
        const auto unknown = applyToolkit(*m_session, QStringLiteral("run"), true);
        QVERIFY(!unknown);
        QVERIFY(unknown.error().hint.contains(QLatin1String("runs")));
    }

    void aRunDoesItsStepsAndUndoTakesThemBack()
    {
        const qint64 id = create(threeColumns());
        QCOMPARE(run(id), RunEnd::Succeeded);
        QCOMPARE(columns(), QStringLiteral("id,a,b,c"));
        const RunDetail done = detail(id);
        QCOMPARE(done.record.state, RunState::Succeeded);
        QCOMPARE(done.record.stepsDone, 3);
        QVERIFY(!done.record.driven);
        QVERIFY(done.record.finishedAt.has_value());
        QVERIFY(!runner().run(id, {})); // nothing is left to do

        QCOMPARE(undo(id), RunEnd::Undone);
        QCOMPARE(columns(), QStringLiteral("id"));
        QCOMPARE(detail(id).record.state, RunState::Undone);
    }

    void aFailedStepLeavesWhatWasDoneAndSaysWhyAndTheRunGoesOnOnceItIsMended()
    {
        auto steps = threeColumns();
        steps[1].checks = {{QStringLiteral("SELECT to_regclass('public.mended') IS NOT NULL"),
                            QStringLiteral("table mended is not there")}};
        const qint64 id = create(steps);
        auto result = runner().run(id, {});
        QVERIFY_RESULT(result);
        QCOMPARE(result->end, RunEnd::Failed);
        QCOMPARE(result->error->summary(), QStringLiteral("b: table mended is not there"));
        QCOMPARE(columns(), QStringLiteral("id,a"));
        QCOMPARE(detail(id).record.error, QStringLiteral("b: table mended is not there"));
        QCOMPARE(detail(id).steps[1].state, StepState::Failed);

        m_database->exec("CREATE TABLE mended ()");
        QCOMPARE(run(id), RunEnd::Succeeded);
        QCOMPARE(columns(), QStringLiteral("id,a,b,c"));
    }

    void aVerificationThatFailsRollsItsStepBack()
    {
        auto steps = threeColumns();
        steps[2].verify = {{QStringLiteral("SELECT false"), QStringLiteral("never")}};
        const qint64 id = create(steps);
        QCOMPARE(run(id), RunEnd::Failed);
        QCOMPARE(columns(), QStringLiteral("id,a,b"));
        QCOMPARE(undo(id), RunEnd::Undone);
        QCOMPARE(columns(), QStringLiteral("id"));
    }

    void behindAPointOfNoReturnNothingIsUndone()
    {
        auto steps = threeColumns();
        steps[1].pointOfNoReturn = true;
        const qint64 id = create(steps);
        QCOMPARE(run(id), RunEnd::Succeeded);
        const auto undone = runner().undo(id, {});
        QVERIFY(!undone);
        QCOMPARE(undone.error().message, QStringLiteral("run %1 cannot be undone: “b” is done").arg(id));
        QCOMPARE(columns(), QStringLiteral("id,a,b,c"));
    }

    void aSecondDriverIsRefusedAndToldWhoDrives()
    {
        const qint64 id = create({counting()});
        auto first = start(id);
        QTRY_VERIFY(detail(id).record.driven);
        const auto second = runner(QStringLiteral("the second")).run(id, {});
        QVERIFY(!second);
        QVERIFY2(second.error().message.contains(QLatin1String("the first")), qPrintable(second.error().message));
        QCOMPARE(first.get(), RunEnd::Succeeded);
        QCOMPARE(m_database->value("SELECT count(*) FROM t"), QStringLiteral("200"));
    }

    void whatAnEarlierDriverStillHasInFlightIsKeptOut()
    {
        // The first holds a transaction behind the fence; its advisory lock is gone, as after a cut network.
        const qint64 id = create(threeColumns());
        auto old = m_database->open();
        auto journal = Journal::attach(old, id, QStringLiteral("old"), {});
        QVERIFY_RESULT(journal);
        QVERIFY_RESULT(old.exec("SELECT pg_catalog.pg_advisory_unlock_all()"));
        auto inFlight = pg::Transaction::begin(old);
        QVERIFY_RESULT(inFlight);
        QVERIFY_RESULT(journal->guard(*inFlight));
        QVERIFY_RESULT(inFlight->exec("INSERT INTO public.t VALUES (1)"));

        auto next = start(id);
        QTest::qWait(500);
        QVERIFY(!next.hasEnded()); // it waits for the fence
        QCOMPARE(columns(), QStringLiteral("id"));
        QVERIFY_RESULT(inFlight->commit());
        QCOMPARE(next.get(), RunEnd::Succeeded);

        auto late = pg::Transaction::begin(old);
        QVERIFY_RESULT(late);
        const auto refused = journal->guard(*late);
        QVERIFY(!refused);
        QVERIFY2(refused.error().message.contains(QLatin1String("driven from elsewhere")),
                 qPrintable(refused.error().message));
    }

    void pausedByAnotherSessionItGoesOnWhereItStood()
    {
        const qint64 id = create({counting(), threeColumns()[0]});
        auto first = start(id);
        QTRY_VERIFY(m_database->value("SELECT count(*) FROM t").toInt() > 5);
        QVERIFY_RESULT(requestOfRun(*m_session, id, QStringLiteral("pause")));
        QCOMPARE(first.get(), RunEnd::Paused);
        QCOMPARE(detail(id).record.state, RunState::Paused);
        QCOMPARE(columns(), QStringLiteral("id"));
        const auto idle = requestOfRun(*m_session, id, QStringLiteral("pause"));
        QVERIFY(!idle);
        QVERIFY2(idle.error().message.contains(QLatin1String("nobody drives run")), qPrintable(idle.error().message));
        QCOMPARE(run(id), RunEnd::Succeeded);
        QCOMPARE(columns(), QStringLiteral("id,a"));
    }

    void askedToUndoWhileItRunsItTurnsRound()
    {
        const qint64 id = create({threeColumns()[0], counting()});
        auto first = start(id);
        QTRY_VERIFY(m_database->value("SELECT count(*) FROM t").toInt() > 5);
        QVERIFY_RESULT(requestOfRun(*m_session, id, QStringLiteral("undo")));
        QCOMPARE(first.get(), RunEnd::Undone);
        QCOMPARE(columns(), QStringLiteral("id"));
        QCOMPARE(m_database->value("SELECT count(*) FROM t"), QStringLiteral("0"));
    }

    void cancelEndsTheStatementUnderWay()
    {
        const qint64 id = create({step("sleep", {QStringLiteral("SELECT pg_sleep(60)")})});
        QElapsedTimer timer;
        timer.start();
        auto first = start(id);
        QTRY_VERIFY(detail(id).record.driven);
        QVERIFY_RESULT(requestOfRun(*m_session, id, QStringLiteral("cancel")));
        QCOMPARE(first.get(), RunEnd::Cancelled);
        QVERIFY2(timer.elapsed() < 10'000, "it slept on");
        QCOMPARE(detail(id).record.state, RunState::Cancelled);
    }

    void aStepThatHoldsWaitsForTheWord()
    {
        auto steps = threeColumns();
        steps[1].hold = true;
        const qint64 id = create(steps);
        auto first = start(id);
        QTRY_COMPARE(detail(id).steps[1].state, StepState::Waiting);
        QCOMPARE(columns(), QStringLiteral("id,a"));
        QVERIFY_RESULT(requestOfRun(*m_session, id, QStringLiteral("proceed")));
        QCOMPARE(first.get(), RunEnd::Succeeded);
        QCOMPARE(columns(), QStringLiteral("id,a,b,c"));
    }

    void aWordSaidTwiceDoesNotLetTheNextStepGoOn()
    {
        auto steps = threeColumns();
        steps[1].hold = steps[2].hold = true;
        const qint64 id = create(steps);
        auto first = start(id);
        QTRY_COMPARE(detail(id).steps[1].state, StepState::Waiting);
        QVERIFY_RESULT(requestOfRun(*m_session, id, QStringLiteral("proceed")));
        m_database->exec("INSERT INTO tidemark.run_request (run, verb, detail) "
                         "SELECT run, verb, detail FROM tidemark.run_request WHERE verb = 'proceed'");
        QTRY_COMPARE(detail(id).steps[2].state, StepState::Waiting);
        QTest::qWait(1'500); // longer than a driver takes to hear
        QCOMPARE(columns(), QStringLiteral("id,a,b"));
        QVERIFY_RESULT(requestOfRun(*m_session, id, QStringLiteral("proceed")));
        QCOMPARE(first.get(), RunEnd::Succeeded);
    }

    void whatWasAskedForWhenTheConnectionBrokeIsDoneAfterwards_data()
    {
        QTest::addColumn<QString>("verb");
        QTest::addColumn<int>("end");
        QTest::newRow("undo") << QStringLiteral("undo") << int(RunEnd::Undone);
        QTest::newRow("pause") << QStringLiteral("pause") << int(RunEnd::Paused);
        QTest::newRow("proceed") << QStringLiteral("proceed") << int(RunEnd::Succeeded);
    }
    void whatWasAskedForWhenTheConnectionBrokeIsDoneAfterwards()
    {
        QFETCH(QString, verb);
        QFETCH(int, end);
        auto steps = threeColumns();
        steps[1].hold = true;
        const qint64 id = create(steps);
        auto first = start(id);
        QTRY_COMPARE(detail(id).steps[1].state, StepState::Waiting);
        // The one that works is idle; the other goes on listening.
        QCOMPARE(m_database->value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = "
                                   "current_database() AND application_name LIKE 'tidemark run%' AND pid NOT IN "
                                   "(SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)"),
                 QStringLiteral("1"));
        QVERIFY_RESULT(requestOfRun(*m_session, id, verb));
        QTRY_VERIFY_WITH_TIMEOUT(first.hasEnded(), 15'000);
        QCOMPARE(int(first.get()), end);
    }

    void aRunThatDoesNotWaitTakesNoWord()
    {
        auto steps = threeColumns();
        steps[1].statements = {QStringLiteral("SELECT pg_sleep(2)")};
        const qint64 id = create(steps);
        auto first = start(id);
        QTRY_COMPARE(detail(id).steps[1].state, StepState::Running);
        const auto asked = requestOfRun(*m_session, id, QStringLiteral("proceed"));
        QVERIFY(!asked && asked.error().message.contains(QLatin1String("waits for no word")));
        QCOMPARE(first.get(), RunEnd::Succeeded);
    }

    void aCutConnectionIsReplacedAndNothingIsDoneTwice_data()
    {
        QTest::addColumn<QByteArray>("whose");
        QTest::newRow("the one that works") << QByteArray("query ~ 'INSERT INTO public.t'");
        QTest::newRow("the one that holds the lock") << QByteArray("query ~ 'run_request|replay_lag'");
        QTest::newRow("both") << QByteArray("true");
    }
    void aCutConnectionIsReplacedAndNothingIsDoneTwice()
    {
        QFETCH(QByteArray, whose);
        auto steps = threeColumns();
        for (Step &one : steps) // whichever is cut, it is within a step
            one.statements << QStringLiteral("SELECT pg_sleep(0.3)");
        steps.insert(steps.begin() + 1,
                     step("insert", {QStringLiteral("INSERT INTO public.t SELECT 1 FROM pg_sleep(0.3)")}));
        const qint64 id = create(steps);
        auto first = start(id);
        for (int cut = 0; cut < 4; ++cut) {
            QTest::qWait(250);
            m_database->exec(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND application_name LIKE 'tidemark run%' AND "
                + whose);
        }
        QCOMPARE(first.get(), RunEnd::Succeeded);
        QCOMPARE(columns(), QStringLiteral("id,a,b,c"));
        QCOMPARE(m_database->value("SELECT count(*) FROM t"), QStringLiteral("1"));
    }

    void whatACancelledConcurrentIndexLeftIsClearedAndBuiltAgain()
    {
        m_database->exec("INSERT INTO t SELECT generate_series(1, 1000)");
        Step index = step("index", {QStringLiteral("CREATE INDEX CONCURRENTLY k ON public.t (id)")},
                          {QStringLiteral("DROP INDEX CONCURRENTLY public.k")});
        index.transaction = index.undoTransaction = StepTransaction::None;
        index.satisfied = QStringLiteral("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('public.k')");
        index.cleanup = {QStringLiteral("DROP INDEX CONCURRENTLY IF EXISTS public.k")};
        const qint64 id = create({index});

        Actor writer(m_database->open());
        writer.run("BEGIN; INSERT INTO public.t VALUES (0)"); // the build waits for it to end
        auto first = start(id);
        QTRY_COMPARE(m_database->value("SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('public.k')"),
                     QStringLiteral("1"));
        first.detach();
        QCOMPARE(first.get(), RunEnd::Detached);
        QCOMPARE(m_database->value("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('public.k')"),
                 QStringLiteral("f"));
        writer.run("COMMIT");

        QCOMPARE(run(id), RunEnd::Succeeded);
        QCOMPARE(m_database->value("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('public.k')"),
                 QStringLiteral("t"));
        QCOMPARE(undo(id), RunEnd::Undone);
        QCOMPARE(m_database->value("SELECT to_regclass('public.k') IS NULL"), QStringLiteral("t"));
    }

    void aDeadlockIsTriedAgain()
    {
        m_database->exec("CREATE TABLE u (id int)");
        m_database->exec("ALTER DATABASE \"" + m_database->name().toUtf8() + "\" SET deadlock_timeout = '50ms'");
        Step both = step("both",
                         {QStringLiteral("LOCK TABLE public.t"), QStringLiteral("SELECT pg_sleep(0.5)"),
                          QStringLiteral("LOCK TABLE public.u"), QStringLiteral("INSERT INTO public.t VALUES (1)")});
        const qint64 id = create({both});
        Actor other(m_database->open());
        other.run("SET deadlock_timeout = '60s'; BEGIN; LOCK TABLE public.u"); // so that the run is the victim
        auto first = start(id);
        QTRY_COMPARE(m_database->value("SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass "
                                       "AND mode = 'AccessExclusiveLock'"),
                     QStringLiteral("1"));
        other.start("LOCK TABLE public.t");
        QVERIFY_RESULT(other.finish());
        other.run("COMMIT");
        QCOMPARE(first.get(), RunEnd::Succeeded);
        QCOMPARE(m_database->value("SELECT count(*) FROM t"), QStringLiteral("1"));
        QVERIFY(detail(id).steps[0].attempts >= 2);
    }

    void theGovernorHoldsBackAndFreesAndBothStandInTheJournal()
    {
        RunSettings settings;
        settings.limits.lockWaiters = 0;
        const qint64 id = create({counting()}, settings);
        m_database->exec("CREATE TABLE u ()");
        Actor holder(m_database->open());
        Actor waiter(m_database->open());
        holder.run("BEGIN; LOCK TABLE public.u");
        waiter.start("BEGIN; LOCK TABLE public.u");
        QTRY_VERIFY(waiter.isWaiting());
        auto first = start(id);
        QTRY_VERIFY(journalHas(id, QStringLiteral("sessions wait for locks (limit 0)")));
        const int held = m_database->value("SELECT count(*) FROM t").toInt();
        QTest::qWait(500);
        QCOMPARE(m_database->value("SELECT count(*) FROM t").toInt(), held);
        holder.run("COMMIT");
        static_cast<void>(waiter.finish());
        QCOMPARE(first.get(), RunEnd::Succeeded);
        QVERIFY(journalHas(id, QStringLiteral("going on")));
    }

    void walThatIsNotArchivedHoldsBack()
    {
        ClusterOptions options;
        options.settings.insert(QStringLiteral("archive_mode"), QStringLiteral("on"));
        // Takes what comes until it is told otherwise.
        options.settings.insert(QStringLiteral("archive_command"), QStringLiteral("test ! -e full"));
        TestCluster cluster(options);
        QVERIFY_RESULT(cluster.start());
        TestDatabase database(cluster.connInfo(), QStringLiteral("plays"));
        pg::Session session = database.open();
        const auto lag = [&] { return GovernorReading::read(session, {}).value().archiveLagBytes; };
        QCOMPARE(lag(), std::nullopt); // nothing was archived yet
        database.exec("CREATE TABLE w AS SELECT 1; SELECT pg_switch_wal()");
        QTRY_VERIFY_WITH_TIMEOUT(lag().has_value(), 20'000);
        QVERIFY(*lag() < (16 << 20));
        // The command runs in the data directory.
        database.exec(QStringLiteral("COPY (SELECT 1) TO %1")
                          .arg(pg::quoteLiteral(cluster.folder() + QStringLiteral("/data/full")))
                          .toUtf8());
        for (int segment = 0; segment < 3; ++segment)
            database.exec("INSERT INTO w SELECT 1; SELECT pg_switch_wal()");
        QVERIFY2(*lag() >= (3 << 24) && *lag() < (4 << 24), qPrintable(QString::number(*lag())));
        GovernorLimits limits;
        limits.archiveLagBytes = 1 << 24;
        const GovernorReading now = GovernorReading::read(session, {}).value();
        QCOMPARE(reasonsToHoldBack(limits, now, now).size(), 1);
    }

    void aRetunedRunWorksAsTold()
    {
        RunSettings settings;
        settings.limits.activeSessions = 0;
        const qint64 id = create({counting()}, settings);
        Actor busy(m_database->open());
        busy.start("SELECT pg_sleep(30)");
        auto first = start(id);
        QTRY_VERIFY(journalHas(id, QStringLiteral("sessions are active (limit 0)")));
        QVERIFY_RESULT(requestOfRun(*m_session, id, QStringLiteral("retune"),
                                    {{QStringLiteral("max_active_sessions"), QJsonValue()}}));
        QCOMPARE(first.get(), RunEnd::Succeeded);
        QVERIFY(!detail(id).settings.limits.activeSessions.has_value());
        QVERIFY(!requestOfRun(*m_session, id, QStringLiteral("retune"), {{QStringLiteral("no_such"), 1}}));
        busy.cancel();
    }

    void aPlanOfAnotherDatabaseIsRefused()
    {
        Plan plan = planOf(threeColumns());
        plan.target.databaseOid = 1;
        const auto id = Journal::create(*m_session, plan, RunSettings());
        QVERIFY_RESULT(id);
        const auto result = runner().run(*id, {});
        QVERIFY(!result);
        QVERIFY2(result.error().message.contains(QLatin1String("planned for database")),
                 qPrintable(result.error().message));
        QCOMPARE(columns(), QStringLiteral("id"));
    }

    void aPlanChangedInTheDatabaseIsRefused()
    {
        const qint64 id = create(threeColumns());
        m_database->exec(
            "UPDATE tidemark.run SET plan = replace(plan::text, 'ADD COLUMN b', 'DROP COLUMN id, ADD COLUMN b')::json");
        const auto result = runner().run(id, {});
        QVERIFY(!result);
        QVERIFY2(result.error().message.contains(QLatin1String("fingerprint")), qPrintable(result.error().message));
        QCOMPARE(columns(), QStringLiteral("id"));
    }

    void anotherPlanUnderTheSameRunIsRefused()
    {
        const qint64 id = create(threeColumns());
        Plan other = planOf({threeColumns()[2]}); // sound in itself, and not what was confirmed
        QVERIFY_RESULT(m_session->exec("UPDATE tidemark.run SET plan = $1",
                                       {QJsonDocument(other.toJson()).toJson(QJsonDocument::Compact)}));
        const auto result = runner().run(id, {});
        QVERIFY(!result);
        QVERIFY2(result.error().message.contains(QLatin1String("confirmed")), qPrintable(result.error().message));
        QCOMPARE(columns(), QStringLiteral("id"));
    }

    void aRunThatIsNotThereSaysSo()
    {
        const auto missing = runner().run(4711, {});
        QVERIFY(!missing);
        QVERIFY(missing.error().kind == ErrorKind::Missing);
        QVERIFY_RESULT(applyToolkit(*m_session, QStringLiteral("runs"), false));
        QVERIFY(runner().run(1, {}).error().kind == ErrorKind::Missing);
        QCOMPARE(readRuns(*m_session)->size(), size_t(0));
    }

private:
    Plan planOf(std::vector<Step> steps)
    {
        Plan plan;
        plan.kind = QStringLiteral("sql");
        plan.title = QStringLiteral("a test");
        const auto capabilities = pg::Capabilities::probe(*m_session);
        plan.target = PlanTarget::of(capabilities.value());
        plan.steps = std::move(steps);
        return plan;
    }

    qint64 create(std::vector<Step> steps, const RunSettings &settings = {})
    {
        const auto id = Journal::create(*m_session, planOf(std::move(steps)), settings);
        if (!id)
            qFatal("%s", describe(id.error()).constData());
        return *id;
    }

    Runner runner(const QString &name = QStringLiteral("the first"))
    {
        Actions actions = basicActions();
        actions.insert(QStringLiteral("count"), std::make_shared<Counting>());
        return Runner({m_database->conn(), name, Millis(20'000), {}}, actions);
    }

    static RunEnd endOf(const Result<RunResult> &result)
    {
        if (!result)
            qFatal("%s", describe(result.error()).constData());
        if (result->error)
            qInfo("%s", describe(*result->error).constData());
        return result->end;
    }

    RunEnd run(qint64 id) { return endOf(runner().run(id, {})); }
    RunEnd undo(qint64 id) { return endOf(runner().undo(id, {})); }

    /// Drives on a thread; a test that fails meanwhile detaches it.
    class Driving
    {
    public:
        explicit Driving(std::function<RunEnd(std::stop_token)> drive)
            : m_end(std::async(std::launch::async, std::move(drive), m_detach.get_token()))
        {
        }
        Driving(Driving &&) = default;
        ~Driving() { m_detach.request_stop(); }
        RunEnd get() { return m_end.get(); }
        void detach() { m_detach.request_stop(); }
        [[nodiscard]] bool hasEnded() const
        {
            return m_end.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
        }

    private:
        std::stop_source m_detach;
        std::future<RunEnd> m_end;
    };

    Driving start(qint64 id)
    {
        return Driving([this, id](std::stop_token detach) { return endOf(runner().run(id, std::move(detach))); });
    }

    RunDetail detail(qint64 id) { return readRun(*m_session, id).value(); }

    bool journalHas(qint64 id, const QString &text)
    {
        const RunDetail run = detail(id);
        return std::any_of(run.events.begin(), run.events.end(),
                           [&](const RunEvent &event) { return event.text.contains(text); });
    }

    QString columns()
    {
        return m_database->value("SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute "
                                 "WHERE attrelid = 't'::regclass AND attnum > 0 AND NOT attisdropped");
    }

    std::unique_ptr<TestDatabase> m_database;
    std::optional<pg::Session> m_session;
};

QTEST_GUILESS_MAIN(TstRunner)
#include "tst_runner.moc"
