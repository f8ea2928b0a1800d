// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/refresh/refreshgraph.h"
#include "core/refresh/refreshorder.h"

#include <QRandomGenerator>
#include <QTest>

#include <algorithm>
#include <map>
#include <set>

using namespace tidemark;
using namespace tidemark::refresh;

namespace {

using Oids = std::vector<quint32>;
using Skips = std::vector<RefreshOrder::Skip>;

constexpr quint32 table = 1000; ///< oids from here on are no refreshables

std::vector<std::optional<Millis>> seconds(std::initializer_list<int> values)
{
    std::vector<std::optional<Millis>> all;
    for (const int value : values)
        all.push_back(value < 0 ? std::nullopt : std::optional(Millis(value * 1000)));
    return all;
}

/// Places in the order in which one session after the other takes them.
std::vector<int> takenOneByOne(RefreshOrder order)
{
    std::vector<int> taken;
    while (const auto place = order.take()) {
        taken.push_back(*place);
        order.succeeded(*place);
    }
    return taken;
}

} // namespace

/// What is refreshed, in which order, and what no more.
class TstRefreshOrder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void plainViewsAndTablesBetweenAreSeenThrough()
    {
        // 1 <- view <- view <- 2, 2 <- partition <- 3 (a table that shows 2, as the one an aggregate is kept in)
        const RefreshGraph graph({1, 2, 3}, {{2, table + 1},
                                             {table + 1, table + 2},
                                             {table + 2, 1},
                                             {table + 2, table + 9},
                                             {1, table + 9},
                                             {3, table + 3},
                                             {table + 3, 2}});
        QCOMPARE(graph.sourcesOf(2), (Oids{1}));
        QCOMPARE(graph.sourcesOf(3), (Oids{2}));
        QCOMPARE(graph.tablesOf(2), (Oids{table + 9}));
        QCOMPARE(graph.tablesOf(1), (Oids{table + 9}));
        QCOMPARE(graph.tablesOf(3), Oids());
        QCOMPARE(graph.downstreamOf({1}), (Oids{2, 3}));
    }

    void whatLiesBehindARefreshableIsItsOwnMatter()
    {
        const RefreshGraph graph({1, 2, 3}, {{2, 1}, {3, 2}, {2, table}, {3, table}});
        QCOMPARE(graph.sourcesOf(3), (Oids{2}));
        QCOMPARE(graph.tablesOf(3), (Oids{table}));
    }

    void aPartitionedTableReadAsAWholeAndInPartMakesNoOrder()
    {
        // Root and partition are two tables; who reads the one has nothing to do with who reads the other.
        const RefreshGraph graph({1, 2}, {{1, table}, {2, table + 1}, {2, table}});
        QVERIFY(graph.sourcesOf(2).empty());
        QCOMPARE(graph.sorted({2, 1}), (Oids{2, 1}));
    }

    void aDiamondIsOneOfEach()
    {
        const RefreshGraph graph({1, 2, 3, 4}, {{2, 1}, {3, 1}, {4, 2}, {4, 3}, {4, 1}});
        QCOMPARE(graph.downstreamOf({1}), (Oids{2, 3, 4}));
        QCOMPARE(graph.sorted({4, 3, 2, 1}), (Oids{1, 2, 3, 4}));
        QCOMPARE(graph.sourcesOf(4), (Oids{1, 2, 3}));
    }

    void severalRootsShareWhatComesAfterThem()
    {
        const RefreshGraph graph({1, 2, 3, 4}, {{3, 1}, {3, 2}, {4, 3}});
        QCOMPARE(graph.downstreamOf({1, 2}), (Oids{3, 4}));
        QCOMPARE(graph.downstreamOf({2, 4}), (Oids{3}));
        QCOMPARE(graph.sorted({4, 2, 3, 1}), (Oids{1, 2, 3, 4}));
        QCOMPARE(graph.downstreamOf({4}), Oids());
    }

    void aCircleThatCannotBeEndsAllTheSame()
    {
        const RefreshGraph graph({1, 2}, {{1, 2}, {2, 1}, {1, table}, {table, table + 1}, {table + 1, table}});
        QCOMPARE(graph.downstreamOf({1}), (Oids{2}));
        QCOMPARE(graph.sorted({1, 2}).size(), std::size_t(2));
    }

    void randomGraphsAreSortedOnceEach()
    {
        const quint32 seed = QRandomGenerator::global()->generate();
        qInfo("seed %u", seed);
        QRandomGenerator random(seed);
        for (int round = 0; round < 300; ++round) {
            const int count = random.bounded(1, 30);
            std::vector<Reading> readings;
            Oids all;
            std::set<std::pair<quint32, quint32>> reads;
            for (int node = 1; node <= count; ++node) {
                all.push_back(static_cast<quint32>(node));
                for (int source = 1; source < node; ++source) {
                    if (random.bounded(5) != 0)
                        continue;
                    const auto reader = static_cast<quint32>(node);
                    const auto from = static_cast<quint32>(source);
                    reads.insert({reader, from});
                    if (random.bounded(2) == 0) {
                        readings.push_back({reader, from});
                    } else { // through a view of its own
                        const quint32 view = table + quint32(readings.size());
                        readings.push_back({reader, view});
                        readings.push_back({view, from});
                    }
                }
            }
            std::shuffle(all.begin(), all.end(), random);
            const RefreshGraph graph(all, readings);
            const Oids sorted = graph.sorted(all);
            QCOMPARE(std::set<quint32>(sorted.begin(), sorted.end()).size(), all.size());
            QCOMPARE(sorted.size(), all.size());
            std::map<quint32, std::size_t> place;
            for (std::size_t at = 0; at < sorted.size(); ++at)
                place[sorted[at]] = at;
            for (const auto &[reader, source] : reads)
                QVERIFY(place[source] < place[reader]);
        }
    }

    void eachComesOnceAndAfterWhatItReads()
    {
        QCOMPARE(takenOneByOne(RefreshOrder({{}, {0}, {0}, {1, 2}}, {})), (std::vector<int>{0, 1, 2, 3}));
        QCOMPARE(takenOneByOne(RefreshOrder({}, {})), std::vector<int>());
    }

    void theLongestWayBeginsFirst()
    {
        // 1 alone takes long; 0 is short with a long one behind it.
        const RefreshOrder order({{}, {}, {0}}, seconds({1, 5, 10}));
        QCOMPARE(takenOneByOne(order), (std::vector<int>{0, 2, 1}));
    }

    void whatIsFreeOfEachOtherIsTakenAtOnce()
    {
        RefreshOrder order({{}, {0}, {0}, {1, 2}}, {});
        QCOMPARE(order.take(), std::optional(0));
        QCOMPARE(order.take(), std::optional<int>());
        QVERIFY(!order.isExhausted());
        order.succeeded(0);
        QCOMPARE(order.take(), std::optional(1));
        QCOMPARE(order.take(), std::optional(2));
        QCOMPARE(order.take(), std::optional<int>());
        order.succeeded(2);
        QCOMPARE(order.take(), std::optional<int>());
        order.succeeded(1);
        QCOMPARE(order.take(), std::optional(3));
        QVERIFY(order.isExhausted());
        QCOMPARE(order.open(), 1);
    }

    void whatIsGivenBackIsTakenAgain()
    {
        RefreshOrder order({{}}, {});
        QCOMPARE(order.take(), std::optional(0));
        order.giveBack(0);
        QVERIFY(!order.isExhausted());
        QCOMPARE(order.take(), std::optional(0));
    }

    void aFailureStopsWhatDependsOnItAndNothingElse()
    {
        // 0 -> 2 -> 4, 1 -> 3, {2, 3} -> 5, 6 alone
        RefreshOrder order({{}, {}, {0}, {1}, {2}, {2, 3}, {}}, {});
        QCOMPARE(order.take(), std::optional(0));
        const Skips skipped = order.failed(0);
        QCOMPARE(skipped, (Skips{{2, 0}, {4, 2}, {5, 2}}));
        QCOMPARE(order.open(), 3);
        QCOMPARE(takenOneByOne(order), (std::vector<int>{1, 3, 6}));
    }

    void aSecondFailureSkipsNothingTwice()
    {
        RefreshOrder order({{}, {}, {0, 1}}, {});
        QCOMPARE(order.take(), std::optional(0));
        QCOMPARE(order.take(), std::optional(1));
        QCOMPARE(order.failed(0), (Skips{{2, 0}}));
        QCOMPARE(order.failed(1), Skips());
        QCOMPARE(order.open(), 0);
        QVERIFY(order.isExhausted());
    }

    void theTimeLeftIsThatOfTheSessionsThatWork()
    {
        const RefreshOrder chain({{}, {0}, {1}}, seconds({1, 2, 3}));
        QCOMPARE(chain.left(1, {}), std::optional(Millis(6'000)));
        QCOMPARE(chain.left(8, {}), std::optional(Millis(6'000)));
        const RefreshOrder free({{}, {}, {}, {}}, seconds({4, 3, 2, 1}));
        QCOMPARE(free.left(1, {}), std::optional(Millis(10'000)));
        QCOMPARE(free.left(2, {}), std::optional(Millis(5'000)));
        QCOMPARE(RefreshOrder({{}, {}}, seconds({1, -1})).left(2, {}), std::optional<Millis>());
    }

    void whatRunsCountsWithWhatIsLeftOfIt()
    {
        RefreshOrder order({{}, {0}}, seconds({10, 5}));
        QCOMPARE(order.take(), std::optional(0));
        QCOMPARE(order.left(2, {Millis(4'000), {}}), std::optional(Millis(11'000)));
        QCOMPARE(order.left(2, {Millis(14'000), {}}), std::optional(Millis(5'000))); // longer than ever: about to end
        order.succeeded(0);
        QCOMPARE(order.left(2, {}), std::optional(Millis(5'000)));
    }
};

QTEST_APPLESS_MAIN(TstRefreshOrder)
#include "tst_refreshorder.moc"
