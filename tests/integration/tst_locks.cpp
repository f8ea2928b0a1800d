// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/databaseticker.h"
#include "core/monitor/lockcollector.h"
#include "core/monitor/standardcollectors.h"
#include "tests/support/actor.h"
#include "tests/support/testserver.h"

#include <QThread>

using namespace tidemark;
using namespace tidemark::test;

namespace {

/// Names for the pids of a test, so that edges read as sentences; the locks of other tests on the same server have none.
class Cast
{
public:
    explicit Cast(const TestDatabase &database)
        : m_database(database)
    {
    }

    Actor &add(const QString &name)
    {
        m_actors.push_back(std::make_unique<Actor>(m_database.open()));
        m_names.insert(m_actors.back()->pid(), name);
        return *m_actors.back();
    }

    QString nameOf(const LockParty &party) const
    {
        if (party.pid == 0)
            return party.preparedGid.isEmpty() ? QStringLiteral("?") : party.preparedGid;
        return m_names.value(party.pid);
    }

    /// "C1<-B soft", sorted; those of strangers left out.
    QStringList edges(const LockSnapshot &snapshot) const
    {
        QStringList edges;
        for (const LockEdge &edge : snapshot.edges) {
            const LockParty &waiter = snapshot.parties[static_cast<std::size_t>(edge.waiter)];
            const LockParty &blocker = snapshot.parties[static_cast<std::size_t>(edge.blocker)];
            const bool ours = !nameOf(waiter).isEmpty() || (blocker.pid != 0 && !nameOf(blocker).isEmpty());
            if (ours)
                edges << nameOf(waiter) + QStringLiteral("<-") + nameOf(blocker)
                             + (edge.soft ? QStringLiteral(" soft") : QString());
        }
        edges.sort();
        return edges;
    }

    LockParty party(const LockSnapshot &snapshot, const QString &name) const
    {
        for (const LockParty &party : snapshot.parties) {
            if (nameOf(party) == name)
                return party;
        }
        return {};
    }

    /// The forest of ours alone: the chain below one of them.
    static LockSnapshot only(const LockSnapshot &snapshot, const Cast &cast)
    {
        LockSnapshot ours = snapshot;
        std::erase_if(ours.edges, [&](const LockEdge &edge) {
            return cast.nameOf(snapshot.parties[static_cast<std::size_t>(edge.waiter)]).isEmpty();
        });
        return ours;
    }

private:
    const TestDatabase &m_database;
    std::vector<std::unique_ptr<Actor>> m_actors;
    QHash<int, QString> m_names;
};

/// The monitor's own ticks with the lock collector alone.
class Watcher
{
public:
    explicit Watcher(const pg::ConnInfo &info, std::shared_ptr<HistoryStore> history = nullptr)
        : m_ticker(info, collectors(std::move(history)), m_clock, QStringLiteral("tidemark test"))
    {
    }

    Status tick() { return m_ticker.tick(Millis(200)); }
    const DatabaseSnapshot &snapshot() const { return *m_ticker.snapshot(); }
    const LockSnapshot &locks() const { return *m_ticker.snapshot()->locks; }

    /// Ticks until the edges are these, and returns the last ones seen.
    QStringList waitForEdges(const Cast &cast, const QStringList &expected)
    {
        QElapsedTimer elapsed;
        elapsed.start();
        QStringList seen;
        while (elapsed.elapsed() < 10'000) {
            if (const Status ticked = tick(); !ticked)
                return {QString::fromUtf8(describe(ticked.error()))};
            if (snapshot().errors.contains(QStringLiteral("locks")))
                return {snapshot().errors.value(QStringLiteral("locks")).summary()};
            seen = cast.edges(locks());
            if (seen == expected)
                break;
            QThread::msleep(30);
        }
        return seen;
    }

private:
    static Collectors collectors(std::shared_ptr<HistoryStore> history)
    {
        Collectors collectors;
        collectors.push_back(std::make_unique<LockCollector>(std::move(history)));
        return collectors;
    }

    SystemClock m_clock;
    DatabaseTicker m_ticker;
};

} // namespace

