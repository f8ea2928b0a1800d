// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/stripdata.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>

#include <cmath>

using namespace tidemark;
using namespace tidemark::ui;

class StripDataTest : public QObject
{
    Q_OBJECT

private:
    static Bound number(qint64 value) { return {Bound::Kind::Value, QString::number(value), value}; }
    static Partition between(quint32 oid, qint64 from, qint64 to, qint64 bytes)
    {
        Partition partition;
        partition.oid = oid;
        partition.parentOid = 1;
        partition.from = number(from);
        partition.to = number(to);
        partition.bytesEstimate = bytes;
        partition.rowsEstimate = bytes;
        return partition;
    }
    static PartitionedTable numbered(std::vector<Partition> partitions)
    {
        PartitionedTable table;
        table.oid = 1;
        table.strategy = PartitionStrategy::Range;
        table.unit = BoundUnit::Integer;
        table.partitions = std::move(partitions);
        return table;
    }

    static StripData stripOf(PartitionedTable table, Instant now)
    {
        rollUp(table, now);
        return stripData(table, now);
    }

private Q_SLOTS:
    void neighboursMeetOnAnEdgeAndShareNoPixel()
    {
        const StripData data = stripOf(numbered({between(2, 0, 10, 5), between(3, 10, 20, 7), between(4, 20, 30, 1)}),
                                       {});
        const auto columns = visibleColumns(data, 0, 30, 100);
        QCOMPARE(int(columns.size()), 3);
        QCOMPARE(columns[0].firstPixel, 0);
        for (std::size_t index = 1; index < columns.size(); ++index)
            QCOMPARE(columns[index].firstPixel, columns[index - 1].lastPixel + 1);
        QCOMPARE(columns.back().lastPixel, 99);
    }

    void manyInAPixelShowTheLargest()
    {
        std::vector<Partition> partitions;
        for (quint32 index = 0; index < 10'000; ++index)
            partitions.push_back(between(10 + index, index, index + 1, index == 4'321 ? 999 : 5));
        const StripData data = stripOf(numbered(std::move(partitions)), {});
        const auto columns = visibleColumns(data, 0, 10'000, 500);
        QVERIFY(columns.size() <= 1000);
        int seen = 0;
        bool largest = false;
        for (const StripColumn &column : columns) {
            seen += column.blocks;
            largest = largest
                      || (column.bytes == 999
                          && data.blocks[static_cast<std::size_t>(column.block)].partition == 4'321);
        }
        QCOMPARE(seen, 10'000);
        QVERIFY(largest);
    }

    void tenThousandPartitionsAreLaidOutWithinAFrame()
    {
        std::vector<Partition> partitions;
        for (quint32 index = 0; index < 10'000; ++index)
            partitions.push_back(between(10 + index, index, index + 1, index % 97));
        const PartitionedTable table = numbered(std::move(partitions));
        QElapsedTimer timer;
        timer.start();
        const StripData data = stripOf(table, {});
        const qint64 built = timer.restart();
        const auto columns = visibleColumns(data, 0, 10'000, 1500);
        const qint64 drawn = timer.elapsed();
        QVERIFY(!columns.empty());
        qInfo("10,000 partitions: laid out in %lld ms, reduced to columns in %lld ms", static_cast<long long>(built),
              static_cast<long long>(drawn));
        QVERIFY2(built < 50 && drawn < 50, "a frame must not wait for it");
    }

    void unboundedEndsReachBeyondTheAxis()
    {
        Partition first = between(2, 0, 10, 5);
        first.from = {Bound::Kind::MinValue, {}, {}};
        Partition last = between(4, 20, 30, 5);
        last.to = {Bound::Kind::MaxValue, {}, {}};
        const StripData data = stripOf(numbered({first, between(3, 10, 20, 5), last}), {});
        QCOMPARE(data.from, 10.0);
        QCOMPARE(data.to, 20.0);
        QCOMPARE(blockAt(data, -1e9), 0);
        QCOMPARE(blockAt(data, 10), 1);
        QCOMPARE(blockAt(data, 1e9), 2);
    }

    void aPlaceIsFoundAsASearchOfAllWouldFindIt()
    {
        const quint32 seed = QRandomGenerator::global()->generate();
        qInfo("seed %u", seed);
        QRandomGenerator random(seed);
        std::vector<Partition> partitions;
        qint64 at = 0;
        for (quint32 index = 0; index < 300; ++index) {
            at += random.bounded(3) == 0 ? random.bounded(50) : 0;
            const qint64 width = 1 + random.bounded(40);
            partitions.push_back(between(10 + index, at, at + width, 1));
            at += width;
        }
        const StripData data = stripOf(numbered(std::move(partitions)), {});
        for (int probe = 0; probe < 2000; ++probe) {
            const double place = random.bounded(static_cast<int>(at) + 100) - 50;
            int expected = -1;
            for (std::size_t index = 0; index < data.blocks.size() && expected < 0; ++index) {
                if (data.blocks[index].from <= place && place < data.blocks[index].to)
                    expected = static_cast<int>(index);
            }
            QCOMPARE(blockAt(data, place), expected);
        }
    }

    void subpartitionsCountInTheirAncestor()
    {
        Partition branch = between(2, 0, 10, 0);
        branch.isLeaf = false;
        Partition leaf = between(5, 0, 0, 70);
        leaf.parentOid = 2;
        leaf.level = 2;
        Partition other = leaf;
        other.oid = 6;
        other.bytesEstimate = 30;
        const StripData data = stripOf(numbered({branch, between(3, 10, 20, 50), leaf, other}), {});
        QCOMPARE(int(data.blocks.size()), 2);
        QCOMPARE(data.blocks[0].bytes, 100);
        QCOMPARE(data.largestBytes, 100);
    }

    void listsStandBySizeAndDefaultsApart()
    {
        PartitionedTable table = numbered({between(2, 0, 0, 5), between(3, 0, 0, 50)});
        table.strategy = PartitionStrategy::List;
        for (Partition &partition : table.partitions)
            partition.from = partition.to = {};
        Partition rest = between(4, 0, 0, 7);
        rest.isDefault = true;
        table.partitions.push_back(rest);
        const StripData data = stripOf(table, {});
        QCOMPARE(data.axis, StripAxis::Ordinal);
        QCOMPARE(data.blocks[0].partition, 1);
        QCOMPARE(int(data.blocks.size()), 2);
        QCOMPARE(data.defaults, std::vector<int>{2});
        QCOMPARE(data.defaultBytes, 7);
    }
};

QTEST_APPLESS_MAIN(StripDataTest)
#include "tst_stripdata.moc"
