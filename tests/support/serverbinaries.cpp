// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/serverbinaries.h"

#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

#include <unistd.h>

namespace tidemark::test {

namespace {

// As packaging/install-test-servers has it.
QString cacheFolder()
{
    if (const QString given = qEnvironmentVariable("TIDEMARK_TEST_SERVERS"); !given.isEmpty())
        return given;
    if (geteuid() == 0)
        return QStringLiteral("/var/cache/tidemark/servers");
    return QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation) + QStringLiteral("/tidemark/servers");
}

} // namespace

QStringList plainServerNames()
{
    return {QStringLiteral("12"), QStringLiteral("13"), QStringLiteral("14"), QStringLiteral("15"),
            QStringLiteral("16"), QStringLiteral("17"), QStringLiteral("18")};
}

QStringList serverNames()
{
    return plainServerNames() << QStringLiteral("timescale");
}

Result<ServerBinaries> findServer(const QString &name)
{
    if (!serverNames().contains(name))
        return fail(Error::input(QStringLiteral("there is no test server named %1").arg(name)));

    ServerBinaries found;
    found.name = name;
    QStringList preload{QStringLiteral("pg_stat_statements")};
    if (name == QLatin1String("15")) {
        found.folder = QStringLiteral("/usr/lib/postgresql/15/bin");
        found.libraryFolder = QStringLiteral("/usr/lib/postgresql/15/lib");
        preload << QStringLiteral("pg_cron");
    } else if (name == QLatin1String("timescale")) {
        const QString tree = cacheFolder() + QStringLiteral("/timescale/usr/lib/postgresql/17");
        found.folder = tree + QStringLiteral("/bin");
        found.libraryFolder = tree + QStringLiteral("/lib");
        preload.prepend(QStringLiteral("timescaledb"));
    } else {
        const QString tree = cacheFolder() + QLatin1Char('/') + name + QStringLiteral("/native");
        found.folder = tree + QStringLiteral("/bin");
        found.libraryFolder = tree + QStringLiteral("/lib/postgresql");
    }
    if (!QFileInfo(found.folder + QStringLiteral("/postgres")).isExecutable()) {
        return fail(Error::missing(
            QStringLiteral("the test server %1 is not installed (no %2/postgres)").arg(name, found.folder),
            QStringLiteral("Run packaging/install and packaging/install-test-servers.")));
    }
    for (const QString &library : preload) {
        if (QFileInfo::exists(found.libraryFolder + QLatin1Char('/') + library + QStringLiteral(".so")))
            found.preloadable << library;
    }
    return found;
}

} // namespace tidemark::test
