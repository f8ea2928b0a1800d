// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/freshnesscollector.h"
#include "core/monitor/jobcollector.h"
#include "core/schedule/schedulestore.h"
#include "tests/support/actor.h"
#include "tests/support/testserver.h"
#include "tests/support/watched.h"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<HistoryStore> memoryStore()
{
    auto local = LocalStore::inMemory();
    if (!local)
        qFatal("%s", describe(local.error()).constData());
    return std::make_shared<HistoryStore>(*local);
}

Collectors jobs(const std::shared_ptr<HistoryStore> &store)
{
    Collectors collectors;
    collectors.push_back(std::make_unique<FreshnessCollector>(store));
    collectors.push_back(std::make_unique<JobCollector>(store));
    return collectors;
}

const Job &jobNamed(const Watched &watched, const QString &name)
{
    for (const Job &job : *watched.snapshot()->jobs) {
        if (job.name == name)
            return job;
    }
    qFatal("no job %s", qUtf8Printable(name));
}

} // namespace

/// The jobs of real schedulers: pg_cron in a cluster of its own, TimescaleDB as far as its Apache edition goes.
class TstJobs : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aRunOfPgCronIsARefreshOrAFailure();
    void runsAreCountedFurtherBackThanTheyAreRead();
    void functionsAreReadForWhatTheyRefresh();
    void nextRunsAreInThePastForNobody();
    void aRoleWithoutRightsIsTold();
    void maintenanceOfPgPartmanIsListed();
    void timescalesOwnJobsAreListed();
    void schedulesOfTheToolkitAreJobsAndTheirRunsRefreshes();

private:
    std::unique_ptr<TestCluster> m_cluster;
    std::unique_ptr<TestDatabase> m_database;
};

void TstJobs::initTestCase()
{
    ClusterOptions options;
    options.settings.insert(QStringLiteral("cron.database_name"), QStringLiteral("scheduled"));
    options.settings.insert(QStringLiteral("cron.use_background_workers"), QStringLiteral("on"));
    if (!findServer(options.server)->preloadable.contains(QStringLiteral("pg_cron")))
        QSKIP("pg_cron is not installed");
    m_cluster = std::make_unique<TestCluster>(options);
    QVERIFY_RESULT(m_cluster->start());
    m_database = std::make_unique<TestDatabase>(m_cluster->connInfo(), QStringLiteral("scheduled"));
    m_database->exec(
        "CREATE EXTENSION pg_cron;"
        "CREATE TABLE source AS SELECT 1 AS a; CREATE MATERIALIZED VIEW good AS SELECT a, a::text AS b FROM source;"
        "CREATE MATERIALIZED VIEW bad AS SELECT a FROM source; CREATE MATERIALIZED VIEW \"From Function\" AS SELECT a FROM source;"
        "CREATE FUNCTION inner_refresh() RETURNS void LANGUAGE sql AS 'REFRESH MATERIALIZED VIEW public.\"From Function\"';"
        "CREATE FUNCTION refresh_all() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM inner_refresh(); "
        "  REFRESH MATERIALIZED VIEW public.good; END $$");
}

void TstJobs::aRunOfPgCronIsARefreshOrAFailure()
{
    m_database->exec("SELECT cron.schedule('succeeds', '* * * * *', 'REFRESH MATERIALIZED VIEW good');"
                     "SELECT cron.schedule('fails', '* * * * *', 'REFRESH MATERIALIZED VIEW CONCURRENTLY bad')");
    const auto store = memoryStore();
    Watched watched(m_database->conn(), jobs(store), 1000ms);
    watched.tick(2);
    const auto lastOf = [&](const char *view) { return watched.view(QString::fromLatin1(view)); };
    QVERIFY(lastOf("good").schedule.contains(QLatin1String("* * * * *")));
    const auto bothRan = [&] {
        return jobNamed(watched, QStringLiteral("succeeds")).lastSucceeded
               && jobNamed(watched, QStringLiteral("fails")).lastSucceeded;
    };
    QVERIFY(watched.tickUntil(bothRan, 90s)); // the next full minute, and the next look
    m_database->exec("SELECT cron.unschedule('succeeds'), cron.unschedule('fails')");
    QVERIFY(*jobNamed(watched, QStringLiteral("succeeds")).lastSucceeded);
    QVERIFY(!*jobNamed(watched, QStringLiteral("fails")).lastSucceeded);
    QVERIFY(jobNamed(watched, QStringLiteral("fails")).lastMessage.contains(QLatin1String("concurrently")));

    const auto &server = watched.snapshot()->capabilities;
    const DatabaseRef database{server.systemIdentifier, server.database};
    const auto good = store->refreshes(database, {QStringLiteral("public"), QStringLiteral("good")}, std::nullopt, 10);
    QVERIFY_RESULT(good);
    QVERIFY(!good->empty() && good->front().succeeded);
    // One refresh, though the commit and the scheduler both tell of it.
    QCOMPARE(good->front().confidence, Confidence::Commit);
    QVERIFY2(good->front().sourceDetail.startsWith(QLatin1String("pg_cron job ")),
             qPrintable(good->front().sourceDetail));
    QCOMPARE(good->size(), std::size_t(2)); // and its creation
    const auto bad = store->refreshes(database, {QStringLiteral("public"), QStringLiteral("bad")}, std::nullopt, 10);
    QVERIFY_RESULT(bad);
    QVERIFY(!bad->empty() && !bad->front().succeeded);
    QVERIFY2(bad->front().error.contains(QLatin1String("cannot refresh materialized view")),
             qPrintable(bad->front().error));
}

