// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/connecting.h"
#include "core/pg/session.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QTemporaryDir>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

using namespace tidemark;
using namespace tidemark::test;
using pg::ConnInfo;
using pg::Session;

namespace {

/// A port of 127.0.0.1: one that nobody listens on, or one where connections are taken and never answered.
class DeafPort
{
public:
    explicit DeafPort(bool listens)
        : m_fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        if (bind(m_fd, reinterpret_cast<sockaddr *>(&address), length) != 0
            || getsockname(m_fd, reinterpret_cast<sockaddr *>(&address), &length) != 0
            || (listens && listen(m_fd, 5) != 0))
            qFatal("no port");
        m_port = ntohs(address.sin_port);
    }
    ~DeafPort() { close(m_fd); }
    DeafPort(const DeafPort &) = delete;
    DeafPort &operator=(const DeafPort &) = delete;
    [[nodiscard]] QString port() const { return QString::number(m_port); }

private:
    int m_fd;
    int m_port = 0;
};

/// Sets an environment variable for a scope.
class ScopedVariable
{
public:
    ScopedVariable(const char *name, const QString &value)
        : m_name(name)
    {
        qputenv(name, value.toUtf8());
    }
    ~ScopedVariable() { qunsetenv(m_name); }
    ScopedVariable(const ScopedVariable &) = delete;
    ScopedVariable &operator=(const ScopedVariable &) = delete;

private:
    const char *m_name;
};

QString writeFile(const QTemporaryDir &folder, const QString &name, const QString &text)
{
    QFile file(folder.filePath(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(text.toUtf8()) < 0)
        qFatal("cannot write %s", qUtf8Printable(file.fileName()));
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    return file.fileName();
}

} // namespace

/// Every way in, and every way to be kept out, with what the user is told.
class TstConnect : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();

    void aPasswordOpensTheDoor();
    void aWrongPasswordIsAuthentication();
    void aMissingPasswordSaysWhereToPutIt();
    void passwordFileIsRead();
    void serviceFileIsRead();
    void environmentVariablesAreRead();

    void refusalsHaveTheirKind_data();
    void refusalsHaveTheirKind();
    void aDemandThatNoServerMeetsIsNamed_data();
    void aDemandThatNoServerMeetsIsNamed();
    void aParameterThatMakesNoSenseIsInputAndNamed_data();
    void aParameterThatMakesNoSenseIsInputAndNamed();
    void whoIsRefusedForWantOfConnectionsIsToldOfTheLimits();
    void nobodyListeningIsConnectionAtOnce();
    void aServerThatNeverAnswersIsTimeout();
    void aRequestToStopEndsConnecting();

    void theNextHostIsTriedWhenOneRefuses();
    void theNextHostIsTriedWhenOneNeverAnswers();
    void allHostsFailingNamesTheLast();

    void tlsModesDoWhatTheirNamesSay_data();
    void tlsModesDoWhatTheirNamesSay();
    void tlsRefusedByThePlainServerIsAuthentication();

    void uglyDatabaseNamesAreNames_data();
    void uglyDatabaseNamesAreNames();
    void theSessionReadsUtf8WhateverTheUserAsksFor();
    void everySessionIsSetUpTheSame();

private:
    /// A cluster that wants a password over TCP, speaks TLS, and trusts the socket.
    std::unique_ptr<TestCluster> m_guarded;
    [[nodiscard]] ConnInfo guarded(const QString &user, const QString &password) const
    {
        return m_guarded->tcpConnInfo().with(QStringLiteral("user"), user).with(QStringLiteral("password"), password);
    }
};

