// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/democluster.h"

#include "core/base/log.h"
#include "core/demo/filelock.h"
#include "core/demo/inparallel.h"

#include <QDir>
#include <QDirIterator>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QSaveFile>
#include <QStandardPaths>

#include <algorithm>
#include <array>
#include <mutex>

#include <pwd.h>
#include <unistd.h>

namespace tidemark::demo {

namespace {

using namespace std::chrono_literals;

QString newPassword()
{
    static constexpr char letters[] = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    QString password;
    for (int i = 0; i < 24; ++i)
        password += QLatin1Char(letters[QRandomGenerator::system()->bounded(static_cast<int>(sizeof letters - 1))]);
    return password;
}

/// Whether somebody chose where root's data goes, rather than that it is root's own home.
bool isDataHomeGiven()
{
    if (!qEnvironmentVariableIsEmpty("XDG_DATA_HOME"))
        return true;
    const passwd *account = ::getpwuid(::geteuid());
    return account != nullptr && !qEnvironmentVariableIsEmpty("HOME")
           && QDir::cleanPath(QDir::homePath()) != QDir::cleanPath(QString::fromLocal8Bit(account->pw_dir));
}

/// Whether the account that the servers run as may enter what of the path is there.
bool letsServersIn(QString path)
{
    while (!QFileInfo::exists(path))
        path = QFileInfo(path).path();
    const auto account = ServerAccount::current();
    return account && account->checkReach(path);
}

} // namespace

/// What demo.json says.
struct DemoCluster::Mark
{
    Scale scale = Scale::Small;
    std::array<bool, allServers.size()> ready = {};
    [[nodiscard]] bool &isReady(Server server) { return ready[static_cast<std::size_t>(server)]; }
    [[nodiscard]] bool isReady(Server server) const { return ready[static_cast<std::size_t>(server)]; }
};

DemoCluster::DemoCluster(QString folder)
    : m_folder(QDir::cleanPath(QDir(std::move(folder)).absolutePath()))
{
}

QString DemoCluster::defaultFolder()
{
    if (const QString given = qEnvironmentVariable("TIDEMARK_DEMO_DIR"); !given.isEmpty())
        return given;
    const QString own = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation)
                        + QLatin1String("/tidemark/demo");
    const bool isRoot = ::geteuid() == 0;
    return isRoot && !(isDataHomeGiven() && letsServersIn(own)) ? QStringLiteral("/var/lib/tidemark/demo") : own;
}

QString DemoCluster::path(const char *name) const
{
    return m_folder + QLatin1Char('/') + QLatin1String(name);
}

QString DemoCluster::passFile() const
{
    return path("pgpass");
}

LoadProcess DemoCluster::load() const
{
    return LoadProcess(m_folder);
}

bool DemoCluster::isThere() const
{
    return QFileInfo::exists(path("demo.json"));
}

PrivateCluster DemoCluster::cluster(Server server, const ServerTools &tools) const
{
    return PrivateCluster(m_folder + QLatin1Char('/') + planOf(server).folder, tools);
}

Status DemoCluster::claimFolder() const
{
    const QDir folder(m_folder);
    if (!isThere() && folder.exists() && !folder.isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot)) {
        return fail(Error::input(
            QStringLiteral("the folder %1 holds other files").arg(m_folder),
            QStringLiteral(
                "The demo wants a folder of its own: set TIDEMARK_DEMO_DIR to one that is empty or not there.")));
    }
    if (!folder.mkpath(QStringLiteral(".")))
        return fail(Error::local(QStringLiteral("cannot make the folder %1").arg(m_folder),
                                 QStringLiteral("Set TIDEMARK_DEMO_DIR to another one.")));
    TIDEMARK_TRY(const ServerAccount account, ServerAccount::current());
    auto permissions = QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner;
    if (account.isAnother()) // the server's account passes through
        permissions |= QFile::ExeGroup | QFile::ExeOther;
    QFile::setPermissions(m_folder, permissions);
    return account.checkReach(m_folder);
}

