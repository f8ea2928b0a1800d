// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/pace.h"
#include "core/plan/runlook.h"
#include "core/plan/runorders.h"
#include "core/stage/stageresult.h"
#include "tests/support/standingclock.h"

#include <QTest>

using namespace tidemark;
using namespace std::chrono_literals;

namespace {

const Instant noon = fromEpochMicros(1'772'366'400'000'000);

RunEvent entry(qint64 id, Instant at, const char *kind, const QString &text, std::optional<int> step = {})
{
    return {id, step, at, QLatin1String(kind), text, {}};
}

/// A run of two steps, the second of which runs.
RunLook running()
{
    RunLook look;
    look.now = noon;
    Plan plan;
    for (const char *name : {"copy", "swap"}) {
        Step step;
        step.name = QLatin1String(name);
        step.title = QLatin1String(name);
        step.action = QStringLiteral("stage.") + QLatin1String(name);
        plan.steps.push_back(step);
        StepRecord record;
        record.ordinal = static_cast<int>(plan.steps.size());
        record.name = step.name;
        record.title = step.title;
        record.state = plan.steps.size() == 1 ? StepState::Done : StepState::Running;
        look.steps.push_back(record);
    }
    look.plan = std::make_shared<const Plan>(std::move(plan));
    look.record.state = RunState::Running;
    look.record.driven = true;
    look.record.currentState = StepState::Running;
    return look;
}

} // namespace

/// What a person who watches a run is told, from what the server tells.
class TstRunLook : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rateAndTimeLeftComeWhenTheyAreStable()
    {
        Pace pace;
        const auto start = Pace::Steady::now();
        pace.add(QStringLiteral("copy"), 0, start);
        pace.add(QStringLiteral("copy"), 2'000, start + 2s);
        QVERIFY(!pace.rowsPerSecond());
        pace.add(QStringLiteral("copy"), 4'000, start + 4s);
        QCOMPARE(*pace.rowsPerSecond(), 1'000.0);
        QCOMPARE(*pace.left(10'000), Millis(6'000));
        QVERIFY(!pace.left(3'000)); // an estimate that is passed
        QVERIFY(!pace.left({}));
        pace.add(QStringLiteral("indexes"), 0, start + 5s);
        QVERIFY(!pace.rowsPerSecond());
    }

    void theRateIsThatOfTheLastHalfMinute()
    {
        Pace pace;
        const auto start = Pace::Steady::now();
        for (int second = 0; second <= 60; ++second)
            pace.add(QStringLiteral("copy"), second <= 30 ? second * 100 : 3'000, start + std::chrono::seconds(second));
        QCOMPARE(*pace.rowsPerSecond(), 0.0);
        QVERIFY(!pace.left(10'000));
    }

    void whatItWaitsForIsToldGravestFirst()
    {
        RunLook look = running();
        QCOMPARE(currentWait(look).kind, RunWait::Kind::Nothing);
        look.record.heldBack = QStringLiteral("a replica is 9 s behind (limit 5 s)");
        QCOMPARE(currentWait(look).kind, RunWait::Kind::Governor);
        RunBackend backend;
        backend.pid = 12;
        backend.waitType = QStringLiteral("Lock");
        backend.waitEvent = QStringLiteral("relation");
        backend.queryStart = noon - 4s;
        backend.blockedBy = {4711};
        look.backends = {backend};
        QCOMPARE(currentWait(look).kind, RunWait::Kind::Lock);
        QVERIFY(currentWait(look).text.contains(QStringLiteral("4711")));
        QVERIFY2(currentWait(look).text.contains(QStringLiteral("4.0 s")), qPrintable(currentWait(look).text));
        look.steps[1].state = StepState::Waiting;
        QCOMPARE(currentWait(look).kind, RunWait::Kind::Word);
        look.record.driven = false;
        look.record.driver = QStringLiteral("anna@laptop");
        QCOMPARE(currentWait(look).kind, RunWait::Kind::Driver);
        QVERIFY(currentWait(look).text.contains(QStringLiteral("anna@laptop")));
        look.record.state = RunState::Paused;
        QCOMPARE(currentWait(look).kind, RunWait::Kind::Nothing);
    }

    void aLockThatWasWaitedForIsForgottenOnceSomethingElseWasTold()
    {
        RunLook look = running();
        look.events = {entry(1, noon - 20s, "lock", QStringLiteral("waiting for pid 7"), 2)};
        QVERIFY(currentWait(look).text.contains(QStringLiteral("pid 7"))); // a swap says so once
        look.steps[1].name = QStringLiteral("dress");
        QCOMPARE(currentWait(look).kind, RunWait::Kind::Nothing); // who waits says so again every few seconds
        look.now = noon - 10s;
        QVERIFY(currentWait(look).text.contains(QStringLiteral("pid 7")));
        look.events.push_back(entry(2, noon - 9s, "note", QStringLiteral("again"), 2));
        QCOMPARE(currentWait(look).kind, RunWait::Kind::Nothing);
    }

    void timesOfHoldingBackEndWithTheDriverToo()
    {
        RunLook look = running();
        const QString lag = QStringLiteral("a replica is 9 s behind (limit 5 s)");
        look.events = {entry(1, noon - 60s, "throttle", throttleText({lag})),
                       entry(2, noon - 50s, "throttle", throttleText({})),
                       entry(3, noon - 40s, "throttle", throttleText({lag})),
                       entry(4, noon - 30s, "state", QStringLiteral("paused")),
                       entry(5, noon - 10s, "throttle", throttleText({lag, QStringLiteral("3 sessions wait")}))};
        auto history = look.throttleHistory();
        QCOMPARE(history.size(), 3U);
        QCOMPARE(history[0].over, (TimeRange{noon - 60s, noon - 50s}));
        QCOMPARE(history[0].reasons, lag);
        QCOMPARE(history[1].over, (TimeRange{noon - 40s, noon - 30s}));
        QCOMPARE(history[2].over, (TimeRange{noon - 10s, noon}));
        look.record.driven = false; // its driver was killed: since when nobody knows
        QCOMPARE(look.throttleHistory().size(), 2U);
    }

    void theResultIsReadFromTheStepsOutcomes()
    {
        RunLook look = running();
        look.steps[0].rowsDone = 4'000;
        look.steps[0].startedAt = noon - 20s;
        look.steps[0].finishedAt = noon - 15s;
        auto result = stage::stageResultOf(look);
        QCOMPARE(*result.copiedRows, 4'000);
        QCOMPARE(*result.copyTook, Millis(5'000));
        QVERIFY(!result.swappedAt && !result.longestStall());
        QVERIFY(!result.canSwapBack(look.record));
        look.steps[1].state = StepState::Done;
        look.steps[1].finishedAt = noon;
        look.steps[1].outcome = {{QStringLiteral("held_ms"), 12}, {QStringLiteral("queued_ms"), 5}};
        result = stage::stageResultOf(look);
        QCOMPARE(*result.longestStall(), Millis(17));
        QVERIFY(result.canSwapBack(look.record));
        look.record.state = RunState::Undone;
        QVERIFY(!result.canSwapBack(look.record));
    }

    void ordersAreAskedAboutAsTheProfileWantsIt_data()
    {
        QTest::addColumn<Environment>("environment");
        QTest::addColumn<Safety>("safety");
        QTest::addColumn<RunOrder>("order");
        QTest::addColumn<bool>("noReturn");
        QTest::addColumn<bool>("asks");
        QTest::addColumn<QString>("typed");
        const QString none;
        const QString name = QStringLiteral("plays");
        QTest::newRow("free, start") << Environment::Test << Safety::Free << RunOrder::Start << false << false << none;
        QTest::newRow("free, undo") << Environment::Test << Safety::Free << RunOrder::Undo << false << true << none;
        QTest::newRow("free, swap") << Environment::Test << Safety::Free << RunOrder::Proceed << false << false << none;
        QTest::newRow("free, retire") << Environment::Test << Safety::Free << RunOrder::Proceed << true << true << none;
        QTest::newRow("confirm, resume") << Environment::Test << Safety::Confirm << RunOrder::Resume << false << true
                                         << none;
        QTest::newRow("production, swap")
            << Environment::Production << Safety::Confirm << RunOrder::Proceed << false << true << name;
        QTest::newRow("production, pause")
            << Environment::Production << Safety::Confirm << RunOrder::Pause << false << false << none;
        QTest::newRow("production, cancel")
            << Environment::Production << Safety::Confirm << RunOrder::Cancel << false << true << none;
    }
    void ordersAreAskedAboutAsTheProfileWantsIt()
    {
        QFETCH(Environment, environment);
        QFETCH(Safety, safety);
        QFETCH(RunOrder, order);
        QFETCH(bool, noReturn);
        QFETCH(bool, asks);
        QFETCH(QString, typed);
        Profile profile;
        profile.environment = environment;
        profile.safety = safety;
        const test::StandingClock clock;
        const RunOrders orders(profile, std::make_shared<HistoryStore>(LocalStore::inMemory().value()), clock);
        const RunSubject subject{QStringLiteral("plays"), 7, QStringLiteral("Partition public.plays by at"),
                                 QStringLiteral("Swap public.plays"), noReturn};
        const auto needed = orders.confirmation(order, subject);
        QVERIFY(needed.has_value());
        QCOMPARE(needed->has_value(), asks);
        if (!asks)
            return;
        QCOMPARE((*needed)->typedWord, typed);
        QVERIFY((*needed)->text.contains(QLatin1Char('?')));
        QCOMPARE(orders.check(order, subject, {}).error().kind, ErrorKind::Safety);
        QVERIFY(orders.check(order, subject, {true, typed}).has_value());
        if (!typed.isEmpty())
            QCOMPARE(orders.check(order, subject, {true, QStringLiteral("yes")}).error().kind, ErrorKind::Safety);
    }

    void aReadOnlyProfileGivesNoOrders()
    {
        const test::StandingClock clock;
        Profile profile;
        profile.safety = Safety::ReadOnly;
        const RunOrders orders(profile, nullptr, clock);
        for (const RunOrder order : {RunOrder::Start, RunOrder::Pause, RunOrder::Cancel, RunOrder::Retune,
                                     RunOrder::Proceed, RunOrder::Resume, RunOrder::Undo}) {
            const auto needed = orders.confirmation(order, {});
            QVERIFY2(!needed && needed.error().kind == ErrorKind::Safety, qPrintable(runOrderVerb(order)));
        }
    }
};

QTEST_GUILESS_MAIN(TstRunLook)
#include "tst_runlook.moc"
