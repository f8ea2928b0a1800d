// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/schedule/agent.h"
#include "tests/support/cluster.h"
#include "tests/support/testserver.h"

#include <QJsonArray>
#include <QTest>

#include <future>

using namespace tidemark;
using namespace tidemark::schedule;
using namespace tidemark::test;

namespace {

Schedule every(const QString &name, Millis every, const QString &view)
{
    Schedule schedule;
    schedule.name = name;
    schedule.refresh.names = {{QStringLiteral("public"), view}};
    schedule.refresh.acceptsLock = true;
    schedule.timing.every = every;
    return schedule;
}

/// An agent on its thread, and what it told.
class Running
{
public:
    Running(
        const pg::ConnInfo &server, const QString &name = QStringLiteral("first"),
        const std::function<Instant(Instant)> &timeOf = [](Instant at) { return at; })
    {
        AgentOptions options;
        options.server = server;
        options.name = name;
        options.profile.safety = Safety::Free;
        options.poll = Millis(50);
        options.timeOf = timeOf;
        options.onNews = [this](const AgentNews &news) {
            const std::lock_guard lock(m_mutex);
            m_news.push_back(news);
        };
        m_agent = std::make_unique<Agent>(std::move(options), m_clock);
        m_thread = std::jthread([this](const std::stop_token &stop) { m_ended = m_agent->run(stop); });
    }
    ~Running() { end(); }

    void end()
    {
        m_thread.request_stop();
        if (m_thread.joinable())
            m_thread.join();
    }
    [[nodiscard]] int count(AgentNews::Kind kind, const QString &schedule = {}) const
    {
        const std::lock_guard lock(m_mutex);
        return static_cast<int>(std::count_if(m_news.begin(), m_news.end(), [&](const AgentNews &news) {
            return news.kind == kind && (schedule.isEmpty() || news.schedule == schedule);
        }));
    }
    [[nodiscard]] QByteArray all() const
    {
        const std::lock_guard lock(m_mutex);
        QStringList lines;
        for (const AgentNews &news : m_news)
            lines << QStringLiteral("%1 %2 %3").arg(static_cast<int>(news.kind)).arg(news.schedule, news.text);
        return lines.join(QLatin1Char('\n')).toUtf8();
    }
    [[nodiscard]] const std::optional<Status> &ended() const { return m_ended; }

private:
    SystemClock m_clock;
    mutable std::mutex m_mutex;
    std::vector<AgentNews> m_news;
    std::optional<Status> m_ended;
    std::unique_ptr<Agent> m_agent;
    std::jthread m_thread;
};

} // namespace

/// What the agent does about schedules, on a server of its own that can be restarted.
class TstAgent : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_cluster = std::make_unique<TestCluster>(ClusterOptions());
        QVERIFY_RESULT(m_cluster->start());
    }
    void cleanupTestCase() { m_cluster.reset(); }
    void init()
    {
        m_database = std::make_unique<TestDatabase>(m_cluster->connInfo());
        m_database->exec("CREATE TABLE lots (id int PRIMARY KEY, wip int);"
                         "INSERT INTO lots SELECT g, g FROM generate_series(1, 100) AS g;"
                         "CREATE MATERIALIZED VIEW wip AS SELECT sum(wip) AS wip, clock_timestamp() AS at FROM lots;"
                         "CREATE MATERIALIZED VIEW queue AS SELECT id, wip, clock_timestamp() AS at FROM lots");
    }
    void cleanup() { m_database.reset(); }

    void whatIsDueIsRefreshedOnceADueTime();
    void whatNobodyWasThereForIsCaughtUpOnceOrMissed();
    void schedulesKeepTheirHoursWhileDaysGoBy();
    void onlyWhatChangedIsRefreshed();
    void theHighestPriorityBeginsFirst();
    void aRunThatIsDueDuringTheLastIsSkippedOrWaits();
    void aViewThatFailsIsToldAndTheOthersGoOn();
    void aViewDroppedMeanwhileFailsItsScheduleAlone();
    void aBlockedViewGivesUpAndNobodyQueuesBehindIt();
    void whatIsNotUnderstoodIsNotExecutedAndTheOthersGoOn();
    void thereIsOneAgentAndTheOtherTakesOver();
    void aRestartedServerIsFoundAgainAndNothingIsDoneTwice();
    void whatAnAgentLeftBehindIsFailedByTheNext();
    void aPauseIsHeardAtOnce();
    void withoutSchedulesItEndsAndSaysSo();

