// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/databaselistcollector.h"
#include "core/monitor/databasewatch.h"
#include "core/monitor/monitor.h"
#include "core/monitor/standardcollectors.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QFile>

#include <condition_variable>
#include <semaphore>

#include <csignal>

using namespace tidemark;
using namespace tidemark::test;

namespace {

/// Asks a question that fails on every server.
class BrokenCollector final : public Collector
{
public:
    [[nodiscard]] QString name() const override { return QStringLiteral("broken"); }
    [[nodiscard]] std::vector<TickQuery> plan(const TickContext &) override
    {
        return {{QStringLiteral("locks/edges"),
                 {QStringLiteral("not a number")},
                 [this](const Result<pg::ResultSet> &rows) { m_error = rows ? Error{} : rows.error(); }}};
    }
    void publish(const TickContext &, DatabaseSnapshot &snapshot) override { snapshot.errors.insert(name(), m_error); }

private:
    Error m_error;
};

/// Holds its first tick up until it is let go on.
class HeldCollector final : public Collector
{
public:
    HeldCollector(std::binary_semaphore &began, std::binary_semaphore &mayGoOn)
        : m_began(began)
        , m_mayGoOn(mayGoOn)
    {
    }
    [[nodiscard]] QString name() const override { return QStringLiteral("held"); }
    [[nodiscard]] std::vector<TickQuery> plan(const TickContext &context) override
    {
        if (context.first) {
            m_began.release();
            m_mayGoOn.acquire();
        }
        return {};
    }
    void publish(const TickContext &, DatabaseSnapshot &) override {}

private:
    std::binary_semaphore &m_began;
    std::binary_semaphore &m_mayGoOn;
};

Collectors listOnly(const WatchScope &scope)
{
    Collectors collectors;
    if (scope.primary)
        collectors.push_back(std::make_unique<DatabaseListCollector>());
    return collectors;
}

/// Remembers the newest snapshot and waits for one that fits.
class Watcher
{
public:
    void operator()(const std::shared_ptr<const ServerSnapshot> &snapshot)
    {
        const std::lock_guard lock(m_mutex);
        m_newest = snapshot;
        m_changed.notify_all();
    }

