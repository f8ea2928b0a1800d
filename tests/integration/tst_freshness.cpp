// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/freshnesscollector.h"
#include "core/monitor/monitor.h"
#include "tests/support/actor.h"
#include "tests/support/testserver.h"
#include "tests/support/watched.h"

#include <QElapsedTimer>
#include <QFile>
#include <QRandomGenerator>

#include <algorithm>
#include <mutex>

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

Collectors freshness(std::shared_ptr<HistoryStore> store = nullptr)
{
    Collectors collectors;
    collectors.push_back(std::make_unique<FreshnessCollector>(std::move(store)));
    return collectors;
}

std::shared_ptr<HistoryStore> memoryStore()
{
    auto local = LocalStore::inMemory();
    if (!local)
        qFatal("%s", describe(local.error()).constData());
    return std::make_shared<HistoryStore>(*local);
}

std::vector<RefreshEvent> eventsOf(HistoryStore &store, const pg::Capabilities &server, const QString &view,
                                   int limit = 50)
{
    auto found = store.refreshes({server.systemIdentifier, server.database}, {QStringLiteral("public"), view},
                                 std::nullopt, limit);
    if (!found)
        qFatal("%s", describe(found.error()).constData());
    return *found;
}

QByteArray toolkit(const QString &script)
{
    QFile file(QStringLiteral(":/toolkit/") + script);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no %s", qPrintable(script));
    return file.readAll();
}

ClusterOptions withoutCommitTimes()
{
    ClusterOptions options;
    options.settings.insert(QStringLiteral("track_commit_timestamp"), QStringLiteral("off"));
    return options;
}

const QString v = QStringLiteral("v");

} // namespace

/// When was this view last refreshed, and is it stale? On a real server, with a real store.
class TstFreshness : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutCommitTimesTheBracketIsNoWiderThanThePoll_data();
    void withoutCommitTimesTheBracketIsNoWiderThanThePoll();
    void aLongRefreshEndsBetweenTheLastPollWithoutAndTheFirstWith();
    void whatDidNotChangeIsPublishedAsTheSameObject();
    void eligibilityFollowsTheRuleOfTheServer_data();
    void eligibilityFollowsTheRuleOfTheServer();
    void aRunningRefreshIsShownAndThenKept();
    void aCancelledRefreshIsKeptAsFailed();
    void aRefreshInsideAFunctionIsFoundByItsLocks();
    void noPollWaitsBehindARefreshOrAnAlterTable();
    void aRoleWithoutRightsSeesTheSameTimes();
    void uglyNamesAreNames();
    void anotherStartGoesOnWhereTheLastOneEnded();
    void aRecreatedViewIsAnother();
    void theEventTriggersLogIsMoreExactThanTheCommit_data();
    void theEventTriggersLogIsMoreExactThanTheCommit();
    void ofALongRefreshLogNothingIsLost();
    void theRefreshLogIsTakenBackWhole();
    void tablesOfPgIvmStandOnTheBoard();
};

void TstFreshness::withoutCommitTimesTheBracketIsNoWiderThanThePoll_data()
{
    QTest::addColumn<QString>("server");
    for (const QString &name : plainServerNames())
        QTest::newRow(qPrintable(name)) << name;
}

