// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/replay.h"

#include <QTest>

#include <set>

using namespace tidemark;
using namespace std::chrono_literals;

namespace {

const auto server = QStringLiteral("7000");
const DatabaseRef plays{server, QStringLiteral("plays")};
const DatabaseRef sensors{server, QStringLiteral("sensors")};

Instant at(std::chrono::microseconds sinceNoon)
{
    return fromEpochMicros(1'767'268'800'000'000) + sinceNoon;
}

pg::QualifiedName named(const char *name)
{
    return {QStringLiteral("public"), QString::fromLatin1(name)};
}

RefreshEvent refreshOf(const char *name, std::chrono::minutes finished, bool succeeded = true,
                       RefreshableKind kind = RefreshableKind::MaterializedView)
{
    RefreshEvent event;
    event.name = named(name);
    event.kind = kind;
    event.finishedAt = at(finished);
    event.duration = Millis(finished.count() * 100);
    event.succeeded = succeeded;
    event.confidence = Confidence::Commit;
    event.source = RefreshSource::CommitTimestamp;
    return event;
}

LockSnapshot onePairAt(Instant takenAt)
{
    LockSnapshot locks;
    locks.takenAt = takenAt;
    locks.parties.resize(2);
    locks.parties[0].pid = 11;
    locks.parties[1].pid = 12;
    locks.parties[1].object = QStringLiteral("public.plays");
    locks.edges = {{1, 0, false}};
    locks.waiterCount = 1;
    return locks;
}

SizeSample sizeOf(qint64 bytes)
{
    SizeSample size;
    size.bytes = bytes;
    size.rows = 7;
    size.partitions = 3;
    return size;
}

} // namespace

class TstReplay : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void theMomentBeforeEverythingIsEmpty();
    void freshnessIsThatOfTheMoment();
    void aViewThatTheHistoryDoesNotKnowToHaveBeenRefreshedIsUnknown();
    void targetsHoldInThePastToo();
    void sizesAreTotalsOfTheMoment();
    void oldSizesAreNotToldAsKnown();
    void locksAreThoseOfTheMoment();
    void costIsThatOfTheMoment();
    void objectsHaveOidsOfTheirOwnEachTimeTheSame();
    void theTimelineTellsRefreshesWaitsAndAlerts();

private:
    [[nodiscard]] ServerSnapshot replayed(Instant moment) const
    {
        return HistoryReader(m_history)
            .snapshotAt(QStringLiteral("prod-eu"), QStringLiteral("production"), server, moment)
            .value();
    }

    [[nodiscard]] static const Refreshable *find(const ServerSnapshot &snapshot, const char *name)
    {
        const auto &freshness = snapshot.databases.at(QStringLiteral("plays"))->freshness;
        if (!freshness)
            return nullptr;
        for (const Refreshable &refreshable : freshness->refreshables) {
            if (refreshable.name == named(name))
                return &refreshable;
        }
        return nullptr;
    }

    std::shared_ptr<HistoryStore> m_history;
};

void TstReplay::init()
{
    m_history = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
    RefreshableBaseline daily;
    daily.oid = 501;
    daily.name = named("mv_daily");
    RefreshableBaseline never = daily;
    never.oid = 502;
    never.name = named("mv_never");
    QVERIFY(m_history->saveBaselines(plays, {daily, never}));
    QVERIFY(
        m_history->addRefreshes(plays, {refreshOf("mv_daily", 10min), refreshOf("mv_daily", 20min),
                                        refreshOf("mv_daily", 30min, false), refreshOf("mv_daily", 40min),
                                        refreshOf("plays_hourly", 15min, true, RefreshableKind::ContinuousAggregate)}));
    QVERIFY(m_history->addSizes(plays, at(10min), {{named("plays"), sizeOf(100)}, {named("listens"), sizeOf(5)}}));
    QVERIFY(m_history->addSizes(plays, at(30min), {{named("plays"), sizeOf(300)}}));
    QVERIFY(m_history->addSizes(sensors, at(30min), {{named("readings"), sizeOf(9)}}));
    QVERIFY(m_history->addLockSample(server, onePairAt(at(25min))));
    QVERIFY(m_history->addLockSample(server, onePairAt(at(25min + 30s))));
    QVERIFY(m_history->addOverhead(server, {at(20min), 1.5, 2000, 0, 0}));
    QVERIFY(m_history->addOverhead(server, {at(30min), 2.5, 3000, 1, 1}));
}

void TstReplay::theMomentBeforeEverythingIsEmpty()
{
    const ServerSnapshot then = replayed(at(0min));
    QVERIFY(then.replayed);
    QVERIFY(then.takenAt == at(0min));
    QCOMPARE(then.name, QStringLiteral("prod-eu"));
    QCOMPARE(then.environment, QStringLiteral("production"));
    QCOMPARE(then.databases.size(), 2U);
    for (const auto &[name, database] : then.databases) {
        QVERIFY(!database->freshness);
        QVERIFY(!database->partitions);
        QVERIFY(!database->jobs);
        QCOMPARE(database->name, name);
        QCOMPARE(database->capabilities.systemIdentifier, server);
    }
    QVERIFY(then.locks && then.locks->edges.empty());
    QCOMPARE(then.overhead.serverMsPerSecond, 0.0);
}