void TstJobs::runsAreCountedFurtherBackThanTheyAreRead()
{
    m_database->exec("SELECT cron.schedule('often', '0 0 1 1 *', 'SELECT 1')");
    const QByteArray run =
        "INSERT INTO cron.job_run_details (jobid, runid, database, username, command, status, start_time, "
        "end_time) SELECT j.jobid, nextval('cron.runid_seq'), 'scheduled', 'postgres', 'SELECT 1', ";
    const QByteArray ofJob = " FROM cron.job AS j, generate_series(1, %n) AS n WHERE j.jobname = 'often'";
    const auto runs = [&](const QByteArray &status, int count) {
        m_database->exec(run + status + ", now(), CASE WHEN " + status + " <> 'running' THEN now() END"
                         + QByteArray(ofJob).replace("%n", QByteArray::number(count)));
    };
    runs("CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'succeeded' END", 2500);
    runs("'running'", 1);
    Watched watched(m_database->conn(), jobs(nullptr));
    watched.tick(2);
    const auto often = [&] { return jobNamed(watched, QStringLiteral("often")); };
    QCOMPARE(often().totalRuns, 2500);
    QCOMPARE(often().totalFailures, 25);
    QVERIFY(often().running);

    m_database->exec("UPDATE cron.job_run_details SET status = 'failed', end_time = now() WHERE status = 'running'");
    runs("'succeeded'", 2);
    QVERIFY(watched.tickUntil([&] { return often().totalRuns == 2503; }, 30s));
    QCOMPARE(often().totalFailures, 26);
    QVERIFY(!often().running);
    m_database->exec("SELECT cron.unschedule('often'); DELETE FROM cron.job_run_details");
}

void TstJobs::functionsAreReadForWhatTheyRefresh()
{
    m_database->exec("SELECT cron.schedule('by function', '*/2 6-22 * * *', 'SELECT public.refresh_all();')");
    Watched watched(m_database->conn(), jobs(memoryStore()));
    watched.tick(2);
    QStringList names;
    for (const pg::QualifiedName &name : jobNamed(watched, QStringLiteral("by function")).refreshes)
        names << name.name;
    names.sort();
    QCOMPARE(names, (QStringList{QStringLiteral("From Function"), QStringLiteral("good")}));
    QCOMPARE(watched.view(QStringLiteral("From Function")).schedule, QStringLiteral("pg_cron: */2 6-22 * * *"));
    QVERIFY(watched.view(QStringLiteral("bad")).schedule.isEmpty());
}

void TstJobs::nextRunsAreInThePastForNobody()
{
    m_database->exec("SELECT cron.schedule('later', '30 2 * * mon', 'SELECT 1')");
    Watched watched(m_database->conn(), jobs(nullptr));
    watched.tick();
    const Job &job = jobNamed(watched, QStringLiteral("later"));
    QVERIFY(job.nextStart && *job.nextStart > watched.snapshot()->takenAt);
    QVERIFY(!job.lastSucceeded && job.totalRuns == 0);
}

void TstJobs::aRoleWithoutRightsIsTold()
{
    static_cast<void>(m_database->open().exec("CREATE ROLE tidemark_test_powerless LOGIN"));
    SystemClock clock;
    DatabaseTicker ticker(m_database->conn().with(QStringLiteral("user"), QStringLiteral("tidemark_test_powerless")),
                          jobs(nullptr), clock, QStringLiteral("tidemark-test"));
    QVERIFY_RESULT(ticker.tick(1000ms));
    const auto &errors = ticker.snapshot()->errors;
    QCOMPARE(errors.keys(), QStringList{QStringLiteral("jobs")});
    QVERIFY2(errors.first().summary().contains(QLatin1String("pg_cron")), qPrintable(errors.first().summary()));
    QVERIFY(ticker.snapshot()->freshness != nullptr);
}