Result<DemoCluster::Mark> DemoCluster::readMark() const
{
    QFile file(path("demo.json"));
    if (!file.open(QIODevice::ReadOnly)) {
        return fail(Error::missing(QStringLiteral("there is no demo in %1").arg(m_folder),
                                   QStringLiteral("Start it with: tidemarkctl demo up")));
    }
    const QJsonObject json = QJsonDocument::fromJson(file.readAll()).object();
    Mark mark;
    mark.scale = scaleOf(json[QLatin1String("scale")].toString()).value_or(Scale::Small);
    for (const Server server : allServers)
        mark.isReady(server) = json[QLatin1String("ready")].toObject()[planOf(server).folder].toBool();
    return mark;
}

Status DemoCluster::writeMark(const Mark &mark) const
{
    QJsonObject ready;
    for (const Server server : allServers)
        ready.insert(planOf(server).folder, mark.isReady(server));
    QSaveFile file(path("demo.json"));
    if (file.open(QIODevice::WriteOnly)) {
        file.write(QJsonDocument(QJsonObject{{QStringLiteral("version"), 1},
                                             {QStringLiteral("scale"), toWord(mark.scale)},
                                             {QStringLiteral("ready"), ready}})
                       .toJson());
    }
    if (!file.commit())
        return fail(Error::local(QStringLiteral("cannot write %1: %2").arg(file.fileName(), file.errorString())));
    return {};
}

/// The demo's one password. A new one is only good for clusters that are made anew.
Result<QString> DemoCluster::ensurePassword() const
{
    QFile file(passFile());
    if (file.open(QIODevice::ReadOnly)) {
        const QString password = QString::fromUtf8(file.readAll()).trimmed().section(QLatin1Char(':'), 4);
        if (!password.isEmpty())
            return password;
        file.close();
    }
    const QString password = newPassword();
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate)
        || !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner)
        || file.write(QStringLiteral("*:*:*:*:%1\n").arg(password).toUtf8()) < 0) {
        return fail(Error::local(QStringLiteral("cannot write %1: %2").arg(file.fileName(), file.errorString())));
    }
    return password;
}

pg::ConnInfo DemoCluster::connInfoAs(Server server, const QString &role) const
{
    return pg::ConnInfo()
        .with(QStringLiteral("host"), QStringLiteral("127.0.0.1"))
        .with(QStringLiteral("port"), QString::number(cluster(server, {}).port()))
        .with(QStringLiteral("dbname"), QStringLiteral("postgres"))
        .with(QStringLiteral("user"), role)
        .with(QStringLiteral("passfile"), passFile())
        .with(QStringLiteral("sslmode"), QStringLiteral("disable"));
}

Result<pg::ConnInfo> DemoCluster::connInfo(Server server) const
{
    TIDEMARK_TRY(const Mark mark, readMark());
    if (!mark.isReady(server))
        return fail(Error::missing(QStringLiteral("the demo in %1 is not complete").arg(m_folder),
                                   QStringLiteral("Mend it with: tidemarkctl demo up")));
    return connInfoAs(server, PrivateCluster::superuser);
}

Result<std::vector<Profile>> DemoCluster::profiles() const
{
    std::vector<Profile> profiles;
    for (const Server server : allServers) {
        Profile profile;
        TIDEMARK_TRY(profile.connInfo, connInfo(server));
        profile.name = planOf(server).profile;
        profile.environment = planOf(server).environment;
        profile.safety = server == Server::Main ? Safety::Confirm : Safety::Free;
        profiles.push_back(profile);
    }
    return profiles;
}

Result<std::vector<LoadTarget>> DemoCluster::loadTargets() const
{
    TIDEMARK_TRY(const Mark mark, readMark());
    std::vector<LoadTarget> targets;
    for (const Server server : allServers) {
        for (const QString &name : planOf(server).databases) {
            if (mark.isReady(server))
                targets.push_back({connInfoAs(server, demoDatabase(name).owner).withDatabase(name), name, server});
        }
    }
    return targets;
}

Status DemoCluster::checkAnswers(Server server) const
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemark-demo-setup");
    TIDEMARK_TRY(pg::Session session, pg::Session::open(connInfoAs(server, PrivateCluster::superuser), options));
    TIDEMARK_TRY(
        const auto found,
        session.exec("SELECT pg_catalog.count(*)::int4 AS found FROM pg_catalog.pg_database WHERE NOT datistemplate"));
    const int expected = static_cast<int>(planOf(server).databases.size()) + 1;
    if (found.int32(0, found.column("found")) < expected)
        return fail(Error::missing(QStringLiteral("databases of the demo are missing")));
    return {};
}

