// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secrets/secretstore.h"
#include "core/store/profilestore.h"
#include "tests/gui/handmadefeed.h"
#include "tests/support/memorysecretstore.h"
#include "tests/support/stallwatch.h"
#include "tests/support/testserver.h"
#include "ui/dialogs/connectiondialog.h"
#include "ui/dialogs/connectionform.h"
#include "ui/services/asyncrunner.h"
#include "ui/widgets/messagebar.h"

#include <QComboBox>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>

#include <QTest>

#include <atomic>
#include <memory>
#include <thread>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

namespace {

/// Lets clients connect (the kernel does) and never says a word.
class SilentServer
{
public:
    SilentServer()
        : m_socket(::socket(AF_INET, SOCK_STREAM, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto *generic = reinterpret_cast<sockaddr *>(&address);
        if (::bind(m_socket, generic, size) == 0 && ::listen(m_socket, 4) == 0
            && ::getsockname(m_socket, generic, &size) == 0)
            m_port = ntohs(address.sin_port);
    }
    ~SilentServer() { ::close(m_socket); }
    SilentServer(const SilentServer &) = delete;
    SilentServer &operator=(const SilentServer &) = delete;
    [[nodiscard]] int port() const { return m_port; }

private:
    int m_socket;
    int m_port = 0;
};

} // namespace

class ConnectionDialogTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        auto store = LocalStore::inMemory();
        QVERIFY(store.has_value());
        m_store = *store;
        m_profiles = std::make_unique<ProfileStore>(*store);
        m_secrets = test::memorySecretStore();
        m_runner = std::make_unique<AsyncRunner>();
        m_dialogs = std::make_unique<test::AnsweringDialogs>();
        m_reported.clear();
        openDialog();
    }
    void cleanup()
    {
        m_dialog.reset();
        m_runner.reset();
    }

    void aGoodConnectionTellsWhatItFound()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        test::TestDatabase database;
        field("Connection: URI, keywords or service")->clear();
        QTest::keyClicks(field("Connection: URI, keywords or service"), database.conn().withoutPassword());
        QTest::mouseClick(button("Test connection"), Qt::LeftButton);
        QTRY_VERIFY(message().startsWith(QStringLiteral("Connected to PostgreSQL 15")));
    }

    void aWrongDatabaseIsTheServersOwnMessage()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        QTest::keyClicks(field("Connection: URI, keywords or service"),
                         test::server(QStringLiteral("15")).withDatabase(QStringLiteral("nowhere")).withoutPassword());
        QTest::mouseClick(button("Test connection"), Qt::LeftButton);
        QTRY_VERIFY(message().contains(QStringLiteral("database \"nowhere\" does not exist")));
        QVERIFY(button("Test connection")->isEnabled());
    }

    void aServerThatNeverAnswersStallsNothingAndIsLeftBehind()
    {
        const SilentServer silent;
        QVERIFY(silent.port() > 0);
        QTest::keyClicks(field("Connection: URI, keywords or service"),
                         QStringLiteral("host=127.0.0.1 port=%1 dbname=x user=x").arg(silent.port()));
        test::StallWatch stalls;
        QTest::mouseClick(button("Test connection"), Qt::LeftButton);
        QTest::qWait(300);
        QVERIFY(message().startsWith(QStringLiteral("Connecting to")));
        QVERIFY(stalls.longest() < 200ms);
        QElapsedTimer closing;
        closing.start();
        cleanup();
        QVERIFY(closing.elapsed() < 2000);
    }

    void theLineAndTheFieldsTellTheSame()
    {
        QTest::keyClicks(field("Connection: URI, keywords or service"),
                         QStringLiteral("postgresql://anna:secret@db.example:5433/plays?sslmode=verify-full"));
        QCOMPARE(field("Host")->text(), QStringLiteral("db.example"));
        QCOMPARE(field("Port")->text(), QStringLiteral("5433"));
        QCOMPARE(field("Database")->text(), QStringLiteral("plays"));
        QCOMPARE(field("User")->text(), QStringLiteral("anna"));
        QCOMPARE(field("Password")->text(), QStringLiteral("secret"));
        field("Host")->clear();
        QTest::keyClicks(field("Host"), QStringLiteral("other.example"));
        QVERIFY(field("Connection: URI, keywords or service")->text().contains(QStringLiteral("other.example")));
        QVERIFY(!field("Connection: URI, keywords or service")->text().contains(QStringLiteral("secret")));
    }

    void aMalformedLineSaysSoAndIsNotSaved()
    {
        QTest::keyClicks(field("Connection: URI, keywords or service"), QStringLiteral("host=x nonsense=1"));
        QTest::mouseClick(button("Save and connect"), Qt::LeftButton);
        QVERIFY(message().contains(QStringLiteral("nonsense")));
        QVERIFY(m_profiles->list()->empty());
        QVERIFY(m_dialog->isVisible());
    }

    void aSavedProfileComesBackAndItsPasswordOnlyFromTheKeychain()
    {
        QSignalSpy connects(m_dialog.get(), &ConnectionDialog::connectRequested);
        QTest::keyClicks(field("Name of the profile"), QStringLiteral("prod-eu"));
        QTest::keyClicks(field("Connection: URI, keywords or service"), QStringLiteral("host=db.example dbname=plays"));
        QTest::keyClicks(field("Password"), QStringLiteral("secret"));
        auto *environment = m_dialog->findChild<ConnectionForm *>()->findChildren<QComboBox *>()[1];
        environment->setFocus();
        QTest::keyClick(environment, Qt::Key_End);
        QTest::mouseClick(button("Save and connect"), Qt::LeftButton);
        QTRY_COMPARE(connects.size(), 1);
        const auto profile = m_profiles->find(QStringLiteral("prod-eu"));
        QVERIFY_RESULT(profile);
        QCOMPARE(profile->environment, Environment::Production);
        QCOMPARE(profile->safety, Safety::ReadOnly);
        QVERIFY(profile->connInfo.value(QStringLiteral("password")).isEmpty());
        QString kept;
        m_secrets->read(QStringLiteral("prod-eu"),
                        [&kept](const Result<QString> &secret) { kept = secret.value_or(QString()); });
        QTRY_COMPARE(kept, QStringLiteral("secret"));
    }

    void aRenamedProfileTakesItsPasswordAlong()
    {
        Profile profile;
        profile.name = QStringLiteral("old");
        profile.connInfo = pg::ConnInfo::parse(QStringLiteral("host=db.example")).value();
        QVERIFY_RESULT(m_profiles->add(profile));
        m_secrets->write(QStringLiteral("old"), QStringLiteral("secret"), [](const Status &) {});
        m_dialog->selectProfile(QStringLiteral("old"));
        QTRY_COMPARE(field("Name of the profile")->text(), QStringLiteral("old"));
        field("Name of the profile")->clear();
        QTest::keyClicks(field("Name of the profile"), QStringLiteral("new"));
        QSignalSpy connects(m_dialog.get(), &ConnectionDialog::connectRequested);
        QTest::mouseClick(button("Save and connect"), Qt::LeftButton);
        QTRY_COMPARE(connects.size(), 1);
        QString kept; // who connects now looks under the new name
        m_secrets->read(QStringLiteral("new"),
                        [&kept](const Result<QString> &secret) { kept = secret.value_or(QStringLiteral("none")); });
        QTRY_COMPARE(kept, QStringLiteral("secret"));
        m_secrets->read(QStringLiteral("old"),
                        [&kept](const Result<QString> &secret) { kept = secret.value_or(QStringLiteral("none")); });
        QTRY_COMPARE(kept, QStringLiteral("none"));
        QVERIFY2(m_reported.isEmpty(), qPrintable(m_reported.join(QLatin1Char('\n'))));
    }

    void aKeychainThatRefusesIsToldAlsoWhenTheDialogIsGone()
    {
        m_dialog.reset();
        m_secrets = test::lockedSecretStore();
        openDialog();
        QTest::keyClicks(field("Name of the profile"), QStringLiteral("prod-eu"));
        QTest::keyClicks(field("Connection: URI, keywords or service"), QStringLiteral("host=db.example"));
        QTest::keyClicks(field("Password"), QStringLiteral("secret"));
        QTest::mouseClick(button("Save and connect"), Qt::LeftButton);
        QTRY_COMPARE(m_reported.size(), 1);
        QVERIFY(m_reported.first().contains(QStringLiteral("the keychain is locked")));
    }

    void aPasswordThatCouldNotBeRemovedIsTold()
    {
        m_dialog.reset();
        m_secrets = test::lockedSecretStore();
        Profile profile;
        profile.name = QStringLiteral("old");
        QVERIFY_RESULT(m_profiles->add(profile));
        openDialog();
        m_dialogs->answer = true;
        m_dialog->selectProfile(QStringLiteral("old"));
        QTRY_VERIFY(button("Remove profile")->isEnabled());
        QTest::mouseClick(button("Remove profile"), Qt::LeftButton);
        QTRY_VERIFY(m_profiles->list()->empty());
        QTRY_VERIFY2(message().contains(QStringLiteral("the keychain is locked")), qPrintable(message()));
    }

    void aProfileIsRemovedOnlyWhenConfirmed()
    {
        Profile profile;
        profile.name = QStringLiteral("old");
        QVERIFY_RESULT(m_profiles->add(profile));
        m_dialog->selectProfile(QStringLiteral("old"));
        QTRY_VERIFY(button("Remove profile")->isEnabled());
        QTest::mouseClick(button("Remove profile"), Qt::LeftButton);
        QCOMPARE(m_dialogs->asked.size(), 1);
        QCOMPARE(m_profiles->list()->size(), size_t(1));
        m_dialogs->answer = true;
        QTest::mouseClick(button("Remove profile"), Qt::LeftButton);
        QTRY_VERIFY(m_profiles->list()->empty());
        QTRY_VERIFY(!button("Remove profile")->isEnabled());
    }

    void savingWaitsForABusyStoreWithoutStallingTheWindow()
    {
        QSignalSpy connects(m_dialog.get(), &ConnectionDialog::connectRequested);
        QTest::keyClicks(field("Name of the profile"), QStringLiteral("prod-eu"));
        QTest::keyClicks(field("Connection: URI, keywords or service"), QStringLiteral("host=db.example"));
        std::atomic<bool> holding = false;
        std::jthread holder([&] {
            static_cast<void>(m_store->write([&](SQLite::Database &) {
                holding = true;
                std::this_thread::sleep_for(800ms);
            }));
        });
        while (!holding)
            std::this_thread::sleep_for(1ms);
        test::StallWatch stalls;
        QTest::mouseClick(button("Save and connect"), Qt::LeftButton);
        QVERIFY(!button("Save and connect")->isEnabled());
        QTRY_COMPARE(connects.size(), 1);
        QVERIFY2(stalls.longest() < 200ms, qPrintable(QString::number(stalls.longest().count())));
        QVERIFY_RESULT(m_profiles->find(QStringLiteral("prod-eu")));
    }