void TstFreshness::withoutCommitTimesTheBracketIsNoWiderThanThePoll()
{
    QFETCH(const QString, server);
    TIDEMARK_REQUIRE_SERVER(server.toUtf8());
    const quint32 seed = QRandomGenerator::global()->generate();
    qInfo("seed %u", seed);
    QRandomGenerator random(seed);
    ClusterOptions options = withoutCommitTimes();
    options.server = server;
    TestCluster cluster(options);
    QVERIFY_RESULT(cluster.start());
    TestDatabase database(cluster.connInfo());
    database.exec(
        "CREATE TABLE source AS SELECT 1 AS a; CREATE MATERIALIZED VIEW v AS SELECT a, a::text AS b FROM source");

    const auto store = memoryStore();
    const SystemClock clock;
    Profile profile;
    profile.name = QStringLiteral("watched");
    profile.connInfo = database.conn();
    profile.databases = {database.name()};
    constexpr Millis period = 300ms;
    profile.interval = period;
    profile.budgetPercent = 100;
    std::mutex mutex;
    LastRefresh last;
    DatabaseRef watchedDatabase;
    std::vector<Instant> polls; // when each began
    const auto observe = [&](const std::shared_ptr<const ServerSnapshot> &snapshot) {
        const std::lock_guard lock(mutex);
        for (const auto &[name, watched] : snapshot->databases) {
            if (watched->state != WatchState::Live)
                continue;
            watchedDatabase = databaseRefOf(watched->capabilities);
            polls.push_back(watched->takenAt);
            for (const Refreshable &refreshable : watched->freshness->refreshables)
                last = refreshable.lastRefresh;
        }
    };
    Monitor monitor(
        clock, [&store](const WatchScope &) { return freshness(store); }, observe);
    monitor.add(profile, {});
    const auto lastRefresh = [&] {
        const std::lock_guard lock(mutex);
        return last;
    };
    QTRY_COMPARE_WITH_TIMEOUT(lastRefresh().confidence, Confidence::AtLeast, 10'000);

    Actor load(database.open());
    load.start(
        "DO $$ BEGIN FOR i IN 1 .. 2000 LOOP PERFORM txid_current(); COMMIT; PERFORM pg_sleep(0.01); END LOOP; END $$");
    std::vector<Millis> widths;
    std::vector<Millis> intervals;
    for (int round = 0; round < 8; ++round) {
        QTest::qSleep(static_cast<int>(period.count()) + random.bounded(static_cast<int>(period.count())));
        const auto before = parseTimestamp(database.value("SELECT clock_timestamp()"));
        database.exec("REFRESH MATERIALIZED VIEW v");
        const auto after = parseTimestamp(database.value("SELECT clock_timestamp()"));
        QTRY_VERIFY_WITH_TIMEOUT(lastRefresh().bracket && lastRefresh().bracket->to >= *before, 10'000);
        const LastRefresh told = lastRefresh();
        QCOMPARE(told.confidence, Confidence::Bracketed);
        QVERIFY(told.bracket && *told.at == told.bracket->to);
        QVERIFY2(told.bracket->from <= *after && told.bracket->to >= *before, "the bracket misses the refresh");

        // No wider than what really lay between two polls: from the beginning of the one before, whose feed did not show
        // the refresh, to the sample of the one that did.
        const auto samples = store->xidSamples(watchedDatabase.systemIdentifier, watchedDatabase.timeline);
        QVERIFY_RESULT(samples);
        const auto sampleAt = [&](Instant at) {
            return std::find_if(samples->begin(), samples->end(), [&](const auto &sample) { return sample.at == at; });
        };
        const auto to = sampleAt(told.bracket->to);
        QVERIFY2(to != samples->end() && to != samples->begin(), qPrintable(QStringLiteral("seed %1").arg(seed)));
        const std::chrono::microseconds width = told.bracket->to - told.bracket->from;
        const Instant pollBegun = [&] {
            const std::lock_guard lock(mutex);
            Instant begun = std::prev(to)->at;
            for (const Instant poll : polls)
                begun = poll <= std::prev(to)->at ? poll : begun;
            return begun;
        }();
        const std::chrono::microseconds interval = to->at - pollBegun;
        QVERIFY2(width <= interval,
                 qPrintable(
                     QStringLiteral("%1 µs within %2 µs, seed %3").arg(width.count()).arg(interval.count()).arg(seed)));
        widths.push_back(std::chrono::duration_cast<Millis>(width));
        intervals.push_back(std::chrono::duration_cast<Millis>(interval));
    }
    load.cancel();
    std::sort(widths.begin(), widths.end());
    std::sort(intervals.begin(), intervals.end());
    qInfo(
        "bracket: median %lld ms, widest %lld ms; between those polls: median %lld ms, longest %lld ms; asked for: %lld ms",
        static_cast<long long>(widths[widths.size() / 2].count()), static_cast<long long>(widths.back().count()),
        static_cast<long long>(intervals[intervals.size() / 2].count()),
        static_cast<long long>(intervals.back().count()), static_cast<long long>(period.count()));
}

void TstFreshness::aLongRefreshEndsBetweenTheLastPollWithoutAndTheFirstWith()
{
    TestCluster cluster(withoutCommitTimes());
    QVERIFY_RESULT(cluster.start());
    TestDatabase database(cluster.connInfo());
    database.exec(
        "CREATE TABLE source AS SELECT 1 AS a; CREATE MATERIALIZED VIEW v AS SELECT a, a::text AS b FROM source, pg_sleep(2)");
    Watched watched(database.conn(), freshness());
    watched.tick();
    Actor refresher(database.open());
    const auto begun = parseTimestamp(database.value("SELECT clock_timestamp()"));
    refresher.start("REFRESH MATERIALIZED VIEW public.v");
    QVERIFY(watched.tickUntil([&] { return watched.view(v).lastRefresh.confidence == Confidence::Bracketed; }));
    QVERIFY_RESULT(refresher.finish());
    // Its transaction id was given out at the start; the data are of the end.
    const LastRefresh &last = watched.view(v).lastRefresh;
    QVERIFY2(last.bracket->from >= *begun + 1500ms, qPrintable(toIso8601(last.bracket->from)));
    QVERIFY(millisBetween(last.bracket->from, last.bracket->to) < 800ms);
    QCOMPARE(last.source, RefreshSource::Sampling);
}

void TstFreshness::whatDidNotChangeIsPublishedAsTheSameObject()
{
    TIDEMARK_REQUIRE_SERVER("15");
    TestDatabase database;
    database.exec("CREATE TABLE source AS SELECT 1 AS a; CREATE MATERIALIZED VIEW v AS SELECT a FROM source");
    Watched watched(database.conn(), freshness());
    watched.tick(5);
    auto before = watched.snapshot()->freshness;
    QVERIFY(watched.tickUntil([&] {
        const auto earlier = std::exchange(before, watched.snapshot()->freshness);
        return earlier == before;
    }));
    QVERIFY(watched.view(v).bytesEstimate == -1); // nothing counted it yet
    database.exec("REFRESH MATERIALIZED VIEW v");
    QVERIFY(watched.tickUntil([&] { return watched.snapshot()->freshness != before; }));
}

void TstFreshness::eligibilityFollowsTheRuleOfTheServer_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char *what, const char *sql, const char *reason) {
        QTest::newRow(what) << QByteArray(sql) << QString::fromLatin1(reason);
    };
    row("a unique index", "CREATE UNIQUE INDEX ON v (a)", "");
    row("a unique index with included columns", "CREATE UNIQUE INDEX ON v (a) INCLUDE (b)", "");
    row("no index", "SELECT 1", "no unique index");
    row("an index that is not unique", "CREATE INDEX ON v (a)", "no unique index");
    row("a partial index", "CREATE UNIQUE INDEX ON v (a) WHERE a > 0", "partial");
    row("an index on an expression", "CREATE UNIQUE INDEX ON v ((a + 1))", "expression");
    row("one that serves among others", "CREATE UNIQUE INDEX ON v ((a + 1)); CREATE UNIQUE INDEX ON v (a)", "");
    row("no data", "CREATE UNIQUE INDEX ON v (a); REFRESH MATERIALIZED VIEW v WITH NO DATA", "no data");
}

