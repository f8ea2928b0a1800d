// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/schedule/scheduleexport.h"

#include <QTest>

using namespace tidemark;
using namespace tidemark::schedule;

class TstScheduleExport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cronSaysTheSameOrSaysWhyNot_data()
    {
        QTest::addColumn<QString>("cron");
        QTest::addColumn<int>("seconds");
        QTest::addColumn<QString>("hours");
        QTest::addColumn<QString>("crontab"); // "!" and what the refusal names
        QTest::addColumn<QString>("pgCron");
        const auto row = [](const char *cron, int seconds, const char *hours, const char *crontab, const char *pgCron) {
            QTest::addRow("%s %d %s", cron, seconds, hours)
                << QString::fromLatin1(cron) << seconds << QString::fromLatin1(hours) << QString::fromLatin1(crontab)
                << QString::fromLatin1(pgCron);
        };
        row("*/2 6-22 * * *", 0, "", "*/2 6-22 * * *", "*/2 6-22 * * *");
        row("", 60, "", "* * * * *", "* * * * *");
        row("", 120, "06:00-22:00", "*/2 6-21 * * *", "*/2 6-21 * * *");
        row("", 900, "22:00-06:00", "*/15 22-23,0-5 * * *", "*/15 22-23,0-5 * * *");
        row("", 3600, "", "0 * * * *", "0 * * * *");
        row("", 3600, "06:00-07:00", "0 6 * * *", "0 6 * * *");
        row("", 7200, "", "0 */2 * * *", "0 */2 * * *");
        row("", 14400, "22:00-06:00", "0 0,4 * * *", "0 0,4 * * *");
        row("", 86400, "", "0 */24 * * *", "0 */24 * * *");
        row("", 30, "", "!30 s", "30 seconds");
        row("", 30, "06:00-22:00", "!30 s", "!30 s");
        row("", 420, "", "!7 min", "!7 min");
        row("", 60, "06:30-22:00", "!within an hour", "!within an hour");
        row("0 0 $ * *", 0, "", "!pg_cron", "0 0 $ * *");
        row("5 * * * *", 0, "06:00-22:00", "5 6-21 * * *", "5 6-21 * * *");
        row("5 4-12 * * *", 0, "06:00-22:00", "!within hours", "!within hours");
    }

    void cronSaysTheSameOrSaysWhyNot()
    {
        QFETCH(QString, cron);
        QFETCH(int, seconds);
        QFETCH(QString, hours);
        QFETCH(QString, crontab);
        QFETCH(QString, pgCron);
        Timing timing{.cron = cron};
        if (seconds > 0)
            timing.every = Millis(seconds * 1'000);
        if (!hours.isEmpty())
            timing.hours = *parseHours(hours);
        for (const auto &[kind, expected] :
             {std::pair(CronKind::Crontab, crontab), std::pair(CronKind::PgCron, pgCron)}) {
            const auto said = cronExpression(timing, kind);
            if (expected.startsWith(QLatin1Char('!'))) {
                QVERIFY2(!said, said ? qPrintable(*said) : "");
                QVERIFY2(said.error().message.contains(expected.mid(1)), qPrintable(said.error().message));
                QCOMPARE(errorKindName(said.error().kind), QStringLiteral("unsupported"));
            } else {
                QVERIFY2(said, said ? "" : qPrintable(said.error().message));
                QCOMPARE(*said, expected);
            }
        }
    }

    void aCrontabIsSafeForCronAndShell()
    {
        Schedule ugly;
        ugly.name = QStringLiteral("nightly\nrm -rf /");
        ugly.refresh.names = {{QStringLiteral("public"), QStringLiteral("100%'s")},
                              {QStringLiteral("Öst"), QStringLiteral("v")}};
        ugly.refresh.cascade = true;
        ugly.refresh.acceptsLock = true;
        ugly.refresh.statementTimeout = Millis(90'000);
        ugly.timing.cron = QStringLiteral("*/2 6-22 * * *");
        ugly.timing.timeZone = QStringLiteral("Europe/Oslo");
        Schedule all;
        all.name = QStringLiteral("all");
        all.timing.every = Millis(3'600'000);
        all.refresh.way = refresh::Way::Plain;
        all.timing.timeZone = QStringLiteral("Europe/Oslo");
        Schedule changes = all;
        changes.name = QStringLiteral("changes");
        changes.timing.onChange = true;
        const QString text = crontab({ugly, all, changes}, QStringLiteral("host='/tmp/a b' dbname='wip'"));
        QCOMPARE(
            text,
            QStringLiteral(
                "# Times of Europe/Oslo. Not every cron knows CRON_TZ: Debian's takes the machine's own zone.\n"
                "CRON_TZ=Europe/Oslo\n"
                "# nightly\\nrm -rf /: public.\"100%'s\", \"Öst\".v and what depends on them\n"
                "*/2 6-22 * * * tidemarkctl -d 'host='\\''/tmp/a b'\\'' dbname='\\''wip'\\''' refresh "
                "'public.\"100\\%'\\''s\"' '\"Öst\".v' --cascade --accept-lock --lock-timeout 60000ms --statement-timeout 90000ms --yes\n"
                "# all: every refreshable\n"
                "0 * * * * tidemarkctl -d 'host='\\''/tmp/a b'\\'' dbname='\\''wip'\\''' refresh --all --plain --lock-timeout 60000ms --yes\n"
                "# changes: not exported, cron does not know what changed\n"));
    }
};

QTEST_GUILESS_MAIN(TstScheduleExport)
#include "tst_scheduleexport.moc"
