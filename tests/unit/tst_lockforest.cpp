// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/locks.h"

#include <QElapsedTimer>
#include <QTest>

#include <chrono>

using namespace tidemark;

namespace {

using Pairs = std::vector<std::pair<int, int>>; // waiter, blocker

LockSnapshot snapshotOf(int parties, const Pairs &edges)
{
    LockSnapshot snapshot;
    for (int index = 0; index < parties; ++index) {
        LockParty party;
        party.pid = 1000 + index;
        snapshot.parties.push_back(party);
    }
    for (const auto &[waiter, blocker] : edges)
        snapshot.edges.push_back({waiter, blocker, false});
    return snapshot;
}

/// "0(2)[1(1)[2(0)]]": party, how many it blocks, its waiters. An asterisk: its waiters stand elsewhere.
QString shape(const std::vector<LockNode> &nodes)
{
    QStringList parts;
    for (const LockNode &node : nodes) {
        QString part = QStringLiteral("%1(%2)").arg(node.party).arg(node.blocks);
        if (node.shownAbove)
            part += QLatin1Char('*');
        if (!node.waiters.empty())
            part += QLatin1Char('[') + shape(node.waiters) + QLatin1Char(']');
        parts << part;
    }
    return parts.join(QLatin1Char(' '));
}

int countNodes(const std::vector<LockNode> &nodes)
{
    int count = 0;
    for (const LockNode &node : nodes)
        count += 1 + countNodes(node.waiters);
    return count;
}

} // namespace

