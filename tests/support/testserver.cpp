// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/testserver.h"

#include <QDir>
#include <QDirIterator>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>

namespace tidemark::test {

namespace {

/// Held by one process at a time; ends with the process, however that ends.
class StateLock
{
public:
    explicit StateLock(const QString &name)
    {
        QDir().mkpath(stateFolder());
        const QByteArray path = QFile::encodeName(stateFolder() + QLatin1Char('/') + name + QStringLiteral(".lock"));
        m_fd = open(path.constData(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (m_fd < 0)
            qFatal("cannot lock %s: is the folder another user's?", path.constData());
        while (flock(m_fd, LOCK_EX) != 0 && errno == EINTR) {}
    }
    ~StateLock() { close(m_fd); }
    StateLock(const StateLock &) = delete;
    StateLock &operator=(const StateLock &) = delete;

private:
    int m_fd = -1;
};

QString sharedFolder(const QString &name)
{
    return stateFolder() + QLatin1Char('/') + name;
}

// The clusters this process has seen running.
Result<const Cluster *> shared(const QString &name)
{
    holdStateFolder();
    static std::map<QString, Cluster> known;
    const StateLock lock(name);
    auto found = known.find(name);
    if (found == known.end()) {
        ClusterOptions options;
        options.server = name;
        found = known.emplace(name, Cluster(sharedFolder(name), options)).first;
    }
    TIDEMARK_CHECK(found->second.start());
    return &found->second;
}

const Cluster &mustRun(const QString &name)
{
    const auto cluster = shared(name);
    if (!cluster)
        qFatal("the test server %s cannot be started: %s", qUtf8Printable(name), describe(cluster.error()).constData());
    return **cluster;
}

void removeClusters()
{
    QStringList names = QDir(stateFolder()).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString &name : names) {
        const StateLock lock(name);
        ClusterOptions options;
        // A private cluster's version is not known from its name, and any version's pg_ctl can stop it.
        options.server = serverNames().contains(name) ? name : QStringLiteral("15");
        Cluster(sharedFolder(name), options).remove();
    }
    QDir(stateFolder()).removeRecursively();
}

} // namespace

bool isAvailable(const QString &server, QString *why)
{
    const auto found = findServer(server);
    if (!found && why != nullptr)
        *why = QStringLiteral("%1. %2").arg(found.error().message, found.error().hint);
    return found.has_value();
}

pg::ConnInfo server(const QString &name)
{
    return mustRun(name).connInfo();
}

pg::ConnInfo serverOverTcp(const QString &name)
{
    return mustRun(name).tcpConnInfo();
}

std::optional<pg::ConnInfo> communityTimescale()
{
    const QString given = qEnvironmentVariable("TIDEMARK_TEST_TIMESCALE");
    if (given.isEmpty())
        return std::nullopt;
    const auto info = pg::ConnInfo::parse(given);
    if (!info)
        qFatal("TIDEMARK_TEST_TIMESCALE: %s", describe(info.error()).constData());
    return *info;
}

Status startShared(const QString &name)
{
    TIDEMARK_TRY([[maybe_unused]] const auto *cluster, shared(name));
    return {};
}

bool removeAll()
{
    return withStateFolderAlone(removeClusters);
}

bool serversAreRequired()
{
    return qEnvironmentVariableIntValue("TIDEMARK_REQUIRE_TEST_SERVERS") != 0;
}

QByteArray describe(const Error &error)
{
    QString text = QStringLiteral("[%1] %2").arg(errorKindName(error.kind), error.summary());
    if (!error.sqlState.isEmpty())
        text += QStringLiteral(" (SQLSTATE %1)").arg(QString::fromLatin1(error.sqlState));
    if (!error.detail.isEmpty())
        text += QStringLiteral("\n  detail: ") + error.detail;
    if (!error.hint.isEmpty())
        text += QStringLiteral("\n  hint: ") + error.hint;
    if (!error.statement.isEmpty())
        text += QStringLiteral("\n  statement: ") + QString::fromUtf8(error.statement.left(1000));
    return text.toLocal8Bit();
}

} // namespace tidemark::test
