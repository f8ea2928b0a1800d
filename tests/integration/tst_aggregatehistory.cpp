// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/standardcollectors.h"
#include "tests/support/testserver.h"
#include "tests/support/watched.h"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

using Events = std::vector<RefreshEvent>;

const QString hourly = QStringLiteral("hourly");

/// A statement in a session of its own, as refresh_continuous_aggregate needs it.
void apart(TestDatabase &database, const QByteArray &sql)
{
    pg::Session session = database.open();
    const auto done = session.exec(sql);
    QVERIFY_RESULT(done);
}

} // namespace

/// The history of what TimescaleDB's community edition refreshes, on the server that TIDEMARK_TEST_TIMESCALE names.
class TstAggregateHistory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { TIDEMARK_REQUIRE_COMMUNITY_TIMESCALE(); }
    void init();
    void cleanup() { m_database.reset(); }
    void aMovedWatermarkIsARefresh();
    void aRefreshThatMovesNoWatermarkIsNotInvented();
    void anActionOfAUserRefreshesOrFails();
    void runsBetweenTwoLooksAreFoundInTheHistory();

private:
    [[nodiscard]] Events eventsOf(const Watched &watched, const QString &view) const;
    [[nodiscard]] bool keepsWatermarks() const;
    std::unique_ptr<TestDatabase> m_database;
    std::shared_ptr<HistoryStore> m_store;
};

void TstAggregateHistory::init()
{
    m_store = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
    m_database = std::make_unique<TestDatabase>(*communityTimescale());
    m_database->exec(
        "CREATE EXTENSION timescaledb; CREATE TABLE readings (at timestamptz NOT NULL, value int);"
        "SELECT create_hypertable('readings', 'at', chunk_time_interval => interval '1 day');"
        "INSERT INTO readings SELECT t, 1 FROM generate_series(timestamptz '2026-01-01Z', '2026-01-05Z', '1 hour') AS t");
    m_database->exec("CREATE MATERIALIZED VIEW hourly WITH (timescaledb.continuous) AS "
                     "SELECT time_bucket('1 hour', at) AS bucket, sum(value) FROM readings GROUP BY 1 WITH NO DATA");
    apart(*m_database, "CALL public.refresh_continuous_aggregate('public.hourly', NULL, '2026-01-03Z')");
}

Events TstAggregateHistory::eventsOf(const Watched &watched, const QString &view) const
{
    return m_store
        ->refreshes(databaseRefOf(watched.snapshot()->capabilities), {QStringLiteral("public"), view}, std::nullopt, 50)
        .value();
}

bool TstAggregateHistory::keepsWatermarks() const
{
    return m_database->value("SELECT to_regclass('_timescaledb_catalog.continuous_aggs_watermark') IS NOT NULL")
           == QLatin1String("t");
}

void TstAggregateHistory::aMovedWatermarkIsARefresh()
{
    Watched watched(m_database->conn(), standardCollectors(m_store)({}));
    QVERIFY(watched.tickUntil([&] { return watched.view(hourly).populated; }));
    QVERIFY(eventsOf(watched, hourly).empty()); // what was before the watch has left a time, but no event

    const auto before = parseTimestamp(m_database->value("SELECT clock_timestamp()"));
    apart(*m_database, "CALL public.refresh_continuous_aggregate('public.hourly', NULL, '2026-01-05Z')");
    const auto after = parseTimestamp(m_database->value("SELECT clock_timestamp()"));
    const auto moved = [&] {
        return watched.view(hourly).aggregate->watermark == parseTimestamp(QStringLiteral("2026-01-05 00:00:00+00"));
    };
    QVERIFY(watched.tickUntil(moved));
    if (!keepsWatermarks()) {
        QVERIFY(eventsOf(watched, hourly).empty());
        QSKIP("this TimescaleDB computes the watermark from the data: it tells of no refresh");
    }
    QVERIFY(watched.tickUntil([&] { return !eventsOf(watched, hourly).empty(); }));
    watched.tick(3);
    const Events events = eventsOf(watched, hourly);
    QCOMPARE(events.size(), std::size_t(1));
    const RefreshEvent &event = events.front();
    QCOMPARE(event.kind, RefreshableKind::ContinuousAggregate);
    QCOMPARE(event.sourceDetail, QStringLiteral("its watermark moved"));
    QVERIFY(event.succeeded);
    if (m_database->value("SHOW track_commit_timestamp") == QLatin1String("on")) {
        QCOMPARE(event.confidence, Confidence::Commit);
        QVERIFY(event.finishedAt >= before && event.finishedAt <= after);
    } else {
        QCOMPARE(event.confidence, Confidence::Bracketed);
        QVERIFY(event.finishedBracket && event.finishedBracket->from <= *after && event.finishedBracket->to >= *before);
    }
    // A refresh is more than one transaction: the board goes by the last of them.
    QVERIFY(watched.view(hourly).lastRefresh.at >= event.finishedAt && watched.view(hourly).lastRefresh.at <= after);
}