void TstFreshness::eligibilityFollowsTheRuleOfTheServer()
{
    QFETCH(const QByteArray, sql);
    QFETCH(const QString, reason);
    for (const QString &server : plainServerNames()) {
        if (!isAvailable(server))
            continue;
        TestDatabase database(server);
        database.exec("CREATE MATERIALIZED VIEW v AS SELECT a, a AS b FROM generate_series(1, 3) AS a");
        Watched watched(database.conn(), freshness());
        watched.tick();
        database.exec(sql);
        watched.tick(2);
        const ConcurrentEligibility told = watched.view(v).concurrently;
        QVERIFY2(reason.isEmpty() ? told.reason.isEmpty() : told.reason.contains(reason), qPrintable(told.reason));
        // The server has the last word.
        pg::Session session = database.open();
        const auto refreshed = session.exec("REFRESH MATERIALIZED VIEW CONCURRENTLY public.v");
        QCOMPARE(told.eligible, refreshed.has_value());
    }
}

void TstFreshness::aRunningRefreshIsShownAndThenKept()
{
    TestDatabase database;
    database.exec(
        "CREATE TABLE source AS SELECT 1 AS a; CREATE MATERIALIZED VIEW v AS SELECT a FROM source, pg_sleep(2)");
    const auto store = memoryStore();
    Watched watched(database.conn(), freshness(store));
    watched.tick();
    for (int round = 0; round < 2; ++round) {
        Actor refresher(database.open());
        refresher.start("REFRESH MATERIALIZED VIEW public.v");
        QVERIFY(watched.tickUntil([&] { return watched.view(v).running.has_value(); }, 1800ms));
        const RunningRefresh running = *watched.view(v).running;
        QCOMPARE(running.pid, refresher.pid());
        QCOMPARE(running.user, QStringLiteral("postgres"));
        QVERIFY(!running.concurrently);
        QCOMPARE(running.expected.has_value(), round == 1);
        QVERIFY_RESULT(refresher.finish());
        QVERIFY(watched.tickUntil([&] { return !watched.view(v).running.has_value(); }));
        QVERIFY(watched.tickUntil([&] { return watched.view(v).recentDurations.size() == std::size_t(round + 1); }));
        const Millis duration = *watched.view(v).lastDuration;
        QVERIFY2(duration >= 2000ms && duration < 4000ms, qPrintable(QString::number(duration.count())));
    }
    const auto events = eventsOf(*store, watched.snapshot()->capabilities, v);
    QCOMPARE(events.size(), std::size_t(3)); // it was created too
    QCOMPARE(events.front().user, QStringLiteral("postgres"));
    QVERIFY(events.front().startedAt && events.front().succeeded);
    QCOMPARE(events.front().confidence, Confidence::Commit);
}