void TstConnect::initTestCase()
{
    TIDEMARK_REQUIRE_SERVER("15");
    ClusterOptions options;
    options.tls = true;
    options.hba = {QStringLiteral("local all all trust"), QStringLiteral("hostssl all tlsonly 127.0.0.1/32 trust"),
                   QStringLiteral("host all tlsonly 127.0.0.1/32 reject"),
                   QStringLiteral("host all unlisted 127.0.0.1/32 reject"),
                   QStringLiteral("host all all 127.0.0.1/32 scram-sha-256")};
    m_guarded = std::make_unique<TestCluster>(options);
    QVERIFY_RESULT(m_guarded->start());
    auto session = Session::open(m_guarded->connInfo(), writable());
    QVERIFY_RESULT(session);
    QVERIFY_RESULT(session->execScript("CREATE ROLE dba LOGIN PASSWORD 'right'; CREATE ROLE tlsonly LOGIN;"
                                       "CREATE ROLE nologin NOLOGIN PASSWORD 'right';"
                                       "CREATE ROLE full LOGIN PASSWORD 'right' CONNECTION LIMIT 0;"));
    for (const char *statement : {"CREATE DATABASE closed", "REVOKE CONNECT ON DATABASE closed FROM public",
                                  "CREATE DATABASE shut ALLOW_CONNECTIONS false"})
        QVERIFY_RESULT(session->exec(statement));
}

void TstConnect::aPasswordOpensTheDoor()
{
    const auto session = Session::open(guarded(QStringLiteral("dba"), QStringLiteral("right")));
    QVERIFY_RESULT(session);
    QCOMPARE(session->user(), QStringLiteral("dba"));
}

void TstConnect::aWrongPasswordIsAuthentication()
{
    const auto session = Session::open(guarded(QStringLiteral("dba"), QStringLiteral("wr0ng")));
    QVERIFY(!session);
    const Error &error = session.error();
    QCOMPARE(errorKindName(error.kind), QStringLiteral("authentication"));
    QCOMPARE(error.sqlState, QByteArray("28P01"));
    QVERIFY(pg::wantsPassword(error));
    QVERIFY(error.poisonsSession);
    QVERIFY(!error.retryable);
    QVERIFY2(error.summary().contains(QLatin1String("password authentication failed for user \"dba\"")),
             qPrintable(error.summary()));
    QVERIFY2(!error.summary().contains(QLatin1String("28P01")) && !error.summary().contains(QLatin1String("LOCATION")),
             qPrintable(error.summary()));
    QVERIFY2(!error.summary().contains(QLatin1String("wr0ng")), qPrintable(error.summary()));
}

void TstConnect::aMissingPasswordSaysWhereToPutIt()
{
    const ScopedVariable nowhere("PGPASSFILE", QStringLiteral("/dev/null"));
    const auto session = Session::open(guarded(QStringLiteral("dba"), {}));
    QVERIFY(!session);
    QCOMPARE(errorKindName(session.error().kind), QStringLiteral("authentication"));
    QVERIFY2(session.error().hint.contains(QLatin1String(".pgpass")), qPrintable(session.error().hint));
    QVERIFY(pg::wantsPassword(session.error()));
}

void TstConnect::passwordFileIsRead()
{
    const QTemporaryDir folder;
    const QString port = m_guarded->tcpConnInfo().value(QStringLiteral("port"));
    const ScopedVariable file("PGPASSFILE", writeFile(folder, QStringLiteral("pgpass"),
                                                      QStringLiteral("127.0.0.1:%1:*:dba:right\n").arg(port)));
    QVERIFY_RESULT(Session::open(guarded(QStringLiteral("dba"), {})));
}

void TstConnect::serviceFileIsRead()
{
    const QTemporaryDir folder;
    const ConnInfo target = m_guarded->tcpConnInfo();
    const ScopedVariable file(
        "PGSERVICEFILE",
        writeFile(folder, QStringLiteral("services"),
                  QStringLiteral("[prod]\nhost=127.0.0.1\nport=%1\nuser=dba\npassword=right\ndbname=template1\n")
                      .arg(target.value(QStringLiteral("port")))));
    const auto info = ConnInfo::parse(QStringLiteral("service=prod"));
    QVERIFY_RESULT(info);
    const auto session = Session::open(*info);
    QVERIFY_RESULT(session);
    QCOMPARE(session->database(), QStringLiteral("template1"));
    // What is given beside the service wins over it.
    const auto other = Session::open(info->withDatabase(QStringLiteral("postgres")));
    QVERIFY_RESULT(other);
    QCOMPARE(other->database(), QStringLiteral("postgres"));

    const auto unknown = Session::open(*ConnInfo::parse(QStringLiteral("service=nowhere")));
    QVERIFY(!unknown);
    QVERIFY2(unknown.error().summary().contains(QLatin1String("nowhere")), qPrintable(unknown.error().summary()));
}

