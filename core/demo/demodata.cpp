// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/demodata.h"

#include "core/base/log.h"
#include "core/base/units.h"
#include "core/base/words.h"
#include "core/pg/qualifiedname.h"
#include "resources/resources.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>

#include <algorithm>
#include <array>

namespace tidemark::demo {

namespace {

using namespace std::chrono_literals;

// A slice is committed and reported on its own.
constexpr qint64 rowsPerSlice = 1'000'000;
constexpr Millis scriptLimit = 60min;

constexpr std::array scales{Word{Scale::Small, "small"}, Word{Scale::Medium, "medium"}, Word{Scale::Large, "large"}};

pg::SessionOptions loaderOptions()
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemark-demo-setup");
    options.readOnly = false;
    options.lockTimeout = 30s;
    options.statementTimeout = Millis(0);
    options.idleInTransactionTimeout = Millis(0);
    options.connectTimeout = 15s;
    return options;
}

/// The value of a header comment such as "-- requires: extension pg_cron".
QString header(const QByteArray &sql, const QByteArray &name)
{
    const QByteArray start = "-- " + name + ": ";
    const QList<QByteArray> lines = sql.split('\n');
    for (const QByteArray &line : lines) {
        if (!line.startsWith("--"))
            break;
        if (line.startsWith(start))
            return QString::fromUtf8(line.mid(start.size())).trimmed();
    }
    return {};
}

Status createRoleAndDatabase(const DemoDatabase &database, const DataLoad &load)
{
    TIDEMARK_TRY(pg::Session session, pg::Session::open(load.superuser, loaderOptions(), load.stop));
    const pg::CallOptions call{scriptLimit, load.stop};
    // All roles of the demo share the superuser's password, copied as its verifier: no statement shows it.
    const QByteArray createRole =
        "DO $do$ BEGIN EXECUTE pg_catalog.format('CREATE ROLE %I LOGIN PASSWORD %L', "
        + pg::quoteLiteral(database.owner).toUtf8()
        + ", (SELECT rolpassword FROM pg_catalog.pg_authid WHERE rolname = current_user)); END $do$";
    TIDEMARK_TRY([[maybe_unused]] const auto role, session.exec(createRole, {}, call));
    const QString createDatabase = QStringLiteral("CREATE DATABASE %1 OWNER %2")
                                       .arg(pg::quoteIdentifier(database.name), pg::quoteIdentifier(database.owner));
    TIDEMARK_TRY([[maybe_unused]] const auto made, session.exec(createDatabase.toUtf8(), {}, call));
    return {};
}

Status createExtensions(const DemoDatabase &database, const DataLoad &load)
{
    TIDEMARK_TRY(pg::Session session,
                 pg::Session::open(load.superuser.withDatabase(database.name), loaderOptions(), load.stop));
    const pg::CallOptions call{scriptLimit, load.stop};
    for (const QString &extension : database.extensions) {
        if (!load.preload.contains(extension))
            continue;
        // pg_cron makes a schema of its own for all that it has.
        const QByteArray schema = extension == QLatin1String("pg_cron") ? " SCHEMA pg_catalog" : " SCHEMA public";
        TIDEMARK_TRY([[maybe_unused]] const auto made,
                     session.exec("CREATE EXTENSION " + pg::quoteIdentifier(extension).toUtf8() + schema, {}, call));
        if (extension == QLatin1String("pg_cron")) {
            TIDEMARK_TRY([[maybe_unused]] const auto granted,
                         session.exec("GRANT USAGE ON SCHEMA cron TO " + pg::quoteIdentifier(database.owner).toUtf8(),
                                      {}, call));
        }
    }
    return {};
}

Result<bool> isSkipped(const QByteArray &sql, pg::Session &session, const pg::CallOptions &call)
{
    const QString wanted = header(sql, "requires");
    if (!wanted.startsWith(QLatin1String("extension ")))
        return false;
    TIDEMARK_TRY(const auto found,
                 session.exec("SELECT 1 FROM pg_catalog.pg_extension WHERE extname = $1", {wanted.mid(10)}, call));
    return found.isEmpty();
}

Status runScript(const QString &path, const DemoDatabase &database, const DataLoad &load, pg::Session &session)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(Error::internal(QStringLiteral("%1 is not part of this program").arg(path)));
    const QByteArray sql = file.readAll();
    const pg::CallOptions call{scriptLimit, load.stop};
    TIDEMARK_TRY(const bool skipped, isSkipped(sql, session, call));
    if (skipped)
        return {};