void TstFreshness::aCancelledRefreshIsKeptAsFailed()
{
    TestDatabase database;
    database.exec("CREATE TABLE source AS SELECT 1 AS a;"
                  "CREATE MATERIALIZED VIEW v AS SELECT a FROM source, pg_sleep(60) WITH NO DATA");
    const auto store = memoryStore();
    Watched watched(database.conn(), freshness(store));
    watched.tick();
    Actor refresher(database.open());
    refresher.start("REFRESH MATERIALIZED VIEW public.v");
    QVERIFY(watched.tickUntil([&] { return watched.view(v).running.has_value(); }, 3s));
    refresher.cancel();
    const auto failed = [&] {
        const auto events = eventsOf(*store, watched.snapshot()->capabilities, v);
        return !events.empty() && !events.front().succeeded && !events.front().error.isEmpty();
    };
    QVERIFY(watched.tickUntil(failed, 5s));
    QVERIFY(!watched.view(v).running);
    QVERIFY(!watched.view(v).populated);
}

void TstFreshness::aRefreshInsideAFunctionIsFoundByItsLocks()
{
    TestDatabase database;
    database.exec(
        "CREATE TABLE source AS SELECT 1 AS a; CREATE MATERIALIZED VIEW v AS SELECT a FROM source, pg_sleep(5) WITH NO DATA;"
        "CREATE FUNCTION refresh_all() RETURNS void LANGUAGE sql AS 'REFRESH MATERIALIZED VIEW public.v'");
    Watched watched(database.conn(), freshness());
    watched.tick();
    Actor refresher(database.open());
    refresher.start("SELECT public.refresh_all()");
    QVERIFY(watched.tickUntil([&] { return watched.view(v).running.has_value(); }, 4s));
    QCOMPARE(watched.view(v).running->pid, refresher.pid());
    refresher.cancel();
    QVERIFY(watched.tickUntil([&] { return !watched.view(v).running.has_value(); }, 4s));
}

void TstFreshness::noPollWaitsBehindARefreshOrAnAlterTable()
{
    TestDatabase database;
    database.exec("CREATE TABLE source (a int, b text); CREATE MATERIALIZED VIEW v AS SELECT a, b FROM source;"
                  "CREATE UNIQUE INDEX ON v (a);"
                  "CREATE TABLE altered (a int); CREATE MATERIALIZED VIEW w AS SELECT a FROM altered");
    Actor refresher(database.open());
    Actor alterer(database.open());
    refresher.run("BEGIN");
    refresher.run("REFRESH MATERIALIZED VIEW public.v");
    alterer.run("BEGIN");
    alterer.run("ALTER TABLE public.altered ADD COLUMN c int");

    // The first tick too: a DBA starts the tool when something hangs.
    Watched watched(database.conn(), freshness());
    QElapsedTimer elapsed;
    elapsed.start();
    watched.tick();
    for (int i = 0; i < 20; ++i) {
        watched.tick();
        QVERIFY(watched.snapshot()->overhead.lastTickRoundTripMs < 150); // lock_timeout alone is 200
    }
    QVERIFY2(elapsed.elapsed() < 3000, qPrintable(QString::number(elapsed.elapsed())));
    QVERIFY(watched.view(v).running.has_value()); // not yet committed
    refresher.run("ROLLBACK");
    alterer.run("ROLLBACK");
}

