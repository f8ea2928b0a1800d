// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/interrupt.h"
#include "app/cli/target.h"
#include "app/cli/verbs.h"
#include "app/cli/watchevents.h"
#include "core/base/units.h"
#include "core/monitor/historyrecorder.h"
#include "core/monitor/standardcollectors.h"

#include <thread>
#include <utility>

namespace tidemark::cli {

namespace {

/// The stored rules with what the options change of them for this run.
Result<AlertSettings> rulesOf(const Context &context)
{
    const bool isKept = context.store && context.store->opened() > 0;
    AlertSettings rules = isKept ? loadAlertSettings(SettingsStore(context.store)) : AlertSettings{};
    const auto take = [&](const char *option, std::optional<Millis> AlertRules::*field) -> Status {
        const QString name = QString::fromLatin1(option);
        if (!context.options.isSet(name))
            return {};
        const QString text = context.options.value(name);
        const auto threshold = units::parseDuration(text);
        rules.common.*field = threshold;
        for (auto &[profile, own] : rules.own)
            own.*field = threshold;
        if (!threshold && text != QLatin1String("none"))
            return fail(Error::input(QStringLiteral("--%1 takes a duration, not '%2'").arg(name, text),
                                     QStringLiteral("Write 30s, 2d, or none to switch the rule off.")));
        return {};
    };
    TIDEMARK_CHECK(take("blocking", &AlertRules::blockingLongerThan));
    TIDEMARK_CHECK(take("runway", &AlertRules::runwayShorterThan));
    return rules;
}

/// How long to watch; nothing: until it is ended.
Result<std::optional<Millis>> limitOf(const Context &context)
{
    const QString option = QStringLiteral("for");
    if (!context.options.isSet(option))
        return std::nullopt;
    const auto limit = units::parseDuration(context.options.value(option));
    if (!limit || *limit <= Millis(0))
        return fail(
            Error::input(QStringLiteral("--for takes a time to watch, not '%1'").arg(context.options.value(option)),
                         QStringLiteral("Write 90s, 10min or 8h; to look once there is 'tidemarkctl status'.")));
    return limit;
}

ExitCode watch(const Context &context)
{
    const auto rules = rulesOf(context);
    if (!rules)
        return context.fail(rules.error());
    const auto limit = limitOf(context);
    if (!limit)
        return context.fail(limit.error());
    auto targets = chosenTargets(context);
    if (!targets)
        return context.fail(targets.error());
    const QStringList named = context.options.values(QStringLiteral("database"));
    if (named.contains(QString())) {
        return context.fail(Error::input(QStringLiteral("--database names no database"),
                                         QStringLiteral("Leave it out to watch all of them.")));
    }
    if (!named.isEmpty()) {
        for (Target &target : *targets)
            target.profile.databases = named;
    }

    catchInterrupts();
    WatchEvents events(context);
    std::optional<Error> useless;
    {
        HistoryRecorder recorder(context.store, context.clock);
        recorder.setRules(*rules);
        Monitor monitor(
            context.clock, standardCollectors(context.history),
            [&](const std::shared_ptr<const ServerSnapshot> &server) { events.tell(*server); },
            [&](ServerSnapshot &server) { recorder.record(server); });
        for (const Target &target : *targets)
            monitor.add(target.profile, target.password);
        const auto started = std::chrono::steady_clock::now();
        int opened = context.store ? context.store->opened() : 0;
        const auto isOver = [&] {
            useless = events.uselessIfAllOf(targets->size());
            return isInterrupted() || useless || events.isUnheard()
                   || (*limit && std::chrono::steady_clock::now() - started >= **limit);
        };
        while (!isOver()) {
            if (context.store) {
                events.tellHistory(*context.store);
                // The rules are kept in it.
                if (std::exchange(opened, context.store->opened()) != context.store->opened())
                    recorder.setRules(rulesOf(context).value_or(*rules));
            }
            std::this_thread::sleep_for(Millis(100));
        }
    }
    if (useless)
        return context.fail(*useless);
    if (events.isUnheard())
        return ExitCode::Failed; // why is told where the program ends
    if (!events.everConnected())
        return ExitCode::NoConnection;
    return context.options.isSet(QStringLiteral("check")) && events.everRaised() ? ExitCode::Found : ExitCode::Done;
}

} // namespace

Verb watchVerb()
{
    Verb verb{
        QStringLiteral("watch"),
        QStringLiteral("stay, fill the history, and tell of alerts as they come and go"),
        {},
        {{QStringLiteral("for"), QStringLiteral("End by itself after this long."), QStringLiteral("DURATION")},
         {QStringLiteral("database"),
          QStringLiteral("Watch this database of each server; may be given several times. Without it and without a "
                         "list in the profile all are watched, but for those that would take too many of the server's "
                         "connections: each takes one, and of what is not named no more than a tenth of the server's, "
                         "half of the role's CONNECTION LIMIT, and 16 are taken."),
          QStringLiteral("NAME")},
         {QStringLiteral("blocking"), QStringLiteral("Alert on blocking longer than this."),
          QStringLiteral("DURATION|none")},
         {QStringLiteral("runway"), QStringLiteral("Alert on a runway shorter than this."),
          QStringLiteral("DURATION|none")},
         {QStringLiteral("check"), QStringLiteral("Exit with 3 when an alert was raised.")}},
        watch};
    verb.json = QStringLiteral(
        "Print each event as one JSON object on a line of its own, as it happens: version, at, server, database, event "
        "(connected, connection_failed, connection_lost, database_gone, not_watched, all_watched, alert_raised, "
        "alert_cleared, history_failing, history_resumed), kind (of an alert), message, hint.");
    verb.awaitsStore = true;
    return verb;
}

} // namespace tidemark::cli