void TstConnect::environmentVariablesAreRead()
{
    const ConnInfo target = m_guarded->tcpConnInfo();
    const ScopedVariable host("PGHOST", QStringLiteral("127.0.0.1"));
    const ScopedVariable port("PGPORT", target.value(QStringLiteral("port")));
    const ScopedVariable user("PGUSER", QStringLiteral("dba"));
    const ScopedVariable password("PGPASSWORD", QStringLiteral("right"));
    const ScopedVariable database("PGDATABASE", QStringLiteral("template1"));
    const auto session = Session::open(ConnInfo());
    QVERIFY_RESULT(session);
    QCOMPARE(session->database(), QStringLiteral("template1"));
    QCOMPARE(session->user(), QStringLiteral("dba"));
}

void TstConnect::refusalsHaveTheirKind_data()
{
    QTest::addColumn<QString>("user");
    QTest::addColumn<QString>("database");
    QTest::addColumn<QString>("kind");
    QTest::addColumn<bool>("retryable");
    QTest::addColumn<QString>("named");
    QTest::addColumn<QString>("hinted");
    const auto row = [](const char *what, const char *user, const char *database, const char *kind, bool retryable,
                        const char *named, const char *hinted) {
        QTest::newRow(what) << QString::fromLatin1(user) << QString::fromLatin1(database) << QString::fromLatin1(kind)
                            << retryable << QString::fromLatin1(named) << QString::fromLatin1(hinted);
    };
    row("no such database", "dba", "nowhere", "missing", false, "database \"nowhere\" does not exist", "dropped");
    row("no such role", "nobody", "postgres", "authentication", false, "nobody", "password");
    row("a role that may not log in", "nologin", "postgres", "authentication", false, "nologin", "LOGIN");
    row("no CONNECT on the database", "dba", "closed", "permission", false, "closed", "CONNECT");
    row("a database that takes none", "dba", "shut", "connection", true, "shut", "ALLOW_CONNECTIONS");
    row("a role with all its connections in use", "full", "postgres", "connection", true, "full", "CONNECTION LIMIT");
    row("rejected by pg_hba.conf", "unlisted", "postgres", "authentication", false, "pg_hba.conf", "pg_hba.conf");
}

void TstConnect::refusalsHaveTheirKind()
{
    QFETCH(const QString, user);
    QFETCH(const QString, database);
    QFETCH(const QString, kind);
    QFETCH(const bool, retryable);
    QFETCH(const QString, named);
    QFETCH(const QString, hinted);
    const auto session = Session::open(guarded(user, QStringLiteral("right")).withDatabase(database));
    QVERIFY(!session);
    const Error &error = session.error();
    QCOMPARE(errorKindName(error.kind), kind);
    QCOMPARE(error.retryable, retryable);
    QCOMPARE(pg::wantsPassword(error), qstrcmp(QTest::currentDataTag(), "no such role") == 0);
    QVERIFY2(error.message.contains(named), qPrintable(error.message));
    QVERIFY2(error.context.startsWith(QLatin1String("connecting to 127.0.0.1:")), qPrintable(error.context));
    QVERIFY2(error.hint.contains(hinted), qPrintable(error.hint));
}

void TstConnect::aDemandThatNoServerMeetsIsNamed_data()
{
    QTest::addColumn<QString>("keyword");
    QTest::addColumn<QString>("value");
    const auto row = [](const char *keyword, const char *value) {
        QTest::newRow(keyword) << QString::fromLatin1(keyword) << QString::fromLatin1(value);
    };
    row("target_session_attrs", "standby");
    row("channel_binding", "require");
    row("gssencmode", "require");
    row("options", "-c no_such_setting=1");
}