void TstFreshness::aRoleWithoutRightsSeesTheSameTimes()
{
    TestDatabase database;
    database.exec(
        "CREATE TABLE source AS SELECT 1 AS a; CREATE MATERIALIZED VIEW v AS SELECT a, a::text AS b FROM source, pg_sleep(3)");
    static_cast<void>(database.open().exec("CREATE ROLE tidemark_test_powerless LOGIN"));
    Watched watched(database.conn().with(QStringLiteral("user"), QStringLiteral("tidemark_test_powerless")),
                    freshness());
    watched.tick(2);
    QVERIFY(!watched.snapshot()->capabilities.canReadAllStats);
    QCOMPARE(watched.view(v).sourceChanges, 0);
    const auto before = watched.view(v).lastRefresh.at;
    Actor refresher(database.open());
    refresher.start("REFRESH MATERIALIZED VIEW public.v");
    // The statement's text is hidden; its lock is not.
    QVERIFY(watched.tickUntil([&] { return watched.view(v).running.has_value(); }, 2800ms));
    QVERIFY_RESULT(refresher.finish());
    QVERIFY(watched.tickUntil([&] { return watched.view(v).lastRefresh.at != before; }, 3s));
    QCOMPARE(watched.view(v).lastRefresh.confidence, Confidence::Commit);
}

void TstFreshness::uglyNamesAreNames()
{
    const QString longest(63, QLatin1Char('x'));
    const std::vector<pg::QualifiedName> names{{QStringLiteral("we\"ird; drop"), QStringLiteral("Mixed \"Case\"")},
                                               {QStringLiteral("public"), longest},
                                               {QStringLiteral("public"), QStringLiteral("größe 数")}};
    for (const auto &name : names) {
        TestDatabase database(QStringLiteral("15"),
                              QStringLiteral("ugly \"db\" %1").arg(QCoreApplication::applicationPid()));
        database.exec("CREATE SCHEMA IF NOT EXISTS " + pg::quoteIdentifier(name.schema).toUtf8()
                      + "; CREATE TABLE source AS SELECT 1 AS a;"
                        "CREATE MATERIALIZED VIEW "
                      + name.quoted().toUtf8() + " AS SELECT a FROM source, pg_sleep(3) WITH NO DATA");
        const auto store = memoryStore();
        Watched watched(database.conn(), freshness(store));
        watched.tick();
        QCOMPARE(watched.view(name.name).name, name);
        Actor refresher(database.open());
        refresher.start("REFRESH MATERIALIZED VIEW " + name.quoted().toUtf8());
        QVERIFY(watched.tickUntil([&] { return watched.view(name.name).running.has_value(); }, 2800ms));
        QVERIFY_RESULT(refresher.finish());
        QVERIFY(watched.tickUntil([&] { return watched.view(name.name).lastDuration.has_value(); }));
    }
}

