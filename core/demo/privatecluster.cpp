// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/privatecluster.h"

#include "core/base/log.h"

#include <QCryptographicHash>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tidemark::demo {

namespace {

using namespace std::chrono_literals;

constexpr int firstPort = 54400;
constexpr int lastPort = 54999;

bool isPortFree(int port)
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return false;
    const int on = 1; // as the server does, so that connections in TIME_WAIT do not count
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = ::bind(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    ::close(descriptor);
    return free;
}

int freePort(int preferred)
{
    if (preferred > 0 && isPortFree(preferred))
        return preferred;
    for (int port = std::max(firstPort, preferred + 1); port <= lastPort; ++port) {
        if (isPortFree(port))
            return port;
    }
    return 0;
}

QByteArray readFile(const QString &path, qint64 from = 0)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly) || !file.seek(from))
        return {};
    return file.readAll();
}

Status writeFile(const QString &path, const QByteArray &content, QIODevice::OpenMode mode = QIODevice::Truncate)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly | mode) || file.write(content) != content.size())
        return fail(Error::local(QStringLiteral("cannot write %1: %2").arg(path, file.errorString())));
    return {};
}

Status makeFolder(const QString &path, const ServerAccount &account)
{
    if (::mkdir(QFile::encodeName(path).constData(), 0700) != 0 && errno != EEXIST)
        return fail(Error::local(
            QStringLiteral("cannot make the folder %1: %2").arg(path, QString::fromLocal8Bit(std::strerror(errno)))));
    if (const QFileInfo info(path);
        info.isSymLink() || (info.ownerId() != ::geteuid() && info.ownerId() != account.uid()))
        return fail(
            Error::local(QStringLiteral("the folder %1 is there already and belongs to %2").arg(path, info.owner())));
    return account.own(path);
}

QByteArray quoted(const QString &value)
{
    return '\'' + value.toUtf8().replace('\'', "''") + '\'';
}

} // namespace

PrivateCluster::PrivateCluster(QString folder, ServerTools tools)
    : m_folder(std::move(folder))
    , m_tools(std::move(tools))
{
}

QString PrivateCluster::dataFolder() const
{
    return m_folder + QLatin1String("/data");
}

QString PrivateCluster::logFile() const
{
    return m_folder + QLatin1String("/server.log");
}

QString PrivateCluster::socketFolder() const
{
    // The whole address must fit sockaddr_un: 107 bytes with "/.s.PGSQL.54400.lock".
    const QString inside = m_folder + QLatin1String("/socket");
    if (QFile::encodeName(inside).size() <= 85)
        return inside;
    const QByteArray hash =
        QCryptographicHash::hash(QFile::encodeName(m_folder), QCryptographicHash::Sha256).toHex().left(12);
    return QStringLiteral("/tmp/tidemark-demo-%1").arg(QLatin1String(hash));
}

bool PrivateCluster::isMade() const
{
    return QFileInfo::exists(dataFolder() + QLatin1String("/PG_VERSION"));
}

int PrivateCluster::port() const
{
    const QList<QByteArray> lines = readFile(dataFolder() + QLatin1String("/tidemark.conf")).split('\n');
    for (const QByteArray &line : lines) {
        if (line.startsWith("port = "))
            return line.mid(7).toInt();
    }
    return 0;
}

std::vector<qint64> PrivateCluster::processes() const
{
    // Every process of a server stands in its data folder.
    const QString data = QFileInfo(dataFolder()).canonicalFilePath();
    std::vector<qint64> found;
    if (data.isEmpty())
        return found;
    const QStringList entries = QDir(QStringLiteral("/proc")).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString &entry : entries) {
        bool isPid = false;
        const qint64 pid = entry.toLongLong(&isPid);
        if (isPid && QFile::symLinkTarget(QStringLiteral("/proc/%1/cwd").arg(entry)) == data)
            found.push_back(pid);
    }
    return found;
}

std::optional<qint64> PrivateCluster::runningPid() const
{
    const qint64 pid = readFile(dataFolder() + QLatin1String("/postmaster.pid")).split('\n').first().toLongLong();
    if (pid <= 0)
        return std::nullopt;
    const QString cwd = QFile::symLinkTarget(QStringLiteral("/proc/%1/cwd").arg(pid));
    if (cwd.isEmpty() || cwd != QFileInfo(dataFolder()).canonicalFilePath())
        return std::nullopt;
    return pid;
}

Status PrivateCluster::make(const QString &password) const
{
    const ServerAccount &account = m_tools.account();
    TIDEMARK_CHECK(makeFolder(m_folder, account));
    const QString passwordFile = m_folder + QLatin1String("/password");
    TIDEMARK_CHECK(writeFile(passwordFile, {}));
    QFile::setPermissions(passwordFile, QFile::ReadOwner | QFile::WriteOwner);
    TIDEMARK_CHECK(writeFile(passwordFile, password.toUtf8() + '\n'));
    TIDEMARK_CHECK(account.own(passwordFile));
    const auto made = m_tools.run(
        QStringLiteral("initdb"),
        {QStringLiteral("--pgdata=") + dataFolder(), QStringLiteral("--username=") + superuser,
         QStringLiteral("--pwfile=") + passwordFile, QStringLiteral("--auth=scram-sha-256"),
         QStringLiteral("--encoding=UTF8"), QStringLiteral("--locale=C"), QStringLiteral("--no-sync")},
        120s);
    QFile::remove(passwordFile);
    if (!made)
        return fail(made.error());
    return writeFile(dataFolder() + QLatin1String("/postgresql.conf"), "\ninclude 'tidemark.conf'\n",
                     QIODevice::Append);
}

