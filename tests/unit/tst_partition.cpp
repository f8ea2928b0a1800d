// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/partition.h"
#include "core/catalog/partitionbound.h"

#include <QRandomGenerator>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace tidemark;

namespace {

Instant at(const char *text)
{
    const auto instant = parseTimestamp(QString::fromLatin1(text));
    if (!instant)
        qFatal("no time: %s", text);
    return *instant;
}

Partition range(quint32 oid, const QString &from, const QString &to, BoundUnit unit = BoundUnit::Time)
{
    Partition partition;
    partition.oid = oid;
    partition.parentOid = 1;
    partition.name = {QStringLiteral("public"), QStringLiteral("p%1").arg(oid)};
    const auto quoted = [](const QString &value) -> QString {
        return value.endsWith(QLatin1String("VALUE")) ? value : QLatin1Char('\'') + value + QLatin1Char('\'');
    };
    parseBound(QStringLiteral("FOR VALUES FROM (%1) TO (%2)").arg(quoted(from), quoted(to)), unit, partition);
    return partition;
}

PartitionedTable rangeTable(std::vector<Partition> partitions, BoundUnit unit = BoundUnit::Time)
{
    PartitionedTable table;
    table.oid = 1;
    table.strategy = PartitionStrategy::Range;
    table.unit = unit;
    table.partitions = std::move(partitions);
    return table;
}

QString day(int number)
{
    return QDate(2024, 1, 1).addDays(number).toString(Qt::ISODate);
}

} // namespace

class PartitionTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void gapsLieWhereOnePartitionEndsAndNoneBegins()
    {
        PartitionedTable table = rangeTable(
            {range(4, day(5), day(6)), range(2, day(0), day(1)), range(3, day(1), day(3))});
        rollUp(table, at("2024-01-01 12:00"));
        QCOMPARE(table.gaps.size(), 1U);
        QCOMPARE(table.gaps[0].from.text, day(3));
        QCOMPARE(table.gaps[0].to.text, day(5));
        QCOMPARE(table.gaps[0].parentOid, 1U);
        QCOMPARE(table.partitions[0].oid, 2U);
    }

    void missingRemaindersAreGapsInTheCoarsestClasses_data()
    {
        using Classes = std::vector<HashClass>;
        using Gaps = std::vector<HashGap>;
        QTest::addColumn<Classes>("classes");
        QTest::addColumn<Gaps>("gaps");
        QTest::newRow("whole") << Classes{{2, 0}, {2, 1}} << Gaps{};
        QTest::newRow("one is missing") << Classes{{4, 0}, {4, 1}, {4, 3}} << Gaps{{4, 2}};
        QTest::newRow("split in part") << Classes{{2, 0}, {8, 1}, {8, 5}, {4, 3}} << Gaps{};
        QTest::newRow("split with a hole") << Classes{{2, 0}, {8, 1}, {4, 3}} << Gaps{{8, 5}};
        QTest::newRow("only the finest") << Classes{{12, 7}}
                                         << Gaps{{12, 0}, {12, 1}, {12, 2}, {12, 3},  {12, 4}, {12, 5},
                                                 {12, 6}, {12, 8}, {12, 9}, {12, 10}, {12, 11}};
        QTest::newRow("coarse and fine") << Classes{{3, 0}, {6, 1}} << Gaps{{3, 2}, {6, 4}};
        QTest::newRow("nothing at all") << Classes{} << Gaps{{1, 0}};
        QTest::newRow("all of them in one") << Classes{{1, 0}} << Gaps{};
        QTest::newRow("more than anybody reads")
            << Classes{{2, 1}, {2'000'000'000, 0}} << Gaps{{2'000'000'000, 2, 999'999'999, 2}};
    }
    void missingRemaindersAreGapsInTheCoarsestClasses()
    {
        QFETCH(const std::vector<HashClass>, classes);
        QFETCH(const std::vector<HashGap>, gaps);
        QCOMPARE(missingRemainders(classes), gaps);
    }

    /// Against a count of every remainder, one by one.
    void whatIsCoveredAndWhatIsMissingMakeTheWhole()
    {
        const quint32 seed = QRandomGenerator::global()->generate();
        qInfo("seed %u", seed);
        QRandomGenerator random(seed);
        for (int round = 0; round < 300; ++round) {
            qint64 modulus = 1;
            std::vector<HashClass> classes{{1, 0}};
            for (int split = 0; split < 3; ++split) {
                const qint64 finer = modulus * random.bounded(2, 5);
                std::vector<HashClass> next;
                for (const HashClass &one : classes) {
                    if (one.modulus != modulus || random.bounded(2) == 0) {
                        next.push_back(one);
                        continue;
                    }
                    for (qint64 remainder = one.remainder; remainder < finer; remainder += modulus)
                        next.push_back({finer, remainder});
                }
                classes = next;
                modulus = finer;
            }
            std::erase_if(classes, [&](const HashClass &) { return random.bounded(3) == 0; });
            std::vector<int> covered(static_cast<std::size_t>(modulus), 0);
            for (const HashClass &one : classes) {
                for (qint64 at = one.remainder; at < modulus; at += one.modulus)
                    ++covered[static_cast<std::size_t>(at)];
            }
            for (const HashGap &gap : missingRemainders(classes)) {
                for (qint64 i = 0; i < gap.count; ++i) {
                    for (qint64 at = gap.remainder + i * gap.step; at < modulus; at += gap.modulus)
                        ++covered[static_cast<std::size_t>(at)];
                }
            }
            QCOMPARE(covered, std::vector<int>(covered.size(), 1));
        }
    }

    void hashPartitionsAreJudgedBelowAnyParent()
    {
        const auto bound = [](quint32 oid, const QString &text) {
            Partition partition;
            partition.oid = oid;
            partition.parentOid = 1;
            parseBound(text, BoundUnit::Text, partition);
            return partition;
        };
        PartitionedTable table;
        table.oid = 1;
        table.strategy = PartitionStrategy::Hash;
        rollUp(table, at("2024-01-01"));
        QCOMPARE(table.gaps.size(), 1U); // no partition takes anything
        table.partitions = {bound(2, u"FOR VALUES WITH (modulus 4, remainder 0)"_s),
                            bound(3, u"FOR VALUES WITH (modulus 2, remainder 1)"_s)};
        rollUp(table, at("2024-01-01"));
        QCOMPARE(table.gaps.size(), 1U);
        QCOMPARE(table.gaps[0].parentOid, 1U);
        QCOMPARE(hashGapText(*table.gaps[0].hash), u"modulus 4, remainder 2"_s);
        table.partitions.push_back(bound(4, u"FOR VALUES WITH (modulus 4, remainder 2)"_s));
        rollUp(table, at("2024-01-01"));
        QVERIFY(table.gaps.empty());
        // What cannot be read is not guessed at.
        table.partitions[1].boundText = u"FOR VALUES OF ANOTHER KIND"_s;
        rollUp(table, at("2024-01-01"));
        QVERIFY(table.gaps.empty());
    }

    void rowsInParentsStandApart()
    {
        PartitionedTable table = rangeTable({range(2, day(0), day(1)), range(3, day(1), day(2))});
        table.partitions[0].isLeaf = false;
        table.partitions[0].rowsEstimate = 3;
        table.partitions[1].rowsEstimate = 5;
        table.ownRows = 7;
        rollUp(table, at("2024-01-01"));
        QVERIFY(!table.parentRows);
        table.kind = PartitioningKind::Inheritance;
        rollUp(table, at("2024-01-01"));
        QCOMPARE(table.parentRows, std::optional<qint64>(10));
        QCOMPARE(table.rowsEstimate, 15);
        QCOMPARE(table.leafCount, 1);
        table.ownRows = -1;
        table.partitions[0].rowsEstimate = 0;
        rollUp(table, at("2024-01-01"));
        QCOMPARE(table.parentRows, std::optional<qint64>(-1));
    }

    void severalKeysInOneDayLeaveNoGap()
    {
        PartitionedTable table = rangeTable(
            {range(2, day(0), day(0)), range(3, day(0), day(1)), range(4, day(1), u"MAXVALUE"_s)});
        rollUp(table, at("2024-01-01"));
        QVERIFY(table.gaps.empty());
        QVERIFY(!table.runsOut);
    }

    void keysOfSeveralColumnsAreJudgedByAllOfThem_data()
    {
        QTest::addColumn<BoundUnit>("second");
        QTest::addColumn<QStringList>("bounds"); // from and to by turns
        QTest::addColumn<QStringList>("gaps");
        const auto row = [](const char *name, BoundUnit second, const QStringList &bounds, const QStringList &gaps) {
            QTest::newRow(name) << second << bounds << gaps;
        };
        row("no gap", BoundUnit::Integer, {u"1, 10"_s, u"1, 20"_s, u"1, 20"_s, u"2, 0"_s}, {});
        row("a gap within one first value", BoundUnit::Integer, {u"1, 10"_s, u"1, 20"_s, u"1, 30"_s, u"2, 0"_s},
            {u"(1, 20)"_s, u"(1, 30)"_s});
        row("numbers count, they are not spelt", BoundUnit::Integer, {u"1, 9"_s, u"1, 10"_s, u"1, 10"_s, u"1, 11"_s},
            {});
        row("open ends", BoundUnit::Integer, {u"1, MINVALUE"_s, u"1, MAXVALUE"_s, u"2, MINVALUE"_s, u"3, MAXVALUE"_s},
            {u"(1, MAXVALUE)"_s, u"(2, MINVALUE)"_s});
        row("text in the second place", BoundUnit::Text, {u"1, 'b'"_s, u"1, 'ä'"_s, u"1, 'ä'"_s, u"2, 'a'"_s}, {});
        row("numbers kept as text stand in the collation's order", BoundUnit::Text,
            {u"1, '10'"_s, u"1, '5'"_s, u"1, '5'"_s, u"2, '0'"_s}, {});
    }

    void keysOfSeveralColumnsAreJudgedByAllOfThem()
    {
        QFETCH(BoundUnit, second);
        QFETCH(QStringList, bounds);
        QFETCH(QStringList, gaps);
        PartitionedTable table = rangeTable({}, BoundUnit::Integer);
        for (qsizetype i = 0; i + 1 < bounds.size(); i += 2) {
            Partition partition;
            partition.oid = static_cast<quint32>(10 + i);
            partition.parentOid = 1;
            parseBound(u"FOR VALUES FROM (%1) TO (%2)"_s.arg(bounds[i], bounds[i + 1]), BoundUnit::Integer, partition,
                       {second});
            table.partitions.push_back(partition);
        }
        rollUp(table, at("2024-01-01"));
        QStringList found;
        for (const PartitionGap &gap : table.gaps)
            found << boundDisplay(gap.from) << boundDisplay(gap.to);
        QCOMPARE(found, gaps);
    }

    void aTreeBelowAPartitionStandsForItself()
    {
        PartitionedTable table = rangeTable({range(2, day(0), day(1)), range(3, day(1), day(2))});
        table.partitions[0].isLeaf = false;
        table.partitions[0].strategy = PartitionStrategy::Range;
        table.partitions[0].unit = BoundUnit::Integer;
        table.partitions[0].keyText = u"RANGE (sensor)"_s;
        table.partitions[0].bytesEstimate = 0;
        table.partitions[0].rowsEstimate = 0;
        for (const quint32 oid : {4U, 5U}) {
            Partition leaf = range(oid, QString::number(oid * 10), QString::number(oid * 10 + 5), BoundUnit::Integer);
            leaf.parentOid = 2;
            leaf.level = 2;
            leaf.bytesEstimate = 8192;
            leaf.rowsEstimate = oid == 4 ? 40 : -1;
            table.partitions.push_back(leaf);
        }
        rollUp(table, at("2024-01-01"));
        QCOMPARE(table.partitions[0].treeBytes, 16384);
        QCOMPARE(table.partitions[0].treeRows, 40);
        const auto tree = treeBelow(table, 2, at("2024-01-01"));
        QVERIFY(tree);
        QCOMPARE(tree->keyText, u"RANGE (sensor)"_s);
        QCOMPARE(tree->leafCount, 2);
        QCOMPARE(tree->totalBytes, 16384);
        QCOMPARE(tree->partitions[0].level, 1);
        QCOMPARE(tree->gaps.size(), 1U);
        QVERIFY(!treeBelow(table, 3, at("2024-01-01")));
        QVERIFY(!treeBelow(table, 99, at("2024-01-01")));
    }

    void integerDatesMeetAcrossTheEndOfAMonth()
    {
        PartitionedTable table = rangeTable({range(2, u"20240101"_s, u"20240132"_s, BoundUnit::Integer),
                                             range(3, u"20240201"_s, u"20240229"_s, BoundUnit::Integer),
                                             range(4, u"20240301"_s, u"20240332"_s, BoundUnit::Integer)},
                                            BoundUnit::Integer);
        rollUp(table, at("2024-01-01"));
        QCOMPARE(table.gaps.size(), 1U); // 2024-02-29 is missing
        QCOMPARE(table.gaps[0].from.text, u"20240229"_s);
    }

    void textKeysAreJudgedByAdjacencyAlone()
    {
        PartitionedTable table = rangeTable({range(2, u"a"_s, u"ä"_s, BoundUnit::Text),
                                             range(3, u"ä"_s, u"b"_s, BoundUnit::Text),
                                             range(4, u"b"_s, u"m"_s, BoundUnit::Text)},
                                            BoundUnit::Text);
        rollUp(table, at("2024-01-01"));
        QVERIFY(table.gaps.empty());
        table.partitions.push_back(range(5, u"x"_s, u"z"_s, BoundUnit::Text));
        rollUp(table, at("2024-01-01"));
        QCOMPARE(table.gaps.size(), 1U);
    }

    void overlapsAreToldForInheritanceOnly()
    {
        PartitionedTable table = rangeTable({range(2, day(0), day(9)), range(3, day(2), day(3)),
                                             range(4, day(8), day(10)), range(5, day(10), day(11))});
        table.kind = PartitioningKind::Inheritance;
        rollUp(table, at("2024-01-01"));
        QCOMPARE(table.overlaps.size(), 2U);
        QVERIFY((table.overlaps[0] == PartitionOverlap{2, 3}));
        QVERIFY((table.overlaps[1] == PartitionOverlap{2, 4}));
        QVERIFY(table.gaps.empty());
        table.kind = PartitioningKind::Native;
        rollUp(table, at("2024-01-01"));
        QVERIFY(table.overlaps.empty());
    }

    void runwayEndsAtTheFirstGapAfterNow_data()
    {
        QTest::addColumn<QString>("now");
        QTest::addColumn<QString>("until");
        QTest::newRow("in the first stretch") << "2024-01-02 12:00"
                                              << "2024-01-04T00:00:00Z";
        QTest::newRow("at the gap") << "2024-01-04 00:00"
                                    << "2024-01-04T00:00:00Z";
        QTest::newRow("in the second stretch") << "2024-01-06 12:00"
                                               << "2024-01-08T00:00:00Z";
        QTest::newRow("past all") << "2024-03-01"
                                  << "2024-01-08T00:00:00Z";
        QTest::newRow("before all") << "2023-12-01" << QString();
    }

    void runwayEndsAtTheFirstGapAfterNow()
    {
        QFETCH(QString, now);
        QFETCH(QString, until);
        PartitionedTable table = rangeTable(
            {range(2, day(0), day(2)), range(3, day(2), day(3)), range(4, day(5), day(7))});
        rollUp(table, at(qPrintable(now)));
        QVERIFY(table.runsOut);
        QCOMPARE(table.runwayUntil ? toIso8601(*table.runwayUntil) : QString(), until);
        QCOMPARE(runwayUntil(table, at(qPrintable(now))), table.runwayUntil);
    }

    void aListOfTimeRangesHasTheRunwayOfItsShortestPart()
    {
        const auto child = [](quint32 oid, quint32 parent, int until) {
            Partition partition = range(oid, day(0), day(until));
            partition.parentOid = parent;
            partition.level = 2;
            return partition;
        };
        const auto part = [](quint32 oid) {
            Partition partition;
            partition.oid = oid;
            partition.parentOid = 1;
            partition.isLeaf = false;
            partition.strategy = PartitionStrategy::Range;
            partition.unit = BoundUnit::Time;
            return partition;
        };
        PartitionedTable table = rangeTable({part(10), part(20), child(11, 10, 9), child(21, 20, 4)});
        table.strategy = PartitionStrategy::List;
        rollUp(table, at("2024-01-02"));
        QVERIFY(table.runsOut);
        QCOMPARE(toIso8601(table.runwayUntil.value()), u"2024-01-05T00:00:00Z"_s);
        QCOMPARE(table.leafCount, 2);

        table.partitions.push_back(part(30)); // nothing can be inserted below it at all
        rollUp(table, at("2024-01-02"));
        QVERIFY(table.runsOut);
        QVERIFY(!table.runwayUntil);
    }

    void everyPartitionCountsOnceAtTheRoot()
    {
        PartitionedTable table = rangeTable({});
        table.kind = PartitioningKind::Inheritance;
        table.ownBytes = 8192;
        table.ownRows = 7;
        qint64 rows = 7;
        for (int i = 0; i < 2000; ++i) {
            Partition partition = range(static_cast<quint32>(100 + i), day(i), day(i + 1));
            partition.bytesEstimate = 1000 + i;
            partition.rowsEstimate = i % 3 == 0 ? -1 : i;
            rows += i % 3 == 0 ? 0 : i;
            table.partitions.push_back(partition);
        }
        table.partitions[1].compressed = true;
        table.partitions[1].uncompressedBytes = 50'000;
        rollUp(table, at("2024-01-02"));
        QCOMPARE(table.leafCount, 2000);
        QCOMPARE(table.totalBytes, 8192LL + 2'000'000 + 1999 * 2000 / 2);
        QCOMPARE(table.rowsEstimate, rows);
        QCOMPARE(table.totalUncompressedBytes, std::optional<qint64>(table.totalBytes - 1001 + 50'000));
        QVERIFY(!table.defaultRows);
    }

    void rowsInDefaultPartitionsAreSummedAndTheDefaultStandsLast()
    {
        Partition standard;
        standard.oid = 2;
        standard.parentOid = 1;
        parseBound(QStringLiteral("DEFAULT"), BoundUnit::Time, standard);
        standard.rowsEstimate = 42;
        PartitionedTable table = rangeTable({standard, range(3, day(0), day(1))});
        rollUp(table, at("2024-01-01"));
        QCOMPARE(table.defaultRows, std::optional<qint64>(42));
        QCOMPARE(table.partitions.back().oid, 2U);
        QVERIFY(table.gaps.empty());
        QVERIFY(table.runsOut);
    }

    void theUsualIntervalIsToldInCalendarWords_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<BoundUnit>("unit");
        QTest::addColumn<QString>("width");
        QTest::newRow("hour") << "2024-01-01 00:00+00"
                              << "2024-01-01 01:00+00" << BoundUnit::Time << "1 hour";
        QTest::newRow("15 minutes") << "2024-01-01 00:00+00"
                                    << "2024-01-01 00:15+00" << BoundUnit::Time << "15 minutes";
        QTest::newRow("day over a clock change") << "2024-03-30 23:00+00"
                                                 << "2024-03-31 22:00+00" << BoundUnit::Time << "1 day";
        QTest::newRow("week") << "2024-01-01"
                              << "2024-01-08" << BoundUnit::Time << "7 days";
        QTest::newRow("February") << "2023-02-01"
                                  << "2023-03-01" << BoundUnit::Time << "1 month";
        QTest::newRow("a month at Berlin midnight") << "2024-02-29 23:00+00"
                                                    << "2024-03-31 22:00+00" << BoundUnit::Time << "1 month";
        QTest::newRow("quarter") << "2024-01-01"
                                 << "2024-04-01" << BoundUnit::Time << "3 months";
        QTest::newRow("leap year") << "2024-01-01"
                                   << "2025-01-01" << BoundUnit::Time << "1 year";
        QTest::newRow("integers") << "0"
                                  << "1000000" << BoundUnit::Integer << "1000000";
        QTest::newRow("open") << "0"
                              << "MAXVALUE" << BoundUnit::Integer << QString();
    }

    void theUsualIntervalIsToldInCalendarWords()
    {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(BoundUnit, unit);
        QFETCH(QString, width);
        const Partition partition = range(2, from, to, unit);
        QCOMPARE(widthText(partition.from, partition.to, unit), width);
    }

    void aHypertableHasNeitherGapsNorARunway()
    {
        PartitionedTable table = rangeTable({range(2, day(0), day(1)), range(3, day(5), day(6))});
        table.kind = PartitioningKind::Hypertable;
        rollUp(table, at("2024-01-01"));
        QVERIFY(table.gaps.empty());
        QVERIFY(!table.runsOut);
    }

    void whatWasNeverAnalyzedIsUnknownNotZero()
    {
        const auto leaf = [](quint32 oid, qint64 bytes, qint64 rows, bool isDefault = false) {
            Partition partition;
            partition.oid = oid;
            partition.bytesEstimate = bytes;
            partition.rowsEstimate = rows;
            partition.isDefault = isDefault;
            return partition;
        };
        PartitionedTable table;
        table.partitions = {leaf(1, -1, -1), leaf(2, -1, -1, true)};
        rollUp(table, Instant{});
        QCOMPARE(table.totalBytes, -1);
        QCOMPARE(table.rowsEstimate, -1);
        QCOMPARE(table.unknownSizes, 2);
        QCOMPARE(table.defaultRows, std::optional<qint64>(-1));

        table.partitions.push_back(leaf(3, 8192, 40));
        rollUp(table, Instant{});
        QCOMPARE(table.totalBytes, 8192);
        QCOMPARE(table.rowsEstimate, 40);
        QCOMPARE(table.defaultRows, std::optional<qint64>(-1));

        table.partitions = {leaf(1, 0, 0), leaf(2, 0, 0, true)};
        rollUp(table, Instant{});
        QCOMPARE(table.totalBytes, 0);
        QCOMPARE(table.defaultRows, std::optional<qint64>(0));
    }
};

QTEST_GUILESS_MAIN(PartitionTest)
#include "tst_partition.moc"
