// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/target.h"

#include "core/monitor/standardcollectors.h"
#include "core/secrets/secretstore.h"
#include "core/store/profilestore.h"

#include <QEventLoop>

#include <algorithm>

namespace tidemark::cli {

namespace {

Result<Target> unnamedTarget(const QString &text)
{
    TIDEMARK_TRY(const ConnectionInput input, readConnection(text));
    Target target;
    target.profile.connInfo = input.connInfo;
    target.profile.name = input.connInfo.display();
    target.password = input.password;
    if (const QString database = input.connInfo.value(QStringLiteral("dbname")); !database.isEmpty())
        target.profile.databases = {database};
    return target;
}

/// What the desktop's keychain holds for a profile; nothing where there is no keychain or no entry.
QString passwordFor(const QString &profile)
{
    QString password;
    QEventLoop waiting; // the program's only loop: nothing else runs that it could let in
    const auto secrets = keychainSecretStore();
    bool answered = false;
    secrets->read(profile, [&](const Result<QString> &secret) {
        password = secret.value_or(QString());
        answered = true;
        waiting.quit();
    });
    if (!answered)
        waiting.exec();
    return password;
}

} // namespace

Result<std::vector<Target>> chosenTargets(const Context &context)
{
    std::vector<Target> chosen;
    const QStringList names = context.options.values(QStringLiteral("profile"));
    for (const QString &name : names) {
        if (!context.store)
            return fail(Error::local(QStringLiteral("profiles cannot be read without the local store")));
        auto profile = ProfileStore(context.store).find(name);
        if (!profile && profile.error().kind == ErrorKind::Missing) {
            return fail(Error::input(QStringLiteral("there is no profile named %1").arg(name),
                                     QStringLiteral("Give a connection with -d, or make the profile in tidemark.")));
        }
        TIDEMARK_CHECK(profile);
        const bool hasPassFile = !profile->connInfo.value(QStringLiteral("passfile")).isEmpty();
        chosen.push_back({*profile, hasPassFile ? QString() : passwordFor(name)});
    }
    if (context.options.isSet(QStringLiteral("dbname")) || chosen.empty()) {
        TIDEMARK_TRY(const Target target, unnamedTarget(context.options.value(QStringLiteral("dbname"))));
        chosen.push_back(target);
    }
    return chosen;
}

Result<std::shared_ptr<const ServerSnapshot>> lookAt(const Context &context, const Target &target)
{
    const Profile &profile = target.profile;
    const pg::ConnInfo connInfo = profile.connInfo.with(QStringLiteral("password"), target.password);
    auto server = std::make_shared<ServerSnapshot>();
    server->name = profile.name;
    server->environment = toWord(profile.environment);
    const CollectorFactory factory = standardCollectors(context.history);
    const auto names = std::make_shared<RelationNames>();

    const auto tickerFor = [&](const pg::ConnInfo &info, bool primary) {
        return std::make_unique<DatabaseTicker>(info, factory({info.value(QStringLiteral("dbname")), primary, names}),
                                                context.clock, QStringLiteral("tidemarkctl"));
    };
    const auto add = [&](const DatabaseTicker &ticker) {
        const auto database = ticker.snapshot();
        server->databases[database->name] = database;
        server->overhead.lastTickServerMs += database->overhead.lastTickServerMs;
        server->overhead.lastTickBytes += database->overhead.lastTickBytes;
    };
    const auto primary = tickerFor(connInfo, true);
    TIDEMARK_CHECK(primary->tick(profile.interval));
    add(*primary);

    const QString first = primary->snapshot()->name;
    QStringList others = profile.databases;
    if (others.isEmpty()) {
        for (const ListedDatabase &database : primary->snapshot()->siblings) {
            if (database.mayConnect)
                others << database.name;
        }
    }
    for (const QString &database : others) {
        if (database == first)
            continue;
        // What fails here is told in the snapshot, on the database it concerns.
        const auto ticker = tickerFor(connInfo.withDatabase(database), false);
        static_cast<void>(ticker->tick(profile.interval));
        add(*ticker);
    }
    // The others have by now named what is locked in them: a second look at the locks can say it.
    if (const auto locks = primary->snapshot()->locks; locks && !locks->edges.empty() && server->databases.size() > 1)
        static_cast<void>(primary->tick(profile.interval));
    const auto newest = primary->snapshot();
    server->state = newest->state;
    server->error = newest->error;
    server->takenAt = newest->takenAt;
    server->clockOffset = primary->clockOffset();
    server->locks = newest->locks;
    return std::shared_ptr<const ServerSnapshot>(server);
}

Look lookAtAll(const Context &context)
{
    Look all;
    const auto targets = chosenTargets(context);
    if (!targets) {
        all.exitCode = context.fail(targets.error());
        all.error = targets.error();
        return all;
    }
    for (const Target &target : *targets) {
        const auto server = lookAt(context, target);
        if (!server) {
            all.exitCode = context.fail(server.error());
            auto failed = std::make_shared<ServerSnapshot>();
            failed->name = target.profile.name;
            failed->environment = toWord(target.profile.environment);
            failed->state = WatchState::Failed;
            failed->error = server.error();
            all.servers.push_back(std::move(failed));
            continue;
        }
        for (const auto &[name, database] : (*server)->databases) {
            if (database->error)
                all.exitCode = context.fail(*database->error);
            for (const Error &error : database->errors)
                all.exitCode = context.fail(error.within(name));
        }
        all.servers.push_back(*server);
    }
    return all;
}

bool Look::reachedAny() const
{
    return std::any_of(servers.begin(), servers.end(), [](const auto &server) { return !server->databases.empty(); });
}

void Look::print(const Context &context, const QString &key, const QJsonArray &rows) const
{
    QJsonArray errors = errorsJson(servers);
    if (error)
        errors.append(errorJson(*error));
    context.print({{key, rows}, {QStringLiteral("errors"), errors}});
}

} // namespace tidemark::cli
