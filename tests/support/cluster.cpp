// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cluster.h"

#include "core/demo/servertools.h"
#include "tests/support/serverbinaries.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QThread>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

namespace tidemark::test {

namespace {

constexpr Millis programLimit{120'000};

// A port that was free a moment ago: the server's own bind decides, and start() tries another if it lost the race.
int freePort()
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    int port = 0;
    if (bind(fd, reinterpret_cast<sockaddr *>(&address), length) == 0
        && getsockname(fd, reinterpret_cast<sockaddr *>(&address), &length) == 0)
        port = ntohs(address.sin_port);
    close(fd);
    return port;
}

Status writeFile(const QString &path, const QString &text, QIODevice::OpenMode mode)
{
    QFile file(path);
    if (!file.open(mode) || file.write(text.toUtf8()) < 0)
        return fail(Error::local(QStringLiteral("cannot write %1: %2").arg(path, file.errorString())));
    return {};
}

/// Beside the folder, which comes and goes.
int openHold()
{
    const QByteArray path = QFile::encodeName(stateFolder() + QStringLiteral(".hold"));
    const int descriptor = open(path.constData(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        qFatal("cannot lock %s: is it another user's?", path.constData());
    return descriptor;
}

} // namespace

QString stateFolder()
{
    return QStringLiteral("%1/%2-%3").arg(QDir::tempPath(), QStringLiteral(TIDEMARK_TEST_STATE)).arg(geteuid());
}

Cluster::Cluster(QString folder, ClusterOptions options)
    : m_folder(std::move(folder))
    , m_options(std::move(options))
{
}

QString Cluster::dataFolder() const
{
    return m_folder + QStringLiteral("/data");
}

Status Cluster::run(const QString &program, const QStringList &arguments) const
{
    const QFileInfo path(program);
    TIDEMARK_TRY(const demo::ServerTools tools, demo::ServerTools::in(path.path()));
    if (const auto done = tools.run(path.fileName(), arguments, programLimit); !done) {
        Error error = done.error();
        error.detail += QLatin1Char('\n') + logTail();
        return fail(error);
    }
    return {};
}

Status Cluster::create()
{
    if (QFileInfo::exists(dataFolder() + QStringLiteral("/PG_VERSION")))
        return {};
    TIDEMARK_TRY(const ServerBinaries binaries, findServer(m_options.server));
    TIDEMARK_TRY(const demo::ServerAccount account, demo::ServerAccount::current());
    if (!QDir().mkpath(m_folder))
        return fail(Error::local(QStringLiteral("cannot make the folder %1").arg(m_folder)));
    TIDEMARK_CHECK(account.own(m_folder));
    TIDEMARK_CHECK(run(binaries.folder + QStringLiteral("/initdb"),
                       {QStringLiteral("-D"), dataFolder(), QStringLiteral("-U"), QStringLiteral("postgres"),
                        QStringLiteral("-A"), QStringLiteral("trust"), QStringLiteral("-E"), QStringLiteral("UTF8"),
                        QStringLiteral("--locale=C"), QStringLiteral("-N")}));

    QMap<QString, QString> settings{
        {QStringLiteral("fsync"), QStringLiteral("off")},
        {QStringLiteral("full_page_writes"), QStringLiteral("off")},
        {QStringLiteral("listen_addresses"), QStringLiteral("127.0.0.1")},
        {QStringLiteral("unix_socket_directories"), m_folder},
        {QStringLiteral("shared_buffers"), QStringLiteral("32MB")},
        {QStringLiteral("max_connections"), QStringLiteral("200")},
        {QStringLiteral("max_worker_processes"), QStringLiteral("20")},
        {QStringLiteral("max_prepared_transactions"), QStringLiteral("20")},
        {QStringLiteral("max_locks_per_transaction"), QStringLiteral("512")},
        {QStringLiteral("track_commit_timestamp"), QStringLiteral("on")},
        {QStringLiteral("wal_level"), QStringLiteral("logical")},
        {QStringLiteral("log_line_prefix"), QStringLiteral("%m [%p] %q%u@%d %a ")},
        {QStringLiteral("timezone"), QStringLiteral("Asia/Kathmandu")},
        {QStringLiteral("datestyle"), QStringLiteral("SQL, DMY")},
        {QStringLiteral("intervalstyle"), QStringLiteral("iso_8601")},
        {QStringLiteral("shared_preload_libraries"), binaries.preloadable.join(QLatin1Char(','))},
    };
    if (binaries.preloadable.contains(QStringLiteral("pg_cron"))) {
        settings.insert(QStringLiteral("cron.database_name"), QStringLiteral("postgres"));
        settings.insert(QStringLiteral("cron.use_background_workers"), QStringLiteral("on"));
    }
    if (binaries.preloadable.contains(QStringLiteral("timescaledb")))
        settings.insert(QStringLiteral("timescaledb.telemetry_level"), QStringLiteral("off"));
    if (m_options.tls) {
        TIDEMARK_CHECK(makeCertificate());
        settings.insert(QStringLiteral("ssl"), QStringLiteral("on"));
    }
    for (auto own = m_options.settings.cbegin(); own != m_options.settings.cend(); ++own)
        settings.insert(own.key(), own.value());
    TIDEMARK_CHECK(appendSettings(settings));

    if (!m_options.hba.isEmpty())
        return writeFile(dataFolder() + QStringLiteral("/pg_hba.conf"),
                         m_options.hba.join(QLatin1Char('\n')) + QLatin1Char('\n'),
                         QIODevice::WriteOnly | QIODevice::Truncate);
    return {};
}

Status Cluster::createStandbyOf(const Cluster &primary)
{
    TIDEMARK_TRY(const ServerBinaries binaries, findServer(m_options.server));
    TIDEMARK_TRY(const demo::ServerAccount account, demo::ServerAccount::current());
    if (!QDir().mkpath(m_folder))
        return fail(Error::local(QStringLiteral("cannot make the folder %1").arg(m_folder)));
    TIDEMARK_CHECK(account.own(m_folder));
    TIDEMARK_CHECK(
        run(binaries.folder + QStringLiteral("/pg_basebackup"),
            {QStringLiteral("-D"), dataFolder(), QStringLiteral("-h"), primary.m_folder, QStringLiteral("-p"),
             QString::number(primary.m_port), QStringLiteral("-U"), QStringLiteral("postgres"), QStringLiteral("-c"),
             QStringLiteral("fast"), QStringLiteral("--no-sync"), QStringLiteral("-R")}));
    QMap<QString, QString> settings = m_options.settings;
    settings.insert(QStringLiteral("unix_socket_directories"), m_folder);
    return appendSettings(settings);
}

Status Cluster::makeCertificate() const
{
    const QString key = dataFolder() + QStringLiteral("/server.key");
    TIDEMARK_CHECK(
        run(QStringLiteral("/usr/bin/openssl"),
            {QStringLiteral("req"), QStringLiteral("-new"), QStringLiteral("-x509"), QStringLiteral("-nodes"),
             QStringLiteral("-newkey"), QStringLiteral("rsa:2048"), QStringLiteral("-days"), QStringLiteral("2"),
             QStringLiteral("-subj"), QStringLiteral("/CN=localhost"), QStringLiteral("-addext"),
             QStringLiteral("subjectAltName=DNS:localhost,IP:127.0.0.1"), QStringLiteral("-keyout"), key,
             QStringLiteral("-out"), dataFolder() + QStringLiteral("/server.crt")}));
    if (!QFile::copy(dataFolder() + QStringLiteral("/server.crt"), certificateFile()))
        return fail(Error::local(QStringLiteral("cannot copy the certificate to %1").arg(certificateFile())));
    return {};
}

QString Cluster::certificateFile() const
{
    return m_folder + QStringLiteral("/root.crt");
}

Status Cluster::appendSettings(const QMap<QString, QString> &settings) const
{
    QString text;
    for (auto setting = settings.cbegin(); setting != settings.cend(); ++setting) {
        QString value = setting.value();
        value.replace(QLatin1Char('\''), QLatin1String("''"));
        text += QStringLiteral("%1 = '%2'\n").arg(setting.key(), value);
    }
    return writeFile(dataFolder() + QStringLiteral("/postgresql.conf"), text, QIODevice::Append);
}

void holdStateFolder()
{
    static const int held = [] {
        const int descriptor = openHold();
        while (flock(descriptor, LOCK_SH) != 0 && errno == EINTR) {}
        return descriptor; // closed by the end of the process
    }();
    Q_UNUSED(held)
}

bool withStateFolderAlone(const std::function<void()> &work)
{
    const int descriptor = openHold();
    const bool alone = flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    if (alone)
        work();
    close(descriptor);
    return alone;
}

Status Cluster::start()
{
    holdStateFolder();
    TIDEMARK_CHECK(create());
    if (isRunning()) {
        m_port = postmasterFile().value(3).toInt();
        return {};
    }
    TIDEMARK_TRY(const ServerBinaries binaries, findServer(m_options.server));
    Status started;
    // Another may have taken the port meanwhile, or the processes of a killed server hold its memory for a moment longer.
    for (int attempt = 0; attempt < 20; ++attempt) {
        if (attempt > 0)
            QThread::msleep(100);
        // A server that comes back keeps its port: clients that wait for it know no other.
        if (m_port == 0 || attempt > 10)
            m_port = freePort();
        started = run(binaries.folder + QStringLiteral("/pg_ctl"),
                      {QStringLiteral("start"), QStringLiteral("-w"), QStringLiteral("-t"), QStringLiteral("60"),
                       QStringLiteral("-D"), dataFolder(), QStringLiteral("-l"),
                       m_folder + QStringLiteral("/server.log"), QStringLiteral("-o"),
                       QStringLiteral("-p %1").arg(m_port)});
        if (started)
            break;
    }
    return started;
}

Status Cluster::stop(const QString &mode)
{
    if (!isRunning())
        return {};
    TIDEMARK_TRY(const ServerBinaries binaries, findServer(m_options.server));
    return run(
        binaries.folder + QStringLiteral("/pg_ctl"),
        {QStringLiteral("stop"), QStringLiteral("-w"), QStringLiteral("-D"), dataFolder(), QStringLiteral("-m"), mode});
}

void Cluster::kill()
{
    if (const int pid = postmasterFile().value(0).toInt(); pid > 1)
        ::kill(pid, SIGKILL);
    QElapsedTimer waited;
    waited.start();
    while (isRunning() && waited.elapsed() < 10'000)
        QThread::msleep(5);
}

Status Cluster::restart(const QMap<QString, QString> &changed)
{
    TIDEMARK_CHECK(stop());
    TIDEMARK_CHECK(appendSettings(changed));
    return start();
}

void Cluster::remove()
{
    if (!QFileInfo::exists(m_folder))
        return;
    if (auto stopped = stop(QStringLiteral("immediate")); !stopped) {
        qWarning("%s", qUtf8Printable(stopped.error().summary()));
        kill();
    }
    QDir(m_folder).removeRecursively();
}

QStringList Cluster::postmasterFile() const
{
    QFile file(dataFolder() + QStringLiteral("/postmaster.pid"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QStringList lines = QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'));
    // The file of a killed server stays behind, and its number may be another's by now.
    QFile commandLine(QStringLiteral("/proc/%1/cmdline").arg(lines.value(0)));
    const bool ours = commandLine.open(QIODevice::ReadOnly)
                      && commandLine.readAll().contains(QFile::encodeName(dataFolder()));
    return ours ? lines : QStringList();
}

bool Cluster::isRunning() const
{
    const QString state = postmasterFile().value(7);
    return state.startsWith(QLatin1String("ready")) || state.startsWith(QLatin1String("standby"));
}

pg::ConnInfo Cluster::connInfo() const
{
    return pg::ConnInfo()
        .with(QStringLiteral("host"), m_folder)
        .with(QStringLiteral("port"), QString::number(m_port))
        .with(QStringLiteral("user"), QStringLiteral("postgres"))
        .with(QStringLiteral("dbname"), QStringLiteral("postgres"));
}

pg::ConnInfo Cluster::tcpConnInfo() const
{
    return connInfo().with(QStringLiteral("host"), QStringLiteral("127.0.0.1"));
}

QString Cluster::logTail() const
{
    QFile log(m_folder + QStringLiteral("/server.log"));
    if (!log.open(QIODevice::ReadOnly))
        return {};
    log.seek(std::max<qint64>(0, log.size() - 600));
    return QString::fromUtf8(log.readAll());
}

TestCluster::TestCluster(ClusterOptions options)
    : Cluster(
        [] {
            static std::atomic<int> number = 0;
            return QStringLiteral("%1/own-%2-%3").arg(stateFolder()).arg(getpid()).arg(++number);
        }(),
        std::move(options))
{
}

TestCluster::~TestCluster()
{
    remove();
}

} // namespace tidemark::test
