// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/program.h"
#include "tests/support/testserver.h"

#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

using namespace tidemark;
using namespace tidemark::test;

/// Schedules and their agent by the command line.
class TstScheduleCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
        m_database->exec("CREATE MATERIALIZED VIEW wip AS SELECT 1 AS one, clock_timestamp() AS at;"
                         "CREATE UNIQUE INDEX ON wip (one); CREATE MATERIALIZED VIEW bare AS SELECT 1 AS one");
    }
    void cleanup() { m_database.reset(); }

    void aScheduleIsMadeListedExecutedAndRemoved()
    {
        const Ran none = schedule({QStringLiteral("list")});
        QCOMPARE(none.exitCode, 0);
        QVERIFY2(none.err.contains(QLatin1String("No schedules")), qPrintable(none.err));
        const Ran added = schedule({QStringLiteral("add"), QStringLiteral("wip"), QStringLiteral("public.wip"),
                                    QStringLiteral("--every"), QStringLiteral("1s"), QStringLiteral("--yes")});
        QVERIFY2(added.exitCode == 0, qPrintable(added.err));
        const QJsonObject listed = schedule({QStringLiteral("list"), QStringLiteral("--json")}).json();
        const QJsonObject row = listed.value(QStringLiteral("schedules")).toArray().at(0).toObject();
        QCOMPARE(row.value(QStringLiteral("name")).toString(), QStringLiteral("wip"));
        QCOMPARE(row.value(QStringLiteral("every_ms")).toInt(), 1'000);
        QVERIFY(row.value(QStringLiteral("next_at")).isString());
        QVERIFY(row.value(QStringLiteral("last_run")).isNull());
        QVERIFY(listed.value(QStringLiteral("agent")).isNull());

        const QString before = m_database->value("SELECT at::text FROM wip");
        const Ran agent = runCtl(to({QStringLiteral("agent"), QStringLiteral("--for"), QStringLiteral("4s"),
                                     QStringLiteral("--yes"), QStringLiteral("--json")}));
        QVERIFY2(agent.exitCode == 0, qPrintable(agent.err));
        QVERIFY2(agent.out.contains(QLatin1String("\"executing\"")) && agent.out.contains(QLatin1String("\"ended\"")),
                 qPrintable(agent.out));
        QVERIFY(m_database->value("SELECT at::text FROM wip") != before);
        const Ran runs = schedule({QStringLiteral("runs")});
        QVERIFY2(runs.out.contains(QLatin1String("succeeded")), qPrintable(runs.out));

        // A line of the crontab, as cron runs it.
        const Ran minutely = schedule({QStringLiteral("add"), QStringLiteral("minutely"), QStringLiteral("public.bare"),
                                       QStringLiteral("--every"), QStringLiteral("1min"),
                                       QStringLiteral("--accept-lock"), QStringLiteral("--yes")});
        QVERIFY2(minutely.exitCode == 0, qPrintable(minutely.err));
        m_database->exec("CREATE TABLE bare_before AS SELECT xmin::text AS x FROM pg_class WHERE relname = 'bare'");
        const QString crontab = schedule({QStringLiteral("export"), QStringLiteral("cron")}).out;
        const QString line = crontab.section(QStringLiteral("* * * * * "), 1).section(QLatin1Char('\n'), 0, 0);
        RunOptions options;
        options.environment.insert(QStringLiteral("PATH"),
                                   QStringLiteral(TIDEMARK_BIN_DIR ":") + qEnvironmentVariable("PATH"));
        options.environment.insert(QStringLiteral("TIDEMARK_STORE"), m_folder.filePath(QStringLiteral("store.sqlite")));
        const Ran byCron = runProgram(QStringLiteral("/bin/sh"), {QStringLiteral("-c"), line}, options);
        QVERIFY2(byCron.exitCode == 0, qPrintable(line + byCron.err));
        QCOMPARE(m_database->value(
                     "SELECT count(*) FROM pg_class AS c JOIN bare_before ON c.xmin::text <> x WHERE relname = 'bare'"),
                 QStringLiteral("1"));

        // The refresh history knows them as our own.
        const QJsonArray history = runCtl(to({QStringLiteral("refreshes"), QStringLiteral("wip"),
                                              QStringLiteral("--json")}))
                                       .json()
                                       .value(QStringLiteral("refreshes"))
                                       .toArray();
        QVERIFY(!history.isEmpty());
        QCOMPARE(history.at(0).toObject().value(QStringLiteral("source")).toString(), QStringLiteral("own_run"));

        QCOMPARE(schedule({QStringLiteral("remove"), QStringLiteral("wip"), QStringLiteral("--yes")}).exitCode, 0);
        QCOMPARE(m_database->value("SELECT count(*) FROM tidemark.schedule_run"), QStringLiteral("0"));
    }

    void aLockThatNobodyAcceptedIsRefusedBeforehand()
    {
        const QStringList words{QStringLiteral("add"),     QStringLiteral("bare"), QStringLiteral("public.bare"),
                                QStringLiteral("--every"), QStringLiteral("1min"), QStringLiteral("--yes")};
        const Ran refused = schedule(words);
        QCOMPARE(refused.exitCode, 6);
        QVERIFY2(refused.err.contains(QLatin1String("public.bare"))
                     && refused.err.contains(QLatin1String("--accept-lock")),
                 qPrintable(refused.err));
        QCOMPARE(schedule(words + QStringList{QStringLiteral("--accept-lock")}).exitCode, 0);
    }

    void howToRefreshIsReadAsByRefreshItself_data()
    {
        QTest::addColumn<QString>("words");
        for (const char *words : {"--lock-timeout soon", "--statement-timeout 1parsec", "--lock-timeout 0",
                                  "--statement-timeout 0s", "--plain --concurrently"})
            QTest::newRow(words) << QString::fromLatin1(words);
    }

    void howToRefreshIsReadAsByRefreshItself()
    {
        QFETCH(const QString, words);
        const QStringList options = words.split(QLatin1Char(' '));
        const Ran now = runCtl(to(QStringList{QStringLiteral("refresh"), QStringLiteral("public.wip")} + options));
        const Ran later = schedule(QStringList{QStringLiteral("add"), QStringLiteral("x"), QStringLiteral("public.wip"),
                                               QStringLiteral("--every"), QStringLiteral("1min")}
                                   + options);
        QCOMPARE(now.exitCode, 2);
        QCOMPARE(later.exitCode, 2);
        QCOMPARE(later.err, now.err);
    }

    void whatMakesNoSenseIsUsageAndNamesTheWayOut_data()
    {
        QTest::addColumn<QString>("words");
        QTest::addColumn<QString>("named");
        const auto row = [](const char *words, const char *named) {
            QTest::newRow(words) << QString::fromLatin1(words) << QString::fromLatin1(named);
        };
        row("frob", "list");
        row("add", "schedule add NAME");
        row("add x", "--all");
        row("add x public.wip", "cron");
        row("add x wip --every 1min", "SCHEMA.NAME");
        row("add x public.wip --every soon", "30s");
        row("add x public.wip --cron nightly", "five fields");
        row("add x public.wip --every 1min --hours 6-22", "06:00-22:00");
        row("add x public.wip --every 1min --time-zone Atlantis", "Europe/Oslo");
        row("add x public.wip --every 1min --overlap queue", "skip, wait");
        row("add x public.wip --preset holidays", "off-hours");
        row("remove", "schedule remove NAME");
        row("list everything", "everything");
        row("export ical", "cron");
    }

    void whatMakesNoSenseIsUsageAndNamesTheWayOut()
    {
        QFETCH(QString, words);
        QFETCH(QString, named);
        const Ran ran = schedule(words.split(QLatin1Char(' ')));
        QCOMPARE(ran.exitCode, 2);
        QVERIFY2(ran.err.contains(named), qPrintable(ran.err));
        QVERIFY(ran.out.isEmpty());
    }

private:
    [[nodiscard]] QStringList to(const QStringList &words) const
    {
        return QStringList{QStringLiteral("-d"), m_database->conn().withoutPassword(), QStringLiteral("--store"),
                           m_folder.filePath(QStringLiteral("store.sqlite"))}
               + words;
    }
    [[nodiscard]] Ran schedule(const QStringList &words) const
    {
        return runCtl(to(QStringList{QStringLiteral("schedule")} + words));
    }

    QTemporaryDir m_folder;
    std::unique_ptr<TestDatabase> m_database;
};

QTEST_GUILESS_MAIN(TstScheduleCommand)
#include "tst_schedulecommand.moc"