class TstLocks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data()
    {
        QTest::addColumn<QString>("server");
        for (const QString &name : plainServerNames())
            QTest::newRow(qPrintable(name)) << name;
    }

    void init()
    {
        QFETCH_GLOBAL(const QString, server);
        TIDEMARK_REQUIRE_SERVER(server.toUtf8());
        m_database = std::make_unique<TestDatabase>(server);
        m_cast = std::make_unique<Cast>(*m_database);
        m_watcher = std::make_unique<Watcher>(m_database->conn());
    }

    void cleanup()
    {
        m_watcher.reset();
        m_cast.reset();
        m_database.reset();
    }

    void aQueuedAlterAndAnAdvisoryLockMakeFourEdgesAndNoneIsFalse()
    {
        m_database->exec("CREATE TABLE public.hot (id int)");
        Actor &a = m_cast->add(QStringLiteral("A"));
        a.run("SET application_name = 'nightly report'; BEGIN; SELECT * FROM public.hot");
        Actor &d = m_cast->add(QStringLiteral("D"));
        d.run("SELECT pg_advisory_lock(1)");
        Actor &e = m_cast->add(QStringLiteral("E"));
        e.run("SELECT pg_advisory_lock(777)");
        m_cast->add(QStringLiteral("B")).start("ALTER TABLE public.hot ADD COLUMN note text");
        QCOMPARE(m_watcher->waitForEdges(*m_cast, {QStringLiteral("B<-A")}), QStringList{QStringLiteral("B<-A")});
        m_cast->add(QStringLiteral("C1")).start("SELECT * FROM public.hot");
        m_cast->add(QStringLiteral("C2")).start("SELECT * FROM public.hot");
        m_cast->add(QStringLiteral("F")).start("SELECT pg_advisory_lock(1)");

        const QStringList truth{QStringLiteral("B<-A"), QStringLiteral("C1<-B soft"), QStringLiteral("C2<-B soft"),
                                QStringLiteral("F<-D")};
        QCOMPARE(m_watcher->waitForEdges(*m_cast, truth), truth);

        const LockSnapshot &locks = m_watcher->locks();
        const LockParty root = m_cast->party(locks, QStringLiteral("A"));
        QCOMPARE(root.state, QStringLiteral("idle in transaction"));
        QCOMPARE(root.applicationName, QStringLiteral("nightly report"));
        QCOMPARE(root.heldMode, QStringLiteral("AccessShareLock"));
        QVERIFY(root.wantedMode.isEmpty());
        QVERIFY(root.backendStart && root.xactStart);
        const LockParty alter = m_cast->party(locks, QStringLiteral("B"));
        QCOMPARE(alter.wantedMode, QStringLiteral("AccessExclusiveLock"));
        QCOMPARE(alter.lockType, QStringLiteral("relation"));
        QCOMPARE(alter.object, QStringLiteral("public.hot"));
        QVERIFY(alter.heldMode.isEmpty());
        QVERIFY(alter.query.startsWith(QLatin1String("ALTER TABLE")));
        QCOMPARE(alter.database, m_database->name());
        const LockParty reader = m_cast->party(locks, QStringLiteral("C1"));
        QCOMPARE(reader.wantedMode, QStringLiteral("AccessShareLock"));
        const LockParty advisory = m_cast->party(locks, QStringLiteral("F"));
        QCOMPARE(advisory.object, QStringLiteral("advisory 1"));
        QCOMPARE(m_cast->party(locks, QStringLiteral("D")).heldMode, QStringLiteral("ExclusiveLock"));

        const LockSnapshot ours = Cast::only(locks, *m_cast);
        QCOMPARE(longestChain(ours), 2);
        const auto forest = lockForest(ours);
        QCOMPARE(forest.size(), std::size_t{2});
        QCOMPARE(forest.front().blocks, 3);
        QVERIFY(locks.waiterCount >= 4);
        QVERIFY(!locks.truncated);
    }

    void whoWaitsForARowIsToldWhichRow()
    {
        m_database->exec(
            "CREATE TABLE public.\"Plays\" (id int PRIMARY KEY, n int); INSERT INTO public.\"Plays\" VALUES (1, 0)");
        m_cast->add(QStringLiteral("A")).run("BEGIN; UPDATE public.\"Plays\" SET n = 1 WHERE id = 1");
        m_cast->add(QStringLiteral("B")).start("UPDATE public.\"Plays\" SET n = 2 WHERE id = 1");
        const QStringList first{QStringLiteral("B<-A")};
        QCOMPARE(m_watcher->waitForEdges(*m_cast, first), first);
        m_cast->add(QStringLiteral("C")).start("UPDATE public.\"Plays\" SET n = 3 WHERE id = 1");
        const QStringList both{QStringLiteral("B<-A"), QStringLiteral("C<-B")};
        QCOMPARE(m_watcher->waitForEdges(*m_cast, both), both);
        QTRY_VERIFY(m_watcher->tick() && !m_cast->party(m_watcher->locks(), QStringLiteral("C")).wantedMode.isEmpty());

        const LockParty b = m_cast->party(m_watcher->locks(), QStringLiteral("B"));
        QCOMPARE(b.lockType, QStringLiteral("transactionid"));
        QVERIFY2(b.object.startsWith(QLatin1String("row (0,1) of public.\"Plays\", transaction ")),
                 qPrintable(b.object));
        const LockParty c = m_cast->party(m_watcher->locks(), QStringLiteral("C"));
        QCOMPARE(c.lockType, QStringLiteral("tuple"));
        QCOMPARE(c.object, QStringLiteral("row (0,1) of public.\"Plays\""));
    }

    void preparedTransactionsThatBlockAreToldApartByName()
    {
        m_database->exec("CREATE TABLE public.t (id int)");
        const QString one = QStringLiteral("one of ") + m_database->name();
        const QString two = QStringLiteral("two's of ") + m_database->name();
        for (const QString &gid : {one, two}) {
            Actor &actor = m_cast->add(QStringLiteral("P"));
            actor.run("BEGIN; LOCK TABLE public.t IN ROW EXCLUSIVE MODE; SAVEPOINT s; CREATE TABLE public."
                      + pg::quoteIdentifier(gid).toUtf8() + " ()");
            actor.run("PREPARE TRANSACTION " + pg::quoteLiteral(gid).toUtf8());
        }
        m_cast->add(QStringLiteral("B")).start("SELECT pg_sleep(0); LOCK TABLE public.t IN SHARE MODE");
        const QStringList edges{QStringLiteral("B<-") + one, QStringLiteral("B<-") + two};
        const QStringList seen = m_watcher->waitForEdges(*m_cast, edges);
        const LockParty prepared = m_cast->party(m_watcher->locks(), one);
        for (const QString &gid : {one, two})
            m_database->exec("ROLLBACK PREPARED " + pg::quoteLiteral(gid).toUtf8());
        QCOMPARE(seen, edges);
        QCOMPARE(prepared.pid, 0);
        QCOMPARE(prepared.user, QStringLiteral("postgres"));
        QCOMPARE(prepared.database, m_database->name());
        QCOMPARE(prepared.heldMode, QStringLiteral("RowExclusiveLock"));
        QVERIFY(prepared.xactStart);
    }

    void aChainIsAsLongAsItIsAndACycleStands()
    {
        m_database->exec("CREATE TABLE public.t1 (); CREATE TABLE public.t2 (); CREATE TABLE public.t3 ()");
        Actor &a = m_cast->add(QStringLiteral("A"));
        a.run("SET deadlock_timeout = '100s'; BEGIN; LOCK TABLE public.t1");
        Actor &b = m_cast->add(QStringLiteral("B"));
        b.run("SET deadlock_timeout = '100s'; BEGIN; LOCK TABLE public.t2");
        Actor &c = m_cast->add(QStringLiteral("C"));
        c.run("SET deadlock_timeout = '100s'; BEGIN; LOCK TABLE public.t3");
        b.start("LOCK TABLE public.t1");
        c.start("LOCK TABLE public.t2");
        Actor &d = m_cast->add(QStringLiteral("D"));
        d.run("SET deadlock_timeout = '100s'");
        d.start("SELECT * FROM public.t3");
        const QStringList chain{QStringLiteral("B<-A"), QStringLiteral("C<-B"), QStringLiteral("D<-C")};
        QCOMPARE(m_watcher->waitForEdges(*m_cast, chain), chain);
        QCOMPARE(longestChain(Cast::only(m_watcher->locks(), *m_cast)), 3);

        a.start("LOCK TABLE public.t3");
        const QStringList cycle{QStringLiteral("A<-C"), QStringLiteral("A<-D soft"), QStringLiteral("B<-A"),
                                QStringLiteral("C<-B"), QStringLiteral("D<-C")};
        QCOMPARE(m_watcher->waitForEdges(*m_cast, cycle), cycle);
        const auto forest = lockForest(Cast::only(m_watcher->locks(), *m_cast));
        QCOMPARE(forest.size(), std::size_t{1});
        QCOMPARE(forest.front().blocks, 3);
    }

    void aWorkerOfAParallelQueryWaitsForItsLeader()
    {
        m_database->exec("CREATE TABLE public.gate (id int); INSERT INTO public.gate VALUES (1);"
                         "CREATE TABLE public.big AS SELECT g FROM generate_series(1, 20000) AS g;"
                         "CREATE FUNCTION public.passes(int) RETURNS bool LANGUAGE plpgsql PARALLEL SAFE AS"
                         " $$BEGIN RETURN EXISTS (SELECT FROM public.gate WHERE id = $1); END$$;"
                         "ANALYZE public.big");
        m_cast->add(QStringLiteral("A")).run("BEGIN; LOCK TABLE public.gate");
        Actor &leader = m_cast->add(QStringLiteral("L"));
        leader.run("SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;"
                   "SET max_parallel_workers_per_gather = 2; SET parallel_leader_participation = off");
        leader.start("SELECT count(*) FROM public.big WHERE public.passes(g)");
        QTRY_VERIFY(m_database
                        ->value("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'parallel worker'"
                                " AND wait_event_type = 'Lock' AND datname = current_database()")
                        .toInt()
                    > 0);
        const QStringList edges{QStringLiteral("L<-A")};
        QCOMPARE(m_watcher->waitForEdges(*m_cast, edges), edges);
        QTRY_VERIFY(m_watcher->tick() && !m_cast->party(m_watcher->locks(), QStringLiteral("L")).wantedMode.isEmpty());
        const LockParty party = m_cast->party(m_watcher->locks(), QStringLiteral("L"));
        QCOMPARE(party.object, QStringLiteral("public.gate"));
        QCOMPARE(m_cast->party(m_watcher->locks(), QStringLiteral("A")).heldMode,
                 QStringLiteral("AccessExclusiveLock"));
    }

    void waitsInAnotherDatabaseAreNamedAsFarAsTheyCanBe()
    {
        QFETCH_GLOBAL(const QString, server);
        TestDatabase other(server);
        other.exec("CREATE TABLE public.elsewhere (id int)");
        const QString oid = other.value("SELECT 'public.elsewhere'::regclass::oid::text");
        Cast cast(other);
        cast.add(QStringLiteral("A")).run("BEGIN; LOCK TABLE public.elsewhere; SELECT pg_advisory_lock(5, -6)");
        cast.add(QStringLiteral("B")).start("SELECT * FROM public.elsewhere");
        cast.add(QStringLiteral("C")).start("SELECT pg_advisory_lock_shared(5, -6)");
        const QStringList edges{QStringLiteral("B<-A"), QStringLiteral("C<-A")};
        QCOMPARE(m_watcher->waitForEdges(cast, edges), edges);
        QTRY_VERIFY(m_watcher->tick() && !cast.party(m_watcher->locks(), QStringLiteral("C")).wantedMode.isEmpty());
        const LockParty reader = cast.party(m_watcher->locks(), QStringLiteral("B"));
        QCOMPARE(reader.object, QStringLiteral("relation %1 in %2").arg(oid, other.name()));
        QCOMPARE(reader.database, other.name());
        QCOMPARE(cast.party(m_watcher->locks(), QStringLiteral("C")).object,
                 QStringLiteral("advisory (5, -6) in %1").arg(other.name()));
    }

    void aWaiterIsSeenWaitingSinceItBegan()
    {
        QFETCH_GLOBAL(const QString, server);
        m_database->exec("CREATE TABLE public.t ()");
        m_cast->add(QStringLiteral("A")).run("BEGIN; LOCK TABLE public.t");
        QVERIFY_RESULT(m_watcher->tick());
        m_cast->add(QStringLiteral("B")).start("SELECT * FROM public.t");
        const QStringList edges{QStringLiteral("B<-A")};
        QCOMPARE(m_watcher->waitForEdges(*m_cast, edges), edges);
        QTRY_VERIFY(m_watcher->tick() && !m_cast->party(m_watcher->locks(), QStringLiteral("B")).wantedMode.isEmpty());
        const auto since = m_cast->party(m_watcher->locks(), QStringLiteral("B")).waitingSince;
        QVERIFY(since.has_value());
        if (server.toInt() >= 14) {
            const QString started = m_database->value(
                "SELECT to_char(waitstart AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
                " FROM pg_locks WHERE NOT granted AND relation = 'public.t'::regclass");
            QCOMPARE(toEpochMicros(*since), toEpochMicros(parseTimestamp(started).value()));
        }
        QThread::msleep(300);
        QVERIFY_RESULT(m_watcher->tick());
        QCOMPARE(m_cast->party(m_watcher->locks(), QStringLiteral("B")).waitingSince, since);
        QVERIFY(m_watcher->locks().takenAt - *since >= Millis(250));
        QVERIFY(m_watcher->locks().takenAt - *since < Millis(60'000));
    }

    void whoWaitedAndWasCancelledIsGone()
    {
        m_database->exec("CREATE TABLE public.t ()");
        Actor &a = m_cast->add(QStringLiteral("A"));
        a.run("BEGIN; LOCK TABLE public.t");
        Actor &b = m_cast->add(QStringLiteral("B"));
        const QStringList edges{QStringLiteral("B<-A")};
        for (int round = 0; round < 5; ++round) {
            b.start("SELECT * FROM public.t");
            QCOMPARE(m_watcher->waitForEdges(*m_cast, edges), edges);
            b.cancel();
            QCOMPARE(m_watcher->waitForEdges(*m_cast, {}), QStringList());
        }
        // Under fire: whatever a tick meets, it is an edge of ours or none, and never an error.
        QElapsedTimer elapsed;
        elapsed.start();
        while (elapsed.elapsed() < 500) {
            b.start("SELECT * FROM public.t");
            for (int tick = 0; tick < 3; ++tick) {
                QVERIFY_RESULT(m_watcher->tick());
                QVERIFY(m_watcher->snapshot().errors.isEmpty());
                const QStringList seen = m_cast->edges(m_watcher->locks());
                QVERIFY2(seen.isEmpty() || seen == edges, qPrintable(seen.join(QLatin1Char(' '))));
            }
            b.cancel();
        }
    }

    void aRoleWithoutRightsSeesTheEdgesAndThatTheRestIsHidden()
    {
        const QString role = QStringLiteral("nosy_") + m_database->name();
        const QByteArray quoted = pg::quoteIdentifier(role).toUtf8();
        m_database->exec("CREATE TABLE public.hot (id int); CREATE ROLE " + quoted + " LOGIN");
        {
            Watcher watcher(m_database->conn().with(QStringLiteral("user"), role));
            m_cast->add(QStringLiteral("A")).run("BEGIN; SELECT 'secret' FROM public.hot");
            m_cast->add(QStringLiteral("B")).start("ALTER TABLE public.hot ADD COLUMN secret text");
            const QStringList first{QStringLiteral("B<-A")};
            QCOMPARE(watcher.waitForEdges(*m_cast, first), first);
            m_cast->add(QStringLiteral("C")).start("SELECT * FROM public.hot");
            const QStringList edges{QStringLiteral("B<-A"), QStringLiteral("C<-B soft")};
            QCOMPARE(watcher.waitForEdges(*m_cast, edges), edges);
            const LockParty b = m_cast->party(watcher.locks(), QStringLiteral("B"));
            QCOMPARE(b.query, QStringLiteral("hidden: needs pg_read_all_stats"));
            QVERIFY(b.state.isEmpty());
            QCOMPARE(b.object, QStringLiteral("public.hot"));
            QCOMPARE(b.user, QStringLiteral("postgres"));
        }
        m_cast.reset();
        m_database->exec("DROP ROLE " + quoted);
    }

    void nobodyWaitingCostsOneRoundTripAndNoWaiterIsLeftOver()
    {
        m_database->exec("CREATE TABLE public.t ()");
        Actor &a = m_cast->add(QStringLiteral("A"));
        a.run("BEGIN; LOCK TABLE public.t");
        m_cast->add(QStringLiteral("B")).start("SELECT * FROM public.t");
        const QStringList edges{QStringLiteral("B<-A")};
        QCOMPARE(m_watcher->waitForEdges(*m_cast, edges), edges);
        a.run("COMMIT");
        QCOMPARE(m_watcher->waitForEdges(*m_cast, {}), QStringList());
        QVERIFY_RESULT(m_watcher->tick());
        QVERIFY(m_cast->edges(m_watcher->locks()).isEmpty());
        if (m_watcher->locks().edges.empty())
            QCOMPARE(m_watcher->snapshot().overhead.roundTrips, 1);
    }

    void theDetailIsNotAskedAgainWhileNothingChanges()
    {
        m_database->exec("CREATE TABLE public.t ()");
        m_cast->add(QStringLiteral("A")).run("BEGIN; LOCK TABLE public.t");
        m_cast->add(QStringLiteral("B")).start("SELECT * FROM public.t");
        const QStringList edges{QStringLiteral("B<-A")};
        QCOMPARE(m_watcher->waitForEdges(*m_cast, edges), edges);
        QTRY_VERIFY(m_watcher->tick() && !m_cast->party(m_watcher->locks(), QStringLiteral("B")).wantedMode.isEmpty());
        for (int tick = 0; tick < 5; ++tick) {
            QVERIFY_RESULT(m_watcher->tick());
            if (m_watcher->locks().edges.size() > 1)
                QSKIP("another test holds locks on this server just now");
            QCOMPARE(m_watcher->snapshot().overhead.roundTrips, 1);
            QCOMPARE(m_cast->party(m_watcher->locks(), QStringLiteral("B")).object, QStringLiteral("public.t"));
        }
    }

    void eachWaitIsOneEpisodeOfTheHistoryAndEnds()
    {
        auto store = LocalStore::inMemory();
        QVERIFY_RESULT(store);
        const auto history = std::make_shared<HistoryStore>(*store);
        Watcher watcher(m_database->conn(), history);
        m_database->exec("CREATE TABLE public.t ()");
        Actor &a = m_cast->add(QStringLiteral("A"));
        a.run("BEGIN; LOCK TABLE public.t");
        const QStringList one{QStringLiteral("B<-A")};
        const QStringList two{QStringLiteral("B<-A"), QStringLiteral("C<-A")};
        m_cast->add(QStringLiteral("B")).start("SELECT * FROM public.t");
        QCOMPARE(watcher.waitForEdges(*m_cast, one), one);
        m_cast->add(QStringLiteral("C")).start("SELECT * FROM public.t");
        QCOMPARE(watcher.waitForEdges(*m_cast, two), two);
        QTRY_VERIFY(watcher.tick() && !m_cast->party(watcher.locks(), QStringLiteral("C")).wantedMode.isEmpty());
        a.run("COMMIT");
        QCOMPARE(watcher.waitForEdges(*m_cast, {}), QStringList());
        QVERIFY_RESULT(watcher.tick());

        const QString identifier = watcher.snapshot().capabilities.systemIdentifier;
        const Instant now = watcher.locks().takenAt;
        const auto episodes = history->lockEpisodes(identifier, {now - std::chrono::hours(1), now});
        QVERIFY_RESULT(episodes);
        QStringList seen;
        for (const LockEpisode &episode : *episodes) {
            if (m_cast->nameOf(episode.waiter).isEmpty())
                continue;
            QVERIFY(episode.ended);
            QCOMPARE(episode.waiter.object, QStringLiteral("public.t"));
            seen << m_cast->nameOf(episode.waiter) + QStringLiteral("<-") + m_cast->nameOf(episode.blocker);
        }
        seen.sort();
        QCOMPARE(seen, two);
    }

    void aTickNeverWaitsBehindAnExclusiveLock()
    {
        m_database->exec("CREATE TABLE public.t (id int); CREATE MATERIALIZED VIEW public.m AS SELECT * FROM public.t;"
                         "CREATE TABLE public.p (id int) PARTITION BY LIST (id);"
                         "CREATE TABLE public.p_1 PARTITION OF public.p FOR VALUES IN (1)");
        m_cast->add(QStringLiteral("A"))
            .run("BEGIN; ALTER TABLE public.t ADD COLUMN x int; ALTER TABLE public.p ADD COLUMN x int; "
                 "REFRESH MATERIALIZED VIEW public.m");
        m_cast->add(QStringLiteral("B")).start("SELECT * FROM public.m, public.t");
        const QStringList edges{QStringLiteral("B<-A")};
        QCOMPARE(m_watcher->waitForEdges(*m_cast, edges), edges);
        // Every collector, from the first structure on. The locks are held throughout: a query that asked for one would
        // run into lock_timeout, and say so here.
        const SystemClock clock;
        DatabaseTicker everything(m_database->conn(), standardCollectors(nullptr)({}), clock,
                                  QStringLiteral("tidemark test"));
        for (int tick = 0; tick < 5; ++tick) {
            QVERIFY_RESULT(everything.tick(Millis(200)));
            const auto snapshot = everything.snapshot();
            QCOMPARE(snapshot->state, WatchState::Live);
            QVERIFY2(snapshot->errors.isEmpty(),
                     snapshot->errors.isEmpty() ? "" : describe(snapshot->errors.first()).constData());
            QCOMPARE(snapshot->freshness->refreshables.size(), std::size_t(1));
            QCOMPARE(snapshot->partitions->tables.size(), std::size_t(1));
        }
    }

private:
    std::unique_ptr<TestDatabase> m_database;
    std::unique_ptr<Cast> m_cast;
    std::unique_ptr<Watcher> m_watcher;
};

QTEST_GUILESS_MAIN(TstLocks)
#include "tst_locks.moc"
