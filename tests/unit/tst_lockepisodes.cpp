// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/historystore.h"

#include "core/store/statement.h"
#include "tests/unit/historysamples.h"

#include <QTest>

using namespace tidemark;
using namespace std::chrono_literals;
using namespace tidemark::test;

namespace {

constexpr TimeRange allTime{Instant::min(), Instant::max()};

} // namespace

/// Waits that samples see again and again, kept as one episode each and read back as a graph.
class TstLockEpisodes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_local = LocalStore::inMemory().value();
        m_history = std::make_unique<HistoryStore>(m_local);
    }

    void aLockSeenAgainIsOneEpisode();
    void oneMissedSampleDoesNotEndAnEpisode();
    void twoMissedSamplesEndAnEpisode();
    void aCutSampleEndsNothing();
    void aSilenceStartsANewEpisodeUnlessTheServerSaysItIsTheSameWait();
    void anotherBackendOfTheSamePidIsAnotherEpisode();
    void preparedTransactionsBlockToo();
    void aBlockersNewestStateIsKeptInOneRow();
    void locksAtRebuildsTheGraph();
    void locksAtShowsNothingBeforeAndAfter();

private:
    [[nodiscard]] int count(const char *sql) const
    {
        int rows = -1;
        return m_local->read([&](SQLite::Database &db) { rows = db.execAndGet(sql).getInt(); }) ? rows : -2;
    }

    std::shared_ptr<LocalStore> m_local;
    std::unique_ptr<HistoryStore> m_history;
};

void TstLockEpisodes::aLockSeenAgainIsOneEpisode()
{
    for (int sample = 0; sample < 30; ++sample)
        QVERIFY(m_history->addLockSample(
            server, chain(at(std::chrono::seconds(sample)), {backend(1), backend(2, QStringLiteral("public.plays"))})));
    const auto episodes = m_history->lockEpisodes(server, allTime).value();
    QCOMPARE(static_cast<int>(episodes.size()), 1);
    const LockEpisode &episode = episodes.front();
    QVERIFY(episode.firstSeenAt == at(0s));
    QVERIFY(episode.lastSeenAt == at(29s));
    QVERIFY(!episode.ended);
    QVERIFY(episode.waiter == backend(2, QStringLiteral("public.plays")));
    QVERIFY(episode.blocker == backend(1));
    QCOMPARE(count("SELECT count(*) FROM lock_party"), 2);
}

void TstLockEpisodes::oneMissedSampleDoesNotEndAnEpisode()
{
    const auto waiting = [](int second) {
        return chain(at(std::chrono::seconds(second)), {backend(1), backend(2, QStringLiteral("public.plays"))});
    };
    QVERIFY(m_history->addLockSample(server, waiting(0)));
    QVERIFY(m_history->addLockSample(server, nobody(at(2s))));
    QVERIFY(m_history->addLockSample(server, waiting(4)));
    QVERIFY(m_history->addLockSample(server, nobody(at(6s))));
    QVERIFY(m_history->addLockSample(server, waiting(8)));
    const auto episodes = m_history->lockEpisodes(server, allTime).value();
    QCOMPARE(static_cast<int>(episodes.size()), 1);
    QVERIFY(episodes.front().lastSeenAt == at(8s));
    QVERIFY(!episodes.front().ended);
}

void TstLockEpisodes::twoMissedSamplesEndAnEpisode()
{
    const auto waiting = [](int second) {
        return chain(at(std::chrono::seconds(second)), {backend(1), backend(2, QStringLiteral("public.plays"))});
    };
    QVERIFY(m_history->addLockSample(server, waiting(0)));
    QVERIFY(m_history->addLockSample(server, nobody(at(2s))));
    QVERIFY(m_history->addLockSample(server, nobody(at(4s))));
    QVERIFY(m_history->addLockSample(server, waiting(6)));
    const auto episodes = m_history->lockEpisodes(server, allTime).value();
    QCOMPARE(static_cast<int>(episodes.size()), 2);
    QVERIFY(episodes[0].ended);
    QVERIFY(episodes[0].lastSeenAt == at(0s));
    QVERIFY(!episodes[1].ended);
    QVERIFY(episodes[1].firstSeenAt == at(6s));
}

void TstLockEpisodes::aCutSampleEndsNothing()
{
    QVERIFY(m_history->addLockSample(server, crowd(at(0s), 3)));
    for (int second = 2; second < 10; second += 2) {
        LockSnapshot cut = crowd(at(std::chrono::seconds(second)), 1);
        cut.truncated = true;
        QVERIFY(m_history->addLockSample(server, cut));
    }
    for (const auto found = m_history->lockEpisodes(server, allTime).value(); const LockEpisode &episode : found)
        QVERIFY(!episode.ended);
}

void TstLockEpisodes::aSilenceStartsANewEpisodeUnlessTheServerSaysItIsTheSameWait()
{
    LockParty told = backend(3, QStringLiteral("public.plays"));
    told.waitingSince = at(-5s);
    const auto waiting = [&](Instant takenAt) {
        LockSnapshot snapshot = chain(takenAt, {backend(1), backend(2, QStringLiteral("public.plays"))});
        snapshot.parties.push_back(told);
        snapshot.edges.push_back({2, 0, false});
        return snapshot;
    };
    QVERIFY(m_history->addLockSample(server, waiting(at(0s))));
    QVERIFY(m_history->addLockSample(server, waiting(at(3h))));
    int ofTheTold = 0;
    int ofTheOther = 0;
    for (const auto found = m_history->lockEpisodes(server, allTime).value(); const LockEpisode &episode : found)
        ++(episode.waiter.pid == 3 ? ofTheTold : ofTheOther);
    QCOMPARE(ofTheTold, 1);
    QCOMPARE(ofTheOther, 2);
    QCOMPARE(count("SELECT count(*) FROM lock_episode WHERE ended = 0"), 2);
}

