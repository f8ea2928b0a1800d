// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/json.h"
#include "app/cli/target.h"
#include "app/cli/verbs.h"
#include "core/monitor/refreshlog.h"

namespace tidemark::cli {

namespace {

QString wordOf(RefreshLogState::Presence presence)
{
    switch (presence) {
    case RefreshLogState::Presence::Absent:
        return QStringLiteral("not_installed");
    case RefreshLogState::Presence::Installed:
        return QStringLiteral("installed");
    case RefreshLogState::Presence::SwitchedOff:
        return QStringLiteral("switched_off");
    case RefreshLogState::Presence::Partial:
        break;
    }
    return QStringLiteral("incomplete");
}

void print(const Context &context, const QString &server, const QString &database, const RefreshLogState &state)
{
    const auto time = [](const std::optional<Instant> &at) { return at ? QJsonValue(toIso8601(*at)) : QJsonValue(); };
    if (context.json) {
        context.print({{QStringLiteral("server"), server},
                       {QStringLiteral("database"), database},
                       {QStringLiteral("refresh_log"), wordOf(state.presence)},
                       {QStringLiteral("entries"), state.entries ? QJsonValue(*state.entries) : QJsonValue()},
                       {QStringLiteral("oldest_at"), time(state.oldest)},
                       {QStringLiteral("newest_at"), time(state.newest)},
                       {QStringLiteral("superuser"), state.isSuperuser},
                       {QStringLiteral("standby"), state.inRecovery}});
        return;
    }
    context.out << database << ": " << wordOf(state.presence).replace(QLatin1Char('_'), QLatin1Char(' '));
    if (state.oldest)
        context.out << ", " << *state.entries << " refreshes since " << toIso8601(*state.oldest);
    context.out << Qt::endl;
}

ExitCode runOn(const Context &context, Target target, std::optional<RefreshLog::Change> change)
{
    // A connection that is no profile has no safety of its own; --confirm is what it asks for.
    if (!context.options.isSet(QStringLiteral("profile")))
        target.profile.safety = Safety::Confirm;
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemarkctl refresh-log");
    options.readOnly = !change;
    options.lockTimeout = Millis(3'000);
    pg::ConnInfo info = target.profile.connInfo.with(QStringLiteral("password"), target.password);
    if (const QString database = context.options.value(QStringLiteral("database")); !database.isEmpty())
        info = info.withDatabase(database);
    auto session = pg::Session::open(info, options);
    if (!session)
        return context.fail(session.error());
    const QString database = session->database();
    if (!change) {
        const auto state = RefreshLog::state(*session);
        if (!state)
            return context.fail(state.error().within(database));
        print(context, target.profile.name, database, *state);
        return ExitCode::Done;
    }
    const RefreshLog log(target.profile, context.history, context.clock);
    const QString confirmed = context.options.value(QStringLiteral("confirm"));
    if (!confirmed.isEmpty() && confirmed != database)
        return context.fail(
            Error::safety(QStringLiteral("not done: --confirm %1 is not the database %2").arg(confirmed, database)));
    if (confirmed.isEmpty()) {
        // A profile that forbids it says so before it asks for anything.
        const auto state = RefreshLog::state(*session);
        if (!state)
            return context.fail(state.error().within(database));
        if (const Status allowed = log.check(*change, *state); !allowed)
            return context.fail(allowed.error());
        context.err << log.confirmation(*change, database).text << Qt::endl;
        return context.fail(Error::safety(QStringLiteral("not done: it was not confirmed"),
                                          QStringLiteral("Say yes with --confirm %1.").arg(database)));
    }
    const auto state = log.perform(*session, *change, {true, confirmed});
    if (!state)
        return context.fail(state.error().within(database));
    print(context, target.profile.name, database, *state);
    return ExitCode::Done;
}

ExitCode refreshLog(const Context &context)
{
    const QString what = context.arguments.value(0);
    const bool removes = context.arguments.value(1) == QLatin1String("remove");
    if (what == QLatin1String("show")) {
        context.out << RefreshLog::script(removes ? RefreshLog::Change::Remove : RefreshLog::Change::Install);
        context.out.flush();
        return ExitCode::Done;
    }
    std::optional<RefreshLog::Change> change;
    if (what == QLatin1String("install"))
        change = RefreshLog::Change::Install;
    else if (what == QLatin1String("remove"))
        change = RefreshLog::Change::Remove;
    else if (what != QLatin1String("status"))
        return context.fail(Error::input(
            what.isEmpty() ? QStringLiteral("refresh-log needs a word: status, show, install or remove")
                           : QStringLiteral("refresh-log knows status, show, install and remove, not '%1'").arg(what)));
    const auto targets = chosenTargets(context);
    if (!targets)
        return context.fail(targets.error());
    if (change && targets->size() > 1)
        return context.fail(Error::input(QStringLiteral("refresh-log %1 takes one server").arg(what)));
    ExitCode outcome = ExitCode::Done;
    for (const Target &target : *targets) {
        if (const ExitCode code = runOn(context, target, change); code != ExitCode::Done)
            outcome = code;
    }
    return outcome;
}

} // namespace

Verb refreshLogVerb()
{
    return {QStringLiteral("refresh-log"),
            QStringLiteral("the optional log of every refresh in a database: event triggers of the toolkit"),
            QStringLiteral("status|show [remove]|install|remove"),
            {{QStringLiteral("database"), QStringLiteral("Another database of the server."), QStringLiteral("NAME")},
             {QStringLiteral("confirm"),
              QStringLiteral("The name of the database, as the yes that install and remove ask for."),
              QStringLiteral("DATABASE")}},
            refreshLog};
}

} // namespace tidemark::cli
