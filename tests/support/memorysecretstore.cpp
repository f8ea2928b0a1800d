// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/memorysecretstore.h"

#include <QHash>
#include <QTimer>

namespace tidemark::test {

namespace {

class MemorySecretStore final : public SecretStore
{
public:
    void read(const QString &profile, std::function<void(Result<QString>)> done) override
    {
        const auto found = m_secrets.constFind(profile);
        const Result<QString> answer = found != m_secrets.cend()
                                           ? Result<QString>(*found)
                                           : fail(Error::missing(QStringLiteral("no password for %1").arg(profile)));
        QTimer::singleShot(0, [answer, done] { done(answer); });
    }

    void write(const QString &profile, const QString &secret, std::function<void(Status)> done) override
    {
        m_secrets.insert(profile, secret);
        QTimer::singleShot(0, [done] { done({}); });
    }

    void remove(const QString &profile, std::function<void(Status)> done) override
    {
        m_secrets.remove(profile);
        QTimer::singleShot(0, [done] { done({}); });
    }

private:
    QHash<QString, QString> m_secrets;
};

class LockedSecretStore final : public SecretStore
{
public:
    void read(const QString &, std::function<void(Result<QString>)> done) override
    {
        QTimer::singleShot(0, [done] { done(fail(locked())); });
    }
    void write(const QString &, const QString &, std::function<void(Status)> done) override
    {
        QTimer::singleShot(0, [done] { done(fail(locked())); });
    }
    void remove(const QString &, std::function<void(Status)> done) override
    {
        QTimer::singleShot(0, [done] { done(fail(locked())); });
    }

private:
    static Error locked()
    {
        Error error = Error::missing(QStringLiteral("the keychain is locked"));
        error.kind = ErrorKind::Permission;
        return error;
    }
};

} // namespace

std::unique_ptr<SecretStore> lockedSecretStore()
{
    return std::make_unique<LockedSecretStore>();
}

std::unique_ptr<SecretStore> memorySecretStore()
{
    return std::make_unique<MemorySecretStore>();
}

} // namespace tidemark::test