void TstFreshness::anotherStartGoesOnWhereTheLastOneEnded()
{
    TestDatabase database;
    Actor(database.open())
        .run("CREATE TABLE public.source (a int); INSERT INTO public.source SELECT generate_series(1, 100)");
    database.exec(
        "CREATE MATERIALIZED VIEW refreshed AS SELECT a, a::text AS t FROM source; CREATE MATERIALIZED VIEW granted AS SELECT a, a::text AS t FROM source;"
        "CREATE MATERIALIZED VIEW untouched AS SELECT a, a::text AS t FROM source");
    const auto store = memoryStore();
    std::map<QString, LastRefresh> before;
    {
        Watched watched(database.conn(), freshness(store));
        watched.tick(2);
        QTest::qSleep(1200);
        watched.tick(2);
        for (const Refreshable &view : watched.snapshot()->freshness->refreshables)
            before[view.name.name] = view.lastRefresh;
    }
    // Nobody watches.
    for (const char *sql : {"REFRESH MATERIALIZED VIEW public.refreshed", "GRANT SELECT ON public.granted TO PUBLIC",
                            "INSERT INTO public.source SELECT generate_series(1, 30)"})
        Actor(database.open()).run(sql);
    QTest::qSleep(1500);

    Watched watched(database.conn(), freshness(store));
    watched.tick(2);
    const auto last = [&](const char *name) { return watched.view(QString::fromLatin1(name)).lastRefresh; };
    QVERIFY(last("refreshed").at > before[QStringLiteral("refreshed")].at);
    QCOMPARE(last("refreshed").confidence, Confidence::Commit);
    QCOMPARE(last("granted"), before[QStringLiteral("granted")]);
    QCOMPARE(last("untouched"), before[QStringLiteral("untouched")]);
    const Refreshable &untouched = watched.view(QStringLiteral("untouched"));
    QVERIFY2(untouched.sourceChanges == 30,
             qPrintable(QString::number(untouched.sourceChanges.value_or(-1)) + untouched.notJudgedBecause));
}

void TstFreshness::aRecreatedViewIsAnother()
{
    TestDatabase database;
    database.exec("CREATE TABLE source AS SELECT 1 AS a; CREATE MATERIALIZED VIEW v AS SELECT a FROM source");
    const auto store = memoryStore();
    Watched watched(database.conn(), freshness(store));
    watched.tick(2);
    const quint32 oid = watched.view(v).oid;
    database.exec("DROP MATERIALIZED VIEW v");
    watched.tick(2);
    QVERIFY(watched.snapshot()->freshness->refreshables.empty());
    database.exec("CREATE MATERIALIZED VIEW v AS SELECT a FROM source");
    watched.tick(2);
    QVERIFY(watched.view(v).oid != oid);
    QCOMPARE(watched.view(v).lastRefresh.confidence, Confidence::Commit);
    database.exec("DROP MATERIALIZED VIEW v; CREATE MATERIALIZED VIEW v AS SELECT a FROM source WITH NO DATA");
    watched.tick(2);
    QVERIFY(!watched.view(v).populated);
    const auto &server = watched.snapshot()->capabilities;
    const auto kept = store->baselines({server.systemIdentifier, server.database});
    QVERIFY_RESULT(kept);
    QCOMPARE(kept->size(), std::size_t(1));
}

void TstFreshness::theEventTriggersLogIsMoreExactThanTheCommit_data()
{
    QTest::addColumn<QString>("server");
    for (const QString &server : plainServerNames())
        QTest::newRow(qPrintable(server)) << server;
}

void TstFreshness::theEventTriggersLogIsMoreExactThanTheCommit()
{
    QFETCH(const QString, server);
    TIDEMARK_REQUIRE_SERVER(server.toUtf8());
    TestDatabase database(server);
    database.exec(
        "CREATE TABLE source AS SELECT 1 AS a; CREATE MATERIALIZED VIEW v AS SELECT a, a::text AS b FROM source, pg_sleep(0.3);"
        "CREATE UNIQUE INDEX ON v (a);"
        "CREATE FUNCTION refresh_all() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5);"
        " REFRESH MATERIALIZED VIEW public.v; EXCEPTION WHEN division_by_zero THEN NULL; END $$;");
    database.exec(toolkit(QStringLiteral("refresh_log.up.sql")));
    const auto store = memoryStore();
    Watched watched(database.conn(), freshness(store));
    watched.tick();
    Actor other(database.open());
    const std::vector<QByteArray> statements{"REFRESH MATERIALIZED VIEW public.v",
                                             "REFRESH MATERIALIZED VIEW CONCURRENTLY public.v",
                                             "SELECT public.refresh_all()"};
    for (const QByteArray &sql : statements) {
        const auto before = watched.view(v).lastRefresh.at;
        other.run(sql);
        QVERIFY(watched.tickUntil([&] {
            const LastRefresh &last = watched.view(v).lastRefresh;
            return last.at != before && last.source == RefreshSource::EventTrigger;
        }));
        const Refreshable &view = watched.view(v);
        QCOMPARE(view.lastRefresh.confidence, Confidence::Exact);
        // The refresh alone, not what the function did before it.
        QVERIFY2(*view.lastDuration >= 300ms && *view.lastDuration < 480ms,
                 qPrintable(QString::number(view.lastDuration->count())));
    }
    const auto events = eventsOf(*store, watched.snapshot()->capabilities, v);
    QCOMPARE(events.size(), statements.size() + 1); // and the creation
}