    std::shared_ptr<const ServerSnapshot> waitFor(const std::function<bool(const ServerSnapshot &)> &fits,
                                                  Millis limit = Millis(10'000))
    {
        std::unique_lock lock(m_mutex);
        const bool came = m_changed.wait_for(lock, limit, [&] { return m_newest && fits(*m_newest); });
        return came ? m_newest : nullptr;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::shared_ptr<const ServerSnapshot> m_newest;
};

bool lists(const DatabaseSnapshot &database, const QString &name)
{
    return std::any_of(database.siblings.begin(), database.siblings.end(),
                       [&](const ListedDatabase &listed) { return listed.name == name; });
}

bool isLive(const ServerSnapshot &server)
{
    return server.state == WatchState::Live;
}

Profile profileOf(const pg::ConnInfo &info)
{
    Profile profile;
    profile.name = QStringLiteral("watched");
    profile.connInfo = info;
    profile.databases = {info.value(QStringLiteral("dbname"))};
    profile.interval = Millis(100);
    return profile;
}

} // namespace

/// The driver of all monitoring: ticks, threads, reconnection, budget.
class TstMonitor : public QObject
{
    Q_OBJECT

private:
    SystemClock m_clock;

private Q_SLOTS:
    void aSteadyTickIsOneRoundTripAndTellsItsCost()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        DatabaseTicker ticker(database.conn(), listOnly({}), m_clock, QStringLiteral("test"));
        for (int i = 0; i < 3; ++i)
            QVERIFY_RESULT(ticker.tick(Millis(2000)));
        const auto snapshot = ticker.snapshot();
        QCOMPARE(snapshot->name, database.name());
        QCOMPARE(snapshot->overhead.roundTrips, 1);
        QVERIFY(snapshot->overhead.lastTickServerMs > 0);
        QVERIFY(snapshot->overhead.lastTickServerMs < 1000);
        QVERIFY(snapshot->overhead.lastTickBytes > 100);
        QVERIFY(std::abs(ticker.clockOffset().count()) < 1000);
        QVERIFY(lists(*snapshot, database.name()));
    }

    void aSteadyTickOfAllCollectorsIsOneRoundTrip()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        database.exec("CREATE TABLE plays (at timestamptz, track int) PARTITION BY RANGE (at);"
                      "CREATE TABLE plays_2026 PARTITION OF plays FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');"
                      "CREATE MATERIALIZED VIEW popular AS SELECT track, count(*) FROM plays GROUP BY track");
        DatabaseTicker ticker(database.conn(),
                              standardCollectors(std::make_shared<HistoryStore>(LocalStore::inMemory().value()))({}),
                              m_clock, QStringLiteral("test"));
        constexpr int untilAllIsRead = 5;
        for (int tick = 0; tick < untilAllIsRead; ++tick)
            QVERIFY_RESULT(ticker.tick(Millis(2000)));
        QCOMPARE(ticker.snapshot()->freshness->refreshables.size(), 1U);
        QCOMPARE(ticker.snapshot()->partitions->tables.size(), 1U);
        QVERIFY(ticker.snapshot()->overhead.collectors.size() > 3);
        const auto steadyTicks = [&ticker]() {
            QList<int> trips;
            for (int tick = 0; tick < 30; ++tick) {
                if (!ticker.tick(Millis(2000)))
                    return QList<int>{};
                trips << ticker.snapshot()->overhead.roundTrips;
            }
            return trips;
        };
        QCOMPARE(steadyTicks(), QList<int>(30, 1));

        // What changed is asked for in one more, and then it is one again.
        database.exec("REFRESH MATERIALIZED VIEW popular");
        QVERIFY_RESULT(ticker.tick(Millis(2000)));
        QCOMPARE(ticker.snapshot()->overhead.roundTrips, 2);
        for (int tick = 0; tick < untilAllIsRead; ++tick)
            QVERIFY_RESULT(ticker.tick(Millis(2000)));
        QCOMPARE(steadyTicks(), QList<int>(30, 1));
    }

    void oneFailingQueryLeavesTheOthersAlone()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        Collectors collectors;
        collectors.push_back(std::make_unique<BrokenCollector>());
        collectors.push_back(std::make_unique<DatabaseListCollector>());
        DatabaseTicker ticker(database.conn(), std::move(collectors), m_clock, QStringLiteral("test"));
        QVERIFY_RESULT(ticker.tick(Millis(2000)));
        const auto snapshot = ticker.snapshot();
        QCOMPARE(snapshot->state, WatchState::Live);
        QCOMPARE(snapshot->errors.value(QStringLiteral("broken")).sqlState, QByteArray("22P02"));
        QVERIFY(!snapshot->errors.contains(QStringLiteral("databases")));
        QVERIFY(lists(*snapshot, database.name()));
    }

