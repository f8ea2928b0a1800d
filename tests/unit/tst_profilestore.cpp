// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/profilestore.h"

#include "core/store/settingsstore.h"
#include "core/store/statement.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace tidemark;

namespace {

Profile profileNamed(const QString &name)
{
    Profile profile;
    profile.name = name;
    profile.connInfo = pg::ConnInfo::parse(
                           QStringLiteral("host=db.example port=5433 dbname='my \\'plays\\'' sslmode=verify-full"))
                           .value();
    profile.environment = Environment::Production;
    profile.safety = Safety::Confirm;
    profile.databases = {QStringLiteral("plays"), QStringLiteral("with,comma"), QStringLiteral("Ærø \"x\"")};
    profile.interval = Millis(1500);
    profile.budgetPercent = 0.25;
    profile.connectAtStart = true;
    return profile;
}

} // namespace

class TstProfileStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_local = LocalStore::inMemory().value();
        m_profiles = std::make_unique<ProfileStore>(m_local);
    }

    void aProfileComesBackAsItWasSaved();
    void noPasswordReachesTheFile_data();
    void noPasswordReachesTheFile();
    void aPasswordIsSplitOffWhatTheUserTyped_data();
    void aPasswordIsSplitOffWhatTheUserTyped();
    void aNameIsTakenOnceWhateverItsCase();
    void aProfileThatMakesNoSenseIsRefused_data();
    void aProfileThatMakesNoSenseIsRefused();
    void renamingKeepsAllElse();
    void whatIsNotThereIsMissing();
    void profilesComeByName();
    void wordsReadBack();
    void anUnknownWordIsTakenAsTheSafest();
    void settingsKeepTheirTypes();

private:
    std::shared_ptr<LocalStore> m_local;
    std::unique_ptr<ProfileStore> m_profiles;
};

void TstProfileStore::aProfileComesBackAsItWasSaved()
{
    QVERIFY(m_profiles->add(profileNamed(QStringLiteral("prod-eu"))));
    QVERIFY(m_profiles->find(QStringLiteral("prod-eu")).value() == profileNamed(QStringLiteral("prod-eu")));
    Profile plain;
    plain.name = QStringLiteral("here");
    QVERIFY(m_profiles->add(plain));
    QVERIFY(m_profiles->find(QStringLiteral("here")).value() == plain);
}

void TstProfileStore::noPasswordReachesTheFile_data()
{
    QTest::addColumn<QString>("connection");
    QTest::newRow("URI") << QStringLiteral("postgresql://etl:s3cr3t-w0rd@db.example/plays");
    QTest::newRow("keywords") << QStringLiteral("host=db.example password='s3cr3t-w0rd' sslpassword=s3cr3t-w0rd");
    QTest::newRow("URI parameter") << QStringLiteral(
        "postgresql://db.example/plays?password=s3cr3t-w0rd&sslpassword=s3cr3t-w0rd");
}

void TstProfileStore::noPasswordReachesTheFile()
{
    QFETCH(QString, connection);
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("t.sqlite"));
    {
        ProfileStore profiles(LocalStore::open(path).value());
        Profile profile = profileNamed(QStringLiteral("prod-eu"));
        // As a careless caller would: with the password still in it.
        profile.connInfo = pg::ConnInfo::parse(connection).value();
        QVERIFY(profiles.add(profile));
        QVERIFY(profiles.replace(QStringLiteral("prod-eu"), profile));
        QVERIFY(profiles.rename(QStringLiteral("prod-eu"), QStringLiteral("prod-us")));
        for (const QString &file : QDir(folder.path()).entryList(QDir::Files)) {
            QFile content(folder.filePath(file));
            QVERIFY(content.open(QIODevice::ReadOnly));
            QVERIFY2(!content.readAll().contains("s3cr3t"), qPrintable(file));
        }
        QVERIFY(profiles.find(QStringLiteral("prod-us")).value().connInfo.value(QStringLiteral("password")).isEmpty());
    }
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray content = file.readAll();
    QVERIFY(content.contains("db.example"));
    QVERIFY(!content.contains("s3cr3t"));
}

