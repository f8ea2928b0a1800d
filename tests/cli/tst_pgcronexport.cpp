// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/schedule/pgcron.h"
#include "tests/support/cluster.h"
#include "tests/support/program.h"
#include "tests/support/serverbinaries.h"
#include "tests/support/testserver.h"

#include <QTest>

using namespace tidemark;
using namespace tidemark::schedule;
using namespace tidemark::test;

/// Schedules as jobs of a real pg_cron.
class TstPgCronExport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        if (!findServer(QStringLiteral("15"))->preloadable.contains(QStringLiteral("pg_cron")))
            QSKIP("pg_cron is not installed");
        ClusterOptions options;
        options.settings.insert(QStringLiteral("cron.database_name"), QStringLiteral("scheduled"));
        m_cluster = std::make_unique<TestCluster>(options);
        QVERIFY_RESULT(m_cluster->start());
        m_cron = std::make_unique<TestDatabase>(m_cluster->connInfo(), QStringLiteral("scheduled"));
        m_cron->exec("CREATE EXTENSION pg_cron");
        m_database = std::make_unique<TestDatabase>(m_cluster->connInfo(), QStringLiteral("it's a \"shop\""));
        m_database->exec("CREATE TABLE source (a int); INSERT INTO source VALUES (1);"
                         "CREATE MATERIALIZED VIEW \"W'ip\" AS SELECT sum(a) AS a FROM source;"
                         "CREATE MATERIALIZED VIEW above AS SELECT a FROM \"W'ip\";"
                         "CREATE UNIQUE INDEX ON \"W'ip\" (a); CREATE UNIQUE INDEX ON above (a);"
                         "CREATE MATERIALIZED VIEW bare AS SELECT a FROM source;"
                         "CREATE MATERIALIZED VIEW bare2 AS SELECT a FROM bare");
    }
    void cleanupTestCase()
    {
        m_database.reset();
        m_cron.reset();
        m_cluster.reset();
    }

    void aJobOfPgCronRefreshesInOrderAndTheScheduleIsOff()
    {
        QCOMPARE(ctl({QStringLiteral("add"), QStringLiteral("wip"), QStringLiteral("public.\"W'ip\""),
                      QStringLiteral("--every"), QStringLiteral("1min"), QStringLiteral("--cascade"),
                      QStringLiteral("--yes")})
                     .exitCode,
                 0);
        const Ran shown = ctl({QStringLiteral("export"), QStringLiteral("pg_cron")});
        QVERIFY2(shown.exitCode == 0, qPrintable(shown.err));
        QVERIFY2(shown.out.contains(QLatin1String("'* * * * *'")), qPrintable(shown.out));
        QCOMPARE(m_cron->value("SELECT count(*) FROM cron.job"), QStringLiteral("0"));
        const Ran made = ctl(
            {QStringLiteral("export"), QStringLiteral("pg_cron"), QStringLiteral("--create"), QStringLiteral("--yes")});
        QVERIFY2(made.exitCode == 0, qPrintable(made.err));
        QCOMPARE(m_cron->value("SELECT jobname || ' ' || database FROM cron.job"),
                 QStringLiteral("tidemark: wip it's a \"shop\""));
        QCOMPARE(m_database->value("SELECT enabled::text FROM tidemark.schedule"), QStringLiteral("false"));

        m_database->exec("INSERT INTO source VALUES (41)");
        QTRY_COMPARE_WITH_TIMEOUT(m_database->value("SELECT a::text FROM above"), QStringLiteral("42"), 90'000);
        QTRY_COMPARE_WITH_TIMEOUT(m_cron->value("SELECT string_agg(DISTINCT status, ' ') FROM cron.job_run_details "
                                                "WHERE status <> 'running'"),
                                  QStringLiteral("succeeded"), 10'000);
        // Made again it is the same job.
        QCOMPARE(ctl({QStringLiteral("enable"), QStringLiteral("wip"), QStringLiteral("--yes")}).exitCode, 0);
        QCOMPARE(ctl({QStringLiteral("export"), QStringLiteral("pg_cron"), QStringLiteral("--create"),
                      QStringLiteral("--yes")})
                     .exitCode,
                 0);
        QCOMPARE(m_cron->value("SELECT count(*) FROM cron.job"), QStringLiteral("1"));
        m_cron->exec("SELECT cron.unschedule('tidemark: wip')");
        QCOMPARE(ctl({QStringLiteral("remove"), QStringLiteral("wip"), QStringLiteral("--yes")}).exitCode, 0);
    }

    void whatPgCronCannotDoIsToldByName()
    {
        QCOMPARE(ctl({QStringLiteral("add"), QStringLiteral("oslo"), QStringLiteral("public.above"),
                      QStringLiteral("--cron"), QStringLiteral("0 6 * * *"), QStringLiteral("--time-zone"),
                      QStringLiteral("Europe/Oslo"), QStringLiteral("--accept-lock"), QStringLiteral("--yes")})
                     .exitCode,
                 0);
        const Ran clock = ctl({QStringLiteral("export"), QStringLiteral("pg_cron")});
        QCOMPARE(clock.exitCode, 1);
        for (const auto &[name, words] : {std::pair("pair", "public.bare --every 1min --cascade"),
                                          std::pair("late", "public.above --every 1min --jitter 5s")}) {
            const QStringList more = QString::fromLatin1(words).split(QLatin1Char(' '));
            QCOMPARE(ctl(QStringList{QStringLiteral("add"), QString::fromLatin1(name)} + more
                         + QStringList{QStringLiteral("--accept-lock"), QStringLiteral("--yes")})
                         .exitCode,
                     0);
        }
        const Ran others = ctl({QStringLiteral("export"), QStringLiteral("pg_cron")});
        QVERIFY2(others.err.contains(QLatin1String("public.bare "))
                     && others.err.contains(QLatin1String("one transaction"))
                     && others.err.contains(QLatin1String("jitter")),
                 qPrintable(others.err));
        QVERIFY2(clock.err.contains(QLatin1String("oslo")) && clock.err.contains(QLatin1String("Europe/Oslo")),
                 qPrintable(clock.err));
    }

private:
    [[nodiscard]] Ran ctl(const QStringList &words) const
    {
        return runCtl(QStringList{QStringLiteral("-d"), m_database->conn().withoutPassword(), QStringLiteral("--store"),
                                  QStringLiteral("none"), QStringLiteral("schedule")}
                      + words);
    }

    std::unique_ptr<TestCluster> m_cluster;
    std::unique_ptr<TestDatabase> m_cron;
    std::unique_ptr<TestDatabase> m_database;
};

QTEST_GUILESS_MAIN(TstPgCronExport)
#include "tst_pgcronexport.moc"
