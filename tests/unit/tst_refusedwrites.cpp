// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/freshnessmemory.h"
#include "core/monitor/historyrecorder.h"
#include "core/store/statement.h"
#include "tests/support/standingclock.h"

#include <QTest>

using namespace tidemark;
using namespace std::chrono_literals;

namespace {

const auto server = QStringLiteral("7000");
const DatabaseRef plays{server, QStringLiteral("plays"), 5, 1};
const Instant noon = fromEpochMicros(1'767'268'800'000'000);

RefreshEvent refreshAt(Instant at)
{
    RefreshEvent event;
    event.name = {QStringLiteral("public"), QStringLiteral("mv_daily")};
    event.finishedAt = at;
    event.confidence = Confidence::Commit;
    event.source = RefreshSource::CommitTimestamp;
    return event;
}

LockSnapshot withWaiters(int waiters)
{
    LockSnapshot locks;
    locks.waiterCount = waiters;
    return locks;
}

ServerSnapshot live(Instant at, int waiters = 0)
{
    auto freshness = std::make_shared<FreshnessSnapshot>();
    Refreshable row;
    row.oid = 501;
    row.name = {QStringLiteral("public"), QStringLiteral("mv_daily")};
    freshness->refreshables.push_back(row);
    auto database = std::make_shared<DatabaseSnapshot>();
    database->name = plays.database;
    database->state = WatchState::Live;
    database->takenAt = at;
    database->capabilities.systemIdentifier = server;
    database->capabilities.database = plays.database;
    database->capabilities.databaseOid = plays.oid;
    database->capabilities.timeline = plays.timeline;
    database->freshness = freshness;
    ServerSnapshot snapshot;
    snapshot.name = QStringLiteral("prod");
    snapshot.state = WatchState::Live;
    snapshot.takenAt = at;
    snapshot.databases[database->name] = database;
    snapshot.locks = std::make_shared<LockSnapshot>(withWaiters(waiters));
    return snapshot;
}

} // namespace

/// A local store that refuses writes for a while (a full disk) costs no history.
class TstRefusedWrites : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_store = LocalStore::inMemory().value();
        m_history = std::make_shared<HistoryStore>(m_store);
    }

    void refreshesAndBaselinesWaitUntilTheyCanBeWritten()
    {
        FreshnessMemory memory(m_history);
        QVERIFY(memory.setDatabase(plays));
        refuse({QStringLiteral("refresh"), QStringLiteral("baseline")});
        RefreshableBaseline baseline;
        baseline.oid = 501;
        baseline.name = refreshAt(noon).name;
        memory.keep(baseline);
        memory.tell(refreshAt(noon));
        memory.flush();
        QVERIFY(memory.error());
        allow();
        memory.tell(refreshAt(noon + 1h));
        memory.flush();
        QVERIFY(!memory.error());
        QCOMPARE(m_history->refreshes(plays, baseline.name, std::nullopt, 10)->size(), 2U);
        QCOMPARE(m_history->baselines(plays)->size(), 1U);
    }

    void ofMuchThatWaitsTheNewestIsKept()
    {
        RefreshQueue queue;
        refuse({QStringLiteral("refresh")});
        for (std::size_t i = 0; i < RefreshQueue::most + 5; ++i)
            queue.push(refreshAt(noon + std::chrono::seconds(i) * 100));
        QVERIFY(!queue.flush(*m_history, plays));
        allow();
        QVERIFY(queue.flush(*m_history, plays));
        QVERIFY(queue.isEmpty());
        const auto kept = m_history->refreshes(plays, {}, std::nullopt, HistoryStore::noLimit);
        QCOMPARE(kept->size(), RefreshQueue::most);
        QCOMPARE(*kept->back().finishedAt, noon + 500s);
    }

    void rowsThatWereRefusedAreWrittenLater()
    {
        ReplayRecorder recorder(m_history);
        refuse({QStringLiteral("replay_row")});
        QVERIFY(!recorder.record(live(noon)));
        allow();
        QVERIFY(recorder.record(live(noon + 2s)));
        QCOMPARE(m_history->replayRowsAt(plays, ReplayPart::Refreshable, noon + 1h)->size(), 1U);
    }

    void alertsThatWereRefusedAreWrittenLater()
    {
        test::StandingClock clock;
        clock.at = noon;
        HistoryRecorder recorder(m_store, clock);
        const auto recordAt = [&](Instant at, Instant refreshedAt) {
            auto snapshot = live(at);
            auto database = std::make_shared<DatabaseSnapshot>(*snapshot.databases[plays.database]);
            auto freshness = std::make_shared<FreshnessSnapshot>(*database->freshness);
            freshness->refreshables.front().target = Millis(60'000);
            freshness->refreshables.front().lastRefresh = {Confidence::Exact, RefreshSource::OwnRun, refreshedAt,
                                                           std::nullopt, false};
            database->freshness = freshness;
            snapshot.databases[plays.database] = database;
            recorder.record(snapshot);
        };
        refuse({QStringLiteral("alert")});
        recordAt(noon, noon - 1h);
        QVERIFY(m_history->openAlerts(server)->empty());
        allow();
        recordAt(noon + 2s, noon - 1h);
        QCOMPARE(m_history->openAlerts(server)->size(), 1U);
        QCOMPARE(m_history->openAlerts(server)->front().raisedAt, noon);

        QVERIFY(m_store->write([](SQLite::Database &database) {
            database.exec("CREATE TRIGGER refuse_end BEFORE UPDATE ON alert BEGIN SELECT RAISE(ABORT, 'full'); END");
        }));
        recordAt(noon + 4s, noon + 3s);
        QCOMPARE(m_history->openAlerts(server)->size(), 1U);
        QVERIFY(m_store->write([](SQLite::Database &database) { database.exec("DROP TRIGGER refuse_end"); }));
        recordAt(noon + 6s, noon + 3s);
        QVERIFY(m_history->openAlerts(server)->empty());
    }

    void aWaitBetweenTwoRowsIsNotLost()
    {
        test::StandingClock clock; // the recorder prunes by it, and thins what is old
        clock.at = noon;
        HistoryRecorder recorder(m_store, clock);
        for (const auto &[second, waiters] : {std::pair(0, 0), {2, 7}, {4, 0}, {10, 0}, {20, 0}}) {
            auto snapshot = live(noon + std::chrono::seconds(second), waiters);
            recorder.record(snapshot);
        }
        const auto samples = m_history->overhead(server, {noon - 1h, noon + 1h});
        QCOMPARE(samples->size(), 3U);
        QCOMPARE(samples->at(1).waiters, 7);
        QCOMPARE(samples->at(2).waiters, 0);
    }

private:
    void refuse(const QStringList &tables)
    {
        m_refused = tables;
        QVERIFY(m_store->write([&](SQLite::Database &database) {
            for (const QString &table : tables)
                database.exec("CREATE TRIGGER refuse_" + table.toStdString() + " BEFORE INSERT ON "
                              + table.toStdString() + " BEGIN SELECT RAISE(ABORT, 'disk full'); END");
        }));
    }

    void allow()
    {
        QVERIFY(m_store->write([&](SQLite::Database &database) {
            for (const QString &table : m_refused)
                database.exec("DROP TRIGGER refuse_" + table.toStdString());
        }));
    }

    std::shared_ptr<LocalStore> m_store;
    std::shared_ptr<HistoryStore> m_history;
    QStringList m_refused;
};

QTEST_GUILESS_MAIN(TstRefusedWrites)
#include "tst_refusedwrites.moc"