void TstProfileStore::aPasswordIsSplitOffWhatTheUserTyped_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("password");
    QTest::addColumn<QString>("keyPassword");
    QTest::addColumn<QString>("rest");
    QTest::newRow("URI") << QStringLiteral("postgresql://etl:p%40ss%2Fw@db.example:5433/plays")
                         << QStringLiteral("p@ss/w") << QString()
                         << QStringLiteral("user='etl' dbname='plays' host='db.example' port='5433'");
    QTest::newRow("keywords") << QStringLiteral("host=db.example password='a b' sslpassword=key")
                              << QStringLiteral("a b") << QStringLiteral("key") << QStringLiteral("host='db.example'");
    QTest::newRow("none") << QStringLiteral("service=prod") << QString() << QString()
                          << QStringLiteral("service='prod'");
    QTest::newRow("a database") << QStringLiteral("plays") << QString() << QString()
                                << QStringLiteral("dbname='plays'");
}

void TstProfileStore::aPasswordIsSplitOffWhatTheUserTyped()
{
    QFETCH(QString, text);
    QFETCH(QString, password);
    QFETCH(QString, keyPassword);
    QFETCH(QString, rest);
    const auto input = readConnection(text);
    QVERIFY(input);
    QCOMPARE(input->password, password);
    QCOMPARE(input->keyPassword, keyPassword);
    const auto sorted = [](const pg::ConnInfo &info) {
        QStringList parts;
        for (const auto &[keyword, value] : info.keywords())
            parts << keyword + QLatin1Char('=') + value;
        parts.sort();
        return parts;
    };
    QCOMPARE(sorted(input->connInfo), sorted(pg::ConnInfo::parse(rest).value()));
    QVERIFY(!readConnection(QStringLiteral("postgresql://[::1/x")));
}

void TstProfileStore::aNameIsTakenOnceWhateverItsCase()
{
    QVERIFY(m_profiles->add(profileNamed(QStringLiteral("prod-eu"))));
    QVERIFY(m_profiles->add(profileNamed(QStringLiteral("prod-us"))));
    const Status again = m_profiles->add(profileNamed(QStringLiteral(" PROD-EU ")));
    QVERIFY(!again);
    QCOMPARE(again.error().kind, ErrorKind::Input);
    QVERIFY(again.error().message.contains(QLatin1String("PROD-EU")));
    const Status renamed = m_profiles->rename(QStringLiteral("prod-us"), QStringLiteral("prod-eu"));
    QVERIFY(!renamed);
    QCOMPARE(renamed.error().kind, ErrorKind::Input);
    QVERIFY(m_profiles->rename(QStringLiteral("prod-eu"), QStringLiteral("Prod-EU")));
}

void TstProfileStore::aProfileThatMakesNoSenseIsRefused_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("database");
    QTest::addColumn<int>("interval");
    QTest::addColumn<double>("budget");
    QTest::addColumn<QString>("says");
    QTest::newRow("no name") << QString() << QString() << 2000 << 1.0 << QStringLiteral("needs a name");
    QTest::newRow("blank name") << QStringLiteral("  ") << QString() << 2000 << 1.0 << QStringLiteral("needs a name");
    QTest::newRow("a URI for a database") << QStringLiteral("x") << QStringLiteral("postgresql://u:s3cr3t@h/d") << 2000
                                          << 1.0 << QStringLiteral("connection string");
    QTest::newRow("keywords for a database") << QStringLiteral("x") << QStringLiteral("host=h password=s3cr3t") << 2000
                                             << 1.0 << QStringLiteral("connection string");
    QTest::newRow("no interval") << QStringLiteral("x") << QString() << 0 << 1.0 << QStringLiteral("interval");
    QTest::newRow("no budget") << QStringLiteral("x") << QString() << 2000 << 0.0 << QStringLiteral("budget");
    QTest::newRow("a budget that is no number")
        << QStringLiteral("x") << QString() << 2000 << qQNaN() << QStringLiteral("budget");
}

void TstProfileStore::aProfileThatMakesNoSenseIsRefused()
{
    QFETCH(QString, name);
    QFETCH(QString, database);
    QFETCH(int, interval);
    QFETCH(double, budget);
    QFETCH(QString, says);
    Profile profile;
    profile.name = name;
    profile.connInfo = pg::ConnInfo().withDatabase(database);
    profile.interval = Millis(interval);
    profile.budgetPercent = budget;
    const Status added = m_profiles->add(profile);
    QVERIFY(!added);
    QCOMPARE(added.error().kind, ErrorKind::Input);
    QVERIFY2(added.error().message.contains(says), qPrintable(added.error().message));
    QVERIFY(!added.error().message.contains(QLatin1String("s3cr3t")));
    QVERIFY(m_profiles->list().value().empty());
}

