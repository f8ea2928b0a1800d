// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/toolkit.h"
#include "core/schedule/schedulestore.h"
#include "tests/support/testdatabase.h"
#include "tests/support/testserver.h"

#include <QJsonArray>
#include <QTest>

using namespace tidemark;
using namespace tidemark::schedule;
using namespace tidemark::test;

namespace {

Schedule nightly(const QString &name = QStringLiteral("nightly"))
{
    Schedule schedule;
    schedule.name = name;
    schedule.refresh.names = {{QStringLiteral("public"), QStringLiteral("sales")},
                              {QStringLiteral("Öst \"x\""), QStringLiteral("we'ird \\ v")}};
    schedule.refresh.cascade = true;
    schedule.refresh.way = refresh::Way::Concurrently;
    schedule.timing.every = Millis(90'500);
    schedule.timing.onChange = true;
    schedule.timing.hours = *parseHours(QStringLiteral("22:00-06:30"));
    schedule.timing.timeZone = QStringLiteral("Europe/Oslo");
    schedule.timing.jitter = Millis(1'500);
    schedule.priority = -3;
    schedule.overlap = Overlap::Wait;
    schedule.catchUp = CatchUp::None;
    schedule.refresh.lockPatience = Millis(250);
    schedule.refresh.statementTimeout = Millis(3'600'000);
    return schedule;
}

} // namespace

/// Schedules live in the database that they are about, for every DBA and agent alike.
class TstSchedules : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { TIDEMARK_REQUIRE_SERVER("15"); }
    void init()
    {
        m_database = std::make_unique<TestDatabase>();
        m_database->exec("CREATE MATERIALIZED VIEW sales AS SELECT 1 AS one;"
                         "CREATE SCHEMA \"Öst \"\"x\"\"\";"
                         "CREATE MATERIALIZED VIEW \"Öst \"\"x\"\"\".\"we'ird \\ v\" AS SELECT 1 AS one");
        m_session = std::make_unique<pg::Session>(open());
    }
    void cleanup()
    {
        m_session.reset();
        m_database.reset();
    }

    void everyFieldComesBackAsItWentIn();
    void theFirstOneMakesThePlaceAndTheLastLeavesNothing();
    void whatIsNotThereIsRefusedByName();
    void aDueTimeBelongsToOneAgent();
    void thereIsOneAgentAndEverybodySeesIt();
    void aPauseStopsAllAndWhatPassedIsNotMissed();
    void whatIsSwitchedOnAgainIsNotDueFromBefore();
    void whatAnAgentLeftRunningIsFailed();
    void oldRunsAreForgottenButForTheNewest();
    void aDroppedScheduleTakesItsHistoryAlong();

private:
    [[nodiscard]] pg::Session open() const { return m_database->open(); }
    [[nodiscard]] ScheduleLook only()
    {
        const auto look = readSchedules(*m_session);
        if (!look || look->schedules.size() != 1)
            qFatal("there is not one schedule: %s", look ? "" : qPrintable(look.error().summary()));
        return look->schedules.front();
    }
    [[nodiscard]] ScheduleRun runOf(qint64 schedule, Instant dueAt, RunState state = RunState::Running)
    {
        ScheduleRun run;
        run.schedule = schedule;
        run.dueAt = dueAt;
        run.state = state;
        run.agent = QStringLiteral("anna@laptop");
        return run;
    }

    std::unique_ptr<TestDatabase> m_database;
    std::unique_ptr<pg::Session> m_session;
};

void TstSchedules::everyFieldComesBackAsItWentIn()
{
    const Schedule made = nightly();
    const auto id = addSchedule(*m_session, made);
    QVERIFY_RESULT(id);
    Schedule read = only().schedule;
    QCOMPARE(read.id, *id);
    QVERIFY(read.createdBy == m_session->user());
    const Instant serverNow = m_session->exec("SELECT now()")->instant(0, 0).value();
    QVERIFY(read.since <= serverNow && serverNow - read.since < std::chrono::seconds(30));
    read.id = 0;
    read.createdBy.clear();
    read.since = made.since;
    QVERIFY(read == made);

    Schedule plain;
    plain.name = QStringLiteral("by cron");
    plain.timing.cron = QStringLiteral("*/2 6-22 * * *");
    plain.enabled = false;
    QVERIFY_RESULT(addSchedule(*m_session, plain));
    const auto all = readSchedules(*m_session);
    QVERIFY_RESULT(all);
    QCOMPARE(all->schedules.size(), 2U);
    QCOMPARE(all->schedules[0].schedule.timing.cron, plain.timing.cron);
    QVERIFY(!all->schedules[0].schedule.timing.every && !all->schedules[0].schedule.refresh.statementTimeout);
    QVERIFY2(!all->schedules[0].next, "what is disabled has no next run");
    QVERIFY(all->schedules[1].next);
}

void TstSchedules::theFirstOneMakesThePlaceAndTheLastLeavesNothing()
{
    const auto none = readSchedules(*m_session);
    QVERIFY(!none);
    QCOMPARE(errorKindName(none.error().kind), QStringLiteral("missing"));
    QVERIFY_RESULT(addSchedule(*m_session, nightly()));
    QVERIFY(installedToolkit(*m_session)->contains(QStringLiteral("schedules")));
    QVERIFY_RESULT(removeSchedule(*m_session, QStringLiteral("nightly")));
    QVERIFY(readSchedules(*m_session)->schedules.empty());
    QVERIFY_RESULT(applyToolkit(*m_session, QStringLiteral("schedules"), false));
    QVERIFY(m_session->exec("SELECT to_regnamespace('tidemark') IS NULL")->boolean(0, 0));
}

void TstSchedules::whatIsNotThereIsRefusedByName()
{
    Schedule schedule = nightly();
    schedule.refresh.names.push_back({QStringLiteral("public"), QStringLiteral("no such")});
    const auto added = addSchedule(*m_session, schedule);
    QVERIFY(!added);
    QVERIFY2(added.error().message.contains(QLatin1String("public.\"no such\"")), qPrintable(added.error().message));
    QVERIFY2(!readSchedules(*m_session), "nothing was installed for it");

    QVERIFY_RESULT(addSchedule(*m_session, nightly()));
    const auto twice = addSchedule(*m_session, nightly());
    QVERIFY(!twice);
    QCOMPARE(errorKindName(twice.error().kind), QStringLiteral("conflict"));
    for (const Status &status : {removeSchedule(*m_session, QStringLiteral("daily")),
                                 setScheduleEnabled(*m_session, QStringLiteral("daily"), true)}) {
        QVERIFY(!status);
        QCOMPARE(errorKindName(status.error().kind), QStringLiteral("missing"));
        QVERIFY2(status.error().hint.contains(QLatin1String("nightly")), qPrintable(status.error().hint));
    }
}

void TstSchedules::aDueTimeBelongsToOneAgent()
{
    const qint64 id = addSchedule(*m_session, nightly()).value();
    pg::Session other = open();
    const Instant due = only().schedule.since + std::chrono::seconds(90);
    const auto first = claimRun(*m_session, runOf(id, due));
    QVERIFY_RESULT(first);
    QVERIFY(first->has_value());
    const auto second = claimRun(other, runOf(id, due));
    QVERIFY_RESULT(second);
    QVERIFY2(!second->has_value(), "another agent has it");

    ScheduleRun ended = runOf(id, due, RunState::Failed);
    ended.id = **first;
    ended.error = QStringLiteral("division by zero");
    ended.results = {QJsonObject{{QStringLiteral("name"), QStringLiteral("sales")}}};
    QVERIFY_RESULT(finishRun(*m_session, ended));
    const auto runs = readScheduleRuns(*m_session, due, 10);
    QVERIFY_RESULT(runs);
    QCOMPARE(runs->size(), 1U);
    QCOMPARE(runs->front().name, QStringLiteral("nightly"));
    QCOMPARE(runs->front().error, ended.error);
    QCOMPARE(runs->front().results, ended.results);
    QVERIFY(runs->front().state == RunState::Failed);
    QVERIFY(runs->front().startedAt && runs->front().finishedAt);
    QCOMPARE(only().lastDue, std::optional(due));
    QVERIFY(only().newest->state == RunState::Failed);
}

void TstSchedules::thereIsOneAgentAndEverybodySeesIt()
{
    QVERIFY_RESULT(addSchedule(*m_session, nightly()));
    QVERIFY(readSchedules(*m_session)->agent.isEmpty());
    {
        pg::SessionOptions options = writable();
        options.applicationName = QStringLiteral("tidemark agent anna@laptop");
        pg::Session agent = m_database->open(options);
        QVERIFY(becomeAgent(agent).value());
        QVERIFY(!becomeAgent(*m_session).value());
        const QString seen = readSchedules(*m_session)->agent;
        QVERIFY2(seen.contains(options.applicationName) && seen.contains(QString::number(agent.backendPid())),
                 qPrintable(seen));
        // That of another database is another.
        TestDatabase elsewhere;
        pg::Session there = elsewhere.open();
        QVERIFY(becomeAgent(there).value());
    }
    QTRY_VERIFY_WITH_TIMEOUT(becomeAgent(*m_session).value(), 10'000);
}

void TstSchedules::aPauseStopsAllAndWhatPassedIsNotMissed()
{
    QVERIFY_RESULT(addSchedule(*m_session, nightly()));
    const Instant before = only().schedule.since;
    QVERIFY(only().next);
    QVERIFY_RESULT(setSchedulesPaused(*m_session, true, QStringLiteral("month's end")));
    QVERIFY_RESULT(setSchedulesPaused(*m_session, true, QStringLiteral("twice is once")));
    auto look = readSchedules(*m_session);
    QVERIFY(look->pause);
    QCOMPARE(look->pause->reason, QStringLiteral("month's end"));
    QVERIFY(!look->schedules.front().next);
    QVERIFY_RESULT(setSchedulesPaused(*m_session, false, {}));
    QVERIFY(!readSchedules(*m_session)->pause);
    QVERIFY(only().schedule.since > before);
    const Instant after = only().schedule.since;
    QVERIFY_RESULT(setSchedulesPaused(*m_session, false, {}));
    QVERIFY2(only().schedule.since == after, "what was not paused goes on as it was");
}

void TstSchedules::whatIsSwitchedOnAgainIsNotDueFromBefore()
{
    QVERIFY_RESULT(addSchedule(*m_session, nightly()));
    const Instant made = only().schedule.since;
    QVERIFY_RESULT(setScheduleEnabled(*m_session, QStringLiteral("nightly"), true));
    QCOMPARE(only().schedule.since, made);
    QVERIFY_RESULT(setScheduleEnabled(*m_session, QStringLiteral("nightly"), false));
    QVERIFY(!only().next);
    QVERIFY_RESULT(setScheduleEnabled(*m_session, QStringLiteral("nightly"), true));
    QVERIFY(only().schedule.since > made);
}

void TstSchedules::whatAnAgentLeftRunningIsFailed()
{
    const qint64 id = addSchedule(*m_session, nightly()).value();
    const Instant due = only().schedule.since;
    QVERIFY(claimRun(*m_session, runOf(id, due)).value());
    QVERIFY(claimRun(*m_session, runOf(id, due + std::chrono::seconds(1), RunState::Missed)).value());
    QCOMPARE(failLeftRuns(*m_session).value(), 1);
    const auto runs = readScheduleRuns(*m_session, due, 10);
    QVERIFY(runs->at(1).state == RunState::Failed);
    QVERIFY2(runs->at(1).error.contains(QLatin1String("ended")), qPrintable(runs->at(1).error));
    QVERIFY(runs->at(0).state == RunState::Missed);
}

void TstSchedules::oldRunsAreForgottenButForTheNewest()
{
    const qint64 id = addSchedule(*m_session, nightly()).value();
    const Instant now = only().schedule.since;
    for (const int days : {200, 150, 100})
        QVERIFY(claimRun(*m_session, runOf(id, now - std::chrono::hours(24 * days), RunState::Missed)).value());
    QVERIFY_RESULT(forgetOldRuns(*m_session));
    const auto runs = readScheduleRuns(*m_session, now - std::chrono::hours(24 * 300), 10);
    QCOMPARE(runs->size(), 1U);
    QCOMPARE(runs->front().dueAt, now - std::chrono::hours(24 * 100));
}

void TstSchedules::aDroppedScheduleTakesItsHistoryAlong()
{
    const qint64 id = addSchedule(*m_session, nightly()).value();
    const Instant due = only().schedule.since;
    QVERIFY(claimRun(*m_session, runOf(id, due)).value());
    QVERIFY_RESULT(removeSchedule(*m_session, QStringLiteral("nightly")));
    QVERIFY(readScheduleRuns(*m_session, due, 10)->empty());
    const auto late = claimRun(*m_session, runOf(id, due));
    QVERIFY_RESULT(late);
    QVERIFY2(!late->has_value(), "nobody runs what was removed meanwhile");
}

QTEST_GUILESS_MAIN(TstSchedules)
#include "tst_schedules.moc"