void TstAggregateHistory::aRefreshThatMovesNoWatermarkIsNotInvented()
{
    Watched watched(m_database->conn(), standardCollectors(m_store)({}));
    QVERIFY(watched.tickUntil([&] { return watched.view(hourly).populated; }));
    m_database->exec("INSERT INTO readings VALUES ('2026-01-04 12:00Z', 5)"); // beyond the watermark
    watched.tick(10);
    QVERIFY(eventsOf(watched, hourly).empty());
}

void TstAggregateHistory::anActionOfAUserRefreshesOrFails()
{
    m_database->exec("CREATE TABLE s AS SELECT 1 AS a; CREATE MATERIALIZED VIEW good AS SELECT a FROM s;"
                     "CREATE MATERIALIZED VIEW bad AS SELECT a FROM s;"
                     "CREATE PROCEDURE refresh_good(job_id int, config jsonb) LANGUAGE plpgsql AS "
                     "$$ BEGIN REFRESH MATERIALIZED VIEW public.good; "
                     "CALL public.refresh_continuous_aggregate('public.hourly', NULL, '2026-01-04Z'); END $$;"
                     "CREATE PROCEDURE refresh_bad(job_id int, config jsonb) LANGUAGE plpgsql AS "
                     "$$ BEGIN REFRESH MATERIALIZED VIEW CONCURRENTLY public.bad; END $$");
    Watched watched(m_database->conn(), standardCollectors(m_store)({}), 1000ms);
    watched.tick(3);
    m_database->exec("SELECT add_job('refresh_good', '1 hour', initial_start => now());"
                     "SELECT add_job('refresh_bad', '1 hour', initial_start => now())");
    const auto fromJob = [&](const char *view) {
        std::vector<RefreshEvent> found;
        for (const RefreshEvent &event : eventsOf(watched, QString::fromLatin1(view))) {
            if (event.sourceDetail.startsWith(QLatin1String("action job ")))
                found.push_back(event);
        }
        return found;
    };
    QVERIFY(watched.tickUntil([&] { return !fromJob("good").empty() && !fromJob("bad").empty(); }, 90s));
    // Some builds of the extension cannot run any job on a later minor release of the server: what it says is the measure.
    const QString outcome = m_database->value(
        "SELECT last_run_status FROM timescaledb_information.job_stats JOIN "
        "timescaledb_information.jobs USING (job_id) WHERE proc_name = 'refresh_good'");
    QCOMPARE(fromJob("good").front().succeeded, outcome == QLatin1String("Success"));
    QVERIFY(!fromJob("bad").front().succeeded);
    QCOMPARE(fromJob("bad").front().error,
             m_database->value(
                 "SELECT err_message FROM timescaledb_information.job_errors WHERE proc_name = 'refresh_bad'"));
    const auto isScheduled = [&](const QString &view) {
        return watched.view(view).schedule.startsWith(QLatin1String("timescaledb: "));
    };
    QVERIFY(watched.tickUntil([&] { return isScheduled(QStringLiteral("good")) && isScheduled(hourly); }));
    const Events ofAggregate = eventsOf(watched, hourly);
    QVERIFY(!ofAggregate.empty());
    for (const RefreshEvent &event : ofAggregate)
        QCOMPARE(event.kind, RefreshableKind::ContinuousAggregate);
    watched.tick(20); // job_stats and the history tell of it again, and it is still one
    QCOMPARE(fromJob("good").size(), std::size_t(1));
    QCOMPARE(fromJob("bad").size(), std::size_t(1));
}

void TstAggregateHistory::runsBetweenTwoLooksAreFoundInTheHistory()
{
    if (m_database->value("SELECT to_regclass('_timescaledb_internal.bgw_job_stat_history') IS NULL")
        == QLatin1String("t"))
        QSKIP("this TimescaleDB keeps no history of what succeeded");
    m_database->exec("SELECT add_continuous_aggregate_policy('hourly', NULL, interval '1 hour', interval '7 days', "
                     "initial_start => now() + interval '1 day')");
    // As the scheduler writes them down where timescaledb.enable_job_execution_logging is on.
    m_database->exec(
        "INSERT INTO _timescaledb_internal.bgw_job_stat_history "
        "(job_id, pid, execution_start, execution_finish, succeeded) "
        "SELECT job_id, 1, now() - n * interval '1 minute', now() - n * interval '1 minute' + interval '2 seconds', "
        "n <> 2 FROM timescaledb_information.jobs, generate_series(1, 3) AS n "
        "WHERE proc_name = 'policy_refresh_continuous_aggregate'");
    Watched watched(m_database->conn(), standardCollectors(m_store)({}));
    QVERIFY(watched.tickUntil([&] { return eventsOf(watched, hourly).size() == 3; }));
    const Events events = eventsOf(watched, hourly); // newest first
    QVERIFY(events[0].succeeded && !events[1].succeeded && events[2].succeeded);
    QCOMPARE(events[0].duration, std::optional(Millis(2000)));
    QVERIFY(events[0].sourceDetail.startsWith(QLatin1String("policy job ")));
}

QTEST_GUILESS_MAIN(TstAggregateHistory)
#include "tst_aggregatehistory.moc"