void TstProfileStore::renamingKeepsAllElse()
{
    QVERIFY(m_profiles->add(profileNamed(QStringLiteral("old"))));
    QVERIFY(m_profiles->rename(QStringLiteral("old"), QStringLiteral("new")));
    QVERIFY(m_profiles->find(QStringLiteral("new")).value() == profileNamed(QStringLiteral("new")));
    QVERIFY(!m_profiles->find(QStringLiteral("old")));
}

void TstProfileStore::whatIsNotThereIsMissing()
{
    const auto missing = [](const auto &result) { return !result && result.error().kind == ErrorKind::Missing; };
    QVERIFY(missing(m_profiles->find(QStringLiteral("x"))));
    QVERIFY(missing(m_profiles->remove(QStringLiteral("x"))));
    QVERIFY(missing(m_profiles->rename(QStringLiteral("x"), QStringLiteral("y"))));
    QVERIFY(missing(m_profiles->replace(QStringLiteral("x"), profileNamed(QStringLiteral("x")))));
    QVERIFY(m_profiles->add(profileNamed(QStringLiteral("x"))));
    QVERIFY(m_profiles->remove(QStringLiteral("x")));
    QVERIFY(missing(m_profiles->find(QStringLiteral("x"))));
}

void TstProfileStore::profilesComeByName()
{
    for (const char *name : {"test", "Prod", "alpha"})
        QVERIFY(m_profiles->add(profileNamed(QString::fromLatin1(name))));
    QStringList names;
    for (const auto found = m_profiles->list().value(); const Profile &profile : found)
        names << profile.name;
    QCOMPARE(names, (QStringList{QStringLiteral("alpha"), QStringLiteral("Prod"), QStringLiteral("test")}));
}

void TstProfileStore::wordsReadBack()
{
    for (const Environment environment : {Environment::Development, Environment::Test, Environment::Production})
        QVERIFY(environmentOf(toWord(environment)) == environment);
    for (const Safety safety : {Safety::ReadOnly, Safety::Confirm, Safety::Free})
        QVERIFY(safetyOf(toWord(safety)) == safety);
    QVERIFY(!environmentOf(QStringLiteral("Production")));
    QVERIFY(!safetyOf(QString()));
}

void TstProfileStore::anUnknownWordIsTakenAsTheSafest()
{
    QVERIFY(m_profiles->add(profileNamed(QStringLiteral("x"))));
    QVERIFY(m_local->write(
        [](SQLite::Database &db) { db.exec("UPDATE profile SET environment = 'staging', safety = 'reckless'"); }));
    const Profile profile = m_profiles->find(QStringLiteral("x")).value();
    QCOMPARE(profile.environment, Environment::Production);
    QCOMPARE(profile.safety, Safety::ReadOnly);
}

void TstProfileStore::settingsKeepTheirTypes()
{
    SettingsStore settings(m_local);
    const auto key = QStringLiteral("window.geometry");
    QVERIFY(!settings.bytes(key));
    QVERIFY(settings.setBytes(key, QByteArray("\0\xff\1", 3)));
    QVERIFY(settings.bytes(key) == QByteArray("\0\xff\1", 3));
    QVERIFY(!settings.text(key));
    QVERIFY(settings.setText(key, QStringLiteral("Ærø")));
    QVERIFY(settings.text(key) == QStringLiteral("Ærø"));
    QVERIFY(!settings.integer(key));
    QVERIFY(settings.setInteger(key, 4'000'000'000'000));
    QVERIFY(settings.integer(key) == 4'000'000'000'000);
    QVERIFY(!settings.real(key));
    QVERIFY(settings.setReal(key, 3.0));
    QVERIFY(settings.real(key) == 3.0);
    QVERIFY(settings.setFlag(key, false));
    QVERIFY(settings.flag(key) == false);
    QVERIFY(settings.setText(key, QString()));
    QVERIFY(settings.text(key) == QString());
    QVERIFY(settings.remove(key));
    QVERIFY(!settings.text(key) && !settings.flag(key));
}

QTEST_GUILESS_MAIN(TstProfileStore)
#include "tst_profilestore.moc"