private:
    void add(const Schedule &schedule)
    {
        pg::Session session = m_database->open();
        QVERIFY_RESULT(addSchedule(session, schedule));
    }
    [[nodiscard]] std::vector<ScheduleRun> runs(const QString &name) const
    {
        pg::Session session = m_database->open();
        auto all = readScheduleRuns(session, Instant(), 1'000);
        if (!all)
            return {};
        std::erase_if(*all, [&](const ScheduleRun &run) { return run.name != name; });
        return *all;
    }
    [[nodiscard]] int countOf(const QString &name, RunState state) const
    {
        const auto all = runs(name);
        return static_cast<int>(
            std::count_if(all.begin(), all.end(), [state](const ScheduleRun &run) { return run.state == state; }));
    }

    std::unique_ptr<TestCluster> m_cluster;
    std::unique_ptr<TestDatabase> m_database;
};

void TstAgent::whatIsDueIsRefreshedOnceADueTime()
{
    add(every(QStringLiteral("wip"), Millis(1'000), QStringLiteral("wip")));
    const QString before = m_database->value("SELECT at::text FROM wip");
    Running agent(m_database->conn());
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("wip"), RunState::Succeeded) >= 3, agent.all(), 15'000);
    agent.end();
    QVERIFY(agent.ended() && *agent.ended());
    QVERIFY(m_database->value("SELECT at::text FROM wip") != before);
    const auto all = runs(QStringLiteral("wip"));
    for (std::size_t index = 1; index < all.size(); ++index)
        QVERIFY2(millisBetween(all[index].dueAt, all[index - 1].dueAt).count() % 1'000 == 0, "due times do not drift");
    const QJsonObject result = all.back().results.at(0).toObject();
    QCOMPARE(result.value(QStringLiteral("name")).toString(), QStringLiteral("wip"));
    QCOMPARE(result.value(QStringLiteral("result")).toString(), QStringLiteral("succeeded"));
    QVERIFY(result.value(QStringLiteral("duration_ms")).isDouble());
    QCOMPARE(countOf(QStringLiteral("wip"), RunState::Running), 0);
}

void TstAgent::whatNobodyWasThereForIsCaughtUpOnceOrMissed()
{
    Schedule once = every(QStringLiteral("once"), Millis(600'000), QStringLiteral("wip"));
    Schedule none = every(QStringLiteral("none"), Millis(600'000), QStringLiteral("queue"));
    none.catchUp = CatchUp::None;
    add(once);
    add(none);
    // An hour and five minutes later an agent comes.
    Running agent(m_database->conn(), QStringLiteral("late"), [](Instant at) { return at + std::chrono::minutes(65); });
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("once"), RunState::Succeeded) == 1, agent.all(), 10'000);
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("none"), RunState::Missed) == 1, agent.all(), 10'000);
    agent.end();
    const auto caught = runs(QStringLiteral("once"));
    QCOMPARE(caught.size(), 1U);
    QVERIFY(caught.front().cause == Cause::CatchUp);
    QCOMPARE(caught.front().missed, 5);
    const auto missed = runs(QStringLiteral("none"));
    QCOMPARE(missed.size(), 1U);
    QCOMPARE(missed.front().missed, 6);
    QVERIFY(!missed.front().startedAt);
    QCOMPARE(agent.count(AgentNews::Kind::Missed, QStringLiteral("none")), 1);
}

void TstAgent::schedulesKeepTheirHoursWhileDaysGoBy()
{
    // The clock runs 20,000 times as fast: office hours of several days in a few seconds.
    Schedule office = every(QStringLiteral("office"), Millis(2 * 3'600'000), QStringLiteral("wip"));
    office.timing.hours = *parseHours(QStringLiteral("06:00-22:00"));
    office.timing.timeZone = QStringLiteral("Europe/Oslo");
    office.catchUp = CatchUp::Once;
    add(office);
    const auto began = std::chrono::steady_clock::now();
    Running agent(m_database->conn(), QStringLiteral("fast"), [began](Instant at) {
        const auto passed = std::chrono::steady_clock::now() - began;
        return at + std::chrono::duration_cast<std::chrono::microseconds>(passed) * 20'000;
    });
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("office"), RunState::Succeeded) >= 12, agent.all(), 30'000);
    agent.end();
    for (const ScheduleRun &run : runs(QStringLiteral("office"))) {
        const int hour = QDateTime::fromMSecsSinceEpoch(toEpochMicros(run.dueAt) / 1000,
                                                        QTimeZone(QByteArray("Europe/Oslo")))
                             .time()
                             .hour();
        QVERIFY2(hour >= 6 && hour < 22, qPrintable(toIso8601(run.dueAt)));
    }
}

void TstAgent::onlyWhatChangedIsRefreshed()
{
    Schedule schedule = every(QStringLiteral("changes"), Millis(1'000), QStringLiteral("wip"));
    schedule.timing.onChange = true;
    add(schedule);
    Running agent(m_database->conn());
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("changes"), RunState::Succeeded) >= 1, agent.all(), 10'000);
    // What the first ones counted late may bring another; then there is nothing more to do.
    int settled = -1;
    for (int round = 0; round < 8 && settled != countOf(QStringLiteral("changes"), RunState::Succeeded); ++round) {
        settled = countOf(QStringLiteral("changes"), RunState::Succeeded);
        QTest::qSleep(3'000);
    }
    QCOMPARE(countOf(QStringLiteral("changes"), RunState::Succeeded), settled);
    QCOMPARE(m_database->value("SELECT wip FROM wip"), QStringLiteral("5050"));
    for (const char *change : {"INSERT INTO lots VALUES (1000, 1000)", "UPDATE lots SET wip = 0 WHERE id = 1000",
                               "DELETE FROM lots WHERE id = 1000", "TRUNCATE lots"}) {
        // On a session that ends, so that what it changed is counted.
        pg::Session writer = m_database->open();
        QVERIFY_RESULT(writer.exec("SET search_path = public"));
        QVERIFY_RESULT(writer.exec(change));
        const QString expected = m_database->value("SELECT coalesce(sum(wip), 0)::text FROM lots");
        {
            const pg::Session ended = std::move(writer);
        }
        QTRY_VERIFY2_WITH_TIMEOUT(m_database->value("SELECT coalesce(wip, 0)::text FROM wip") == expected, change,
                                  20'000);
    }
    QVERIFY(countOf(QStringLiteral("changes"), RunState::Succeeded) > settled);
}

void TstAgent::theHighestPriorityBeginsFirst()
{
    for (const auto &[name, priority] : {std::pair("low", 1), std::pair("high", 9), std::pair("middle", 5)}) {
        Schedule schedule = every(QString::fromLatin1(name), Millis(60'000), QStringLiteral("wip"));
        schedule.priority = priority;
        add(schedule);
    }
    AgentOptions options;
    QMutex mutex;
    QStringList order;
    options.server = m_database->conn();
    options.name = QStringLiteral("one at a time");
    options.profile.safety = Safety::Free;
    options.runsAtOnce = 1;
    options.poll = Millis(50);
    options.timeOf = [](Instant at) { return at + std::chrono::seconds(70); };
    options.onNews = [&](const AgentNews &news) {
        const QMutexLocker lock(&mutex);
        if (news.kind == AgentNews::Kind::Begun)
            order << news.schedule;
    };
    const SystemClock clock;
    Agent agent(options, clock);
    std::jthread thread([&](const std::stop_token &stop) { static_cast<void>(agent.run(stop)); });
    QTRY_COMPARE_WITH_TIMEOUT(([&] {
                                  const QMutexLocker lock(&mutex);
                                  return order;
                              }()),
                              QStringList({QStringLiteral("high"), QStringLiteral("middle"), QStringLiteral("low")}),
                              15'000);
}

void TstAgent::aRunThatIsDueDuringTheLastIsSkippedOrWaits()
{
    m_database->exec("CREATE FUNCTION slow() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM pg_sleep(2.5)';"
                     "CREATE MATERIALIZED VIEW slowly AS SELECT slow() AS one WITH NO DATA;"
                     "CREATE MATERIALIZED VIEW slowly2 AS SELECT slow() AS one WITH NO DATA");
    Schedule skip = every(QStringLiteral("skip"), Millis(1'000), QStringLiteral("slowly"));
    Schedule wait = every(QStringLiteral("wait"), Millis(1'000), QStringLiteral("slowly2"));
    wait.overlap = Overlap::Wait;
    add(skip);
    add(wait);
    Running agent(m_database->conn());
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("skip"), RunState::Succeeded) >= 2, agent.all(), 30'000);
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("wait"), RunState::Succeeded) >= 2, agent.all(), 30'000);
    agent.end();
    QVERIFY(countOf(QStringLiteral("skip"), RunState::Skipped) >= 2);
    QCOMPARE(countOf(QStringLiteral("wait"), RunState::Skipped), 0);
    const auto waited = runs(QStringLiteral("wait"));
    QVERIFY2(std::any_of(waited.begin(), waited.end(), [](const ScheduleRun &run) { return run.missed > 0; }),
             "the latest due time stands for those that passed while it waited");
}

void TstAgent::aViewThatFailsIsToldAndTheOthersGoOn()
{
    m_database->exec("CREATE TABLE zero (v int); CREATE MATERIALIZED VIEW broken AS SELECT 1 / v AS x FROM zero;"
                     "CREATE MATERIALIZED VIEW above AS SELECT x FROM broken; INSERT INTO zero VALUES (0)");
    Schedule broken = every(QStringLiteral("broken"), Millis(1'000), QStringLiteral("broken"));
    broken.refresh.cascade = true;
    add(broken);
    add(every(QStringLiteral("wip"), Millis(1'000), QStringLiteral("wip")));
    Running agent(m_database->conn());
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("broken"), RunState::Failed) >= 2, agent.all(), 15'000);
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("wip"), RunState::Succeeded) >= 2, agent.all(), 15'000);
    const ScheduleRun failed = [&] {
        for (const ScheduleRun &run : runs(QStringLiteral("broken"))) {
            if (run.state == RunState::Failed)
                return run;
        }
        return ScheduleRun();
    }();
    QVERIFY2(failed.error.contains(QLatin1String("public.broken"))
                 && failed.error.contains(QLatin1String("division by zero")),
             qPrintable(failed.error));
    QCOMPARE(failed.results.size(), 2);
    QCOMPARE(failed.results.at(1).toObject().value(QStringLiteral("result")).toString(), QStringLiteral("skipped"));
    m_database->exec("DELETE FROM zero");
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("broken"), RunState::Succeeded) >= 1, agent.all(), 15'000);
}

void TstAgent::aViewDroppedMeanwhileFailsItsScheduleAlone()
{
    add(every(QStringLiteral("wip"), Millis(1'000), QStringLiteral("wip")));
    add(every(QStringLiteral("queue"), Millis(1'000), QStringLiteral("queue")));
    Running agent(m_database->conn());
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("queue"), RunState::Succeeded) >= 1, agent.all(), 15'000);
    m_database->exec("DROP MATERIALIZED VIEW queue");
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("queue"), RunState::Failed) >= 1, agent.all(), 15'000);
    QVERIFY2(runs(QStringLiteral("queue")).front().error.contains(QLatin1String("queue")), agent.all());
    const int before = countOf(QStringLiteral("wip"), RunState::Succeeded);
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("wip"), RunState::Succeeded) > before, agent.all(), 15'000);
}

void TstAgent::aBlockedViewGivesUpAndNobodyQueuesBehindIt()
{
    Schedule schedule = every(QStringLiteral("wip"), Millis(1'000), QStringLiteral("wip"));
    schedule.refresh.lockPatience = Millis(1'000);
    add(schedule);
    pg::Session reader = m_database->open();
    QVERIFY_RESULT(reader.execScript("BEGIN; SELECT FROM public.wip"));
    Running agent(m_database->conn());
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("wip"), RunState::Failed) >= 1, agent.all(), 20'000);
    const QString error = runs(QStringLiteral("wip")).back().error;
    QVERIFY2(error.contains(QString::number(reader.backendPid())), qPrintable(error));
    // Others read it all the while.
    for (int round = 0; round < 20; ++round) {
        const auto began = std::chrono::steady_clock::now();
        QVERIFY(!m_database->value("SELECT wip FROM wip").isEmpty());
        QVERIFY(std::chrono::steady_clock::now() - began < std::chrono::milliseconds(900));
        QTest::qSleep(50);
    }
    QVERIFY_RESULT(reader.execScript("COMMIT"));
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("wip"), RunState::Succeeded) >= 1, agent.all(), 15'000);
}

void TstAgent::whatIsNotUnderstoodIsNotExecutedAndTheOthersGoOn()
{
    add(every(QStringLiteral("newer"), Millis(1'000), QStringLiteral("queue")));
    Schedule zone = every(QStringLiteral("zone"), Millis(1'000), QStringLiteral("queue"));
    zone.timing.hours = *parseHours(QStringLiteral("00:00-23:59"));
    add(zone);
    add(every(QStringLiteral("wip"), Millis(1'000), QStringLiteral("wip")));
    m_database->exec(
        "UPDATE tidemark.schedule SET refresh = '{\"names\": [], \"of_tomorrow\": 1}' WHERE name = 'newer';"
        "UPDATE tidemark.schedule SET time_zone = 'Europe/Atlantis' WHERE name = 'zone';"
        "INSERT INTO tidemark.schedule (name, refresh, cron) VALUES ('cron', '{}', 'now and then')");
    const QString before = m_database->value("SELECT min(at)::text FROM queue");
    Running agent(m_database->conn());
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("wip"), RunState::Succeeded) >= 3, agent.all(), 20'000);
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("newer"), RunState::Failed) >= 1, agent.all(), 10'000);
    QVERIFY2(runs(QStringLiteral("newer")).front().error.contains(QLatin1String("of_tomorrow")), agent.all());
    for (const char *name : {"newer", "zone", "cron"})
        QCOMPARE(agent.count(AgentNews::Kind::Unreadable, QString::fromLatin1(name)), 1);
    QVERIFY2(agent.all().contains("Europe/Atlantis") && agent.all().contains("now and then"), agent.all());
    QVERIFY2(m_database->value("SELECT min(at)::text FROM queue") == before, "nothing else was refreshed for it");
}

void TstAgent::thereIsOneAgentAndTheOtherTakesOver()
{
    add(every(QStringLiteral("wip"), Millis(1'000), QStringLiteral("wip")));
    auto first = std::make_unique<Running>(m_database->conn(), QStringLiteral("first"));
    QTRY_VERIFY2_WITH_TIMEOUT(first->count(AgentNews::Kind::Connected) == 1, first->all(), 10'000);
    Running second(m_database->conn(), QStringLiteral("second"));
    QTRY_VERIFY2_WITH_TIMEOUT(second.count(AgentNews::Kind::Standby) == 1, second.all(), 10'000);
    QVERIFY2(second.all().contains("first"), second.all());
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("wip"), RunState::Succeeded) >= 2, first->all(), 15'000);
    QCOMPARE(second.count(AgentNews::Kind::Begun), 0);
    first.reset();
    QTRY_VERIFY2_WITH_TIMEOUT(second.count(AgentNews::Kind::Begun) >= 1, second.all(), 15'000);
    second.end();
    QStringList agents;
    for (const ScheduleRun &run : runs(QStringLiteral("wip"))) {
        if (!agents.contains(run.agent))
            agents << run.agent;
    }
    QCOMPARE(agents, QStringList({QStringLiteral("second"), QStringLiteral("first")}));
}

void TstAgent::aRestartedServerIsFoundAgainAndNothingIsDoneTwice()
{
    add(every(QStringLiteral("wip"), Millis(1'000), QStringLiteral("wip")));
    Running agent(m_database->conn());
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("wip"), RunState::Succeeded) >= 1, agent.all(), 10'000);
    QVERIFY_RESULT(m_cluster->stop(QStringLiteral("immediate")));
    QTRY_VERIFY2_WITH_TIMEOUT(agent.count(AgentNews::Kind::Lost) >= 1, agent.all(), 15'000);
    QVERIFY_RESULT(m_cluster->start());
    const int before = countOf(QStringLiteral("wip"), RunState::Succeeded);
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("wip"), RunState::Succeeded) > before, agent.all(), 30'000);
    agent.end();
    QCOMPARE(countOf(QStringLiteral("wip"), RunState::Running), 0);
    QCOMPARE(agent.count(AgentNews::Kind::Connected), 2);
    QCOMPARE(agent.count(AgentNews::Kind::Begun), static_cast<int>(runs(QStringLiteral("wip")).size()));
}

void TstAgent::whatAnAgentLeftBehindIsFailedByTheNext()
{
    add(every(QStringLiteral("wip"), Millis(1'000), QStringLiteral("wip")));
    m_database->exec("INSERT INTO tidemark.schedule_run (schedule, due_at, cause, state, started_at, agent) "
                     "SELECT id, since, 'due', 'running', since, 'killed' FROM tidemark.schedule");
    Running agent(m_database->conn());
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("wip"), RunState::Failed) == 1, agent.all(), 10'000);
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("wip"), RunState::Succeeded) >= 1, agent.all(), 10'000);
}

void TstAgent::aPauseIsHeardAtOnce()
{
    add(every(QStringLiteral("wip"), Millis(1'000), QStringLiteral("wip")));
    Running agent(m_database->conn());
    QTRY_VERIFY2_WITH_TIMEOUT(countOf(QStringLiteral("wip"), RunState::Succeeded) >= 1, agent.all(), 10'000);
    pg::Session session = m_database->open();
    QVERIFY_RESULT(setSchedulesPaused(session, true, QStringLiteral("month's end")));
    QTest::qSleep(500); // what had begun may end
    const std::size_t before = runs(QStringLiteral("wip")).size();
    QTest::qSleep(2'500);
    QCOMPARE(runs(QStringLiteral("wip")).size(), before);
    QVERIFY_RESULT(setSchedulesPaused(session, false, {}));
    QTRY_VERIFY2_WITH_TIMEOUT(runs(QStringLiteral("wip")).size() > before, agent.all(), 10'000);
    QCOMPARE(countOf(QStringLiteral("wip"), RunState::Missed), 0);
}

void TstAgent::withoutSchedulesItEndsAndSaysSo()
{
    Running agent(m_database->conn());
    QTRY_VERIFY_WITH_TIMEOUT(agent.ended().has_value(), 10'000);
    QVERIFY(!*agent.ended());
    QCOMPARE(errorKindName(agent.ended()->error().kind), QStringLiteral("missing"));
}

QTEST_GUILESS_MAIN(TstAgent)
#include "tst_agent.moc"
