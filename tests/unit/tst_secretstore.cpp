// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secrets/secretstore.h"

#include <QTest>

using namespace tidemark;

/// Where no keychain runs, as on a server or under a test: clear answers, in time, and never before the caller has gone on.
class TstSecretStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qunsetenv("DBUS_SESSION_BUS_ADDRESS");
        qputenv("XDG_RUNTIME_DIR", "/nowhere");
    }

    void readingSaysMissing();
    void writingAndRemovingSayUnsupported();
    void anAnswerComesEvenWhenTheStoreIsGone();
};

void TstSecretStore::readingSaysMissing()
{
    const auto secrets = keychainSecretStore();
    std::optional<Error> error;
    secrets->read(QStringLiteral("prod-eu"),
                  [&](const Result<QString> &secret) { error = secret ? Error() : secret.error(); });
    QVERIFY(!error);
    QTRY_VERIFY(error);
    QCOMPARE(error->kind, ErrorKind::Missing);
    QVERIFY(error->message.contains(QLatin1String("prod-eu")));
    QVERIFY(error->hint.contains(QLatin1String(".pgpass")));
}

void TstSecretStore::writingAndRemovingSayUnsupported()
{
    const auto secrets = keychainSecretStore();
    std::vector<Error> errors;
    const auto done = [&](const Status &status) { errors.push_back(status ? Error() : status.error()); };
    secrets->write(QStringLiteral("prod-eu"), QStringLiteral("s3cr3t"), done);
    secrets->remove(QStringLiteral("prod-eu"), done);
    QVERIFY(errors.empty());
    QTRY_COMPARE(static_cast<int>(errors.size()), 2);
    for (const Error &error : errors) {
        QCOMPARE(error.kind, ErrorKind::Unsupported);
        QVERIFY(!QString(error.message + error.hint + error.detail).contains(QLatin1String("s3cr3t")));
    }
}

void TstSecretStore::anAnswerComesEvenWhenTheStoreIsGone()
{
    bool answered = false;
    keychainSecretStore()->read(QStringLiteral("prod-eu"), [&](const Result<QString> &) { answered = true; });
    QTRY_VERIFY(answered);
}

QTEST_GUILESS_MAIN(TstSecretStore)
#include "tst_secretstore.moc"
