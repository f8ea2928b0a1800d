// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/servertools.h"

#include "core/base/units.h"

#include <QDir>
#include <QFileInfo>
#include <QProcess>
#include <QStandardPaths>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

namespace tidemark::demo {

namespace {

bool hasServer(const QString &folder)
{
    return QFileInfo(folder + QLatin1String("/initdb")).isExecutable()
           && QFileInfo(folder + QLatin1String("/postgres")).isExecutable()
           && QFileInfo(folder + QLatin1String("/pg_ctl")).isExecutable();
}

QString binFolder()
{
    const QDir debian(QStringLiteral("/usr/lib/postgresql"));
    QStringList versions = debian.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    std::sort(versions.begin(), versions.end(),
              [](const QString &a, const QString &b) { return a.toDouble() > b.toDouble(); });
    for (const QString &version : versions) {
        const QString folder = debian.filePath(version + QLatin1String("/bin"));
        if (hasServer(folder))
            return folder;
    }
    const QString pgConfig = QStandardPaths::findExecutable(QStringLiteral("pg_config"));
    if (!pgConfig.isEmpty()) {
        QProcess ask;
        ask.start(pgConfig, {QStringLiteral("--bindir")});
        if (ask.waitForFinished(5'000)) {
            const QString folder = QString::fromLocal8Bit(ask.readAllStandardOutput()).trimmed();
            if (hasServer(folder))
                return folder;
        }
    }
    return {};
}

QString lastLines(const QByteArray &output, int count)
{
    const QStringList lines = QString::fromLocal8Bit(output).trimmed().split(QLatin1Char('\n'));
    return lines.mid(std::max<qsizetype>(0, lines.size() - count)).join(QLatin1Char('\n'));
}

} // namespace

Result<ServerAccount> ServerAccount::current()
{
    ServerAccount account;
    account.m_another = ::geteuid() == 0;
    const passwd *entry = account.m_another ? ::getpwnam("postgres") : ::getpwuid(::geteuid());
    if (entry == nullptr && account.m_another) {
        return fail(Error::missing(
            QStringLiteral("PostgreSQL refuses to run as root, and there is no user postgres to run it as"),
            QStringLiteral(
                "Install the package postgresql, which makes that user, or start the demo as an ordinary user.")));
    }
    if (entry == nullptr) { // an account without an entry, as in containers
        account.m_uid = ::geteuid();
        account.m_gid = ::getegid();
        account.m_name = QString::number(account.m_uid);
        return account;
    }
    account.m_name = QString::fromLocal8Bit(entry->pw_name);
    account.m_uid = entry->pw_uid;
    account.m_gid = entry->pw_gid;
    int count = 64;
    account.m_groups.resize(static_cast<std::size_t>(count));
    if (::getgrouplist(entry->pw_name, entry->pw_gid, account.m_groups.data(), &count) < 0)
        count = 0;
    account.m_groups.resize(static_cast<std::size_t>(count));
    return account;
}

Status ServerAccount::own(const QString &path) const
{
    if (m_another && ::chown(QFile::encodeName(path).constData(), m_uid, m_gid) != 0) {
        return fail(Error::local(QStringLiteral("cannot give %1 to the user %2: %3")
                                     .arg(path, m_name, QString::fromLocal8Bit(std::strerror(errno)))));
    }
    return {};
}

Status ServerAccount::checkReach(const QString &folder) const
{
    if (!m_another)
        return {};
    for (QString path = QFileInfo(folder).absoluteFilePath();; path = QFileInfo(path).path()) {
        const QFileInfo info(path);
        const auto permissions = info.permissions();
        const bool inGroup = std::find(m_groups.begin(), m_groups.end(), info.groupId()) != m_groups.end();
        const bool mayEnter = permissions.testFlag(QFile::ExeOther)
                              || (info.ownerId() == m_uid && permissions.testFlag(QFile::ExeOwner))
                              || (inGroup && permissions.testFlag(QFile::ExeGroup));
        if (!mayEnter) {
            return fail(Error::local(
                QStringLiteral("the server runs as the user %1, who may not enter %2").arg(m_name, path),
                QStringLiteral("Set TIDEMARK_DEMO_DIR to a folder that %1 can reach, for example below /var/lib.")
                    .arg(m_name)));
        }
        if (info.isRoot())
            return {};
    }
}

void ServerAccount::become() const
{
    if (!m_another)
        return;
    if (::setgroups(m_groups.size(), m_groups.data()) != 0 || ::setgid(m_gid) != 0 || ::setuid(m_uid) != 0)
        ::_exit(126);
}

Result<ServerTools> ServerTools::in(const QString &folder)
{
    ServerTools tools;
    TIDEMARK_TRY(tools.m_account, ServerAccount::current());
    tools.m_folder = folder;
    return tools;
}

Result<ServerTools> ServerTools::find()
{
    if (const QString given = qEnvironmentVariable("TIDEMARK_PG_BINDIR"); !given.isEmpty()) {
        if (!hasServer(given)) {
            return fail(Error::missing(
                QStringLiteral("TIDEMARK_PG_BINDIR names %1, which has no initdb, pg_ctl and postgres").arg(given),
                QStringLiteral("Unset it, or set it to a folder such as /usr/lib/postgresql/15/bin.")));
        }
        return in(given);
    }
    const QString folder = binFolder();
    if (folder.isEmpty()) {
        return fail(Error::missing(
            QStringLiteral(
                "the demo needs PostgreSQL's server programs (initdb, pg_ctl, postgres), and none were found"),
            QStringLiteral("Install the package postgresql (apt install postgresql), or set TIDEMARK_PG_BINDIR to "
                           "their folder.")));
    }
    return in(folder);
}

Result<QByteArray> ServerTools::run(const QString &program, const QStringList &arguments, Millis limit) const
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    const QStringList names = environment.keys();
    for (const QString &name : names) {
        if (name.startsWith(QLatin1String("PG")) || name.startsWith(QLatin1String("LC_"))
            || name == QLatin1String("LANGUAGE"))
            environment.remove(name);
    }
    environment.insert(QStringLiteral("LC_ALL"), QStringLiteral("C"));

    QProcess process;
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(QStringLiteral("/")); // the account may not be allowed where we stand
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setChildProcessModifier([this] { m_account.become(); });
    process.start(m_folder + QLatin1Char('/') + program, arguments);
    process.closeWriteChannel();
    if (!process.waitForFinished(static_cast<int>(limit.count()))) {
        const bool started = process.state() != QProcess::NotRunning;
        process.kill();
        process.waitForFinished(2'000);
        return fail(
            Error::local(started ? QStringLiteral("%1 did not finish within %2").arg(program, units::duration(limit))
                                 : QStringLiteral("%1 could not be started: %2").arg(program, process.errorString())));
    }
    const QByteArray output = process.readAll();
    if (process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0) {
        Error error = Error::local(QStringLiteral("%1 failed (exit code %2)").arg(program).arg(process.exitCode()));
        error.detail = lastLines(output, 6);
        return fail(error);
    }
    return output;
}

} // namespace tidemark::demo