    const bool sliced = header(sql, "repeat") == QLatin1String("slices");
    const qint64 slices = sliced ? std::max<qint64>(1, load.rows / rowsPerSlice) : 1;
    for (qint64 slice = 0; slice < slices; ++slice) {
        TIDEMARK_TRY(
            [[maybe_unused]] const auto set,
            session.exec(
                "SELECT pg_catalog.set_config('demo.rows', $1, false), pg_catalog.set_config('demo.days', $2, false), "
                "pg_catalog.set_config('demo.slice', $3, false), pg_catalog.set_config('demo.slices', $4, false)",
                {QString::number(load.rows), QString::number(load.days), QString::number(slice),
                 QString::number(slices)},
                call));
        QElapsedTimer timer;
        timer.start();
        auto done = session.execScript(sql, call);
        if (!done)
            return fail(done.error().within(
                QStringLiteral("demo database %1, %2").arg(database.name, path.section(QLatin1Char('/'), -1))));
        qCDebug(logDemo) << path << "took" << timer.elapsed() << "ms";
        if (slices > 1 && load.progress) {
            load.progress(
                QStringLiteral("%1: %2 of %3 rows")
                    .arg(database.name, units::count(load.rows * (slice + 1) / slices), units::count(load.rows)));
        }
    }
    return {};
}

} // namespace

QString toWord(Scale scale)
{
    return wordOf(scales, scale);
}

std::optional<Scale> scaleOf(const QString &word)
{
    return valueOf(scales, word);
}

std::span<const DemoDatabase> demoDatabases()
{
    static const QString statements = QStringLiteral("pg_stat_statements");
    static const DemoDatabase databases[] = {
        {QStringLiteral("plays"), QStringLiteral("relisten"), {100'000, 2'000'000, 20'000'000}, {}, {statements}, true},
        {QStringLiteral("register"), QStringLiteral("statbus"), {3'000, 30'000, 120'000}, {}, {statements}},
        {QStringLiteral("warehouse"),
         QStringLiteral("wms"),
         {30'000, 600'000, 4'000'000},
         {60, 90, 180},
         {statements},
         true},
        {QStringLiteral("sensors"), QStringLiteral("scada"), {30'000, 600'000, 4'000'000}, {}, {statements}},
        {QStringLiteral("wip"),
         QStringLiteral("mes"),
         {6'000, 60'000, 300'000},
         {},
         {statements, QStringLiteral("pg_cron")}},
    };
    return databases;
}

const DemoDatabase &demoDatabase(const QString &name)
{
    const auto databases = demoDatabases();
    const auto found = std::find_if(databases.begin(), databases.end(),
                                    [&](const DemoDatabase &each) { return each.name == name; });
    Q_ASSERT(found != databases.end());
    return *found;
}

namespace {

Status installRefreshLog(const DemoDatabase &database, const DataLoad &load)
{
    QFile script(QStringLiteral(":/toolkit/refresh_log.up.sql"));
    if (!script.open(QIODevice::ReadOnly))
        return fail(Error::internal(QStringLiteral("the toolkit's refresh log is not compiled in")));
    TIDEMARK_TRY(pg::Session session,
                 pg::Session::open(load.superuser.withDatabase(database.name), loaderOptions(), load.stop));
    TIDEMARK_CHECK(session.execScript(script.readAll()));
    return {};
}

} // namespace

Status createDemoDatabase(const DemoDatabase &database, const DataLoad &load)
{
    initResources();
    const auto making = [&](Status status) {
        return status ? status
                      : fail(status.error().within(QStringLiteral("making the demo database %1").arg(database.name)));
    };
    TIDEMARK_CHECK(making(createRoleAndDatabase(database, load)));
    TIDEMARK_CHECK(making(createExtensions(database, load)));
    TIDEMARK_TRY(pg::Session session,
                 pg::Session::open(load.owner.withDatabase(database.name), loaderOptions(), load.stop));
    const QDir folder(QStringLiteral(":/demo/") + database.name);
    const QStringList scripts = folder.entryList({QStringLiteral("*.sql")}, QDir::Files, QDir::Name);
    for (const QString &script : scripts)
        TIDEMARK_CHECK(runScript(folder.filePath(script), database, load, session));
    if (database.refreshLog)
        TIDEMARK_CHECK(making(installRefreshLog(database, load)));
    if (load.progress)
        load.progress(QStringLiteral("%1 is ready").arg(database.name));
    return {};
}

} // namespace tidemark::demo
