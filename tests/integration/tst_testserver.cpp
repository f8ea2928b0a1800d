// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/qualifiedname.h"
#include "tests/support/testserver.h"

using namespace tidemark;
using namespace tidemark::test;

/// The support code itself: what every other test with a server stands on.
class TstTestServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyServerIsTheVersionItsNameSays_data()
    {
        QTest::addColumn<QString>("name");
        for (const QString &name : serverNames())
            QTest::newRow(qPrintable(name)) << name;
    }

    void everyServerIsTheVersionItsNameSays()
    {
        QFETCH(const QString, name);
        TIDEMARK_REQUIRE_SERVER(name.toUtf8());
        TestDatabase database(name);
        const pg::Session session = database.open();
        const int major = name == QLatin1String("timescale") ? 17 : name.toInt();
        QCOMPARE(session.serverVersion() / 10000, major);
        QCOMPARE(database.value("SHOW track_commit_timestamp"), QStringLiteral("on"));
        database.exec("CREATE EXTENSION pg_stat_statements");
        QVERIFY(database.value("SELECT count(*) FROM pg_stat_statements").toInt() > 0);
    }

    void timescaleIsTheApacheEditionWithHypertables()
    {
        TIDEMARK_REQUIRE_SERVER("timescale");
        TestDatabase database(QStringLiteral("timescale"));
        database.exec(
            "CREATE EXTENSION timescaledb WITH SCHEMA public;"
            "CREATE TABLE public.reading (at timestamptz NOT NULL, value float8);"
            "SELECT public.create_hypertable('public.reading', 'at');"
            "INSERT INTO public.reading SELECT g, 1 FROM generate_series(timestamptz '2026-01-01Z', '2026-02-01Z', '1 day') g");
        QVERIFY(database.value("SELECT count(*) FROM public.show_chunks('public.reading')").toInt() >= 4);
    }

    void databaseWithAnUglyNameComesAndGoes()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        const QString ugly = QStringLiteral("we\"ird; DROP 'x' \\ =näme %1").arg(QCoreApplication::applicationPid());
        const pg::ConnInfo server = test::server(QStringLiteral("15"));
        {
            TestDatabase database(server, ugly);
            QCOMPARE(database.value("SELECT current_database()"), ugly);
            const pg::Session stillConnected = database.open();
            QVERIFY(stillConnected.isAlive());
        }
        auto session = pg::Session::open(server);
        QVERIFY_RESULT(session);
        const auto left = session->exec("SELECT FROM pg_catalog.pg_database WHERE datname = $1", {ugly});
        QVERIFY_RESULT(left);
        QVERIFY(left->isEmpty());
    }

    void privateClusterSurvivesAKillAndTakesNewSettings()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestCluster cluster;
        QVERIFY_RESULT(cluster.start());
        QVERIFY(cluster.isRunning());
        cluster.kill();
        QVERIFY(!cluster.isRunning());
        QVERIFY_RESULT(cluster.restart({{QStringLiteral("track_commit_timestamp"), QStringLiteral("off")}}));
        auto session = pg::Session::open(cluster.connInfo());
        QVERIFY_RESULT(session);
        const auto setting = session->exec("SHOW track_commit_timestamp");
        QVERIFY_RESULT(setting);
        QCOMPARE(setting->text(0, 0), QStringLiteral("off"));
    }

    void privateClusterLeavesNothingBehind()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        QString folder;
        {
            TestCluster cluster;
            QVERIFY_RESULT(cluster.start());
            folder = cluster.folder();
            QVERIFY(QFileInfo::exists(folder));
        }
        QVERIFY(!QFileInfo::exists(folder));
    }
};

QTEST_GUILESS_MAIN(TstTestServer)
#include "tst_testserver.moc"