private:
    void openDialog()
    {
        ConnectionDialogServices services{m_profiles.get(), m_secrets.get(), m_runner.get(), m_dialogs.get(), {}};
        services.report = [this](const Error &error) { m_reported << error.summary(); };
        m_dialog = std::make_unique<ConnectionDialog>(services);
        m_dialog->show();
        QVERIFY(QTest::qWaitForWindowActive(m_dialog.get()));
    }
    [[nodiscard]] QLineEdit *field(const char *accessibleName) const
    {
        for (QLineEdit *line : m_dialog->findChildren<QLineEdit *>()) {
            if (line->accessibleName() == QLatin1String(accessibleName))
                return line;
        }
        qFatal("no field %s", accessibleName);
    }
    [[nodiscard]] QPushButton *button(const char *text) const
    {
        for (QPushButton *button : m_dialog->findChildren<QPushButton *>()) {
            if (button->accessibleName() == QLatin1String(text)
                || button->text().remove(QLatin1Char('&')) == QLatin1String(text))
                return button;
        }
        qFatal("no button %s", text);
    }
    [[nodiscard]] QString message() const { return m_dialog->findChild<MessageBar *>()->message(); }

    std::shared_ptr<LocalStore> m_store;
    std::unique_ptr<ProfileStore> m_profiles;
    std::unique_ptr<SecretStore> m_secrets;
    QStringList m_reported;
    std::unique_ptr<AsyncRunner> m_runner;
    std::unique_ptr<test::AnsweringDialogs> m_dialogs;
    std::unique_ptr<ConnectionDialog> m_dialog;
};

QTEST_MAIN(ConnectionDialogTest)
#include "tst_connectiondialog.moc"