void TstReplay::freshnessIsThatOfTheMoment()
{
    const ServerSnapshot then = replayed(at(35min));
    const Refreshable *daily = find(then, "mv_daily");
    QVERIFY(daily);
    QCOMPARE(daily->oid, 501U);
    QVERIFY(daily->lastRefresh.at == at(20min));
    QCOMPARE(daily->lastRefresh.confidence, Confidence::Commit);
    QCOMPARE(daily->recentDurations, (std::vector{Millis(1000), Millis(2000)}));
    QVERIFY(daily->lastDuration == Millis(2000));
    QVERIFY(!daily->notJudgedBecause.isEmpty());
    const Refreshable *hourly = find(then, "plays_hourly");
    QVERIFY(hourly);
    QCOMPARE(hourly->kind, RefreshableKind::ContinuousAggregate);
    QVERIFY(!find(replayed(at(14min)), "plays_hourly"));
    QVERIFY(find(replayed(at(50min)), "mv_daily")->lastRefresh.at == at(40min));
}

void TstReplay::aViewThatTheHistoryDoesNotKnowToHaveBeenRefreshedIsUnknown()
{
    const ServerSnapshot then = replayed(at(35min));
    const Refreshable *never = find(then, "mv_never");
    QVERIFY(never);
    QCOMPARE(never->lastRefresh.confidence, Confidence::Unknown);
    QVERIFY(!never->lastRefresh.at);
    QVERIFY(never->recentDurations.empty());
}

void TstReplay::targetsHoldInThePastToo()
{
    QVERIFY(m_history->setTarget(plays, {}, Millis(1h)));
    QVERIFY(m_history->setTarget(plays, named("mv_daily"), Millis(5min)));
    const ServerSnapshot then = replayed(at(35min));
    QVERIFY(find(then, "mv_daily")->target == Millis(5min));
    QVERIFY(find(then, "mv_never")->target == Millis(1h));
}

void TstReplay::sizesAreTotalsOfTheMoment()
{
    const ServerSnapshot then = replayed(at(29min));
    const auto &tables = then.databases.at(QStringLiteral("plays"))->partitions->tables;
    QCOMPARE(tables.size(), 2U);
    for (const auto &table : tables) {
        QCOMPARE(table->totalBytes, table->name == named("plays") ? 100 : 5);
        QCOMPARE(table->rowsEstimate, 7);
        QCOMPARE(table->leafCount, 3);
        QVERIFY(table->partitions.empty());
    }
    QVERIFY(!then.databases.at(QStringLiteral("sensors"))->partitions);
}

void TstReplay::oldSizesAreNotToldAsKnown()
{
    QVERIFY(replayed(at(24h)).databases.at(QStringLiteral("plays"))->partitions);
    QVERIFY(!replayed(at(25h)).databases.at(QStringLiteral("plays"))->partitions);
}

void TstReplay::locksAreThoseOfTheMoment()
{
    const auto locks = replayed(at(25min + 10s)).locks;
    QCOMPARE(locks->edges.size(), 1U);
    QCOMPARE(locks->parties[static_cast<std::size_t>(locks->edges[0].blocker)].pid, 11);
    QCOMPARE(locks->waiterCount, 1);
    QVERIFY(replayed(at(24min)).locks->edges.empty());
    QVERIFY(replayed(at(26min)).locks->edges.empty());
}

void TstReplay::costIsThatOfTheMoment()
{
    QCOMPARE(replayed(at(29min)).overhead.serverMsPerSecond, 1.5);
    QCOMPARE(replayed(at(31min)).overhead.bytesPerSecond, 3000.0);
    QCOMPARE(replayed(at(2h)).overhead.serverMsPerSecond, 0.0);
}

void TstReplay::objectsHaveOidsOfTheirOwnEachTimeTheSame()
{
    const auto oids = [&](Instant moment) {
        const ServerSnapshot then = replayed(moment);
        std::vector<quint32> found;
        for (const auto &table : then.databases.at(QStringLiteral("plays"))->partitions->tables)
            found.push_back(table->oid);
        for (const Refreshable &refreshable : then.databases.at(QStringLiteral("plays"))->freshness->refreshables)
            found.push_back(refreshable.oid);
        return found;
    };
    const auto then = oids(at(35min));
    QCOMPARE(then, oids(at(36min)));
    QCOMPARE(std::set<quint32>(then.begin(), then.end()).size(), then.size());
}

void TstReplay::theTimelineTellsRefreshesWaitsAndAlerts()
{
    AlertRecord alert;
    alert.kind = QStringLiteral("blocking");
    alert.subject = QStringLiteral("pid 11");
    alert.message = QStringLiteral("pid 11 holds up 1 session");
    alert.raisedAt = at(26min);
    QVERIFY(m_history->clearAlert(m_history->raiseAlert(plays, alert).value(), at(27min)));

    const auto marks = HistoryReader(m_history).timelineEvents(server, {at(12min), at(35min)}).value();
    QStringList told;
    for (const TimelineMark &mark : marks) {
        told << QStringLiteral("%1 %2-%3 %4")
                    .arg(static_cast<int>(mark.kind))
                    .arg((mark.from - at(0min)) / 1s)
                    .arg((mark.to - at(0min)) / 1s)
                    .arg(mark.subject);
        QCOMPARE(mark.count, 1);
    }
    QCOMPARE(told, (QStringList{QStringLiteral("0 900-900 public.plays_hourly"),
                                QStringLiteral("0 1200-1200 public.mv_daily"),
                                QStringLiteral("2 1500-1530 public.plays behind pid 11"),
                                QStringLiteral("3 1560-1620 pid 11 holds up 1 session"),
                                QStringLiteral("1 1800-1800 public.mv_daily")}));
}

QTEST_GUILESS_MAIN(TstReplay)
#include "tst_replay.moc"
