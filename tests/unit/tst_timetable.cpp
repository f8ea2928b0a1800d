// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/schedule/timetable.h"

#include <QRandomGenerator>
#include <QTest>

using namespace tidemark;
using namespace tidemark::schedule;

namespace {

Instant at(const QString &text)
{
    const auto instant = parseTimestamp(text);
    if (!instant)
        qFatal("no time: %s", qPrintable(text));
    return *instant;
}

Timing everyMinutes(int minutes)
{
    return {.every = Millis(minutes * 60'000)};
}

Timing cron(const char *text, const char *zone = "UTC")
{
    return {.cron = QString::fromLatin1(text), .timeZone = QString::fromLatin1(zone)};
}

} // namespace

/// When schedules are due: pure, so every agent and every DBA sees the same times.
class TstTimetable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void dueTimesFollowEachOther_data()
    {
        QTest::addColumn<Timing>("timing");
        QTest::addColumn<QString>("last");
        QTest::addColumn<QStringList>("expected");
        const auto row = [](const char *what, const Timing &timing, const char *last, const QStringList &expected) {
            QTest::newRow(what) << timing << QString::fromLatin1(last) << expected;
        };
        row("every so often counts from the due time before", everyMinutes(15), "2026-03-01 12:07:30",
            {QStringLiteral("2026-03-01 12:22:30"), QStringLiteral("2026-03-01 12:37:30")});
        row("cron", cron("*/2 6-22 * * *"), "2026-03-01 22:56:00",
            {QStringLiteral("2026-03-01 22:58:00"), QStringLiteral("2026-03-02 06:00:00")});
        Timing office = everyMinutes(120);
        office.hours = *parseHours(QStringLiteral("06:00-22:00"));
        row("outside its hours it waits for their beginning", office, "2026-03-01 20:30:00",
            {QStringLiteral("2026-03-02 06:00:00"), QStringLiteral("2026-03-02 08:00:00")});
        Timing night = everyMinutes(60);
        night.hours = *parseHours(QStringLiteral("22:00-06:00"));
        row("hours may cross midnight", night, "2026-03-01 23:30:00",
            {QStringLiteral("2026-03-02 00:30:00"), QStringLiteral("2026-03-02 01:30:00")});
        row("and end in the morning", night, "2026-03-02 05:30:00",
            {QStringLiteral("2026-03-02 22:00:00"), QStringLiteral("2026-03-02 23:00:00")});
        Timing both = cron("0 * * * *");
        both.hours = *parseHours(QStringLiteral("21:30-24:00"));
        row("cron within hours", both, "2026-03-01 12:00:00",
            {QStringLiteral("2026-03-01 22:00:00"), QStringLiteral("2026-03-01 23:00:00"),
             QStringLiteral("2026-03-02 22:00:00")});
        Timing seconds = cron("59 seconds");
        seconds.hours = *parseHours(QStringLiteral("06:00-22:00"));
        row("a cron of seconds goes on in the morning", seconds, "2026-03-01 21:59:30",
            {QStringLiteral("2026-03-02 06:00:58"), QStringLiteral("2026-03-02 06:01:57")});
        // Oslo: on 29 March 2026 02:00 becomes 03:00, on 25 October 03:00 becomes 02:00.
        row("an hour that spring skips is not due", cron("30 2 * * *", "Europe/Oslo"), "2026-03-28 12:00:00",
            {QStringLiteral("2026-03-30 00:30:00")});
        row("an hour that autumn shows twice is due once", cron("30 2 * * *", "Europe/Oslo"), "2026-10-24 12:00:00",
            {QStringLiteral("2026-10-25 01:30:00"), QStringLiteral("2026-10-26 01:30:00")});
        Timing oslo = everyMinutes(10);
        oslo.hours = *parseHours(QStringLiteral("02:15-02:45"));
        oslo.timeZone = QStringLiteral("Europe/Oslo");
        row("hours whose beginning is skipped begin with the first moment after", oslo, "2026-03-29 00:00:00",
            {QStringLiteral("2026-03-29 01:15:00"), QStringLiteral("2026-03-30 00:15:00")});
        Timing early = everyMinutes(60);
        early.hours = *parseHours(QStringLiteral("06:00-22:00"));
        early.timeZone = QStringLiteral("Europe/Oslo");
        row("hours keep the wall clock: winter", early, "2026-03-28 21:00:00", {QStringLiteral("2026-03-29 04:00:00")});
        row("hours keep the wall clock: the day before", early, "2026-03-27 21:00:00",
            {QStringLiteral("2026-03-28 05:00:00")});
    }

    void dueTimesFollowEachOther()
    {
        QFETCH(Timing, timing);
        QFETCH(QString, last);
        QFETCH(QStringList, expected);
        const auto times = Timetable::of(timing);
        QVERIFY(times);
        Instant due = at(last);
        for (const QString &next : expected) {
            const auto found = times->next(due);
            QVERIFY(found);
            QCOMPARE(toIso8601(*found), toIso8601(at(next)));
            due = *found;
        }
    }

    void aZoneThatThisMachineDoesNotKnowIsAnError()
    {
        Timing timing = everyMinutes(10);
        timing.hours = *parseHours(QStringLiteral("06:00-22:00"));
        timing.timeZone = QStringLiteral("Europe/Atlantis");
        const auto times = Timetable::of(timing);
        QVERIFY(!times);
        QVERIFY2(times.error().message.contains(timing.timeZone), qPrintable(times.error().message));
    }

    void whatPassedWhileNobodyWasThereIsCounted()
    {
        const auto times = Timetable::of(everyMinutes(10));
        QVERIFY(times);
        const Instant last = at(QStringLiteral("2026-03-01 12:00:00"));
        QVERIFY(!times->due(last, at(QStringLiteral("2026-03-01 12:09:59")), 1));
        const auto onTime = times->due(last, at(QStringLiteral("2026-03-01 12:10:05")), 1);
        QVERIFY(onTime);
        QCOMPARE(onTime->missed, 0);
        QVERIFY(!onTime->isLate);
        const auto late = times->due(last, at(QStringLiteral("2026-03-01 13:05:00")), 1);
        QVERIFY(late);
        QCOMPARE(toIso8601(late->dueAt), QStringLiteral("2026-03-01T13:00:00Z"));
        QCOMPARE(late->missed, 5);
        QVERIFY(late->isLate);
    }

    void afterAYearOfAbsenceTheLatestIsFoundAtOnce()
    {
        const auto times = Timetable::of(cron("* * * * *"));
        QVERIFY(times);
        const auto due = times->due(at(QStringLiteral("2025-03-01")), at(QStringLiteral("2026-03-01 00:00:10")), 1);
        QVERIFY(due);
        QCOMPARE(toIso8601(due->dueAt), QStringLiteral("2026-03-01T00:00:00Z"));
        QCOMPARE(due->missed, Timetable::mostCounted);
        const auto seldom = Timetable::of(cron("0 0 29 2 *"));
        const auto leap = seldom->due(at(QStringLiteral("2016-03-01")), at(QStringLiteral("2026-03-01")), 1);
        QCOMPARE(toIso8601(leap->dueAt), QStringLiteral("2024-02-29T00:00:00Z"));
        QCOMPARE(leap->missed, 1);
    }

    void jitterIsTheSameForAllAndWithinItsBounds()
    {
        Timing timing = everyMinutes(10);
        timing.jitter = Millis(30'000);
        const auto times = Timetable::of(timing);
        QVERIFY(times);
        QSet<qint64> seen;
        Instant due = at(QStringLiteral("2026-03-01"));
        for (int round = 0; round < 200; ++round, due = *times->next(due)) {
            const Instant begin = times->beginOf(due, 7);
            QCOMPARE(begin, Timetable::of(timing)->beginOf(due, 7));
            QVERIFY(begin >= due && begin <= due + timing.jitter);
            seen.insert(millisBetween(due, begin).count());
            const auto run = times->due(due - Millis(1'000), begin, 7);
            QVERIFY(!run || run->dueAt != due || begin >= due);
            if (begin > due)
                QVERIFY(!times->due(due - *timing.every, begin - Millis(1), 7));
        }
        QVERIFY2(seen.size() > 150, "the runs spread over the jitter");
    }

    void dueTimesAlwaysMoveOn()
    {
        const quint32 seed = QRandomGenerator::global()->generate();
        qInfo("seed %u", seed);
        QRandomGenerator random(seed);
        const QStringList zones{QStringLiteral("UTC"), QStringLiteral("Europe/Oslo"),
                                QStringLiteral("America/St_Johns"), QStringLiteral("Australia/Lord_Howe"),
                                QStringLiteral("Asia/Kathmandu")};
        for (int round = 0; round < 300; ++round) {
            Timing timing;
            timing.timeZone = zones.at(random.bounded(zones.size()));
            if (random.bounded(2) == 0)
                timing.every = Millis(1'000 * (1 + random.bounded(200'000)));
            else
                timing.cron = QStringLiteral("*/%1 * * * *").arg(1 + random.bounded(59));
            const QTime from(random.bounded(24), random.bounded(60));
            if (random.bounded(2) == 0)
                timing.hours = DayHours{from, from.addSecs(3'600 + random.bounded(70'000))};
            const auto times = Timetable::of(timing);
            QVERIFY(times);
            Instant due = at(QStringLiteral("2026-03-27")) + std::chrono::seconds(random.bounded(86'400));
            for (int step = 0; step < 60; ++step) {
                const auto next = times->next(due);
                QVERIFY(next);
                QVERIFY2(*next > due, qPrintable(timing.timeZone));
                if (timing.hours) {
                    const QTime clock = QDateTime::fromMSecsSinceEpoch(toEpochMicros(*next) / 1000,
                                                                       QTimeZone(timing.timeZone.toUtf8()))
                                            .time();
                    const auto &[begin, end] = *timing.hours;
                    const bool isInside = begin < end ? clock >= begin && clock < end : clock >= begin || clock < end;
                    // Only the beginning of hours that the clock skips may lie outside of them.
                    QVERIFY2(isInside || millisBetween(due, *next) > Millis(3'000'000), qPrintable(clock.toString()));
                }
                due = *next;
            }
        }
    }

    void whatCanNeverRunIsRefused_data()
    {
        QTest::addColumn<Timing>("timing");
        QTest::addColumn<QString>("named");
        const auto row = [](const char *what, const Timing &timing, const char *named) {
            QTest::newRow(what) << timing << QString::fromLatin1(named);
        };
        row("no time", {}, "no time");
        row("both", {.cron = QStringLiteral("* * * * *"), .every = Millis(60'000)}, "no time");
        row("no cron", cron("every now and then"), "every now and then");
        row("30 February", cron("0 0 30 2 *"), "never");
        Timing never = cron("0 12 * * *");
        never.hours = *parseHours(QStringLiteral("22:00-06:00"));
        row("noon at night", never, "never");
        row("no such zone", cron("* * * * *", "Europe/Atlantis"), "Europe/Atlantis");
        row("nor of that", cron("* * * * *", "Atlantis"), "Atlantis");
        row("all the time", {.every = Millis(10)}, "without end");
        Timing change = cron("* * * * *");
        change.onChange = true;
        row("changes without a distance", change, "least distance");
    }

    void whatCanNeverRunIsRefused()
    {
        QFETCH(Timing, timing);
        QFETCH(QString, named);
        Schedule schedule;
        schedule.name = QStringLiteral("nightly");
        schedule.timing = timing;
        schedule.since = at(QStringLiteral("2026-03-01"));
        const Status valid = validate(schedule);
        QVERIFY(!valid);
        QCOMPARE(errorKindName(valid.error().kind), QStringLiteral("input"));
        QVERIFY2(valid.error().message.contains(named), qPrintable(valid.error().message));
    }

    void hoursAreReadOrRefused()
    {
        QCOMPARE(parseHours(QStringLiteral("6:00-22:30"))->to, QTime(22, 30));
        for (const char *wrong : {"", "6", "6-22", "06:00", "06:00-06:00", "25:00-26:00", "06:00-07:00-08:00"})
            QVERIFY2(!parseHours(QString::fromLatin1(wrong)), wrong);
    }

    void everyPresetIsValid()
    {
        for (const Preset &preset : presets()) {
            Schedule schedule;
            schedule.name = preset.name;
            schedule.timing = preset.timing;
            schedule.since = at(QStringLiteral("2026-03-01"));
            const Status valid = validate(schedule);
            QVERIFY2(valid, valid ? "" : qPrintable(valid.error().summary()));
        }
    }
};

QTEST_GUILESS_MAIN(TstTimetable)
#include "tst_timetable.moc"
