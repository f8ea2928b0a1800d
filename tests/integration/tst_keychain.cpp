// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secrets/secretstore.h"
#include "tests/support/testserver.h"

#include <QDir>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>

using namespace tidemark;

namespace {

constexpr auto insideVariable = "TIDEMARK_TEST_IN_KEYCHAIN_SESSION";

/// Runs within the private session: a Secret Service answers on the bus.
class KeychainSession : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_secrets = keychainSecretStore(); }

    void whatWasKeptComesBackAndIsGoneWhenRemoved()
    {
        const QString profile = QStringLiteral("prod-eu");
        QCOMPARE(read(profile).error().kind, ErrorKind::Missing);
        const QString secret = QStringLiteral("pÄss 'w\"ord\\ €");
        QVERIFY_RESULT(write(profile, secret));
        const auto kept = read(profile);
        QVERIFY_RESULT(kept);
        QCOMPARE(*kept, secret);
        QVERIFY_RESULT(write(profile, QStringLiteral("another")));
        QCOMPARE(read(profile).value(), QStringLiteral("another"));
        QVERIFY_RESULT(remove(profile));
        const auto gone = read(profile);
        QVERIFY(!gone);
        QCOMPARE(gone.error().kind, ErrorKind::Missing);
        QVERIFY2(gone.error().message.contains(QStringLiteral("has no password")), qPrintable(gone.error().message));
        QVERIFY_RESULT(remove(profile));
    }

    void profilesDoNotShareAPassword()
    {
        QVERIFY_RESULT(write(QStringLiteral("one"), QStringLiteral("first")));
        QVERIFY_RESULT(write(QStringLiteral("One more, \"quoted\""), QStringLiteral("second")));
        QCOMPARE(read(QStringLiteral("one")).value(), QStringLiteral("first"));
        QCOMPARE(read(QStringLiteral("One more, \"quoted\"")).value(), QStringLiteral("second"));
        QVERIFY_RESULT(remove(QStringLiteral("one")));
        QCOMPARE(read(QStringLiteral("One more, \"quoted\"")).value(), QStringLiteral("second"));
    }

private:
    [[nodiscard]] Result<QString> read(const QString &profile)
    {
        std::optional<Result<QString>> answer;
        m_secrets->read(profile, [&](const Result<QString> &secret) { answer = secret; });
        if (!QTest::qWaitFor([&] { return answer.has_value(); }, 10'000))
            return fail(Error::internal(QStringLiteral("the keychain did not answer")));
        return *answer;
    }
    [[nodiscard]] Status write(const QString &profile, const QString &secret)
    {
        return wait([&](const auto &done) { m_secrets->write(profile, secret, done); });
    }
    [[nodiscard]] Status remove(const QString &profile)
    {
        return wait([&](const auto &done) { m_secrets->remove(profile, done); });
    }
    template<typename Ask>
    [[nodiscard]] static Status wait(Ask ask)
    {
        std::optional<Status> answer;
        ask([&](const Status &status) { answer = status; });
        if (!QTest::qWaitFor([&] { return answer.has_value(); }, 10'000))
            return fail(Error::internal(QStringLiteral("the keychain did not answer")));
        return *answer;
    }

    std::unique_ptr<SecretStore> m_secrets;
};

/// The keychain of the desktop, on a bus, a keyring and a home of the test's own: the tester's is never asked.
class TstKeychain : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void passwordsLiveInTheSecretService()
    {
        for (const char *program : {"dbus-run-session", "gnome-keyring-daemon"}) {
            if (!QStandardPaths::findExecutable(QLatin1String(program)).isEmpty())
                continue;
            if (test::serversAreRequired())
                QFAIL(program);
            QSKIP(qPrintable(QStringLiteral("%1 is not installed").arg(QLatin1String(program))));
        }
        const QTemporaryDir home;
        QVERIFY(home.isValid());
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("HOME"), home.path());
        for (const char *name :
             {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"}) {
            const QString folder = home.filePath(QLatin1String(name));
            QVERIFY(QDir().mkpath(folder));
            QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
            environment.insert(QLatin1String(name), folder);
        }
        for (const char *name : {"DBUS_SESSION_BUS_ADDRESS", "GNOME_KEYRING_CONTROL", "DISPLAY", "WAYLAND_DISPLAY"})
            environment.remove(QLatin1String(name));
        environment.insert(QLatin1String(insideVariable), QStringLiteral("1"));

        QProcess session;
        session.setProcessEnvironment(environment);
        session.setProcessChannelMode(QProcess::MergedChannels);
        // The daemon stays in the foreground of the session's shell, which ends it when the tests are done.
        session.start(
            QStringLiteral("dbus-run-session"),
            {QStringLiteral("--"), QStringLiteral("sh"), QStringLiteral("-c"),
             QStringLiteral("printf secret | gnome-keyring-daemon --foreground --unlock --components=secrets &\n"
                            "daemon=$!\n"
                            "\"$0\"; code=$?\n"
                            "kill \"$daemon\"; wait \"$daemon\"\n"
                            "exit $code"),
             QCoreApplication::applicationFilePath()});
        QVERIFY2(session.waitForStarted(), qPrintable(session.errorString()));
        QVERIFY(session.waitForFinished(60'000));
        QVERIFY2(session.exitStatus() == QProcess::NormalExit && session.exitCode() == 0,
                 session.readAll().constData());
    }
};

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    if (!qEnvironmentVariableIsSet(insideVariable)) {
        TstKeychain outside;
        return QTest::qExec(&outside, argc, argv);
    }
    // The daemon takes a moment to stand on the bus; who asks too early would start another.
    QTest::qWait(1'000);
    KeychainSession inside;
    return QTest::qExec(&inside, argc, argv);
}

#include "tst_keychain.moc"
