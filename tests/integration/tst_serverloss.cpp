// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/historyrecorder.h"
#include "core/monitor/monitor.h"
#include "core/monitor/standardcollectors.h"
#include "tests/support/actor.h"
#include "tests/support/testserver.h"

#include <QRandomGenerator>
#include <QTemporaryDir>

#include <algorithm>
#include <condition_variable>

#include <csignal>

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

const QString doomed = QStringLiteral("doomed");
const QString steady = QStringLiteral("steady");
const pg::QualifiedName view{QStringLiteral("public"), QStringLiteral("v")};

Profile profileOf(const QString &name, const pg::ConnInfo &info, const QStringList &databases)
{
    Profile profile;
    profile.name = name;
    profile.connInfo = info;
    profile.databases = databases;
    profile.interval = Millis(100);
    profile.budgetPercent = 100;
    return profile;
}

/// Servers watched as the programs watch them: every collector, everything kept in a store on disk.
class Watch
{
public:
    Watch()
        : store(LocalStore::open(m_folder.filePath(QStringLiteral("tidemark.sqlite"))).value())
        , history(std::make_shared<HistoryStore>(store))
        , m_recorder(store, m_clock)
        , monitor(
              m_clock, standardCollectors(history),
              [this](const std::shared_ptr<const ServerSnapshot> &snapshot) {
                  const std::lock_guard lock(m_mutex);
                  m_newest[snapshot->name] = snapshot;
                  m_changed.notify_all();
              },
              [this](ServerSnapshot &server) { m_recorder.record(server); })
    {
    }

    std::shared_ptr<const ServerSnapshot> waitFor(const QString &server,
                                                  const std::function<bool(const ServerSnapshot &)> &fits,
                                                  Millis limit = Millis(20'000))
    {
        std::unique_lock lock(m_mutex);
        const bool came = m_changed.wait_for(lock, limit,
                                             [&] { return m_newest.contains(server) && fits(*m_newest[server]); });
        return came ? m_newest[server] : nullptr;
    }
    std::shared_ptr<const ServerSnapshot> newest(const QString &server)
    {
        const std::lock_guard lock(m_mutex);
        return m_newest[server];
    }

private:
    QTemporaryDir m_folder;
    SystemClock m_clock;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::map<QString, std::shared_ptr<const ServerSnapshot>> m_newest;

public:
    const std::shared_ptr<LocalStore> store;
    const std::shared_ptr<HistoryStore> history;

private:
    HistoryRecorder m_recorder;

public:
    Monitor monitor; // last: its threads use all the others
};

bool allLive(const ServerSnapshot &server, const QStringList &databases)
{
    return server.state == WatchState::Live
           && std::all_of(databases.begin(), databases.end(), [&](const QString &name) {
                  const auto found = server.databases.find(name);
                  return found != server.databases.end() && found->second->state == WatchState::Live;
              });
}

bool isComplete(const DatabaseSnapshot &database)
{
    return database.errors.isEmpty() && database.freshness && database.freshness->refreshables.size() == 2
           && database.partitions && database.partitions->tables.size() == 1
           && database.partitions->tables.front()->leafCount == 3 && database.jobs;
}

/// All that the store knows of a database and its server.
struct Kept
{
    std::vector<RefreshEvent> refreshes; // oldest first
    std::vector<LockEpisode> episodes;
    std::vector<XidSample> xids;
    std::vector<OverheadSample> overhead;
    std::vector<SizeSample> sizes;

    static Kept of(const HistoryStore &history, const pg::Capabilities &server)
    {
        const TimeRange always{fromEpochMicros(0), SystemClock().now() + 24h};
        const DatabaseRef database = databaseRefOf(server);
        Kept kept;
        kept.refreshes = history.refreshes(database, view, std::nullopt, 1000).value();
        std::reverse(kept.refreshes.begin(), kept.refreshes.end());
        kept.episodes = history.lockEpisodes(server.systemIdentifier, always).value();
        kept.xids = history.xidSamples(server.systemIdentifier, server.timeline).value();
        kept.overhead = history.overhead(server.systemIdentifier, always).value();
        kept.sizes = history.sizes(database, {QStringLiteral("public"), QStringLiteral("p")}, always).value();
        return kept;
    }
};

template<typename Sample>
QByteArray lostOrDoubled(const std::vector<Sample> &before, const std::vector<Sample> &now, const char *what)
{
    std::vector<Instant> times;
    for (const Sample &sample : now)
        times.push_back(sample.at);
    if (std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) != times.end())
        return QByteArray(what) + " are doubled or out of order";
    for (const Sample &sample : before) {
        if (!std::binary_search(times.begin(), times.end(), sample.at))
            return QByteArray(what) + " of " + toIso8601(sample.at).toUtf8() + " are lost";
    }
    return {};
}

/// Polls as fast as it can until told to stop, so that a random moment lies within a tick.
std::jthread hurry(Monitor &monitor)
{
    return std::jthread([&monitor](const std::stop_token &stop) {
        while (!stop.stop_requested()) {
            monitor.tickNow();
            std::this_thread::sleep_for(1ms);
        }
    });
}

} // namespace