Status DemoCluster::bringUp(Server server, const UpOptions &options, const Mark &mark, const QString &password,
                            QStringList &preload) const
{
    TIDEMARK_TRY(const ServerTools tools, ServerTools::find());
    const PrivateCluster cluster = this->cluster(server, tools);
    if (options.stop.stop_requested())
        return fail(Error::cancelled());
    if (!mark.isReady(server)) {
        TIDEMARK_CHECK(cluster.remove());
        TIDEMARK_CHECK(cluster.make(password));
    }
    PrivateCluster::Settings settings;
    settings.title = planOf(server).profile;
    settings.preload = QStringList{QStringLiteral("pg_stat_statements")};
    if (server == Server::Main) {
        settings.preload += QStringLiteral("pg_cron");
        settings.cronDatabase = QStringLiteral("wip");
        settings.sharedBuffersMb = mark.scale == Scale::Small ? 64 : 256;
        settings.maxWalMb = mark.scale == Scale::Small ? 128 : 2048;
    }
    TIDEMARK_TRY(preload, cluster.start(settings));
    return {};
}

Status DemoCluster::fill(const std::vector<Server> &servers, const std::vector<QStringList> &preload,
                         const UpOptions &options, Scale scale) const
{
    std::mutex progressMutex;
    struct Task
    {
        const DemoDatabase *database;
        DataLoad load;
    };
    std::vector<Task> work;
    for (std::size_t i = 0; i < servers.size(); ++i) {
        const ServerPlan &plan = planOf(servers[i]);
        for (const QString &name : plan.databases) {
            const DemoDatabase &database = demoDatabase(name);
            DataLoad load;
            load.superuser = connInfoAs(servers[i], PrivateCluster::superuser);
            load.owner = connInfoAs(servers[i], database.owner);
            load.rows = database.rowsAt(scale) / plan.share;
            load.days = database.daysAt(scale) / static_cast<int>(plan.share);
            load.preload = preload[i];
            load.stop = options.stop;
            if (options.progress) {
                load.progress = [&, title = plan.profile](const QString &text) {
                    const std::lock_guard guard(progressMutex);
                    options.progress(QStringLiteral("%1: %2").arg(title, text));
                };
            }
            work.push_back({&database, load});
        }
    }
    std::vector<std::function<Status()>> tasks;
    for (const Task &task : work)
        tasks.emplace_back([&task] { return createDemoDatabase(*task.database, task.load); });
    return inParallel(tasks);
}

