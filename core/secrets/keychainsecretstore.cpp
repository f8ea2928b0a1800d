// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secrets/secretstore.h"

#include <QFileInfo>
#include <QStandardPaths>
#include <QTimer>

#include <qt6keychain/keychain.h>

namespace tidemark {

namespace {

const auto service = QLatin1String("tidemark");

/// Without a session bus there is no keychain; asking for one would try to start a bus, which may block or open windows.
bool hasSessionBus()
{
    return !qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS")
           || QFileInfo::exists(QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation)
                                + QStringLiteral("/bus"));
}

Error withDetail(Error error, const QString &detail)
{
    error.detail = detail;
    return error;
}

Error unreadable(const QString &profile, const QString &detail)
{
    return withDetail(Error::missing(QStringLiteral("no password for %1: no keychain runs here").arg(profile),
                                     QStringLiteral("Type it when asked, or put it into .pgpass.")),
                      detail);
}

Error unwritable(const QString &profile, const QString &detail)
{
    Error error = Error::missing(
        QStringLiteral("the password of %1 cannot be kept: no keychain runs here").arg(profile),
        QStringLiteral("Type it each time, or put it into .pgpass."));
    error.kind = ErrorKind::Unsupported;
    return withDetail(error, detail);
}

Error refused(const QString &profile, const QString &detail)
{
    Error error = Error::missing(QStringLiteral("the keychain keeps the password of %1 to itself").arg(profile),
                                 QStringLiteral("Unlock the keychain and allow Tidemark, or type the password."));
    error.kind = ErrorKind::Permission;
    return withDetail(error, detail);
}

std::optional<Error> readError(const QKeychain::Job &job, const QString &profile)
{
    switch (job.error()) {
    case QKeychain::NoError:
        return std::nullopt;
    case QKeychain::EntryNotFound:
        return Error::missing(QStringLiteral("the keychain has no password for %1").arg(profile),
                              QStringLiteral("Type it when asked; it can be kept then."));
    case QKeychain::AccessDenied:
    case QKeychain::AccessDeniedByUser:
        return refused(profile, job.errorString());
    default:
        return unreadable(profile, job.errorString());
    }
}

std::optional<Error> writeError(const QKeychain::Job &job, const QString &profile)
{
    switch (job.error()) {
    case QKeychain::NoError:
        return std::nullopt;
    case QKeychain::AccessDenied:
    case QKeychain::AccessDeniedByUser:
        return refused(profile, job.errorString());
    default:
        return unwritable(profile, job.errorString());
    }
}

Status asStatus(const std::optional<Error> &error)
{
    return error ? fail(*error) : Status();
}

/// Jobs of QtKeychain delete themselves once they are done, so none needs the store to live on.
class KeychainSecretStore final : public SecretStore
{
public:
    void read(const QString &profile, std::function<void(Result<QString>)> done) override
    {
        if (!hasSessionBus()) {
            QTimer::singleShot(0, [profile, done] { done(fail(unreadable(profile, {}))); });
            return;
        }
        auto *job = new QKeychain::ReadPasswordJob(service);
        job->setKey(profile);
        QObject::connect(job, &QKeychain::Job::finished, job, [job, profile, done] {
            if (const auto error = readError(*job, profile))
                done(fail(*error));
            else
                done(job->textData());
        });
        job->start();
    }

    void write(const QString &profile, const QString &secret, std::function<void(Status)> done) override
    {
        if (!hasSessionBus()) {
            QTimer::singleShot(0, [profile, done] { done(fail(unwritable(profile, {}))); });
            return;
        }
        auto *job = new QKeychain::WritePasswordJob(service);
        job->setKey(profile);
        job->setTextData(secret);
        QObject::connect(job, &QKeychain::Job::finished, job,
                         [job, profile, done] { done(asStatus(writeError(*job, profile))); });
        job->start();
    }

    void remove(const QString &profile, std::function<void(Status)> done) override
    {
        if (!hasSessionBus()) {
            QTimer::singleShot(0, [profile, done] { done(fail(unwritable(profile, {}))); });
            return;
        }
        auto *job = new QKeychain::DeletePasswordJob(service);
        job->setKey(profile);
        QObject::connect(job, &QKeychain::Job::finished, job, [job, profile, done] {
            // What is not there is removed.
            const bool isGone = job->error() == QKeychain::EntryNotFound;
            done(isGone ? Status() : asStatus(writeError(*job, profile)));
        });
        job->start();
    }
};

} // namespace

std::unique_ptr<SecretStore> keychainSecretStore()
{
    return std::make_unique<KeychainSecretStore>();
}

} // namespace tidemark