void TstConnect::aDemandThatNoServerMeetsIsNamed()
{
    QFETCH(const QString, keyword);
    QFETCH(const QString, value);
    const auto session = Session::open(guarded(QStringLiteral("dba"), QStringLiteral("right"))
                                           .with(QStringLiteral("sslmode"), QStringLiteral("disable"))
                                           .with(keyword, value));
    QVERIFY(!session);
    QVERIFY2(session.error().hint.contains(keyword),
             qPrintable(session.error().summary() + QLatin1Char('\n') + session.error().hint));
}

void TstConnect::aParameterThatMakesNoSenseIsInputAndNamed_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("named");
    const auto row = [](const char *text, const char *named) {
        QTest::newRow(text) << QString::fromLatin1(text) << QString::fromLatin1(named);
    };
    row("service=nosuch", "service: definition of service \"nosuch\" not found");
    row("host=127.0.0.1 sslmode=bogus", "sslmode: invalid sslmode value: \"bogus\"");
    row("host=127.0.0.1 port=99999", "port: invalid port number: \"99999\"");
    row("host=127.0.0.1 port=many", "port: invalid integer value \"many\"");
    row("host=127.0.0.1,127.0.0.1 port=1,2,3", "port: could not match 3 port numbers to 2 hosts");
    row("host=127.0.0.1 keepalives_idle=soon port=1", "keepalives_idle: ");
    row("host=127.0.0.1 port=1 connect_timeout=soon", "connect_timeout: ");
    row("host=127.0.0.1 target_session_attrs=best",
        "target_session_attrs: invalid target_session_attrs value: \"best\"");
}

void TstConnect::aParameterThatMakesNoSenseIsInputAndNamed()
{
    QFETCH(const QString, text);
    QFETCH(const QString, named);
    const auto session = Session::open(*ConnInfo::parse(text));
    QVERIFY(!session);
    QVERIFY2(session.error().message.startsWith(named), qPrintable(session.error().message));
    QCOMPARE(errorKindName(session.error().kind), QStringLiteral("input"));
    QVERIFY(!session.error().retryable);
    QVERIFY(!session.error().hint.isEmpty());
}

void TstConnect::whoIsRefusedForWantOfConnectionsIsToldOfTheLimits()
{
    const auto session = Session::open(guarded(QStringLiteral("full"), QStringLiteral("right")));
    QVERIFY(!session);
    // The server's reason first: where it said so stands in the context.
    QCOMPARE(session.error().sqlState, QByteArray("53300"));
    QVERIFY2(session.error().hint.contains(QLatin1String("max_connections"))
                 && session.error().hint.contains(QLatin1String("CONNECTION LIMIT")),
             qPrintable(session.error().hint));
}

