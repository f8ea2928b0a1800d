// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/partitionplan.h"

#include <QSet>
#include <QTest>

using namespace Qt::Literals::StringLiterals;
using namespace tidemark;
using namespace tidemark::stage;

namespace {

PartitionPlan planOf(const QString &type, StepUnit unit, qint64 count, const QString &lowest, const QString &highest)
{
    PartitionPlan plan;
    plan.keyType = type;
    plan.step = {unit, count};
    plan.lowest = lowest;
    plan.highest = highest;
    plan.now = parseTimestamp(u"2026-03-15 12:00:00+00"_s).value();
    plan.tableName = u"plays"_s;
    return plan;
}

QString textOf(const Result<std::vector<ShadowPartition>> &partitions)
{
    if (!partitions)
        return u"error: "_s + partitions.error().message;
    QStringList lines;
    for (const ShadowPartition &partition : *partitions)
        lines << (partition.isDefault ? partition.name + u" default"_s
                                      : u"%1 %2 .. %3"_s.arg(partition.name, partition.from, partition.to));
    return lines.join(u'\n');
}

const QString withZone = u"timestamp with time zone"_s;

} // namespace

class TstPartitionPlan : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void monthsBeginAtMidnightOfTheZoneAcrossClockChanges()
    {
        PartitionPlan plan = planOf(withZone, StepUnit::Month, 1, u"2026-02-10 00:00:00+00"_s,
                                    u"2026-03-31 22:30:00+00"_s);
        plan.zone = QTimeZone("Europe/Oslo");
        plan.premake = 2;
        // 22:30 UTC on 31 March is already April in Oslo, where summer time began on 29 March.
        QCOMPARE(textOf(planPartitions(plan)), u"plays_p2026_02 2026-01-31 23:00:00+00 .. 2026-02-28 23:00:00+00\n"
                                               "plays_p2026_03 2026-02-28 23:00:00+00 .. 2026-03-31 22:00:00+00\n"
                                               "plays_p2026_04 2026-03-31 22:00:00+00 .. 2026-04-30 22:00:00+00\n"
                                               "plays_p2026_05 2026-04-30 22:00:00+00 .. 2026-05-31 22:00:00+00\n"
                                               "plays_default default"_s);
        QCOMPARE(describe(plan), u"one a month, from midnight in Europe/Oslo"_s);
    }

    void aDayWhoseMidnightIsSkippedBeginsAtItsFirstMoment()
    {
        // In São Paulo 4 November 2018 began at 01:00.
        PartitionPlan plan = planOf(withZone, StepUnit::Day, 1, u"2018-11-03 12:00:00+00"_s,
                                    u"2018-11-05 12:00:00+00"_s);
        plan.zone = QTimeZone("America/Sao_Paulo");
        plan.now = parseTimestamp(plan.highest).value();
        plan.withDefault = false;
        QCOMPARE(textOf(planPartitions(plan)), u"plays_p20181103 2018-11-03 03:00:00+00 .. 2018-11-04 03:00:00+00\n"
                                               "plays_p20181104 2018-11-04 03:00:00+00 .. 2018-11-05 02:00:00+00\n"
                                               "plays_p20181105 2018-11-05 02:00:00+00 .. 2018-11-06 02:00:00+00"_s);
    }

    void hoursAreOfUtcSoThatNoneIsDoubled()
    {
        PartitionPlan plan = planOf(withZone, StepUnit::Hour, 6, u"2026-10-25 00:30:00+00"_s,
                                    u"2026-10-25 07:00:00+00"_s);
        plan.zone = QTimeZone("Europe/Oslo");
        plan.now = parseTimestamp(plan.highest).value();
        QCOMPARE(textOf(planPartitions(plan)), u"plays_p20261025_00 2026-10-25 00:00:00+00 .. 2026-10-25 06:00:00+00\n"
                                               "plays_p20261025_06 2026-10-25 06:00:00+00 .. 2026-10-25 12:00:00+00\n"
                                               "plays_default default"_s);
        QCOMPARE(describe(plan), u"one every 6 hour(s), of UTC"_s);
    }

    void keysWithoutAZoneKnowNoClockChange_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<int>("unit");
        QTest::addColumn<qint64>("count");
        QTest::addColumn<QString>("expected");
        const QString timestamp = u"timestamp(3) without time zone"_s;
        QTest::newRow("weeks begin on Monday") << timestamp << int(StepUnit::Week) << 1LL
                                               << u"plays_p20260309 2026-03-09 00:00:00 .. 2026-03-16 00:00:00\n"
                                                  "plays_p20260316 2026-03-16 00:00:00 .. 2026-03-23 00:00:00"_s;
        QTest::newRow("quarters")
            << u"date"_s << int(StepUnit::Quarter) << 1LL
            << u"plays_p2026_q1 2026-01-01 .. 2026-04-01\nplays_p2026_q2 2026-04-01 .. 2026-07-01"_s;
        QTest::newRow("years") << u"date"_s << int(StepUnit::Year) << 1LL
                               << u"plays_p2026 2026-01-01 .. 2027-01-01\nplays_p2027 2027-01-01 .. 2028-01-01"_s;
        QTest::newRow("ten days from 1970")
            << u"date"_s << int(StepUnit::Day) << 10LL
            << u"plays_p20260308 2026-03-08 .. 2026-03-18\nplays_p20260318 2026-03-18 .. 2026-03-28"_s;
    }
    void keysWithoutAZoneKnowNoClockChange()
    {
        QFETCH(const QString, type);
        QFETCH(const int, unit);
        QFETCH(const qint64, count);
        QFETCH(const QString, expected);
        PartitionPlan plan = planOf(type, StepUnit(unit), count, {}, {});
        plan.zone = QTimeZone("Europe/Oslo");
        plan.premake = 1;
        plan.withDefault = false;
        QCOMPARE(textOf(planPartitions(plan)), expected);
        QVERIFY(!describe(plan).contains(u"Oslo"_s));
    }

    void integersAreAlignedToNoughtAndEndWithTheType()
    {
        PartitionPlan plan = planOf(u"integer"_s, StepUnit::Integer, 1'000'000'000, u"-5"_s, u"1500000000"_s);
        plan.premake = 5;
        QCOMPARE(textOf(planPartitions(plan)), u"plays_pm1000000000 -1000000000 .. 0\n"
                                               "plays_p0 0 .. 1000000000\n"
                                               "plays_p1000000000 1000000000 .. 2000000000\n"
                                               "plays_p2000000000 2000000000 .. \n"
                                               "plays_default default"_s);
        plan = planOf(u"bigint"_s, StepUnit::Integer, 5'000'000'000'000'000'000, u"-9223372036854775808"_s,
                      u"9223372036854775807"_s);
        plan.withDefault = false;
        QCOMPARE(textOf(planPartitions(plan)), u"plays_plow  .. -5000000000000000000\n"
                                               "plays_pm5000000000000000000 -5000000000000000000 .. 0\n"
                                               "plays_p0 0 .. 5000000000000000000\n"
                                               "plays_p5000000000000000000 5000000000000000000 .. "_s);
    }

    void whatMakesNoSenseIsAnInputError_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<int>("unit");
        QTest::addColumn<qint64>("count");
        QTest::addColumn<QString>("lowest");
        QTest::addColumn<QString>("highest");
        QTest::newRow("text key") << u"text"_s << int(StepUnit::Month) << 1LL << u""_s << u""_s;
        QTest::newRow("month of integers") << u"bigint"_s << int(StepUnit::Month) << 1LL << u"1"_s << u"2"_s;
        QTest::newRow("number of dates") << u"date"_s << int(StepUnit::Integer) << 1LL << u"2026-01-01"_s
                                         << u"2026-01-02"_s;
        QTest::newRow("hours of a date") << u"date"_s << int(StepUnit::Hour) << 1LL << u""_s << u""_s;
        QTest::newRow("no width") << u"bigint"_s << int(StepUnit::Integer) << 0LL << u"1"_s << u"2"_s;
        QTest::newRow("infinity") << withZone << int(StepUnit::Month) << 1LL << u"-infinity"_s << u"infinity"_s;
        QTest::newRow("before our era") << withZone << int(StepUnit::Year) << 1LL << u"0044-03-15 12:00:00+00 BC"_s
                                        << u"2026-01-01"_s;
        QTest::newRow("too many") << withZone << int(StepUnit::Hour) << 1LL << u"1990-01-01"_s << u"2026-01-01"_s;
        QTest::newRow("too many integers")
            << u"bigint"_s << int(StepUnit::Integer) << 1LL << u"-9223372036854775808"_s << u"9223372036854775807"_s;
        QTest::newRow("wider than the calendar") << withZone << int(StepUnit::Year) << 900'000LL << u""_s << u""_s;
        QTest::newRow("words") << u"bigint"_s << int(StepUnit::Integer) << 1LL << u"one"_s << u"two"_s;
    }
    void whatMakesNoSenseIsAnInputError()
    {
        QFETCH(const QString, type);
        QFETCH(const int, unit);
        QFETCH(const qint64, count);
        QFETCH(const QString, lowest);
        QFETCH(const QString, highest);
        const auto partitions = planPartitions(planOf(type, StepUnit(unit), count, lowest, highest));
        QVERIFY(!partitions);
        QCOMPARE(partitions.error().kind, ErrorKind::Input);
    }

    /// Whatever zone and step: every partition begins where the one before ends, and names differ.
    void thereIsNoGapNoOverlapAndNoNameTwice()
    {
        for (const char *zone :
             {"UTC", "Europe/Oslo", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca"}) {
            for (const StepUnit unit :
                 {StepUnit::Hour, StepUnit::Day, StepUnit::Week, StepUnit::Month, StepUnit::Quarter, StepUnit::Year}) {
                for (const qint64 count : {1, 5}) {
                    PartitionPlan plan = planOf(withZone, unit, count, u"2011-06-01"_s, u"2012-03-01"_s);
                    plan.zone = QTimeZone(zone);
                    plan.now = parseTimestamp(plan.highest).value();
                    const auto partitions = planPartitions(plan);
                    QVERIFY2(partitions, zone);
                    QSet<QString> names;
                    for (std::size_t i = 0; i + 1 < partitions->size(); ++i) {
                        const ShadowPartition &partition = partitions->at(i);
                        QVERIFY2(partition.from < partition.to, qPrintable(partition.name));
                        QVERIFY2(!names.contains(partition.name), qPrintable(partition.name));
                        names << partition.name;
                        if (i > 0)
                            QCOMPARE(partition.from, partitions->at(i - 1).to);
                    }
                    QVERIFY(partitions->back().isDefault);
                    QVERIFY(partitions->front().from <= toPostgres(parseTimestamp(plan.lowest).value()));
                    QVERIFY(partitions->at(partitions->size() - 2).to
                            > toPostgres(parseTimestamp(plan.highest).value()));
                }
            }
        }
    }

    void longNamesAreCutBetweenCharactersAndStayApart()
    {
        PartitionPlan plan = planOf(u"date"_s, StepUnit::Year, 1, {}, {});
        plan.tableName = QString(31, u'ü') + u'x'; // 63 bytes
        const auto partitions = planPartitions(plan);
        QVERIFY(partitions);
        for (const ShadowPartition &partition : *partitions) {
            QVERIFY2(partition.name.toUtf8().size() <= 63, qPrintable(partition.name));
            QVERIFY(partition.name.startsWith(QString(20, u'ü')));
        }
        plan.tableName = QString(31, u'ü') + u'y';
        QVERIFY(planPartitions(plan)->front().name != partitions->front().name);
    }
};

QTEST_APPLESS_MAIN(TstPartitionPlan)
#include "tst_partitionplan.moc"