class TstLockForest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyShapeBecomesItsForest_data()
    {
        QTest::addColumn<int>("parties");
        QTest::addColumn<Pairs>("edges");
        QTest::addColumn<QString>("forest");
        QTest::addColumn<int>("chain");

        QTest::newRow("nobody") << 0 << Pairs{} << QString() << 0;
        QTest::newRow("a party that neither waits nor blocks") << 1 << Pairs{} << QString() << 0;
        QTest::newRow("one behind one") << 2 << Pairs{{1, 0}} << QStringLiteral("0(1)[1(0)]") << 1;
        QTest::newRow("a queued ALTER and its readers")
            << 4 << Pairs{{1, 0}, {2, 1}, {3, 1}} << QStringLiteral("0(3)[1(2)[2(0) 3(0)]]") << 2;
        QTest::newRow("worst root first, whatever its index")
            << 5 << Pairs{{1, 0}, {3, 2}, {4, 2}} << QStringLiteral("2(2)[3(0) 4(0)] 0(1)[1(0)]") << 1;
        QTest::newRow("a waiter behind two stands below each")
            << 3 << Pairs{{2, 0}, {2, 1}} << QStringLiteral("0(1)[2(0)] 1(1)[2(0)]") << 1;
        QTest::newRow("a diamond counts the last one once")
            << 4 << Pairs{{1, 0}, {2, 0}, {3, 1}, {3, 2}} << QStringLiteral("0(3)[1(1)[3(0)] 2(1)[3(0)]]") << 2;
        QTest::newRow("below the second blocker it does not repeat what waits for it")
            << 4 << Pairs{{2, 0}, {2, 1}, {3, 2}} << QStringLiteral("0(2)[2(1)[3(0)]] 1(2)[2(1)*]") << 2;
        QTest::newRow("a queue for one row") << 4 << Pairs{{1, 0}, {2, 0}, {2, 1}, {3, 0}, {3, 1}, {3, 2}}
                                             << QStringLiteral("0(3)[1(2)[2(1)[3(0)] 3(0)] 2(1)* 3(0)]") << 3;
        QTest::newRow("a cycle of two shows each once and closes")
            << 2 << Pairs{{0, 1}, {1, 0}} << QStringLiteral("0(1)[1(1)[0(1)*]]") << 1;
        QTest::newRow("a cycle of three, with one behind it")
            << 4 << Pairs{{1, 0}, {2, 1}, {0, 2}, {3, 2}} << QStringLiteral("0(3)[1(3)[2(3)[0(3)* 3(0)]]]") << 3;
        QTest::newRow("a cycle behind a root belongs to the root")
            << 3 << Pairs{{1, 0}, {2, 1}, {1, 2}} << QStringLiteral("0(2)[1(1)[2(1)[1(1)*]]]") << 2;
        QTest::newRow("a cycle beside a smaller tree comes first")
            << 5 << Pairs{{1, 0}, {3, 2}, {2, 3}, {4, 3}} << QStringLiteral("2(2)[3(2)[2(2)* 4(0)]] 0(1)[1(0)]") << 2;
        QTest::newRow("an edge told twice is one") << 2 << Pairs{{1, 0}, {1, 0}} << QStringLiteral("0(1)[1(0)]") << 1;
        QTest::newRow("nobody waits for itself") << 1 << Pairs{{0, 0}} << QString() << 0;
        QTest::newRow("an edge to nobody is left out")
            << 2 << Pairs{{1, 0}, {1, 7}, {-1, 0}} << QStringLiteral("0(1)[1(0)]") << 1;
    }

    void everyShapeBecomesItsForest()
    {
        QFETCH(const int, parties);
        QFETCH(const Pairs, edges);
        QFETCH(const QString, forest);
        QFETCH(const int, chain);
        const LockSnapshot snapshot = snapshotOf(parties, edges);
        QCOMPARE(shape(lockForest(snapshot)), forest);
        QCOMPARE(longestChain(snapshot), chain);
    }

    void ofTwoAlikeTheOlderTransactionComesFirst()
    {
        LockSnapshot snapshot = snapshotOf(4, {{1, 0}, {3, 2}});
        snapshot.parties[0].xactStart = Instant(std::chrono::seconds(200));
        snapshot.parties[2].xactStart = Instant(std::chrono::seconds(100));
        QCOMPARE(shape(lockForest(snapshot)), QStringLiteral("2(1)[3(0)] 0(1)[1(0)]"));
    }

    void aThousandPartiesAreQuick_data()
    {
        QTest::addColumn<Pairs>("edges");
        QTest::addColumn<int>("chain");
        Pairs chain;
        Pairs star;
        for (int index = 1; index < 1000; ++index) {
            chain.emplace_back(index, index - 1);
            star.emplace_back(index, 0);
        }
        QTest::newRow("chain") << chain << 999;
        QTest::newRow("star") << star << 1;
    }

    void aThousandPartiesAreQuick()
    {
        QFETCH(const Pairs, edges);
        QFETCH(const int, chain);
        const LockSnapshot snapshot = snapshotOf(1000, edges);
        QElapsedTimer elapsed;
        elapsed.start();
        const auto forest = lockForest(snapshot);
        const int longest = longestChain(snapshot);
        const qint64 took = elapsed.elapsed();
        QCOMPARE(forest.size(), std::size_t{1});
        QCOMPARE(forest.front().blocks, 999);
        QCOMPARE(countNodes(forest), 1000);
        QCOMPARE(longest, chain);
        QVERIFY2(took < 1000, qPrintable(QStringLiteral("took %1 ms").arg(took)));
    }

    void aQueueForOneRowHasAsManyPlacesAsEdges()
    {
        Pairs edges;
        for (int waiter = 1; waiter < 150; ++waiter) {
            for (int blocker = 0; blocker < waiter; ++blocker)
                edges.emplace_back(waiter, blocker);
        }
        const LockSnapshot snapshot = snapshotOf(150, edges);
        const auto forest = lockForest(snapshot);
        QCOMPARE(forest.size(), std::size_t{1});
        QCOMPARE(countNodes(forest), 1 + static_cast<int>(edges.size()));
        QCOMPARE(longestChain(snapshot), 149);
    }
};

QTEST_GUILESS_MAIN(TstLockForest)
#include "tst_lockforest.moc"
