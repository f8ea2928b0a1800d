// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/json.h"
#include "app/cli/suretext.h"
#include "app/cli/target.h"
#include "app/cli/texttable.h"
#include "app/cli/verbs.h"
#include "core/base/units.h"

#include <algorithm>
#include <limits>

namespace tidemark::cli {

namespace {

QString whenOf(const RefreshEvent &event)
{
    if (event.finishedBracket && event.confidence == Confidence::Bracketed)
        return QStringLiteral("%1 … %2").arg(toUtcSeconds(event.finishedBracket->from),
                                             toUtcSeconds(event.finishedBracket->to));
    if (event.finishedAt)
        return toUtcSeconds(*event.finishedAt);
    return event.startedAt ? toUtcSeconds(*event.startedAt) : QStringLiteral("unknown");
}

/// A name without its schema may be that of several: these are picked from all.
Result<std::vector<RefreshEvent>> eventsOf(const HistoryStore &history, const DatabaseRef &database,
                                           const WantedName &wanted, const TimeRange &range, int limit)
{
    const pg::QualifiedName exact = wanted.exact();
    const bool isPicked = wanted.isGiven() && exact == pg::QualifiedName();
    TIDEMARK_TRY(std::vector<RefreshEvent> events,
                 history.refreshes(database, exact, range, isPicked ? std::numeric_limits<int>::max() : limit));
    if (isPicked) {
        std::erase_if(events, [&](const RefreshEvent &event) { return !wanted.fits(event.name); });
        events.resize(std::min(events.size(), static_cast<std::size_t>(limit)));
    }
    return events;
}

bool hasRefreshable(const DatabaseSnapshot &database, const WantedName &wanted)
{
    return database.freshness
           && std::any_of(database.freshness->refreshables.begin(), database.freshness->refreshables.end(),
                          [&](const Refreshable &row) { return wanted.fits(row.name); });
}

ExitCode refreshes(const Context &context)
{
    const auto since = units::parseDuration(context.options.value(QStringLiteral("since")));
    if (!since)
        return context.fail(
            Error::input(QStringLiteral("'%1' is not a duration").arg(context.options.value(QStringLiteral("since"))),
                         QStringLiteral("Write 90min, 24h or 7d.")));
    bool isNumber = false;
    const int limit = context.options.value(QStringLiteral("limit")).toInt(&isNumber);
    if (!isNumber || limit < 1)
        return context.fail(Error::input(QStringLiteral("--limit takes a number from 1")));
    const auto wanted = WantedName::of(context);
    if (!wanted)
        return context.fail(wanted.error());
    if (!context.history)
        return context.fail(
            Error::local(QStringLiteral("the refresh history is in the local store, which is not open")));

    // The look brings in what the server's own histories know before the store is asked.
    const Look look = lookAtAll(context);
    bool isKnown = false;
    QJsonArray json;
    TextTable table({{QStringLiteral("FINISHED")},
                     {QStringLiteral("SERVER"), TextTable::Align::Left, look.servers.size() > 1},
                     {QStringLiteral("DATABASE")},
                     {QStringLiteral("NAME")},
                     {QStringLiteral("DURATION"), TextTable::Align::Right},
                     {QStringLiteral("ROWS"), TextTable::Align::Right},
                     {QStringLiteral("RESULT")},
                     {QStringLiteral("SURE")},
                     {QStringLiteral("TOLD BY")}});
    for (const auto &server : look.servers) {
        for (const auto &[databaseName, database] : server->databases) {
            if (database->state != WatchState::Live)
                continue;
            const DatabaseRef ref = databaseRefOf(database->capabilities);
            const TimeRange range{database->takenAt - *since, database->takenAt};
            const auto events = eventsOf(*context.history, ref, *wanted, range, limit);
            if (!events)
                return context.fail(events.error());
            isKnown = isKnown || !events->empty() || hasRefreshable(*database, *wanted);
            for (const RefreshEvent &event : *events) {
                json.append(refreshJson(server->name, databaseName, event));
                table.add(
                    {whenOf(event), server->name, databaseName, event.name.display(),
                     event.duration ? units::duration(*event.duration) : QStringLiteral("-"),
                     event.rows ? units::count(*event.rows) : QStringLiteral("-"),
                     event.succeeded ? QStringLiteral("succeeded")
                                     : QStringLiteral("failed: ") + event.error.simplified(),
                     sureText(event.confidence, event.probable),
                     toWord(event.source).replace(QLatin1Char('_'), QLatin1Char(' '))
                         + (event.sourceDetail.isEmpty() ? QString() : QStringLiteral(", ") + event.sourceDetail)});
            }
        }
    }
    if (context.json)
        look.print(context, QStringLiteral("refreshes"), json);
    if (wanted->isGiven() && !isKnown && look.exitCode == ExitCode::Done) {
        return context.fail(Error::missing(
            QStringLiteral("nothing refreshable is named %1, and the history of that time has no refresh of it")
                .arg(wanted->display())));
    }
    if (context.json)
        return look.exitCode;
    if (!table.isEmpty())
        table.print(context.out);
    else if (look.reachedAny())
        context.err << "No refresh is known in that time. The history fills while tidemark or 'tidemarkctl watch' runs."
                    << Qt::endl;
    return look.exitCode;
}

} // namespace

Verb refreshesVerb()
{
    return {QStringLiteral("refreshes"),
            QStringLiteral("the refresh history from every source that knows"),
            QStringLiteral("[NAME]"),
            {{QStringLiteral("since"), QStringLiteral("How far back (default 24h)."), QStringLiteral("DURATION"),
              QStringLiteral("24h")},
             {QStringLiteral("limit"), QStringLiteral("At most so many a database (default 200)."), QStringLiteral("N"),
              QStringLiteral("200")}},
            refreshes,
            1};
}

} // namespace tidemark::cli