/// What becomes of the watching, with all its collectors and its store, when a server, a database or a right goes.
class TstServerLoss : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aServerThatDiesMidTickLosesAndDoublesNothing_data();
    void aServerThatDiesMidTickLosesAndDoublesNothing();
    void aDroppedDatabaseIsToldAndItsHistoryStays();
    void aRoleWithoutRightsSeesWhatItMay();

private:
    static void fill(TestDatabase &database);
    /// One refresh, committed; when it ran, by the server's clock.
    static TimeRange refresh(const pg::ConnInfo &info);
    static void waitForRefreshes(Watch &watch, const pg::Capabilities &server, std::size_t count);
    /// Stops it while its polling backends stand in the middle of a tick.
    static void stopInMidTick(TestCluster &cluster);
};

void TstServerLoss::fill(TestDatabase &database)
{
    database.exec("CREATE TABLE source AS SELECT g AS a FROM generate_series(1, 100) AS g;"
                  "CREATE MATERIALIZED VIEW v AS SELECT a, a::text AS t FROM source;"
                  "CREATE MATERIALIZED VIEW w AS SELECT count(*) AS n FROM v;"
                  "CREATE TABLE p (at timestamptz) PARTITION BY RANGE (at);"
                  "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM ('2026-01-01Z') TO ('2026-02-01Z');"
                  "CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM ('2026-02-01Z') TO ('2026-03-01Z');"
                  "CREATE TABLE p_3 PARTITION OF p FOR VALUES FROM ('2026-03-01Z') TO ('2026-04-01Z');"
                  "INSERT INTO p SELECT timestamptz '2026-01-15Z' FROM generate_series(1, 100)");
}

TimeRange TstServerLoss::refresh(const pg::ConnInfo &info)
{
    Actor job(pg::Session::open(info, writable()).value());
    const auto now = [&info] {
        return pg::Session::open(info).value().exec("SELECT clock_timestamp()").value().instant(0, 0).value();
    };
    const Instant from = now();
    job.run("INSERT INTO public.source VALUES (0); REFRESH MATERIALIZED VIEW public.v");
    return {from, now()};
}

