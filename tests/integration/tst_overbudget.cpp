// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/budget.h"
#include "core/monitor/monitor.h"
#include "core/monitor/standardcollectors.h"
#include "tests/support/testserver.h"

#include <QThread>

#include <set>

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

constexpr int partitions = 3000;
constexpr int matviews = 150;
constexpr Millis interval{250};

void makeHeavy(TestDatabase &database)
{
    database.exec(QStringLiteral("CREATE TABLE events (at int) PARTITION BY RANGE (at)").toUtf8());
    database.exec(QStringLiteral("DO $$ BEGIN FOR i IN 1..%1 LOOP EXECUTE format('CREATE TABLE events_%s PARTITION OF "
                                 "events FOR VALUES FROM (%s) TO (%s)', i, i, i + 1); END LOOP; END $$")
                      .arg(partitions)
                      .toUtf8());
    database.exec(
        QStringLiteral("DO $$ BEGIN FOR i IN 1..%1 LOOP EXECUTE format('CREATE MATERIALIZED VIEW v_%s AS SELECT "
                       "at FROM events_%s', i, i); END LOOP; END $$")
            .arg(matviews)
            .toUtf8());
    database.exec("ANALYZE pg_catalog.pg_class; CREATE TABLE hot (id int)");
}

const CollectorCost *costOf(const ServerSnapshot &server, const char *name)
{
    for (const CollectorCost &cost : server.overhead.collectors) {
        if (cost.name == QLatin1String(name))
            return &cost;
    }
    return nullptr;
}

/// Everything that was published.
class Recorder
{
public:
    void operator()(const std::shared_ptr<const ServerSnapshot> &snapshot)
    {
        const std::lock_guard lock(m_mutex);
        m_all.push_back(snapshot);
    }
    [[nodiscard]] std::vector<std::shared_ptr<const ServerSnapshot>> takeAll()
    {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_all, {});
    }

private:
    std::mutex m_mutex;
    std::vector<std::shared_ptr<const ServerSnapshot>> m_all;
};

} // namespace

/// A server whose catalogue is too heavy for its budget: what is cheap and urgent keeps its rate.
class TstOverBudget : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void locksKeepTheirRateWhileTheCostlyAreStretched();
    void aCollectorThatSatOutSeesWhatChangedMeanwhile();
    void theFirstReadingIsNoPartOfTheRate();

private:
    SystemClock m_clock;
};