void TstLockEpisodes::anotherBackendOfTheSamePidIsAnotherEpisode()
{
    LockParty reborn = backend(2, QStringLiteral("public.plays"));
    reborn.backendStart = at(1s);
    QVERIFY(m_history->addLockSample(server, chain(at(0s), {backend(1), backend(2, QStringLiteral("public.plays"))})));
    QVERIFY(m_history->addLockSample(server, chain(at(2s), {backend(1), reborn})));
    QCOMPARE(static_cast<int>(m_history->lockEpisodes(server, allTime).value().size()), 2);
}

void TstLockEpisodes::preparedTransactionsBlockToo()
{
    LockParty prepared;
    prepared.preparedGid = QStringLiteral("order 'π' 17");
    QVERIFY(
        m_history->addLockSample(server, chain(at(0s), {prepared, backend(2, QStringLiteral("transaction 4711"))})));
    QVERIFY(
        m_history->addLockSample(server, chain(at(2s), {prepared, backend(2, QStringLiteral("transaction 4711"))})));
    const auto episodes = m_history->lockEpisodes(server, allTime).value();
    QCOMPARE(static_cast<int>(episodes.size()), 1);
    QCOMPARE(episodes.front().blocker.preparedGid, prepared.preparedGid);
    QCOMPARE(episodes.front().blocker.pid, 0);
}

void TstLockEpisodes::aBlockersNewestStateIsKeptInOneRow()
{
    LockParty blocker = backend(1);
    for (int sample = 0; sample < 5; ++sample) {
        blocker.query = QStringLiteral("INSERT number %1").arg(sample);
        blocker.state = sample == 4 ? QStringLiteral("idle in transaction") : QStringLiteral("active");
        QVERIFY(m_history->addLockSample(
            server, chain(at(std::chrono::seconds(sample)), {blocker, backend(2, QStringLiteral("public.plays"))})));
    }
    QCOMPARE(count("SELECT count(*) FROM lock_party"), 2);
    QVERIFY(m_history->lockEpisodes(server, allTime).value().front().blocker == blocker);
}

void TstLockEpisodes::locksAtRebuildsTheGraph()
{
    // 1 blocks 2, 2 blocks 3 and 4; a sample earlier 2 only blocked.
    QVERIFY(m_history->addLockSample(server, chain(at(0s), {backend(2), backend(3, QStringLiteral("public.plays"))})));
    LockSnapshot taken = chain(
        at(2s), {backend(1), backend(2, QStringLiteral("advisory 7")), backend(3, QStringLiteral("public.plays"))});
    taken.parties.push_back(backend(4, QStringLiteral("public.plays")));
    taken.parties[1].heldMode = QStringLiteral("AccessShareLock");
    taken.edges.push_back({3, 1, true});
    QVERIFY(m_history->addLockSample(server, taken));
    QVERIFY(m_history->addLockSample(server, nobody(at(4s))));
    QVERIFY(m_history->addLockSample(server, nobody(at(6s))));

    const LockSnapshot then = m_history->locksAt(server, at(2s)).value();
    QVERIFY(then.takenAt == at(2s));
    QCOMPARE(static_cast<int>(then.parties.size()), 4);
    QCOMPARE(then.waiterCount, 3);
    QStringList edges;
    for (const LockEdge &edge : then.edges) {
        const LockParty &waiter = then.parties[static_cast<std::size_t>(edge.waiter)];
        const LockParty &blocker = then.parties[static_cast<std::size_t>(edge.blocker)];
        edges << QStringLiteral("%1%2%3")
                     .arg(waiter.pid)
                     .arg(edge.soft ? QStringLiteral("~") : QStringLiteral("<"))
                     .arg(blocker.pid);
        QVERIFY(waiter == taken.parties[static_cast<std::size_t>(waiter.pid - 1)]);
        QVERIFY(blocker == taken.parties[static_cast<std::size_t>(blocker.pid - 1)]);
    }
    edges.sort();
    QCOMPARE(edges, (QStringList{QStringLiteral("2<1"), QStringLiteral("3<2"), QStringLiteral("4~2")}));
}

void TstLockEpisodes::locksAtShowsNothingBeforeAndAfter()
{
    QVERIFY(m_history->addLockSample(server, crowd(at(10s), 3)));
    QVERIFY(m_history->addLockSample(server, crowd(at(20s), 3)));
    QVERIFY(m_history->locksAt(server, at(9s)).value().edges.empty());
    QCOMPARE(static_cast<int>(m_history->locksAt(server, at(15s)).value().edges.size()), 3);
    QVERIFY(m_history->locksAt(server, at(21s)).value().edges.empty());
    QVERIFY(m_history->locksAt(QStringLiteral("another"), at(15s)).value().edges.empty());
}

QTEST_GUILESS_MAIN(TstLockEpisodes)
#include "tst_lockepisodes.moc"