void TstServerLoss::waitForRefreshes(Watch &watch, const pg::Capabilities &server, std::size_t count)
{
    QTRY_COMPARE_WITH_TIMEOUT(Kept::of(*watch.history, server).refreshes.size(), count, 20'000);
}

void TstServerLoss::stopInMidTick(TestCluster &cluster)
{
    std::vector<int> pollers;
    {
        auto session = pg::Session::open(cluster.connInfo());
        QVERIFY_RESULT(session);
        const auto rows = session->exec(
            "SELECT pid FROM pg_catalog.pg_stat_activity WHERE application_name = 'tidemark' "
            "AND pid <> pg_catalog.pg_backend_pid()");
        QVERIFY_RESULT(rows);
        for (int row = 0; row < rows->rowCount(); ++row)
            pollers.push_back(rows->int32(row, 0));
    }
    QVERIFY(!pollers.empty());
    for (const int pid : pollers)
        QCOMPARE(::kill(pid, SIGSTOP), 0);
    QTest::qSleep(300); // three intervals: every watch has sent a tick that nobody answers
    const std::jthread goOn([&pollers] {
        std::this_thread::sleep_for(100ms);
        for (const int pid : pollers)
            ::kill(pid, SIGCONT); // into the SIGQUIT that waits for it
    });
    QVERIFY_RESULT(cluster.stop(QStringLiteral("immediate")));
}

void TstServerLoss::aServerThatDiesMidTickLosesAndDoublesNothing_data()
{
    QTest::addColumn<bool>("commitTimes");
    QTest::newRow("with commit times") << true;
    QTest::newRow("without commit times") << false;
}

void TstServerLoss::aServerThatDiesMidTickLosesAndDoublesNothing()
{
    TIDEMARK_REQUIRE_SERVER("15");
    QFETCH(const bool, commitTimes);
    const quint32 seed = QRandomGenerator::global()->generate();
    qInfo("seed %u", seed);
    QRandomGenerator random(seed);

    ClusterOptions options;
    options.settings.insert(QStringLiteral("track_commit_timestamp"),
                            commitTimes ? QStringLiteral("on") : QStringLiteral("off"));
    TestCluster cluster(options);
    QVERIFY_RESULT(cluster.start());
    const TestDatabase elsewhere;
    TestDatabase first(cluster.connInfo());
    TestDatabase second(cluster.connInfo());
    fill(first);
    fill(second);
    const QStringList databases{first.name(), second.name()};
    Watch watch;
    watch.monitor.add(profileOf(steady, elsewhere.conn(), {elsewhere.name()}), {});
    watch.monitor.add(profileOf(doomed, first.conn(), databases), {});
    const auto isWhole = [&](const ServerSnapshot &server) {
        return allLive(server, databases) && server.locks && isComplete(*server.databases.at(first.name()))
               && isComplete(*server.databases.at(second.name()));
    };
    const auto whole = watch.waitFor(doomed, isWhole);
    QVERIFY(whole);
    const pg::Capabilities server = whole->databases.at(first.name())->capabilities;
    const std::size_t eventsAtFirst = Kept::of(*watch.history, server).refreshes.size();

    std::vector<TimeRange> refreshed;
    for (int round = 0; round < 4; ++round) {
        Actor holder(first.open());
        Actor waiter(first.open());
        holder.run("BEGIN; LOCK TABLE public.source IN ACCESS SHARE MODE");
        waiter.start("BEGIN; LOCK TABLE public.source IN ACCESS EXCLUSIVE MODE");
        QVERIFY(watch.waitFor(doomed, [&](const ServerSnapshot &now) {
            return now.locks && now.locks->edges.size() == 1
                   && now.locks->parties[static_cast<std::size_t>(now.locks->edges.front().waiter)].pid == waiter.pid();
        }));
        waiter.cancel();
        waiter.run("ROLLBACK");
        QVERIFY(watch.waitFor(doomed, [](const ServerSnapshot &now) { return now.locks->edges.empty(); }));
        waiter.start("SELECT pg_catalog.pg_sleep(60)"); // dies with the server

        refreshed.push_back(refresh(first.conn()));
        // In the later rounds the server dies before anybody can have seen the refresh.
        const bool unseen = round >= 2;
        if (!unseen)
            waitForRefreshes(watch, server, eventsAtFirst + refreshed.size());
        const auto before = watch.newest(doomed);
        const Kept kept = Kept::of(*watch.history, server);

        if (round % 2 == 0) {
            stopInMidTick(cluster);
        } else {
            const std::jthread hurried = hurry(watch.monitor);
            QTest::qSleep(static_cast<int>(unseen ? 0 : random.bounded(300)));
            QVERIFY_RESULT(cluster.stop(QStringLiteral("immediate")));
        }
        if (QTest::currentTestFailed())
            return;

        const auto lost = watch.waitFor(doomed, [&](const ServerSnapshot &now) {
            return now.state == WatchState::Failed && now.databases.at(second.name())->state == WatchState::Failed;
        });
        QVERIFY2(lost, "a dead server must be noticed within seconds");
        // What the card says: that it is lost, why, since when, and when it is tried again. What it knew stays.
        QVERIFY(lost->error);
        QVERIFY2(lost->error->kind == ErrorKind::Connection, describe(*lost->error).constData());
        QVERIFY2(lost->error->summary().contains(cluster.folder()) || lost->error->summary().contains(first.name())
                     || lost->error->summary().contains(QLatin1String("connection")),
                 describe(*lost->error).constData());
        QVERIFY(lost->takenAt >= before->takenAt);
        for (const QString &name : databases) {
            const DatabaseSnapshot &database = *lost->databases.at(name);
            QVERIFY(database.error && database.retryAt);
            QVERIFY(database.takenAt >= before->databases.at(name)->takenAt);
            QVERIFY2(isComplete(database), qPrintable(name));
        }
        const Instant elsewhereThen = watch.newest(steady)->takenAt;
        QVERIFY2(watch.waitFor(steady,
                               [&](const ServerSnapshot &now) {
                                   return now.state == WatchState::Live && now.takenAt > elsewhereThen + 300ms;
                               }),
                 "the other server goes on");
        QVERIFY(watch.newest(doomed)->state == WatchState::Failed);
        QCOMPARE(watch.newest(doomed)->takenAt, lost->takenAt);

        QVERIFY_RESULT(cluster.start());
        const auto back = watch.waitFor(
            doomed, [&](const ServerSnapshot &now) { return now.takenAt > lost->takenAt && allLive(now, databases); });
        QVERIFY2(back, "it must be found again by itself");
        QVERIFY(!back->error && back->locks && back->locks->edges.empty());
        for (const QString &name : databases) {
            QVERIFY2(isComplete(*back->databases.at(name)), qPrintable(name));
            QVERIFY(!back->databases.at(name)->retryAt);
        }

        waitForRefreshes(watch, server, eventsAtFirst + refreshed.size());
        if (QTest::currentTestFailed())
            return;
        QTest::qSleep(1500); // a double would come from the ticks after the return
        const Kept now = Kept::of(*watch.history, server);
        QCOMPARE(now.refreshes.size(), eventsAtFirst + refreshed.size());
        for (std::size_t i = 0; i < refreshed.size(); ++i) {
            const RefreshEvent &event = now.refreshes[eventsAtFirst + i];
            const TimeRange told = event.finishedBracket.value_or(
                TimeRange{event.finishedAt.value(), event.finishedAt.value()});
            QVERIFY2(told.from <= refreshed[i].to && told.to >= refreshed[i].from,
                     qPrintable(QStringLiteral("round %1, refresh %2: %3").arg(round).arg(i).arg(toIso8601(told.to))));
            QVERIFY(event.succeeded);
        }
        QCOMPARE(now.episodes.size(), std::size_t(round + 1));
        for (const LockEpisode &episode : now.episodes)
            QVERIFY2(episode.ended, "an episode of the dead server goes on for ever");
        QCOMPARE(lostOrDoubled(kept.overhead, now.overhead, "overhead samples"), QByteArray());
        QCOMPARE(lostOrDoubled(kept.sizes, now.sizes, "size samples"), QByteArray());
        // The newest one moves while no transaction writes.
        const std::vector<XidSample> xids(kept.xids.begin(), kept.xids.end() - 1);
        QCOMPARE(lostOrDoubled(xids, now.xids, "xid samples"), QByteArray());
    }
}

void TstServerLoss::aDroppedDatabaseIsToldAndItsHistoryStays()
{
    TIDEMARK_REQUIRE_SERVER("15");
    TestDatabase stays;
    auto goes = std::make_unique<TestDatabase>();
    const QString gone = goes->name();
    fill(stays);
    fill(*goes);
    Watch watch;
    watch.monitor.add(profileOf(doomed, stays.conn(), {stays.name(), gone}), {});
    const auto whole = watch.waitFor(doomed, [&](const ServerSnapshot &now) {
        return allLive(now, {stays.name(), gone}) && isComplete(*now.databases.at(gone))
               && isComplete(*now.databases.at(stays.name()));
    });
    QVERIFY(whole);
    const pg::Capabilities server = whole->databases.at(gone)->capabilities;
    const std::size_t atFirst = Kept::of(*watch.history, server).refreshes.size();
    refresh(goes->conn());
    waitForRefreshes(watch, server, atFirst + 1);
    const Kept kept = Kept::of(*watch.history, server);
    goes.reset();

    const auto told = watch.waitFor(doomed, [&](const ServerSnapshot &now) {
        const auto &database = now.databases.at(gone);
        return database->error && database->error->kind == ErrorKind::Missing;
    });
    QVERIFY(told);
    const DatabaseSnapshot &dead = *told->databases.at(gone);
    QVERIFY2(dead.error->summary().contains(gone), describe(*dead.error).constData());
    QCOMPARE(dead.state, WatchState::Failed);
    QVERIFY(dead.retryAt);
    QVERIFY2(isComplete(dead), "what was last known stays");
    const Instant then = told->takenAt;
    const auto later = watch.waitFor(doomed, [&](const ServerSnapshot &now) { return now.takenAt > then + 500ms; });
    QVERIFY2(later && later->state == WatchState::Live && isComplete(*later->databases.at(stays.name())),
             "the other database goes on");
    const Kept now = Kept::of(*watch.history, server);
    QCOMPARE(now.refreshes.size(), kept.refreshes.size());
    QCOMPARE(lostOrDoubled(kept.sizes, now.sizes, "size samples"), QByteArray());
}

void TstServerLoss::aRoleWithoutRightsSeesWhatItMay()
{
    TIDEMARK_REQUIRE_SERVER("15");
    TestCluster cluster;
    QVERIFY_RESULT(cluster.start());
    TestDatabase open(cluster.connInfo());
    TestDatabase closed(cluster.connInfo());
    fill(open);
    fill(closed);
    open.exec("CREATE ROLE powerless LOGIN; REVOKE ALL ON SCHEMA public FROM PUBLIC");
    closed.exec("REVOKE CONNECT ON DATABASE " + pg::quoteIdentifier(closed.name()).toUtf8() + " FROM PUBLIC");
    Watch watch;
    watch.monitor.add(profileOf(doomed, open.conn().with(QStringLiteral("user"), QStringLiteral("powerless")),
                                {open.name(), closed.name()}),
                      {});
    const auto seen = watch.waitFor(doomed, [&](const ServerSnapshot &now) {
        return now.state == WatchState::Live && isComplete(*now.databases.at(open.name()))
               && now.databases.contains(closed.name()) && now.databases.at(closed.name())->error;
    });
    QVERIFY(seen);
    const Error refused = *seen->databases.at(closed.name())->error;
    QCOMPARE(refused.kind, ErrorKind::Permission);
    QVERIFY2(refused.summary().contains(closed.name()), describe(refused).constData());
    QVERIFY(seen->locks);

    // The catalogue is everybody's: the role learns of a refresh of what it may not read.
    const pg::Capabilities server = seen->databases.at(open.name())->capabilities;
    const std::size_t atFirst = Kept::of(*watch.history, server).refreshes.size();
    const TimeRange refreshed = refresh(open.conn());
    waitForRefreshes(watch, server, atFirst + 1);
    const Kept now = Kept::of(*watch.history, server);
    QVERIFY(*now.refreshes.back().finishedAt >= refreshed.from && *now.refreshes.back().finishedAt <= refreshed.to);
    QVERIFY(watch.newest(doomed)->databases.at(open.name())->errors.isEmpty());
}

QTEST_GUILESS_MAIN(TstServerLoss)
#include "tst_serverloss.moc"
