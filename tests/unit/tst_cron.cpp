// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/cron.h"

#include <QTest>

using namespace tidemark;

class TstCron : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nextRunsAreThoseOfCron_data();
    void nextRunsAreThoseOfCron();
    void nonsenseIsRefusedWithTheFieldAtFault_data();
    void nonsenseIsRefusedWithTheFieldAtFault();
    void everyNextRunIsLaterThanTheOneBefore();
};

void TstCron::nextRunsAreThoseOfCron_data()
{
    QTest::addColumn<QString>("schedule");
    QTest::addColumn<QString>("zone");
    QTest::addColumn<QString>("after");
    QTest::addColumn<QString>("expected"); // empty: never
    const auto row = [](const char *what, const char *schedule, const char *after, const char *expected,
                        const char *zone = "UTC") {
        QTest::newRow(what) << QString::fromLatin1(schedule) << QString::fromLatin1(zone) << QString::fromLatin1(after)
                            << QString::fromLatin1(expected);
    };
    row("every minute", "* * * * *", "2026-03-01 12:00:30", "2026-03-01 12:01:00");
    row("strictly after", "0 12 * * *", "2026-03-01 12:00:00", "2026-03-02 12:00:00");
    row("a microsecond before", "0 12 * * *", "2026-03-01 11:59:59.999999", "2026-03-01 12:00:00");
    row("steps within hours", "*/2 6-22 * * *", "2026-03-01 22:58:00", "2026-03-02 06:00:00");
    row("lists", "5,35 8,20 * * *", "2026-03-01 08:10:00", "2026-03-01 08:35:00");
    row("a range with a step", "0 6-22/4 * * *", "2026-03-01 10:30:00", "2026-03-01 14:00:00");
    row("names", "0 3 * feb mon-wed", "2026-02-04 03:00:00", "2026-02-09 03:00:00");
    row("seven is Sunday", "0 0 * * 7", "2026-03-02 00:00:00", "2026-03-08 00:00:00");
    row("either day field", "0 0 13 * fri", "2026-03-02 00:00:00", "2026-03-06 00:00:00");
    row("a starred day with a step restricts by both", "0 0 */2 * fri", "2026-03-02 00:00:00", "2026-03-13 00:00:00");
    row("the last day", "0 0 $ * *", "2026-02-01 00:00:00", "2026-02-28 00:00:00");
    row("the last day of a leap year", "0 0 $ * *", "2028-02-01 00:00:00", "2028-02-29 00:00:00");
    row("a leap day", "0 0 29 2 *", "2026-03-01 00:00:00", "2028-02-29 00:00:00");
    row("a day that never comes", "0 0 30 2 *", "2026-03-01 00:00:00", "");
    row("macro", "@daily", "2026-03-01 00:00:01", "2026-03-02 00:00:00");
    row("seconds", "30 seconds", "2026-03-01 00:00:10", "2026-03-01 00:00:40");
    row("one second", "1 second", "2026-03-01 00:00:10", "2026-03-01 00:00:11");
    row("end of the year", "59 23 31 12 *", "2026-12-31 23:59:00", "2027-12-31 23:59:00");
    row("another zone", "0 6 * * *", "2026-01-15 12:00:00", "2026-01-16 05:00:00", "Europe/Oslo");
    row("another zone in summer", "0 6 * * *", "2026-07-15 12:00:00", "2026-07-16 04:00:00", "Europe/Oslo");
    row("an hour that the clock skips", "30 2 * * *", "2026-03-28 12:00:00", "2026-03-30 00:30:00", "Europe/Oslo");
    row("a zone of half hours", "0 0 * * *", "2026-01-01 00:00:00", "2026-01-01 18:30:00", "Asia/Kolkata");
}

void TstCron::nextRunsAreThoseOfCron()
{
    QFETCH(const QString, schedule);
    QFETCH(const QString, zone);
    QFETCH(const QString, after);
    QFETCH(const QString, expected);
    const auto cron = Cron::parse(schedule);
    QVERIFY2(cron.has_value(), cron ? "" : qPrintable(cron.error().summary()));
    const auto next = cron->next(*parseTimestamp(after), QTimeZone(zone.toLatin1()));
    QCOMPARE(next ? toIso8601(*next) : QString(),
             expected.isEmpty() ? QString() : toIso8601(*parseTimestamp(expected)));
}

void TstCron::nonsenseIsRefusedWithTheFieldAtFault_data()
{
    QTest::addColumn<QString>("schedule");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *schedule, const char *says) {
        QTest::newRow(*schedule ? schedule : "nothing") << QString::fromLatin1(schedule) << QString::fromLatin1(says);
    };
    row("", "not a cron schedule");
    row("* * * *", "not a cron schedule");
    row("60 * * * *", "minute");
    row("* 24 * * *", "hour");
    row("* * 0 * *", "day of month");
    row("* * * 13 *", "month");
    row("* * * * 8", "day of week");
    row("5-1 * * * *", "minute");
    row("*/0 * * * *", "minute");
    row("-1 * * * *", "minute");
    row("5/15 * * * *", "minute");
    row("1,,2 * * * *", "minute");
    row("* * * * $", "day of week");
    row("90 seconds", "not a schedule");
    row("@reboot", "not a cron schedule");
}

void TstCron::nonsenseIsRefusedWithTheFieldAtFault()
{
    QFETCH(const QString, schedule);
    QFETCH(const QString, says);
    const auto cron = Cron::parse(schedule);
    QVERIFY(!cron.has_value());
    QCOMPARE(cron.error().kind, ErrorKind::Input);
    QVERIFY2(cron.error().message.contains(says), qPrintable(cron.error().message));
}

void TstCron::everyNextRunIsLaterThanTheOneBefore()
{
    // Through both changes of the clock, every half hour by the wall clock.
    const QTimeZone zone("America/New_York");
    const auto cron = Cron::parse(QStringLiteral("*/30 * * * *"));
    QVERIFY(cron.has_value());
    Instant at = *parseTimestamp(u"2026-01-01 00:00:00");
    const Instant end = *parseTimestamp(u"2027-01-01 00:00:00");
    int runs = 0;
    while (at < end) {
        const auto next = cron->next(at, zone);
        QVERIFY(next.has_value());
        QVERIFY(*next > at);
        QVERIFY(millisBetween(at, *next) <= std::chrono::minutes(90));
        at = *next;
        ++runs;
    }
    QVERIFY2(runs >= 365 * 48 - 2 && runs <= 365 * 48, qPrintable(QString::number(runs)));
}

QTEST_APPLESS_MAIN(TstCron)
#include "tst_cron.moc"
