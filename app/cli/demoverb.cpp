// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verbs.h"
#include "core/base/printable.h"
#include "core/base/units.h"
#include "core/demo/democluster.h"
#include "core/demo/demoload.h"
#include "core/demo/demotargets.h"
#include "core/store/profilestore.h"

#include <QCoreApplication>
#include <QJsonArray>

namespace tidemark::cli {

namespace {

QString nameOf(demo::Scale scale)
{
    return demo::toWord(scale);
}

bool isOfDemo(const Profile &profile, const demo::DemoCluster &cluster)
{
    return profile.connInfo.value(QStringLiteral("passfile")) == cluster.passFile();
}

/// The demo's servers as profiles, so that every verb and the GUI find them by name. A user's own profile of such a name is
/// left alone, and so is what the user changed in one of ours, but for where to connect.
Status storeProfiles(const Context &context, const demo::DemoCluster &cluster)
{
    if (!context.store)
        return {};
    TIDEMARK_TRY(const std::vector<Profile> profiles, cluster.profiles());
    ProfileStore store(context.store);
    for (const Profile &profile : profiles) {
        const auto known = store.find(profile.name);
        if (!known) {
            TIDEMARK_CHECK(store.add(profile));
        } else if (isOfDemo(*known, cluster)) {
            Profile moved = *known;
            moved.connInfo = profile.connInfo;
            TIDEMARK_CHECK(store.replace(known->name, moved));
        } else {
            context.err << "A profile named " << printable(known->name) << " exists already and was left alone."
                        << Qt::endl;
        }
    }
    return {};
}

Status removeProfiles(const Context &context, const demo::DemoCluster &cluster)
{
    if (!context.store)
        return {};
    ProfileStore store(context.store);
    TIDEMARK_TRY(const std::vector<Profile> profiles, store.list());
    for (const Profile &profile : profiles) {
        if (isOfDemo(profile, cluster))
            TIDEMARK_CHECK(store.remove(profile.name));
    }
    return {};
}

void printStatus(const Context &context, const demo::DemoStatus &status)
{
    if (context.json) {
        QJsonArray servers;
        for (const demo::ServerState &server : status.servers) {
            servers.append(QJsonObject{{QStringLiteral("name"), server.name},
                                       {QStringLiteral("running"), server.running},
                                       {QStringLiteral("ready"), server.ready},
                                       {QStringLiteral("port"), server.port}});
        }
        context.print({{QStringLiteral("exists"), status.exists},
                       {QStringLiteral("folder"), status.folder},
                       {QStringLiteral("scale"), status.exists ? QJsonValue(nameOf(status.scale)) : QJsonValue()},
                       {QStringLiteral("bytes"), status.bytes},
                       {QStringLiteral("load_running"), status.loadPid.has_value()},
                       {QStringLiteral("load_pid"), status.loadPid ? QJsonValue(*status.loadPid) : QJsonValue()},
                       {QStringLiteral("servers"), servers}});
        return;
    }
    if (!status.exists) {
        context.out << "There is no demo. 'tidemarkctl demo up' makes it." << Qt::endl;
        return;
    }
    for (const demo::ServerState &server : status.servers) {
        context.out << server.name << ": " << (!server.running ? "stopped" : server.ready ? "running" : "not complete");
        if (server.running)
            context.out << " on port " << server.port;
        context.out << '\n';
    }
    context.out << "live load: " << (status.loadPid ? "running" : "stopped") << "\nscale: " << nameOf(status.scale)
                << ", " << units::bytes(status.bytes) << " in " << status.folder << Qt::endl;
}

ExitCode up(const Context &context, const demo::DemoCluster &cluster)
{
    demo::UpOptions options;
    if (context.options.isSet(QStringLiteral("scale"))) {
        const QString word = context.options.value(QStringLiteral("scale"));
        options.scale = demo::scaleOf(word);
        if (!options.scale)
            return context.fail(Error::input(QStringLiteral("'%1' is not a scale").arg(word),
                                             QStringLiteral("Give small, medium or large.")));
    }
    if (!context.options.isSet(QStringLiteral("no-load"))) {
        options.loadCommand = {QCoreApplication::applicationFilePath(), QStringLiteral("demo"), QStringLiteral("load"),
                               QStringLiteral("--store"), QStringLiteral("none")};
    }
    options.progress = [&](const QString &line) { context.err << line << Qt::endl; };
    const auto report = cluster.up(options);
    if (!report)
        return context.fail(report.error());
    if (const Status stored = storeProfiles(context, cluster); !stored)
        return context.fail(stored.error());
    if (context.history) {
        if (const Status set = demo::setDemoTargets(cluster, *context.history); !set)
            return context.fail(set.error());
    }
    for (const QString &note : report->notes)
        context.err << note << Qt::endl;
    if (report->wasUp)
        context.err << "The demo was up already." << Qt::endl;
    else
        context.err << "The demo is up after " << units::duration(report->took)
                    << (context.store ? "; its profiles are demo and demo-two." : ".") << Qt::endl;
    const auto status = cluster.status();
    if (!status)
        return context.fail(status.error());
    printStatus(context, *status);
    return ExitCode::Done;
}

ExitCode runDemo(const Context &context)
{
    const demo::DemoCluster cluster;
    const QString what = context.arguments.value(0);
    if (what == QLatin1String("up"))
        return up(context, cluster);
    if (what == QLatin1String("down")) {
        const bool wasThere = cluster.isThere();
        if (const Status down = cluster.down(); !down)
            return context.fail(down.error());
        if (const Status removed = removeProfiles(context, cluster); !removed)
            return context.fail(removed.error());
        if (wasThere)
            context.err << "The demo is gone, with every file of it." << Qt::endl;
        else
            context.err << "There was no demo in " << cluster.folder() << "; nothing was removed." << Qt::endl;
        return ExitCode::Done;
    }
    if (what == QLatin1String("status")) {
        const auto status = cluster.status();
        if (!status)
            return context.fail(status.error());
        printStatus(context, *status);
        return ExitCode::Done;
    }
    if (what == QLatin1String("load")) {
        if (const Status ran = demo::runLoadProcess(cluster); !ran)
            return context.fail(ran.error());
        return ExitCode::Done;
    }
    return context.fail(Error::input(what.isEmpty()
                                         ? QStringLiteral("demo needs a word: up, down or status")
                                         : QStringLiteral("demo knows up, down and status, not '%1'").arg(what)));
}

} // namespace

Verb demoVerb()
{
    return {QStringLiteral("demo"),
            QStringLiteral("private servers with the demo databases and their live load"),
            QStringLiteral("up|down|status"),
            {{QStringLiteral("scale"), QStringLiteral("small (default), medium or large: 20 million plays."),
              QStringLiteral("SCALE")},
             {QStringLiteral("no-load"), QStringLiteral("Start the servers without their live load.")}},
            runDemo,
            1};
}

} // namespace tidemark::cli