    void pollingSessionCannotWrite()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        pg::Session session = database.open(pg::SessionOptions{});
        const auto written = session.exec("CREATE TABLE public.forbidden (id int)");
        QVERIFY(!written);
        QCOMPARE(written.error().kind, ErrorKind::Safety);
    }

    void killedServerIsNoticedAndFoundAgain()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestCluster cluster;
        QVERIFY_RESULT(cluster.start());
        Watcher watcher;
        Monitor monitor(m_clock, listOnly, std::ref(watcher));
        monitor.add(profileOf(cluster.connInfo()), {});
        QVERIFY(watcher.waitFor(isLive));

        cluster.kill();
        const auto failed = watcher.waitFor(
            [](const ServerSnapshot &server) { return server.state == WatchState::Failed; }, Millis(5000));
        QVERIFY2(failed, "a dead server must be noticed within seconds");
        QVERIFY(failed->error);
        QVERIFY(failed->error->kind == ErrorKind::Connection || failed->error->kind == ErrorKind::Timeout);

        QVERIFY_RESULT(cluster.restart());
        QVERIFY2(watcher.waitFor(isLive, Millis(20'000)), "it must be found again by itself");
    }

    void droppedDatabaseIsToldAndTheOthersGoOn()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase stays;
        auto goes = std::make_unique<TestDatabase>();
        const QString gone = goes->name();
        Profile profile = profileOf(stays.conn());
        profile.databases << gone;
        Watcher watcher;
        Monitor monitor(m_clock, listOnly, std::ref(watcher));
        monitor.add(profile, {});
        const auto databaseIs = [&](WatchState state) {
            return [&gone, state](const ServerSnapshot &server) {
                return server.databases.contains(gone) && server.databases.at(gone)->state == state;
            };
        };
        QVERIFY(watcher.waitFor(databaseIs(WatchState::Live)));
        goes.reset();
        const auto missing = [&gone](const ServerSnapshot &server) {
            const auto &database = server.databases.at(gone);
            return database->error && database->error->kind == ErrorKind::Missing;
        };
        const auto told = watcher.waitFor(missing);
        QVERIFY(told);
        QVERIFY2(told->databases.at(gone)->error->summary().contains(gone),
                 qPrintable(told->databases.at(gone)->error->summary()));
        const Instant then = told->takenAt;
        QVERIFY2(watcher.waitFor([&](const ServerSnapshot &server) { return isLive(server) && server.takenAt > then; }),
                 "the other database goes on");
    }

    void databasesThatComeAndGoAreFollowed_data()
    {
        QTest::addColumn<bool>("isNamed");
        QTest::newRow("all databases") << false;
        QTest::newRow("named ones") << true;
    }
    void databasesThatComeAndGoAreFollowed()
    {
        QFETCH(const bool, isNamed);
        TIDEMARK_REQUIRE_SERVER("15");
        TestCluster cluster; // its own: the databases of other tests come and go
        QVERIFY_RESULT(cluster.start());
        auto session = pg::Session::open(cluster.connInfo(), writable());
        QVERIFY_RESULT(session);
        const QString name = QStringLiteral("plays");
        const auto run = [&](const char *sql) { QVERIFY_RESULT(session->exec(sql)); };
        Profile profile = profileOf(cluster.connInfo());
        profile.databases = isNamed ? QStringList{QStringLiteral("postgres"), name} : QStringList();
        Watcher watcher;
        Monitor monitor(m_clock, listOnly, std::ref(watcher));
        run("CREATE DATABASE plays");
        monitor.add(profile, {});
        const auto isWatched = [&](const ServerSnapshot &server) {
            const auto found = server.databases.find(name);
            return found != server.databases.end() && found->second->state == WatchState::Live
                   && server.goneDatabases.empty();
        };
        QVERIFY(watcher.waitFor(isWatched));
        const auto goneHow = [&](const QString &how) {
            return [&, how](const ServerSnapshot &server) {
                const auto gone = server.goneDatabases.find(name);
                return isLive(server) && gone != server.goneDatabases.end() && gone->second == how
                       && (isNamed == server.databases.contains(name));
            };
        };
        for (int round = 0; round < 2; ++round) {
            run("DROP DATABASE plays WITH (FORCE)");
            QVERIFY2(watcher.waitFor(goneHow(QStringLiteral("was dropped")), Millis(4'000)), "told within a few ticks");
            run("CREATE DATABASE plays");
            QVERIFY2(watcher.waitFor(isWatched, Millis(4'000)), "joined within a few ticks");
        }
        run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'plays'");
        run("ALTER DATABASE plays RENAME TO shows");
        if (isNamed) {
            QVERIFY(watcher.waitFor(goneHow(QStringLiteral("was renamed to shows")), Millis(4'000)));
        } else {
            QVERIFY(watcher.waitFor([](const ServerSnapshot &server) {
                const auto found = server.databases.find(QStringLiteral("shows"));
                return found != server.databases.end() && found->second->state == WatchState::Live;
            }));
        }
    }

    void aFrozenServerIsNoticedWithinSeconds()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestCluster cluster;
        QVERIFY_RESULT(cluster.start());
        Profile profile = profileOf(cluster.connInfo());
        profile.interval = Millis(500);
        Watcher watcher;
        Monitor monitor(m_clock, listOnly, std::ref(watcher));
        monitor.add(profile, {});
        QVERIFY(watcher.waitFor(isLive));
        std::vector<int> processes;
        {
            QFile postmaster(cluster.folder() + QStringLiteral("/data/postmaster.pid"));
            QVERIFY2(postmaster.open(QIODevice::ReadOnly), qPrintable(postmaster.fileName()));
            processes.push_back(postmaster.readLine().trimmed().toInt());
            auto session = pg::Session::open(cluster.connInfo());
            QVERIFY_RESULT(session);
            const auto rows = session->exec("SELECT pid FROM pg_catalog.pg_stat_activity WHERE pid IS NOT NULL");
            QVERIFY_RESULT(rows);
            for (int row = 0; row < rows->rowCount(); ++row)
                processes.push_back(rows->int32(row, 0));
        }
        QVERIFY(processes.front() > 1);
        QElapsedTimer taken;
        taken.start();
        for (const int process : processes)
            ::kill(process, SIGSTOP);
        const auto lost = watcher.waitFor(
            [](const ServerSnapshot &server) { return server.state == WatchState::Failed; }, Millis(15'000));
        const qint64 noticed = taken.elapsed();
        for (const int process : processes)
            ::kill(process, SIGCONT);
        QVERIFY(lost);
        QVERIFY2(noticed < 6'500, qPrintable(QString::number(noticed)));
        QCOMPARE(lost->error->kind, ErrorKind::Timeout);
        QVERIFY2(watcher.waitFor(isLive, Millis(20'000)), "it must be found again by itself");
    }

    void anotherDatabaseTakesOverFromADroppedPrimary()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase stays;
        auto goes = std::make_unique<TestDatabase>();
        Profile profile = profileOf(goes->conn());
        profile.databases = {goes->name(), stays.name()};
        Watcher watcher;
        Monitor monitor(m_clock, listOnly, std::ref(watcher));
        monitor.add(profile, {});
        const auto bothLive = [](const ServerSnapshot &server) {
            return server.databases.size() == 2
                   && std::all_of(server.databases.begin(), server.databases.end(),
                                  [](const auto &entry) { return entry.second->state == WatchState::Live; });
        };
        QVERIFY(watcher.waitFor(bothLive));
        const QString gone = goes->name();
        goes.reset();
        const auto after = watcher.waitFor([&](const ServerSnapshot &server) {
            const auto other = server.databases.find(stays.name());
            return isLive(server) && other != server.databases.end() && other->second->state == WatchState::Live
                   && lists(*other->second, stays.name());
        });
        QVERIFY(after);
        QCOMPARE(after->databases.at(gone)->state, WatchState::Failed);
        QCOMPARE(after->databases.at(gone)->error->kind, ErrorKind::Missing);
    }

    void databasesAreFoundByThemselves()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase first;
        TestDatabase second;
        Profile profile = profileOf(first.conn());
        profile.databases.clear();
        Watcher watcher;
        Monitor monitor(m_clock, listOnly, std::ref(watcher));
        monitor.add(profile, {});
        QVERIFY(watcher.waitFor([&](const ServerSnapshot &server) {
            return server.databases.contains(first.name()) && server.databases.contains(second.name())
                   && server.databases.at(second.name())->state == WatchState::Live;
        }));
    }

    void theBudgetStretchesWhatCostsMost()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        Profile profile = profileOf(database.conn());
        profile.budgetPercent = 0.001; // one hundredth of a millisecond a second: no tick is that cheap
        Watcher watcher;
        Monitor monitor(m_clock, standardCollectors(nullptr), std::ref(watcher));
        monitor.add(profile, {});
        const auto widened = watcher.waitFor([](const ServerSnapshot &server) { return server.overhead.widened; });
        QVERIFY(widened);
        QCOMPARE(widened->overhead.interval, Millis(100));
        for (const CollectorCost &cost : widened->overhead.collectors)
            QVERIFY2(cost.name != QLatin1String("locks") || cost.every == 1, "locks keep their rate");
    }

    void aShorterIntervalChosenDuringATickCountsFromThatTick()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        std::binary_semaphore began{0};
        std::binary_semaphore mayGoOn{0};
        Collectors collectors;
        collectors.push_back(std::make_unique<HeldCollector>(began, mayGoOn));
        std::counting_semaphore<> published{0};
        DatabaseWatch watch(
            std::make_unique<DatabaseTicker>(database.conn(), std::move(collectors), m_clock, QStringLiteral("test")),
            m_clock, Millis(600'000), [&](const DatabaseTicker &) { published.release(); });
        QVERIFY(began.try_acquire_for(std::chrono::seconds(10)));
        watch.setPace(Millis(100), {});
        mayGoOn.release();
        for (int tick = 0; tick < 3; ++tick)
            QVERIFY2(published.try_acquire_for(std::chrono::seconds(5)), qPrintable(QString::number(tick)));
    }

    void aShorterIntervalChosenBetweenTicksEndsTheWait()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        std::counting_semaphore<> published{0};
        DatabaseWatch watch(
            std::make_unique<DatabaseTicker>(database.conn(), listOnly({}), m_clock, QStringLiteral("test")), m_clock,
            Millis(600'000), [&](const DatabaseTicker &) { published.release(); });
        QVERIFY(published.try_acquire_for(std::chrono::seconds(10)));
        QVERIFY(!published.try_acquire_for(std::chrono::milliseconds(500)));
        watch.setPace(Millis(100), {});
        for (int tick = 0; tick < 3; ++tick)
            QVERIFY2(published.try_acquire_for(std::chrono::seconds(5)), qPrintable(QString::number(tick)));
    }

    void unreachableHostIsAClearError()
    {
        const auto info = pg::ConnInfo::parse(QStringLiteral("host=127.0.0.1 port=1 dbname=nowhere"));
        QVERIFY_RESULT(info);
        DatabaseTicker ticker(*info, {}, m_clock, QStringLiteral("test"));
        const Status ticked = ticker.tick(Millis(2000));
        QVERIFY(!ticked);
        QCOMPARE(ticked.error().kind, ErrorKind::Connection);
        QVERIFY2(ticked.error().summary().contains(QLatin1String("127.0.0.1:1/nowhere")),
                 qPrintable(ticked.error().summary()));
        QVERIFY(!ticked.error().hint.isEmpty());
        QCOMPARE(ticker.snapshot()->state, WatchState::Failed);
    }

    void relationLockedInAnotherDatabaseIsNamed()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase primary;
        TestDatabase other;
        other.exec("CREATE TABLE hot (id int)");
        pg::Session holder = other.open();
        QVERIFY_RESULT(holder.execScript("BEGIN; LOCK TABLE public.hot IN ACCESS SHARE MODE"));
        const std::jthread waiter([&other](const std::stop_token &stop) {
            pg::Session session = other.open();
            pg::CallOptions call;
            call.stop = stop;
            static_cast<void>(session.exec("ALTER TABLE public.hot ADD COLUMN v int", {}, call));
        });
        Profile profile = profileOf(primary.conn());
        profile.databases << other.name();
        Watcher watcher;
        Monitor monitor(m_clock, standardCollectors(nullptr), std::ref(watcher));
        monitor.add(profile, {});
        const QString object = QStringLiteral("public.hot in %1").arg(other.name());
        QVERIFY(watcher.waitFor([&](const ServerSnapshot &server) {
            return server.locks
                   && std::any_of(server.locks->parties.begin(), server.locks->parties.end(),
                                  [&](const LockParty &party) { return party.object == object; });
        }));
    }

    void closingEndsAllThreadsAtOnce()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        Profile profile = profileOf(database.conn());
        Watcher watcher;
        auto monitor = std::make_unique<Monitor>(m_clock, listOnly, std::ref(watcher));
        monitor->add(profile, {});
        QVERIFY(watcher.waitFor(isLive));
        QElapsedTimer elapsed;
        elapsed.start();
        monitor.reset();
        QVERIFY2(elapsed.elapsed() < 2000, qPrintable(QString::number(elapsed.elapsed())));
    }
};

QTEST_GUILESS_MAIN(TstMonitor)
#include "tst_monitor.moc"