void TstJobs::maintenanceOfPgPartmanIsListed()
{
    TestDatabase database;
    if (database.value("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_partman'") != QLatin1String("1"))
        QSKIP("pg_partman is not installed");
    database.exec("CREATE SCHEMA partman; CREATE EXTENSION pg_partman SCHEMA partman;"
                  "CREATE TABLE public.one (at timestamptz NOT NULL) PARTITION BY RANGE (at);"
                  "CREATE TABLE public.two (at timestamptz NOT NULL) PARTITION BY RANGE (at);");
    for (const char *table : {"public.one", "public.two"})
        database.exec("SET search_path = partman, public; SELECT create_parent('" + QByteArray(table)
                      + "', 'at', 'native', 'daily')");
    database.exec(
        "SET search_path = partman; UPDATE part_config SET automatic_maintenance = 'off' WHERE parent_table = 'public.two'");
    Watched watched(database.conn(), jobs(nullptr));
    watched.tick();
    QVERIFY(jobNamed(watched, QStringLiteral("public.one")).active);
    QVERIFY(!jobNamed(watched, QStringLiteral("public.two")).active);
}

void TstJobs::timescalesOwnJobsAreListed()
{
    TIDEMARK_REQUIRE_SERVER("timescale");
    TestDatabase database(QStringLiteral("timescale"));
    database.exec("CREATE EXTENSION timescaledb WITH SCHEMA public");
    Watched watched(database.conn(), jobs(memoryStore()));
    watched.tick();
    const auto found = watched.snapshot()->jobs;
    QVERIFY(found && !found->empty());
    for (const Job &job : *found) {
        QCOMPARE(job.scheduler, JobScheduler::TimescaleDb);
        QVERIFY(!job.name.isEmpty() && !job.schedule.isEmpty());
    }
}

void TstJobs::schedulesOfTheToolkitAreJobsAndTheirRunsRefreshes()
{
    TestDatabase database;
    database.exec(
        "CREATE MATERIALIZED VIEW wip AS SELECT 1 AS one; CREATE MATERIALIZED VIEW broken AS SELECT 2 AS two");
    const auto store = memoryStore();
    Watched watched(database.conn(), jobs(store), 1000ms);
    watched.tick();
    QVERIFY(watched.snapshot()->jobs->empty());
    pg::Session session = database.open();
    schedule::Schedule made;
    made.name = QStringLiteral("every day");
    made.refresh.names = {{QStringLiteral("public"), QStringLiteral("wip")}};
    made.timing.cron = QStringLiteral("0 6 * * *");
    made.timing.timeZone = QStringLiteral("Europe/Oslo");
    QVERIFY_RESULT(schedule::addSchedule(session, made));
    database.exec("INSERT INTO tidemark.schedule_run (schedule, due_at, cause, state, started_at, finished_at, agent, "
                  "error, results) SELECT id, since, 'due', 'failed', since, since + interval '3 s', 'anna', "
                  "'public.broken: no', '[{\"schema\": \"public\", \"name\": \"wip\", \"result\": \"succeeded\", "
                  "\"rows\": 7, \"started_at\": \"2026-03-01T12:00:00Z\", \"finished_at\": \"2026-03-01T12:00:02Z\"}, "
                  "{\"schema\": \"public\", \"name\": \"broken\", \"result\": \"failed\", \"error\": \"no\", "
                  "\"started_at\": \"2026-03-01T12:00:02Z\", \"finished_at\": \"2026-03-01T12:00:03Z\"}]' "
                  "FROM tidemark.schedule; UPDATE tidemark.schedule SET next_at = now() + interval '1 h'");
    QVERIFY(watched.tickUntil([&] { return !watched.snapshot()->jobs->empty(); }, 40s));
    const Job job = jobNamed(watched, QStringLiteral("every day"));
    QVERIFY(job.scheduler == JobScheduler::Agent);
    QCOMPARE(job.schedule, QStringLiteral("0 6 * * * (Europe/Oslo)"));
    QCOMPARE(job.command, QStringLiteral("refresh public.wip"));
    QVERIFY(job.active && job.lastSucceeded && !*job.lastSucceeded && job.nextStart);
    QCOMPARE(job.lastMessage, QStringLiteral("public.broken: no"));
    watched.tick();
    QCOMPARE(watched.view(QStringLiteral("wip")).schedule, QStringLiteral("agent: 0 6 * * * (Europe/Oslo)"));

    const DatabaseRef here = databaseRefOf(watched.snapshot()->capabilities);
    const TimeRange then{*parseTimestamp(QStringLiteral("2026-03-01")), *parseTimestamp(QStringLiteral("2026-03-02"))};
    const auto told = store->refreshes(here, {}, then, 10);
    QVERIFY_RESULT(told);
    QCOMPARE(told->size(), 2U);
    QCOMPARE(told->at(0).name.name, QStringLiteral("broken"));
    QVERIFY(!told->at(0).succeeded);
    QCOMPARE(told->at(1).rows, std::optional<qint64>(7));
    QCOMPARE(told->at(1).sourceDetail, QStringLiteral("schedule every day"));
    database.exec("INSERT INTO tidemark.schedule_pause DEFAULT VALUES");
    QVERIFY(watched.tickUntil([&] { return !jobNamed(watched, QStringLiteral("every day")).active; }, 40s));
}

QTEST_GUILESS_MAIN(TstJobs)
#include "tst_jobs.moc"