void TstConnect::nobodyListeningIsConnectionAtOnce()
{
    const DeafPort closed(false);
    QElapsedTimer taken;
    taken.start();
    const auto session = Session::open(*ConnInfo::parse(QStringLiteral("host=127.0.0.1 port=%1").arg(closed.port())));
    QVERIFY(!session);
    QCOMPARE(errorKindName(session.error().kind), QStringLiteral("connection"));
    QVERIFY(session.error().retryable);
    QVERIFY2(session.error().summary().contains(closed.port()), qPrintable(session.error().summary()));
    QVERIFY2(taken.elapsed() < 1'000, qPrintable(QString::number(taken.elapsed())));
}

void TstConnect::aServerThatNeverAnswersIsTimeout()
{
    const DeafPort deaf(true);
    pg::SessionOptions options;
    options.connectTimeout = Millis(400);
    QElapsedTimer taken;
    taken.start();
    const auto session = Session::open(*ConnInfo::parse(QStringLiteral("host=127.0.0.1 port=%1").arg(deaf.port())),
                                       options);
    QVERIFY(!session);
    QCOMPARE(errorKindName(session.error().kind), QStringLiteral("timeout"));
    QVERIFY(session.error().retryable);
    QVERIFY2(taken.elapsed() >= 390 && taken.elapsed() < 1'500, qPrintable(QString::number(taken.elapsed())));
}

void TstConnect::aRequestToStopEndsConnecting()
{
    const DeafPort deaf(true);
    std::stop_source source;
    std::jthread stopper([&source] {
        std::this_thread::sleep_for(Millis(200));
        source.request_stop();
    });
    QElapsedTimer taken;
    taken.start();
    const auto session = Session::open(*ConnInfo::parse(QStringLiteral("host=127.0.0.1 port=%1").arg(deaf.port())), {},
                                       source.get_token());
    QVERIFY(!session);
    QCOMPARE(errorKindName(session.error().kind), QStringLiteral("cancelled"));
    QVERIFY2(taken.elapsed() < 1'500, qPrintable(QString::number(taken.elapsed())));
}

void TstConnect::theNextHostIsTriedWhenOneRefuses()
{
    const DeafPort closed(false);
    const ConnInfo good = guarded(QStringLiteral("dba"), QStringLiteral("right"));
    const auto session = Session::open(
        good.with(QStringLiteral("host"), QStringLiteral("127.0.0.1,127.0.0.1"))
            .with(QStringLiteral("port"), closed.port() + QLatin1Char(',') + good.value(QStringLiteral("port"))));
    QVERIFY_RESULT(session);
}

void TstConnect::theNextHostIsTriedWhenOneNeverAnswers()
{
    const DeafPort deaf(true);
    const ConnInfo good = guarded(QStringLiteral("dba"), QStringLiteral("right"));
    pg::SessionOptions options;
    options.connectTimeout = Millis(1'000);
    const auto session = Session::open(
        good.with(QStringLiteral("host"), QStringLiteral("127.0.0.1,127.0.0.1"))
            .with(QStringLiteral("port"), deaf.port() + QLatin1Char(',') + good.value(QStringLiteral("port"))),
        options);
    QVERIFY_RESULT(session);
}

void TstConnect::allHostsFailingNamesTheLast()
{
    const DeafPort deaf(true);
    const DeafPort closed(false);
    pg::SessionOptions options;
    options.connectTimeout = Millis(300);
    const auto session = Session::open(
        *ConnInfo::parse(QStringLiteral("host=127.0.0.1,127.0.0.1 port=%1,%2").arg(deaf.port(), closed.port())),
        options);
    QVERIFY(!session);
    QCOMPARE(errorKindName(session.error().kind), QStringLiteral("connection"));
    QVERIFY2(session.error().message.contains(closed.port()), qPrintable(session.error().message));
}

void TstConnect::tlsModesDoWhatTheirNamesSay_data()
{
    QTest::addColumn<QString>("user");
    QTest::addColumn<QString>("options"); // besides host and port
    QTest::addColumn<QString>("outcome"); // "plain", "encrypted", or the kind of the error
    const auto row = [](const char *user, const char *options, const char *outcome) {
        QTest::addRow("%s %s", user, options)
            << QString::fromLatin1(user) << QString::fromLatin1(options) << QString::fromLatin1(outcome);
    };
    row("dba", "sslmode=disable", "plain");
    row("dba", "sslmode=allow", "plain");
    row("dba", "sslmode=prefer", "encrypted");
    row("dba", "sslmode=require", "encrypted");
    row("dba", "sslmode=verify-ca sslrootcert=CERTIFICATE", "encrypted");
    row("dba", "sslmode=verify-full sslrootcert=CERTIFICATE", "encrypted");
    row("dba", "sslmode=verify-full sslrootcert=CERTIFICATE host=other.example hostaddr=127.0.0.1", "authentication");
    row("dba", "sslmode=verify-ca sslrootcert=CERTIFICATE host=other.example hostaddr=127.0.0.1", "encrypted");
    row("dba", "sslmode=verify-full sslrootcert=/dev/null", "authentication");
    row("dba", "sslmode=verify-full sslrootcert=/nonexistent", "authentication");
    row("tlsonly", "sslmode=disable", "authentication");
    row("tlsonly", "sslmode=allow", "encrypted");
    row("tlsonly", "sslmode=require", "encrypted");
}

void TstConnect::tlsModesDoWhatTheirNamesSay()
{
    QFETCH(const QString, user);
    QFETCH(QString, options);
    QFETCH(const QString, outcome);
    options.replace(QLatin1String("CERTIFICATE"), m_guarded->certificateFile());
    const auto given = ConnInfo::parse(options);
    QVERIFY_RESULT(given);
    ConnInfo info = guarded(user, QStringLiteral("right"));
    for (const auto &[keyword, value] : given->keywords())
        info = info.with(keyword, value);
    const auto session = Session::open(info);
    if (!session) {
        QVERIFY2(errorKindName(session.error().kind) == outcome, describe(session.error()).constData());
        QVERIFY(!session.error().hint.isEmpty());
        return;
    }
    QCOMPARE(session->isEncrypted() ? QStringLiteral("encrypted") : QStringLiteral("plain"), outcome);
}

void TstConnect::tlsRefusedByThePlainServerIsAuthentication()
{
    const ConnInfo plain = serverOverTcp(QStringLiteral("15"));
    const auto session = Session::open(plain.with(QStringLiteral("sslmode"), QStringLiteral("require")));
    QVERIFY(!session);
    QCOMPARE(errorKindName(session.error().kind), QStringLiteral("authentication"));
    QVERIFY2(session.error().message.contains(QLatin1String("SSL")), qPrintable(session.error().message));
    QVERIFY2(session.error().hint.contains(QLatin1String("sslmode")), qPrintable(session.error().hint));
    QVERIFY(!pg::wantsPassword(session.error()));
}

void TstConnect::uglyDatabaseNamesAreNames_data()
{
    QTest::addColumn<QString>("name");
    for (const char *name : {"we\"ird; drop", "host=elsewhere", "postgresql://elsewhere/x", "näme 表 😀", "it's \\",
                             "  spaces  ", "sixty-three bytes are as many as a name in PostgreSQL may have.."})
        QTest::newRow(name) << QString::fromUtf8(name).left(63);
}

void TstConnect::uglyDatabaseNamesAreNames()
{
    QFETCH(const QString, name);
    const TestDatabase database(m_guarded->connInfo(), name);
    const auto session = Session::open(database.conn());
    QVERIFY_RESULT(session);
    QCOMPARE(session->database(), name);
    const auto readBack = ConnInfo::parse(database.conn().withoutPassword());
    QVERIFY_RESULT(readBack);
    QCOMPARE(readBack->value(QStringLiteral("dbname")), name);
}

void TstConnect::theSessionReadsUtf8WhateverTheUserAsksFor()
{
    auto session = Session::open(
        m_guarded->connInfo().with(QStringLiteral("client_encoding"), QStringLiteral("LATIN1")));
    QVERIFY_RESULT(session);
    const auto text = session->exec("SELECT U&'\\00e4\\8868'");
    QVERIFY_RESULT(text);
    QCOMPARE(text->text(0, 0), QStringLiteral("ä表"));
}

void TstConnect::everySessionIsSetUpTheSame()
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemark monitor");
    options.lockTimeout = Millis(123);
    options.statementTimeout = Millis(4'567);
    options.idleInTransactionTimeout = Millis(8'901);
    auto session = Session::open(server(QStringLiteral("15")), options); // whose own defaults are odd
    QVERIFY_RESULT(session);
    const QList<QPair<QByteArray, QString>> expected{
        {"search_path", QStringLiteral("\"\"")},
        {"timezone", QStringLiteral("UTC")},
        {"datestyle", QStringLiteral("ISO, DMY")},
        {"intervalstyle", QStringLiteral("postgres")},
        {"bytea_output", QStringLiteral("hex")},
        {"jit", QStringLiteral("off")},
        {"default_transaction_read_only", QStringLiteral("on")},
        {"lock_timeout", QStringLiteral("123ms")},
        {"statement_timeout", QStringLiteral("4567ms")},
        {"idle_in_transaction_session_timeout", QStringLiteral("8901ms")},
        {"application_name", QStringLiteral("tidemark monitor")},
    };
    for (const auto &[name, value] : expected) {
        const auto shown = session->exec("SHOW " + name);
        QVERIFY_RESULT(shown);
        QVERIFY2(shown->text(0, 0) == value, QByteArray(name + " is " + shown->bytes(0, 0)).constData());
    }
}

QTEST_GUILESS_MAIN(TstConnect)
#include "tst_connect.moc"