void TstFreshness::ofALongRefreshLogNothingIsLost()
{
    TestDatabase database;
    database.exec("CREATE MATERIALIZED VIEW v AS SELECT 1 AS a");
    database.exec(toolkit(QStringLiteral("refresh_log.up.sql")));
    const auto log = [&](const QByteArray &first, const QByteArray &last) {
        database.exec("INSERT INTO tidemark.refresh_log (relation, schema_name, relation_name, started_at, finished_at,"
                      " username, application_name, is_concurrent, xid)"
                      " SELECT 'v'::regclass, 'public', 'v', now() - interval '1 day' + g * interval '10 s',"
                      " now() - interval '1 day' + g * interval '10 s' + interval '1 s', 'dba', 'cron', false, 1000 + g"
                      " FROM generate_series("
                      + first + ", " + last + ") AS g");
    };
    const auto store = memoryStore();
    const auto told = [&](const Watched &watched) {
        std::size_t count = 0;
        for (const RefreshEvent &event : eventsOf(*store, watched.snapshot()->capabilities, v, 10'000))
            count += event.source == RefreshSource::EventTrigger ? 1 : 0;
        return count;
    };
    log("1", "1700");
    {
        Watched watched(database.conn(), freshness(store), Millis(20));
        watched.tick();
        QCOMPARE(told(watched), 500U); // a tick takes a page, the newest first
        QVERIFY(watched.tickUntil([&] { return told(watched) == 1700; }));
    }
    log("1701", "3000"); // while nobody watched
    Watched watched(database.conn(), freshness(store), Millis(20));
    QVERIFY(watched.tickUntil([&] { return told(watched) == 3000; }));
    const quint32 table = database.value("SELECT 'tidemark.refresh_log'::regclass::oid").toUInt();
    QVERIFY(watched.tickUntil([&] {
        const auto mark = store->refreshLogMark(databaseRefOf(watched.snapshot()->capabilities), table);
        return mark && *mark == RefreshLogMark{table, 3000};
    }));
}

void TstFreshness::theRefreshLogIsTakenBackWhole()
{
    TestDatabase database;
    database.exec("CREATE MATERIALIZED VIEW v AS SELECT 1 AS a");
    const QByteArray objects =
        "SELECT (SELECT count(*) FROM pg_class) + (SELECT count(*) FROM pg_proc) + (SELECT count(*) FROM pg_namespace)"
        " + (SELECT count(*) FROM pg_event_trigger)";
    const QString before = database.value(objects);
    database.exec(toolkit(QStringLiteral("refresh_log.up.sql")));
    database.exec("REFRESH MATERIALIZED VIEW v");
    QCOMPARE(database.value("SELECT count(*) FROM tidemark.refresh_log"), QStringLiteral("1"));
    database.exec(toolkit(QStringLiteral("refresh_log.down.sql")));
    QCOMPARE(database.value(objects), before);
    database.exec("REFRESH MATERIALIZED VIEW v");
}

void TstFreshness::tablesOfPgIvmStandOnTheBoard()
{
    TestDatabase database;
    if (database.value("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_ivm'") != QLatin1String("1"))
        QSKIP("pg_ivm is not installed");
    database.exec("CREATE EXTENSION pg_ivm; CREATE TABLE source (a int PRIMARY KEY);"
                  "SELECT pgivm.create_immv('\"kept table\"', 'SELECT a FROM source')");
    Watched watched(database.conn(), freshness());
    watched.tick();
    const QString name = QStringLiteral("kept table");
    QCOMPARE(watched.view(name).kind, RefreshableKind::PgIvmTable);
    const auto before = parseTimestamp(database.value("SELECT clock_timestamp()"));
    database.exec("INSERT INTO source VALUES (1)");
    watched.tick();
    QCOMPARE(watched.view(name).lastRefresh.confidence, Confidence::Commit);
    QVERIFY(watched.view(name).lastRefresh.at >= before);
    QCOMPARE(watched.view(name).sourceChanges, 0);
}

QTEST_GUILESS_MAIN(TstFreshness)
#include "tst_freshness.moc"