Result<UpReport> DemoCluster::up(const UpOptions &options) const
{
    QElapsedTimer timer;
    timer.start();
    UpReport report;
    TIDEMARK_TRY(const ServerTools tools, ServerTools::find());
    TIDEMARK_CHECK(claimFolder());
    TIDEMARK_TRY([[maybe_unused]] const FileLock lock, FileLock::takeFolder(m_folder, 60s));

    Mark mark;
    if (isThere()) {
        TIDEMARK_TRY(mark, readMark());
        const bool anyReady = std::find(mark.ready.begin(), mark.ready.end(), true) != mark.ready.end();
        if (options.scale && anyReady && *options.scale != mark.scale) {
            return fail(Error::input(
                QStringLiteral("the demo is there at scale %1, not %2").arg(toWord(mark.scale), toWord(*options.scale)),
                QStringLiteral("Remove it first with: tidemarkctl demo down")));
        }
        if (!anyReady)
            mark.scale = options.scale.value_or(mark.scale);
    } else {
        mark.scale = options.scale.value_or(Scale::Small);
    }
    report.scale = mark.scale;

    // A cluster that was filled but no longer starts or answers is worth nothing: it is made anew.
    std::vector<Server> unmade;
    report.wasUp = true;
    for (const Server server : allServers) {
        const PrivateCluster cluster = this->cluster(server, tools);
        if (mark.isReady(server)) {
            Status answers;
            if (!cluster.runningPid()) {
                report.wasUp = false;
                QStringList preload;
                answers = bringUp(server, options, mark, {}, preload);
            }
            if (answers)
                answers = checkAnswers(server);
            if (answers)
                continue;
            qCWarning(logDemo).noquote() << planOf(server).profile << answers.error().summary()
                                         << answers.error().detail;
            report.notes += QStringLiteral("%1 could not be used (%2) and was made anew")
                                .arg(planOf(server).profile, answers.error().summary());
            mark.isReady(server) = false;
        } else if (QFileInfo::exists(cluster.folder())) {
            report.notes += QStringLiteral("%1 was half made and was made anew").arg(planOf(server).profile);
        }
        unmade.push_back(server);
    }

    if (!unmade.empty()) {
        report.wasUp = false;
        TIDEMARK_CHECK(load().stop());
        TIDEMARK_CHECK(writeMark(mark));
        TIDEMARK_TRY(const QString password, ensurePassword());
        if (options.progress)
            options.progress(QStringLiteral("making %1 with the programs in %2")
                                 .arg(unmade.size() == 1 ? QStringLiteral("one server") : QStringLiteral("two servers"),
                                      tools.folder()));
        std::vector<QStringList> preload(unmade.size());
        std::vector<std::function<Status()>> tasks;
        for (std::size_t i = 0; i < unmade.size(); ++i)
            tasks.emplace_back([&, i] { return bringUp(unmade[i], options, mark, password, preload[i]); });
        TIDEMARK_CHECK(inParallel(tasks));
        TIDEMARK_CHECK(fill(unmade, preload, options, mark.scale));
        for (std::size_t i = 0; i < unmade.size(); ++i) {
            mark.isReady(unmade[i]) = true;
            if (unmade[i] == Server::Main && !preload[i].contains(QLatin1String("pg_cron")))
                report.notes += QStringLiteral(
                    "pg_cron is not installed here, so the demo has no jobs (package postgresql-NN-cron)");
        }
        TIDEMARK_CHECK(writeMark(mark));
    }

    if (!options.loadCommand.isEmpty() && !load().pid()) {
        report.wasUp = false;
        TIDEMARK_CHECK(load().start(options.loadCommand));
    }
    report.took = Millis(timer.elapsed());
    return report;
}

Status DemoCluster::down() const
{
    if (!QFileInfo::exists(m_folder))
        return {};
    if (!isThere()) {
        if (QDir(m_folder).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot)) {
            QDir().rmdir(m_folder);
            return {};
        }
        return fail(Error::input(QStringLiteral("%1 is not a folder of the demo; nothing was removed").arg(m_folder)));
    }
    TIDEMARK_TRY([[maybe_unused]] const FileLock lock, FileLock::takeFolder(m_folder, 60s));
    QElapsedTimer timer;
    timer.start();
    TIDEMARK_CHECK(load().stop());
    qCDebug(logDemo) << "the load ended after" << timer.restart() << "ms";
    TIDEMARK_TRY(const ServerTools tools, ServerTools::find());
    std::vector<std::function<Status()>> tasks;
    for (const Server server : allServers)
        tasks.emplace_back([this, server, &tools] { return cluster(server, tools).remove(); });
    TIDEMARK_CHECK(inParallel(tasks));
    qCDebug(logDemo) << "the servers were removed after" << timer.restart() << "ms";
    if (!QDir(m_folder).removeRecursively() || QFileInfo::exists(m_folder))
        return fail(Error::local(QStringLiteral("cannot remove all of %1").arg(m_folder)));
    // "tidemark" above it goes too when nothing else of ours is in it; rmdir leaves a folder that is not empty alone.
    if (const QFileInfo parent(QFileInfo(m_folder).path()); parent.fileName() == QLatin1String("tidemark"))
        QDir().rmdir(parent.filePath());
    return {};
}

Result<DemoStatus> DemoCluster::status() const
{
    DemoStatus status;
    status.folder = m_folder;
    status.exists = isThere();
    if (!status.exists)
        return status;
    TIDEMARK_TRY(const Mark mark, readMark());
    status.scale = mark.scale;
    for (const Server server : allServers) {
        const PrivateCluster cluster = this->cluster(server, {});
        const auto pid = cluster.runningPid();
        status.servers.push_back(
            {server, planOf(server).profile, mark.isReady(server), pid.has_value(), pid.value_or(0), cluster.port()});
    }
    status.loadPid = load().pid();
    for (QDirIterator files(m_folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories); files.hasNext();) {
        files.next();
        status.bytes += files.fileInfo().size();
    }
    return status;
}

} // namespace tidemark::demo