Status PrivateCluster::writeConfig(const Settings &settings, const QStringList &preload, int port) const
{
    QByteArray config = "# Written anew at each start.\n";
    const auto add = [&](const char *name, const QByteArray &value) {
        config += QByteArray(name) + " = " + value + '\n';
    };
    add("port", QByteArray::number(port));
    add("listen_addresses", "'127.0.0.1'");
    add("unix_socket_directories", quoted(socketFolder()));
    add("cluster_name", quoted(settings.title));
    add("shared_preload_libraries", quoted(preload.join(QLatin1Char(','))));
    if (preload.contains(QLatin1String("pg_cron"))) {
        add("cron.database_name", quoted(settings.cronDatabase));
        add("cron.use_background_workers", "on"); // needs no password of its own
    }
    add("track_commit_timestamp", "on");
    add("timezone", "'UTC'");
    add("log_timezone", "'UTC'");
    add("max_connections", "100");
    add("max_prepared_transactions", "10");
    add("max_worker_processes", "24");
    add("max_locks_per_transaction", "256");
    add("shared_buffers", QByteArray::number(settings.sharedBuffersMb) + "MB");
    add("max_wal_size", QByteArray::number(settings.maxWalMb) + "MB");
    add("min_wal_size", "48MB");
    add("jit", "off");
    // Nothing here is worth a disk's patience: after a crash of the machine the demo is made again.
    add("fsync", "off");
    add("full_page_writes", "off");
    add("synchronous_commit", "off");
    add("log_min_messages", "error");
    add("log_checkpoints", "off");
    add("autovacuum_naptime", "'30s'");
    const QString file = dataFolder() + QLatin1String("/tidemark.conf");
    TIDEMARK_CHECK(writeFile(file, config));
    return m_tools.account().own(file);
}

Result<QStringList> PrivateCluster::start(const Settings &settings) const
{
    if (!runningPid()) {
        TIDEMARK_CHECK(endLeftovers());
        // A pid in them that is another's by now, or a zombie's, would make the server refuse.
        QFile::remove(dataFolder() + QLatin1String("/postmaster.pid"));
        QDir(socketFolder()).removeRecursively();
    }
    TIDEMARK_CHECK(makeFolder(socketFolder(), m_tools.account()));

    QStringList preload = settings.preload;
    int port = freePort(this->port());
    for (int attempt = 0; attempt < 8; ++attempt) {
        if (port == 0)
            return fail(Error::local(
                QStringLiteral("no port from %1 to %2 is free on 127.0.0.1").arg(firstPort).arg(lastPort)));
        TIDEMARK_CHECK(writeConfig(settings, preload, port));
        const qint64 logSize = QFileInfo(logFile()).size();
        const auto started = m_tools.run(QStringLiteral("pg_ctl"),
                                         {QStringLiteral("start"), QStringLiteral("--pgdata=") + dataFolder(),
                                          QStringLiteral("--wait"), QStringLiteral("--timeout=60"),
                                          QStringLiteral("--silent"), QStringLiteral("--log=") + logFile()},
                                         70s);
        if (started)
            return preload;
        const QByteArray log = readFile(logFile(), logSize);
        if (log.contains("could not access file") && !preload.isEmpty()) {
            qCDebug(logDemo) << "not installed here:" << preload.last();
            preload.removeLast();
        } else if (log.contains("Address already in use") || log.contains("could not bind")) {
            port = freePort(port + 1);
        } else {
            Error error = started.error();
            error.message = QStringLiteral("the server in %1 does not start").arg(m_folder);
            error.detail = QString::fromUtf8(log.right(2000)).trimmed();
            return fail(error);
        }
    }
    return fail(Error::local(QStringLiteral("the server in %1 does not start").arg(m_folder),
                             QStringLiteral("Its log is %1.").arg(logFile())));
}

Status PrivateCluster::stop() const
{
    return stop({QStringLiteral("fast"), QStringLiteral("immediate")});
}

Status PrivateCluster::stop(const QStringList &modes) const
{
    QElapsedTimer timer;
    timer.start();
    for (const QString &mode : modes) {
        if (!runningPid())
            break;
        const auto stopped = m_tools.run(QStringLiteral("pg_ctl"),
                                         {QStringLiteral("stop"), QStringLiteral("--pgdata=") + dataFolder(),
                                          QStringLiteral("--mode=") + mode, QStringLiteral("--wait"),
                                          QStringLiteral("--timeout=20"), QStringLiteral("--silent")},
                                         25s);
        qCDebug(logDemo) << m_folder << mode << "stop after" << timer.elapsed() << "ms"
                         << (stopped ? QStringLiteral("done") : stopped.error().summary());
    }
    return endLeftovers();
}

/// What a killed server left behind ends by itself in a moment, or is ended: a new one would refuse to share its memory.
Status PrivateCluster::endLeftovers() const
{
    for (int round = 0; round < 100; ++round) {
        const std::vector<qint64> left = processes();
        if (left.empty())
            return {};
        qCDebug(logDemo) << "still running in" << m_folder << ":" << left;
        if (round >= 50) {
            for (const qint64 pid : left)
                ::kill(static_cast<pid_t>(pid), SIGKILL);
        }
        std::this_thread::sleep_for(100ms);
    }
    return fail(Error::local(QStringLiteral("the server in %1 does not stop").arg(m_folder),
                             QStringLiteral("Its log is %1.").arg(logFile())));
}

Status PrivateCluster::remove() const
{
    TIDEMARK_CHECK(stop({QStringLiteral("immediate")})); // nothing is to be saved
    QDir(socketFolder()).removeRecursively();
    if (!QDir(m_folder).removeRecursively() || QFileInfo::exists(m_folder))
        return fail(Error::local(QStringLiteral("cannot remove all of %1").arg(m_folder),
                                 QStringLiteral("See whose files are left in it.")));
    return {};
}

} // namespace tidemark::demo