void TstOverBudget::locksKeepTheirRateWhileTheCostlyAreStretched()
{
    TestDatabase database;
    makeHeavy(database);
    Profile profile;
    profile.name = QStringLiteral("heavy");
    profile.connInfo = database.conn();
    profile.databases = {database.name()};
    profile.interval = interval;
    profile.budgetPercent = 1;
    Recorder recorder;
    Monitor monitor(m_clock, standardCollectors(nullptr), std::ref(recorder));
    monitor.add(profile, {});
    QThread::msleep(6000); // the costs are learned
    static_cast<void>(recorder.takeAll());

    pg::Session holder = database.open();
    QVERIFY_RESULT(holder.execScript("BEGIN; LOCK TABLE public.hot IN ACCESS EXCLUSIVE MODE"));
    QThread::msleep(10'000);
    const auto all = recorder.takeAll();
    QVERIFY(all.size() > 10);

    std::set<Instant> lockSamples;
    std::set<std::shared_ptr<const FreshnessSnapshot>> freshness;
    Millis longest{0};
    for (const auto &server : all) {
        if (!lockSamples.empty())
            longest = std::max(longest, millisBetween(*lockSamples.rbegin(), server->locks->takenAt));
        lockSamples.insert(server->locks->takenAt);
        freshness.insert(server->databases.at(database.name())->freshness);
    }
    const ServerSnapshot &last = *all.back();
    QStringList told;
    for (const CollectorCost &cost : last.overhead.collectors) {
        told << QStringLiteral("%1: %2 ms, every %3").arg(cost.name).arg(cost.serverMs, 0, 'f', 2).arg(cost.every);
        if (const QString why = stretchText(cost, last.overhead.interval); !why.isEmpty())
            qInfo() << why;
    }
    const QString said = told.join(QStringLiteral("; "));
    qInfo() << said << "spent" << last.overhead.serverMsPerSecond << "ms/s," << lockSamples.size()
            << "lock samples, longest" << longest.count() << "ms," << freshness.size() << "freshness snapshots";

    QVERIFY2(last.overhead.widened, qPrintable(said));
    QVERIFY2(longest <= Millis(1000), qPrintable(said));
    QVERIFY(lockSamples.size() >= 20);
    QVERIFY(costOf(last, "locks") != nullptr && costOf(last, "locks")->every == 1);
    const auto costliest = std::max_element(
        last.overhead.collectors.begin(), last.overhead.collectors.end(),
        [](const auto &one, const auto &other) { return one.serverMs < other.serverMs; });
    QVERIFY2(costliest->every > 1, qPrintable(said));
    QVERIFY2(!stretchText(*costliest, last.overhead.interval).isEmpty(), qPrintable(said));
    QVERIFY2(freshness.size() < lockSamples.size(), qPrintable(said));
    QVERIFY2(last.overhead.serverMsPerSecond < 1.2 * 10, qPrintable(said));
}

void TstOverBudget::theFirstReadingIsNoPartOfTheRate()
{
    TestDatabase database;
    database.exec("CREATE TABLE s AS SELECT 1 AS a; CREATE MATERIALIZED VIEW v AS SELECT a FROM s");
    DatabaseTicker ticker(database.conn(), standardCollectors(nullptr)({}), m_clock, QStringLiteral("test"));
    QVERIFY_RESULT(ticker.tick(interval));
    const Overhead first = ticker.snapshot()->overhead;
    QVERIFY(first.firstReadMs > 0);
    QCOMPARE(first.firstReadMs, first.lastTickServerMs);
    QCOMPARE(first.serverMsPerSecond, 0.0);
    QThread::msleep(1000);
    QVERIFY_RESULT(ticker.tick(interval));
    const Overhead second = ticker.snapshot()->overhead;
    QCOMPARE(second.firstReadMs, first.firstReadMs);
    // About one tick in the second that passed, and nothing of the one before it.
    QVERIFY2(second.serverMsPerSecond > 0 && second.serverMsPerSecond <= second.lastTickServerMs * 1.1,
             qPrintable(QStringLiteral("%1 ms/s, tick %2 ms, first %3 ms")
                            .arg(second.serverMsPerSecond)
                            .arg(second.lastTickServerMs)
                            .arg(first.firstReadMs)));
}

void TstOverBudget::aCollectorThatSatOutSeesWhatChangedMeanwhile()
{
    TestDatabase database;
    database.exec("CREATE TABLE s AS SELECT 1 AS a; CREATE MATERIALIZED VIEW v AS SELECT a FROM s");
    DatabaseTicker ticker(database.conn(), standardCollectors(nullptr)({}), m_clock, QStringLiteral("test"));
    ticker.setPaces({{QStringLiteral("freshness"), 5}});
    QVERIFY_RESULT(ticker.tick(interval));
    database.exec("REFRESH MATERIALIZED VIEW v; CREATE MATERIALIZED VIEW w AS SELECT a FROM s");
    for (int i = 0; i < 4; ++i) {
        QVERIFY_RESULT(ticker.tick(interval));
        QCOMPARE(static_cast<int>(ticker.snapshot()->freshness->refreshables.size()), 1);
    }
    // The fifth reads the changes that the feed reported once, ticks ago; a new view takes one run more.
    for (int i = 0; i < 6; ++i)
        QVERIFY_RESULT(ticker.tick(interval));
    QCOMPARE(static_cast<int>(ticker.snapshot()->freshness->refreshables.size()), 2);
    QCOMPARE(ticker.snapshot()->freshness->refreshables.front().lastRefresh.confidence, Confidence::Commit);
}

QTEST_GUILESS_MAIN(TstOverBudget)
#include "tst_overbudget.moc"
