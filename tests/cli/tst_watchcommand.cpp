// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/historystore.h"
#include "core/store/statement.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>

#include <sys/resource.h>

#include <csignal>

using namespace tidemark;
using namespace tidemark::test;

namespace {

/// The real program, watching; ended with the object.
class Watching
{
public:
    explicit Watching(const QStringList &arguments, const std::function<void()> &beforeExec = {})
    {
        if (beforeExec)
            m_process.setChildProcessModifier(beforeExec);
        m_process.start(QStringLiteral(TIDEMARK_BIN_DIR "/tidemarkctl"),
                        QStringList{QStringLiteral("watch")} + arguments);
        if (!m_process.waitForStarted())
            qFatal("tidemarkctl does not start");
    }
    ~Watching()
    {
        m_process.kill();
        m_process.waitForFinished();
    }

    /// Whether a line of stdout with all these words comes in time.
    [[nodiscard]] bool says(const QStringList &words, int milliseconds = 10'000)
    {
        return comes(milliseconds, [&] { return countOf(words) > 0; });
    }
    [[nodiscard]] bool complains(const QString &words, int milliseconds = 10'000)
    {
        return comes(milliseconds, [&] { return err().contains(words); });
    }
    [[nodiscard]] qsizetype countOf(const QStringList &words)
    {
        const QStringList lines = out().split(QLatin1Char('\n'));
        return std::count_if(lines.begin(), lines.end(), [&](const QString &line) {
            return std::all_of(words.begin(), words.end(), [&](const QString &word) { return line.contains(word); });
        });
    }
    [[nodiscard]] QString out()
    {
        m_out += m_process.readAllStandardOutput();
        return QString::fromUtf8(m_out);
    }
    [[nodiscard]] QString err()
    {
        m_err += m_process.readAllStandardError();
        return QString::fromUtf8(m_err);
    }
    void signal(int number) const { ::kill(static_cast<pid_t>(m_process.processId()), number); }
    [[nodiscard]] bool isRunning() const { return m_process.state() == QProcess::Running; }
    /// -1 where a signal ended it, or nothing did.
    [[nodiscard]] int exitCode()
    {
        if (!m_process.waitForFinished(20'000) || m_process.exitStatus() != QProcess::NormalExit)
            return -1;
        return m_process.exitCode();
    }
    [[nodiscard]] QByteArray all() { return (out() + QLatin1String("\n-- stderr:\n") + err()).toUtf8(); }

private:
    template<typename Condition>
    bool comes(int milliseconds, const Condition &condition)
    {
        QElapsedTimer elapsed;
        elapsed.start();
        while (!condition()) {
            if (elapsed.elapsed() > milliseconds || !isRunning())
                return condition();
            m_process.waitForReadyRead(50);
        }
        return true;
    }

    QProcess m_process;
    QByteArray m_out;
    QByteArray m_err;
};

QStringList words(std::initializer_list<const char *> list)
{
    QStringList all;
    for (const char *word : list)
        all << QString::fromUtf8(word);
    return all;
}

} // namespace

/// What `tidemarkctl watch` tells, and what it does when something is taken away under it.
class TstWatchCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        ClusterOptions options;
        options.settings = {{QStringLiteral("max_connections"), QStringLiteral("43")}}; // a tenth of 40 is 4
        m_cluster = std::make_unique<TestCluster>(options);
        QVERIFY_RESULT(m_cluster->start());
    }
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void cleanupTestCase() { m_cluster.reset(); }

    void databasesThatAreNotWatchedAreSaidAndCanBeNamed();
    void aDroppedDatabaseIsSaidAndEndsItsAlerts();
    void aNamedDatabaseIsJoinedAsSoonAsItIsMade();
    void aTerminatedSessionIsAConnectionLostAndFoundAgain();
    void aLockedHistoryIsSaidOnceAndKeptAgain();
    void aDeletedHistoryIsSaidAndBegunAgain();
    void anAlertIsToldByTheProgramThatWatchesItsDatabase();
    void eachMessageIsOneLine();
    void aHangupEndsItCleanlyUnlessItIsIgnored();
    void aFileThatReachesItsLimitIsNoEndWithoutAWord();
    void whatMakesNoSenseEndsItAsUsage_data();
    void whatMakesNoSenseEndsItAsUsage();
    void theHelpTellsWhatJsonPrints();

private:
    [[nodiscard]] QString store() const { return m_folder->filePath(QStringLiteral("store.sqlite")); }
    [[nodiscard]] QStringList to(const pg::ConnInfo &info, const QStringList &rest = {}) const
    {
        return QStringList{QStringLiteral("-d"), info.withoutPassword(), QStringLiteral("--store"), store()} + rest;
    }
    /// All databases of the private cluster: a connection string without one.
    [[nodiscard]] pg::ConnInfo all() const { return m_cluster->connInfo().with(QStringLiteral("dbname"), {}); }
    void run(const QByteArray &sql) const
    {
        auto session = pg::Session::open(m_cluster->connInfo(), writable());
        QVERIFY_RESULT(session);
        QVERIFY_RESULT(session->exec(sql));
    }
    /// A view there that misses its target from the beginning.
    void fillWithAStaleView(const QString &database, const QByteArray &name = "stale") const
    {
        auto session = pg::Session::open(m_cluster->connInfo().withDatabase(database), writable());
        QVERIFY_RESULT(session);
        QVERIFY_RESULT(session->exec("CREATE MATERIALIZED VIEW public." + name + " AS SELECT 1 AS a"));
        auto caps = pg::Capabilities::probe(*session);
        QVERIFY_RESULT(caps);
        HistoryStore history(LocalStore::open(store()).value());
        QVERIFY_RESULT(history.setTarget(databaseRefOf(*caps), {}, Millis(1)));
    }

    std::unique_ptr<TestCluster> m_cluster;
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TstWatchCommand::databasesThatAreNotWatchedAreSaidAndCanBeNamed()
{
    for (const char *name : {"a1", "a2", "a3", "a4", "a5"})
        run("CREATE DATABASE " + QByteArray(name) + " TEMPLATE template0");
    {
        Watching watching(to(all(), {QStringLiteral("--json")}));
        QVERIFY2(watching.says(words({"\"not_watched\"", "a4", "a5", "a tenth", "--database"})), watching.all());
        QVERIFY2(watching.complains(QStringLiteral("2 databases are not watched: a4, a5; ")), watching.all());
        QVERIFY2(watching.says(words({"\"connected\"", "a3"})), watching.all());
        QTRY_COMPARE_WITH_TIMEOUT(watching.countOf(words({"\"connected\""})), 4, 10'000);
        QTest::qSleep(2'500); // and no more with the next tick
        QCOMPARE(watching.countOf(words({"\"connected\""})), 4);
        QCOMPARE(watching.countOf(words({"\"not_watched\""})), 1);
    }
    {
        Watching named(to(all(), {QStringLiteral("--database"), QStringLiteral("a4"), QStringLiteral("--database"),
                                  QStringLiteral("a5")}));
        QVERIFY2(named.says(words({"a4", "connected"})) && named.says(words({"a5", "connected"})), named.all());
        QVERIFY2(!named.err().contains(QLatin1String("not watched")), named.all());
    }
    for (const char *name : {"a1", "a2", "a3", "a4", "a5"})
        run("DROP DATABASE " + QByteArray(name) + " WITH (FORCE)");
}

void TstWatchCommand::aDroppedDatabaseIsSaidAndEndsItsAlerts()
{
    run("CREATE DATABASE plays");
    fillWithAStaleView(QStringLiteral("plays"));
    Watching watching(to(all()));
    QVERIFY2(watching.says(words({"plays", "alert raised", "public.stale"})), watching.all());
    run("DROP DATABASE plays WITH (FORCE)");
    QVERIFY2(watching.says(words({"plays", "database gone", "the database plays was dropped"})), watching.all());
    QVERIFY2(watching.says(words({"plays", "alert cleared", "public.stale", "was dropped"})), watching.all());
    QVERIFY2(watching.countOf(words({"plays", "connection lost"})) == 0, watching.all());
    const auto open = [&] {
        auto session = pg::Session::open(m_cluster->connInfo());
        const auto caps = pg::Capabilities::probe(*session);
        return HistoryStore(LocalStore::open(store()).value()).openAlerts(caps->systemIdentifier).value().size();
    };
    QTRY_COMPARE(open(), 0U);

    run("CREATE DATABASE plays");
    QVERIFY2(watching.says(words({"plays", "connected"})), watching.all());
    QTRY_VERIFY2_WITH_TIMEOUT(watching.countOf(words({"plays", "  connected"})) == 2, watching.all(), 10'000);
    run("CREATE DATABASE shows");
    QVERIFY2(watching.says(words({"shows", "connected"})), watching.all());
    run("DROP DATABASE plays WITH (FORCE)");
    run("DROP DATABASE shows WITH (FORCE)");
}

void TstWatchCommand::aNamedDatabaseIsJoinedAsSoonAsItIsMade()
{
    Watching watching(to(m_cluster->connInfo(), {QStringLiteral("--database"), QStringLiteral("later")}));
    QVERIFY2(watching.says(words({"/later", "connection failed"})), watching.all());
    QVERIFY2(watching.says(words({"  connected"})), watching.all());
    run("CREATE DATABASE later");
    QVERIFY2(watching.says(words({"/later", "  connected"}), 10'000), watching.all());
    run("DROP DATABASE later WITH (FORCE)");
}

void TstWatchCommand::aTerminatedSessionIsAConnectionLostAndFoundAgain()
{
    Watching watching(to(m_cluster->connInfo()));
    QVERIFY2(watching.says(words({"connected"})), watching.all());
    run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tidemark'");
    QVERIFY2(watching.says(words({"connection lost: terminating connection due to administrator command"})),
             watching.all());
    QTRY_VERIFY2_WITH_TIMEOUT(watching.countOf(words({"  connected"})) == 2, watching.all(), 10'000);
}

void TstWatchCommand::aLockedHistoryIsSaidOnceAndKeptAgain()
{
    QVERIFY_RESULT(LocalStore::open(store()));
    SQLite::Database other(store().toStdString(), SQLite::OPEN_READWRITE);
    other.exec("BEGIN IMMEDIATE");
    Watching watching(to(m_cluster->connInfo(), {QStringLiteral("--json")}));
    QVERIFY2(watching.says(words({"\"history_failing\"", "store.sqlite", "Another program holds the file"})),
             watching.all());
    QVERIFY2(watching.complains(QStringLiteral("no history is kept")), watching.all());
    QVERIFY2(watching.says(words({"\"connected\""})), watching.all());
    other.exec("ROLLBACK");
    QVERIFY2(watching.says(words({"\"history_resumed\""}), 15'000), watching.all());
    const auto samples = [&] {
        int rows = 0;
        static_cast<void>(LocalStore::open(store()).value()->read(
            [&](SQLite::Database &db) { rows = db.execAndGet("SELECT count(*) FROM xid_sample").getInt(); }));
        return rows;
    };
    QTRY_VERIFY_WITH_TIMEOUT(samples() > 0, 10'000);

    // While it runs, too.
    other.exec("BEGIN IMMEDIATE");
    QTRY_VERIFY2_WITH_TIMEOUT(watching.countOf(words({"\"history_failing\""})) == 2, watching.all(), 15'000);
    other.exec("ROLLBACK");
    QTRY_VERIFY2_WITH_TIMEOUT(watching.countOf(words({"\"history_resumed\""})) == 2, watching.all(), 15'000);
}

void TstWatchCommand::aDeletedHistoryIsSaidAndBegunAgain()
{
    Watching watching(to(m_cluster->connInfo()));
    QVERIFY2(watching.says(words({"connected"})), watching.all());
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(store()), 10'000);
    for (const char *suffix : {"", "-wal", "-shm"})
        QFile::remove(store() + QLatin1String(suffix));
    QVERIFY2(watching.complains(QStringLiteral("deleted or replaced")), watching.all());
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(store()), 10'000);
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(store()).size() > 0, 10'000);
    QVERIFY2(watching.err().count(QLatin1String("deleted or replaced")) == 1, watching.all());
}

void TstWatchCommand::anAlertIsToldByTheProgramThatWatchesItsDatabase()
{
    run("CREATE DATABASE mine");
    run("CREATE DATABASE yours");
    fillWithAStaleView(QStringLiteral("mine"));
    Watching first(to(m_cluster->connInfo().withDatabase(QStringLiteral("mine"))));
    QVERIFY2(first.says(words({"alert raised", "public.stale"})), first.all());
    {
        Watching second(to(m_cluster->connInfo().withDatabase(QStringLiteral("yours"))));
        QVERIFY2(second.says(words({"connected"})), second.all());
        QTest::qSleep(3'000); // a tick and more
        QVERIFY2(second.countOf(words({"alert"})) == 0, second.all());
        auto session = pg::Session::open(m_cluster->connInfo().withDatabase(QStringLiteral("mine")), writable());
        QVERIFY_RESULT(session);
        QVERIFY_RESULT(session->exec("DROP MATERIALIZED VIEW public.stale"));
        QVERIFY2(first.says(words({"alert cleared", "public.stale"})), first.all());
        QTest::qSleep(500);
        QVERIFY2(second.countOf(words({"alert"})) == 0, second.all());
        QCOMPARE(first.countOf(words({"alert raised"})), 1);
    }
    run("DROP DATABASE mine WITH (FORCE)");
    run("DROP DATABASE yours WITH (FORCE)");
}

void TstWatchCommand::eachMessageIsOneLine()
{
    run("CREATE DATABASE broken");
    fillWithAStaleView(QStringLiteral("broken"), "\"a\nview\"");
    Watching watching(to(m_cluster->connInfo().withDatabase(QStringLiteral("broken"))));
    QVERIFY2(watching.says(words({"alert raised", "public.\"a\\nview\" was last refreshed"})), watching.all());
    Watching nowhere(QStringList{QStringLiteral("-d"), QStringLiteral("host=127.0.0.1,127.0.0.1 port=1,2"),
                                 QStringLiteral("--store"), QStringLiteral("none")});
    QVERIFY2(nowhere.says(words({"connection failed", "port 1 failed", "port 2 failed"})), nowhere.all());
    for (const QString &line : nowhere.out().split(QLatin1Char('\n'), Qt::SkipEmptyParts))
        QVERIFY2(line.startsWith(QLatin1String("20")) && line.contains(QLatin1String("connection failed")),
                 qPrintable(line));
    run("DROP DATABASE broken WITH (FORCE)");
}

void TstWatchCommand::aHangupEndsItCleanlyUnlessItIsIgnored()
{
    Watching watching(to(m_cluster->connInfo()));
    QVERIFY2(watching.says(words({"connected"})), watching.all());
    watching.signal(SIGHUP);
    QCOMPARE(watching.exitCode(), 0);

    Watching hardened(to(m_cluster->connInfo()), [] { ::signal(SIGHUP, SIG_IGN); }); // as nohup does
    QVERIFY2(hardened.says(words({"connected"})), hardened.all());
    hardened.signal(SIGHUP);
    QTest::qSleep(500);
    QVERIFY(hardened.isRunning());
    hardened.signal(SIGTERM);
    QCOMPARE(hardened.exitCode(), 0);
}

void TstWatchCommand::aFileThatReachesItsLimitIsNoEndWithoutAWord()
{
    QVERIFY_RESULT(LocalStore::open(store()));
    const auto limit = static_cast<rlim_t>(QFileInfo(store()).size());
    Watching watching(to(m_cluster->connInfo()), [limit] {
        const rlimit files{limit / 2, limit / 2};
        ::setrlimit(RLIMIT_FSIZE, &files);
    });
    QVERIFY2(watching.says(words({"connected"})), watching.all());
    QVERIFY2(watching.complains(QStringLiteral("no history is kept")), watching.all());
    QVERIFY2(watching.complains(QStringLiteral("ulimit -f")), watching.all());
    QVERIFY(watching.isRunning());
    watching.signal(SIGTERM);
    QCOMPARE(watching.exitCode(), 0);
}

void TstWatchCommand::whatMakesNoSenseEndsItAsUsage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("named");
    const auto row = [](const char *what, const QStringList &arguments, const char *named) {
        QTest::newRow(what) << arguments << QString::fromLatin1(named);
    };
    const QString d = QStringLiteral("-d");
    row("no time at all", {QStringLiteral("--for"), QStringLiteral("0")}, "--for takes a time to watch, not '0'");
    row("an unknown service", {d, QStringLiteral("service=nosuch")}, "nosuch");
    row("an unknown sslmode", {d, QStringLiteral("host=127.0.0.1 sslmode=bogus")}, "sslmode is one of disable, allow");
    row("a port beyond all ports", {d, QStringLiteral("host=127.0.0.1 port=99999")}, "1 to 65535");
}

void TstWatchCommand::whatMakesNoSenseEndsItAsUsage()
{
    QFETCH(const QStringList, arguments);
    QFETCH(const QString, named);
    Watching watching(arguments + QStringList{QStringLiteral("--store"), QStringLiteral("none")});
    QCOMPARE(watching.exitCode(), 2);
    QVERIFY2(watching.err().contains(named), watching.all());
}

void TstWatchCommand::theHelpTellsWhatJsonPrints()
{
    Watching watching({QStringLiteral("--help")});
    QCOMPARE(watching.exitCode(), 0);
    const QString help = watching.out().simplified();
    QVERIFY2(help.contains(QLatin1String("each event as one JSON object on a line")), qPrintable(help));
    QVERIFY(!help.contains(QLatin1String("instead of tables")));
}

QTEST_GUILESS_MAIN(TstWatchCommand)
#include "tst_watchcommand.moc"
