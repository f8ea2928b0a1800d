// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/democluster.h"
#include "core/demo/demoload.h"
#include "core/demo/lockscene.h"
#include "tests/support/testserver.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>

#include <csignal>
#include <cstring>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace tidemark;
using namespace tidemark::demo;
using namespace std::chrono_literals;

namespace {

pg::SessionOptions writer()
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tst_demo");
    options.readOnly = false;
    options.lockTimeout = 60s;
    options.statementTimeout = 120s;
    return options;
}

/// A process that has ended but whose parent has not yet asked for its exit code does not count.
bool isAlive(qint64 pid)
{
    QFile stat(QStringLiteral("/proc/%1/stat").arg(pid));
    if (!stat.open(QIODevice::ReadOnly))
        return false;
    const QByteArray line = stat.readAll();
    return line.mid(line.lastIndexOf(')') + 2, 1) != "Z";
}

/// Holds a port of 127.0.0.1 as any other program would.
class TakenPort
{
public:
    explicit TakenPort(int port)
        : m_descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        const int on = 1;
        ::setsockopt(m_descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        isTaken = ::bind(m_descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0
                  && ::listen(m_descriptor, 1) == 0;
    }
    ~TakenPort() { ::close(m_descriptor); }
    Q_DISABLE_COPY_MOVE(TakenPort)
    bool isTaken = false;

private:
    int m_descriptor;
};

} // namespace

/// The demo from up to down, in that order: each slot finds the demo as the one before left it.
class TstDemo : public QObject
{
    Q_OBJECT

private:
    // Short and open to the account that the server runs as.
    const QString m_folder = QStringLiteral("/tmp/tidemark-tst-demo-%1").arg(::getpid());
    const DemoCluster m_demo{m_folder};

    [[nodiscard]] Result<pg::Session> open(const QString &database, Server server = Server::Main) const
    {
        TIDEMARK_TRY(const pg::ConnInfo info, m_demo.connInfo(server));
        return pg::Session::open(info.withDatabase(database), writer());
    }

    [[nodiscard]] qint64 number(const QString &database, const QByteArray &sql, Server server = Server::Main) const
    {
        auto session = open(database, server);
        if (!session)
            qFatal("%s", qPrintable(session.error().summary()));
        const auto rows = session->exec(sql, {}, {60s, {}});
        if (!rows)
            qFatal("%s: %s", sql.constData(), qPrintable(rows.error().summary()));
        return rows->int64(0, 0);
    }

    [[nodiscard]] DemoStatus status() const
    {
        const auto status = m_demo.status();
        if (!status)
            qFatal("%s", qPrintable(status.error().summary()));
        return *status;
    }

    [[nodiscard]] Result<UpReport> upAgain(bool withLoad = false) const
    {
        UpOptions options;
        if (withLoad)
            options.loadCommand = {QCoreApplication::applicationFilePath(), QStringLiteral("--run-the-load"), m_folder};
        return m_demo.up(options);
    }

private Q_SLOTS:
    void initTestCase() { TIDEMARK_REQUIRE_SERVER("15"); }

    void cleanupTestCase() { static_cast<void>(m_demo.down()); }

    void withoutServerProgramsTheErrorNamesThem()
    {
        qputenv("TIDEMARK_PG_BINDIR", "/nowhere");
        const auto up = upAgain();
        qunsetenv("TIDEMARK_PG_BINDIR");
        QVERIFY(!up);
        QCOMPARE(up.error().kind, ErrorKind::Missing);
        QVERIFY(up.error().message.contains(QLatin1String("/nowhere")));
        QVERIFY(!QFileInfo::exists(m_folder));
    }

    void folderWithOtherFilesIsLeftAlone()
    {
        const QTemporaryDir foreign;
        QFile file(foreign.filePath(QStringLiteral("thesis.txt")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        const DemoCluster demo(foreign.path());
        const auto up = demo.up({});
        QVERIFY(!up);
        QCOMPARE(up.error().kind, ErrorKind::Input);
        QVERIFY(!demo.down());
        QVERIFY(file.exists());
        QCOMPARE(QDir(foreign.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot).size(), 1);
    }

    void statusAndConnInfoSayThatNothingIsThere()
    {
        QVERIFY(!status().exists);
        const auto info = m_demo.connInfo(Server::Main);
        QVERIFY(!info);
        QCOMPARE(info.error().kind, ErrorKind::Missing);
        QVERIFY_RESULT(m_demo.down());
    }

    void upMakesBothServers()
    {
        UpOptions options;
        options.scale = Scale::Small;
        QStringList lines;
        options.progress = [&](const QString &line) { lines += line; };
        const auto up = m_demo.up(options);
        QVERIFY_RESULT(up);
        qInfo("small came up in %lld ms", static_cast<long long>(up->took.count()));
        QVERIFY(!up->wasUp);
        QVERIFY(lines.contains(QLatin1String("demo: plays is ready")));
        const DemoStatus now = status();
        QCOMPARE(now.servers.size(), std::size_t(2));
        for (const ServerState &server : now.servers)
            QVERIFY2(server.ready && server.running && server.port > 0, qPrintable(server.name));
        const auto profiles = m_demo.profiles();
        QVERIFY_RESULT(profiles);
        QCOMPARE(profiles->at(0).environment, Environment::Production);
        QCOMPARE(profiles->at(1).environment, Environment::Development);
        QVERIFY(profiles->at(0).connInfo.value(QStringLiteral("password")).isEmpty());
    }

    void everyDatabaseHasItsTablesAndRows_data()
    {
        QTest::addColumn<QString>("database");
        QTest::addColumn<QByteArray>("sql");
        QTest::addColumn<qint64>("atLeast");
        const auto row = [](const char *database, const char *sql, qint64 atLeast) {
            QTest::addRow("%s: %s", database, sql) << QString::fromLatin1(database) << QByteArray(sql) << atLeast;
        };
        row("register", "SELECT count(*) FROM public.establishment", 2'900);
        row("register", "SELECT count(*) FROM public.timesegments WHERE unit_type = 'enterprise'", 750);
        row("register", "SELECT count(*) FROM public.timeline_enterprise WHERE employees > 0", 500);
        row("register", "SELECT count(*) FROM public.statistical_history", 70);
        row("warehouse", "SELECT count(*) FROM public.ergonomic_snapshots", 30'000);
        row("warehouse", "SELECT count(*) FROM public.ergonomic_snapshots_default", 180);
        row("warehouse",
            "SELECT count(*) FROM public.rollup_1m WHERE bucket_start > now()::timestamp - interval '10 minutes'", 1);
        row("plays", "SELECT count(*) FROM public.source_track_plays", 100'000);
        row("plays", "SELECT count(*) FROM public.source_track_plays WHERE created_at < now() - interval '12 months'",
            1'000);
        row("plays", "SELECT count(*) FROM public.source_track_plays_by_hour_48h", 300);
        row("plays", "SELECT pg_catalog.nextval('public.source_track_plays_id_seq')", 100'001);
        row("sensors", "SELECT count(*) FROM silver.sensor_timeseries WHERE \"timestamp\" > now() - interval '6 hours'",
            9'000);
        row("sensors", "SELECT count(*) FROM silver.machine_timeseries", 3'000);
        row("wip", "SELECT count(*) FROM public.wip_process_history", 30'000);
        row("wip",
            "SELECT count(*) FROM public.mv_process_wip_queue WHERE last_refreshed_at > now() - interval '10 minutes'",
            8);
    }

    void everyDatabaseHasItsTablesAndRows()
    {
        QFETCH(const QString, database);
        QFETCH(const QByteArray, sql);
        QFETCH(const qint64, atLeast);
        const qint64 found = number(database, sql);
        QVERIFY2(found >= atLeast, QByteArray::number(found).constData());
    }

    void timelinesHaveOneRowForEachUnitAndSegmentAndNoOverlap()
    {
        for (const char *view : {"timeline_establishment", "timeline_legal_unit", "timeline_enterprise"}) {
            const QByteArray twice = "SELECT count(*) FROM (SELECT FROM public." + QByteArray(view)
                                     + " GROUP BY unit_type, unit_id, valid_after HAVING count(*) > 1) AS t";
            QCOMPARE(number(QStringLiteral("register"), twice), 0);
            const QByteArray overlapping =
                "SELECT count(*) FROM (SELECT valid_to > lead(valid_after) OVER (PARTITION BY unit_id ORDER BY valid_after) AS over FROM public."
                + QByteArray(view) + ") AS t WHERE over";
            QCOMPARE(number(QStringLiteral("register"), overlapping), 0);
        }
    }

    void snapshotsHaveAGapAndAShortRunway()
    {
        const QByteArray premade =
            "SELECT count(*) FROM pg_catalog.generate_series(0, 9) AS n "
            "WHERE pg_catalog.to_regclass('public.ergonomic_snapshots_' || to_char(current_date + n::integer, 'YYYY_MM_DD')) IS NOT NULL";
        QCOMPARE(number(QStringLiteral("warehouse"), premade), 4);
        QCOMPARE(
            number(
                QStringLiteral("warehouse"),
                "SELECT (pg_catalog.to_regclass('public.ergonomic_snapshots_' || to_char(current_date + 3, 'YYYY_MM_DD')) IS NULL)::int"),
            1);
    }

    void everyViewCanBeRefreshedButTheOneThatIsBrokenOnPurpose()
    {
        QStringList broken;
        int refreshed = 0;
        for (const DemoDatabase &database : demoDatabases()) {
            auto session = open(database.name);
            QVERIFY_RESULT(session);
            const auto views = session->exec(
                "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name FROM pg_catalog.pg_class c "
                "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm' ORDER BY c.oid");
            QVERIFY_RESULT(views);
            for (int row = 0; row < views->rowCount(); ++row) {
                const QString name = views->text(row, 0);
                const auto done = session->exec("REFRESH MATERIALIZED VIEW " + name.toUtf8(), {}, {120s, {}});
                if (done) {
                    ++refreshed;
                } else {
                    QCOMPARE(done.error().kind, ErrorKind::Constraint);
                    broken += name;
                }
            }
        }
        QCOMPARE(broken, QStringList{QStringLiteral("public.tax_ident_lookup")});
        QCOMPARE(refreshed, 15);
    }

    void rollupsRefreshConcurrentlyWhereTheyShould_data()
    {
        QTest::addColumn<QByteArray>("view");
        QTest::addColumn<bool>("eligible");
        for (const char *view : {"rollup_1m", "rollup_5m", "worker_exposure_minutes", "posture_type_counts"})
            QTest::newRow(view) << QByteArray(view) << true;
        QTest::newRow("top_red_zones") << QByteArray("top_red_zones") << false;
    }

    void rollupsRefreshConcurrentlyWhereTheyShould()
    {
        QFETCH(const QByteArray, view);
        QFETCH(const bool, eligible);
        auto session = open(QStringLiteral("warehouse"));
        QVERIFY_RESULT(session);
        QCOMPARE(session->exec("REFRESH MATERIALIZED VIEW CONCURRENTLY public." + view, {}, {60s, {}}).has_value(),
                 eligible);
    }

    void scenesMakeOthersWaitAndLeaveNothing_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("waiters");
        QTest::newRow("migration-queue") << QStringLiteral("migration-queue") << 3;
        QTest::newRow("same-item") << QStringLiteral("same-item") << 2;
        QTest::newRow("worker-advisory") << QStringLiteral("worker-advisory") << 1;
        QTest::newRow("prepared-transaction") << QStringLiteral("prepared-transaction") << 1;
        QTest::newRow("blocked-refresh") << QStringLiteral("blocked-refresh") << 2;
        QCOMPARE(lockScenes().size(), std::size_t(5));
    }

    void scenesMakeOthersWaitAndLeaveNothing()
    {
        QFETCH(const QString, name);
        QFETCH(const int, waiters);
        const LockScene *scene = lockScene(name);
        QVERIFY(scene != nullptr);
        const auto targets = m_demo.loadTargets();
        QVERIFY_RESULT(targets);
        const auto target = std::find_if(targets->begin(), targets->end(),
                                         [&](const LoadTarget &each) { return each.database == scene->database; });
        QVERIFY(target != targets->end());

        Status played;
        qint64 most = 0;
        {
            std::jthread player([&](std::stop_token stop) { played = playScene(*scene, target->connInfo, 5s, stop); });
            for (int i = 0; i < 45; ++i) {
                most = std::max(
                    most,
                    number(
                        scene->database,
                        "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database() "
                        "AND pg_catalog.cardinality(pg_catalog.pg_blocking_pids(pid)) > 0"));
                std::this_thread::sleep_for(100ms);
            }
            player.join(); // its destructor would stop the scene
        }
        QVERIFY_RESULT(played);
        QCOMPARE(most, waiters);
        QCOMPARE(number(scene->database, "SELECT count(*) FROM pg_catalog.pg_prepared_xacts"), 0);
        QCOMPARE(number(scene->database, "SELECT count(*) FROM pg_catalog.pg_locks WHERE NOT granted"), 0);
    }

    void stoppedSceneEndsAtOnceAndLeavesNoPreparedTransaction()
    {
        const LockScene *scene = lockScene(QStringLiteral("prepared-transaction"));
        const auto targets = m_demo.loadTargets();
        QVERIFY_RESULT(targets);
        const auto target = std::find_if(targets->begin(), targets->end(),
                                         [&](const LoadTarget &each) { return each.database == scene->database; });
        QElapsedTimer timer;
        {
            const std::jthread player(
                [&](std::stop_token stop) { static_cast<void>(playScene(*scene, target->connInfo, 120s, stop)); });
            QTRY_COMPARE(number(scene->database, "SELECT count(*) FROM pg_catalog.pg_prepared_xacts"), 1);
            timer.start();
        }
        QVERIFY(timer.elapsed() < 3'000);
        QCOMPARE(number(scene->database, "SELECT count(*) FROM pg_catalog.pg_prepared_xacts"), 0);
    }

    void sweepEndsWhatAKilledLoadLeftPrepared()
    {
        auto session = open(QStringLiteral("warehouse"));
        QVERIFY_RESULT(session);
        QVERIFY_RESULT(session->execScript("BEGIN; UPDATE public.warehouses SET name = name"));
        QVERIFY_RESULT(session->exec("PREPARE TRANSACTION 'tidemark-demo-left'"));
        const auto info = m_demo.connInfo(Server::Main);
        QVERIFY_RESULT(sweepPreparedTransactions(info->withDatabase(QStringLiteral("warehouse")), {}));
        QCOMPARE(number(QStringLiteral("warehouse"), "SELECT count(*) FROM pg_catalog.pg_prepared_xacts"), 0);
    }

    void everyStatementOfTheLoadRuns()
    {
        const auto targets = m_demo.loadTargets();
        QVERIFY_RESULT(targets);
        for (const LoadTarget &target : *targets) {
            auto session = pg::Session::open(target.connInfo, writer());
            QVERIFY_RESULT(session);
            for (const LoadTask &task : loadTasks(target.database)) {
                const auto done = session->execScript(task.sql, {60s, {}});
                QVERIFY2(done.has_value() == !task.mayFail,
                         qPrintable(target.database + QLatin1Char('/') + task.name + QLatin1String(": ")
                                    + (done ? QString() : done.error().summary())));
            }
        }
    }

    void upAgainIsQuickAndChangesNothing()
    {
        const DemoStatus before = status();
        const auto up = upAgain();
        QVERIFY_RESULT(up);
        QVERIFY(up->wasUp);
        QVERIFY(up->notes.isEmpty());
        QVERIFY(up->took < 5s);
        for (std::size_t i = 0; i < before.servers.size(); ++i)
            QCOMPARE(status().servers[i].pid, before.servers[i].pid);
    }

    void anotherScaleIsRefused()
    {
        UpOptions options;
        options.scale = Scale::Large;
        const auto up = m_demo.up(options);
        QVERIFY(!up);
        QCOMPARE(up.error().kind, ErrorKind::Input);
        QVERIFY(up.error().hint.contains(QLatin1String("demo down")));
    }

    void killedServerComesBackWithItsRows()
    {
        const qint64 rows = number(QStringLiteral("plays"), "SELECT count(*) FROM public.source_track_plays");
        const qint64 pid = status().servers[0].pid;
        QCOMPARE(::kill(static_cast<pid_t>(pid), SIGKILL), 0);
        QTRY_VERIFY(!isAlive(pid));
        const auto up = upAgain();
        QVERIFY_RESULT(up);
        QVERIFY2(up->notes.isEmpty(), qPrintable(up->notes.join(QLatin1Char('\n'))));
        QVERIFY(!up->wasUp);
        QCOMPARE(number(QStringLiteral("plays"), "SELECT count(*) FROM public.source_track_plays"), rows);
    }

    void stalePidFileAndTakenPortAreNoHindrance()
    {
        const ServerState before = status().servers[1];
        QCOMPARE(::kill(static_cast<pid_t>(before.pid), SIGQUIT), 0); // an immediate shutdown
        QTRY_VERIFY(!isAlive(before.pid));
        QFile pidFile(m_folder + QLatin1String("/two/data/postmaster.pid"));
        QVERIFY(pidFile.open(QIODevice::WriteOnly));
        pidFile.write(QByteArray::number(static_cast<qint64>(::getppid())) + "\n/elsewhere\n1\n1\n\n\n\n\n");
        pidFile.close();
        const TakenPort other(before.port);
        QVERIFY(other.isTaken);
        QVERIFY(!status().servers[1].running);

        const auto up = upAgain();
        QVERIFY_RESULT(up);
        QVERIFY2(up->notes.isEmpty(), qPrintable(up->notes.join(QLatin1Char('\n'))));
        QVERIFY(status().servers[1].port != before.port);
        QVERIFY(number(QStringLiteral("wip"), "SELECT count(*) FROM public.lots", Server::Two) > 0);
    }

    void halfMadeServerIsMadeAnew()
    {
        QFile mark(m_folder + QLatin1String("/demo.json"));
        QVERIFY(mark.open(QIODevice::ReadWrite));
        QByteArray json = mark.readAll();
        json.replace("\"two\": true", "\"two\": false");
        QVERIFY(mark.resize(0) && mark.seek(0) && mark.write(json) == json.size());
        mark.close();
        QVERIFY(!m_demo.connInfo(Server::Two));
        const qint64 mainPid = status().servers[0].pid;

        const auto up = upAgain();
        QVERIFY_RESULT(up);
        QCOMPARE(up->notes.size(), 1);
        QCOMPARE(status().servers[0].pid, mainPid);
        QVERIFY(number(QStringLiteral("warehouse"), "SELECT count(*) FROM public.ergonomic_snapshots", Server::Two)
                > 5'000);
    }

    void ruinedServerIsMadeAnew()
    {
        const qint64 pid = status().servers[1].pid;
        QCOMPARE(::kill(static_cast<pid_t>(pid), SIGKILL), 0);
        QTRY_VERIFY(!isAlive(pid));
        QVERIFY(QFile::remove(m_folder + QLatin1String("/two/data/global/pg_control")));
        const auto up = upAgain();
        QVERIFY_RESULT(up);
        QCOMPARE(up->notes.size(), 1);
        QVERIFY2(up->notes.first().contains(QLatin1String("demo-two could not be used")),
                 qPrintable(up->notes.first()));
        QVERIFY(number(QStringLiteral("wip"), "SELECT count(*) FROM public.lots", Server::Two) > 0);
    }

    void loadRunsByItselfAndMovesEveryDatabase()
    {
        const auto up = upAgain(true);
        QVERIFY_RESULT(up);
        const auto pid = status().loadPid;
        QVERIFY(pid.has_value());
        QVERIFY(*pid != ::getpid());
        const auto changes = [&](const QString &database) {
            return number(
                database,
                "SELECT sum(pg_catalog.pg_stat_get_tuples_inserted(oid) + pg_catalog.pg_stat_get_tuples_updated(oid))::bigint "
                "FROM pg_catalog.pg_class WHERE relkind = 'r' AND relnamespace IN ('public'::regnamespace, coalesce(to_regnamespace('silver'), 'public'))");
        };
        for (const DemoDatabase &database : demoDatabases()) {
            const qint64 before = changes(database.name);
            QTRY_VERIFY2_WITH_TIMEOUT(changes(database.name) > before, qPrintable(database.name), 30'000);
        }
        QVERIFY(
            number(
                QStringLiteral("postgres"),
                "SELECT count(DISTINCT application_name) FROM pg_catalog.pg_stat_activity "
                "WHERE application_name IN ('relisten-api', 'warehouse-ingest', 'statbus-web', 'scada-gateway', 'mes-api')")
            == 5);
        // Sooner or later the first lock scene.
        QTRY_VERIFY_WITH_TIMEOUT(
            number(QStringLiteral("postgres"),
                   "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE wait_event_type = 'Lock'")
                > 0,
            60'000);
        QVERIFY_RESULT(upAgain(true));
        QCOMPARE(status().loadPid, pid);
    }

    void downLeavesNoFileAndNoProcess()
    {
        const DemoStatus before = status();
        QElapsedTimer timer;
        timer.start();
        QVERIFY_RESULT(m_demo.down());
        qInfo("down took %lld ms", timer.elapsed());
        for (const ServerState &server : before.servers)
            QVERIFY(!isAlive(server.pid));
        QVERIFY(!isAlive(*before.loadPid));
        QVERIFY(!QFileInfo::exists(m_folder));
        const QStringList processes = QDir(QStringLiteral("/proc")).entryList(QDir::Dirs);
        for (const QString &process : processes)
            QVERIFY(!QFile::symLinkTarget(QStringLiteral("/proc/%1/cwd").arg(process)).startsWith(m_folder));
        QVERIFY_RESULT(m_demo.down());
    }

    void longPathGetsAShortSocketAndDownRemovesIt()
    {
        const QString deep = m_folder + QLatin1Char('/') + QString(90, QLatin1Char('x'));
        QVERIFY(QDir().mkpath(m_folder));
        QFile::setPermissions(m_folder, QFile::Permissions(0x7711));
        const auto tools = ServerTools::find();
        QVERIFY_RESULT(tools);
        const PrivateCluster cluster(deep, *tools);
        QVERIFY(cluster.socketFolder().startsWith(QLatin1String("/tmp/tidemark-demo-")));
        QVERIFY_RESULT(cluster.make(QStringLiteral("secret")));
        PrivateCluster::Settings settings;
        settings.title = QStringLiteral("deep");
        settings.preload = {QStringLiteral("pg_stat_statements"), QStringLiteral("no_such_library")};
        const auto preload = cluster.start(settings);
        QVERIFY_RESULT(preload);
        QCOMPARE(*preload, QStringList{QStringLiteral("pg_stat_statements")});
        QVERIFY(QFileInfo::exists(cluster.socketFolder()));
        QVERIFY_RESULT(cluster.remove());
        QVERIFY(!QFileInfo::exists(cluster.socketFolder()));
        QVERIFY(!QFileInfo::exists(deep));
        QVERIFY(QDir().rmdir(m_folder));
    }
};

int main(int argc, char *argv[])
{
    if (argc == 3 && std::strcmp(argv[1], "--run-the-load") == 0) { // what `tidemarkctl demo load` does
        const auto ran = runLoadProcess(DemoCluster(QString::fromLocal8Bit(argv[2])));
        return ran ? 0 : 1;
    }
    QCoreApplication app(argc, argv);
    TstDemo test;
    QTEST_SET_MAIN_SOURCE_PATH
    return QTest::qExec(&test, argc, argv);
}

#include "tst_demo.moc"
