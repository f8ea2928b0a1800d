// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/json.h"
#include "app/cli/suretext.h"
#include "app/cli/target.h"
#include "app/cli/texttable.h"
#include "app/cli/verbs.h"
#include "core/base/units.h"

#include <algorithm>

namespace tidemark::cli {

namespace {

struct Row
{
    const ServerSnapshot *server;
    const DatabaseSnapshot *database;
    const Refreshable *refreshable;
};

QString lastRefreshCell(const Refreshable &row, Instant now)
{
    const LastRefresh &last = row.lastRefresh;
    switch (last.confidence) {
    case Confidence::Unknown:
        return QStringLiteral("unknown");
    case Confidence::AtLeast:
        return last.at ? QStringLiteral(">= %1").arg(units::age(*last.at, now)) : QStringLiteral("unknown");
    case Confidence::Bracketed:
        if (last.bracket)
            return QStringLiteral("%1 to %2")
                .arg(units::age(last.bracket->from, now), units::age(last.bracket->to, now));
        break;
    case Confidence::Exact:
    case Confidence::Commit:
        break;
    }
    return last.at ? units::age(*last.at, now) : QStringLiteral("unknown");
}

QString changesCell(const Refreshable &row)
{
    const bool judged = row.notJudgedBecause.isEmpty();
    if (row.sourceChanges && (judged || *row.sourceChanges > 0))
        return judged ? units::count(*row.sourceChanges)
                      : QStringLiteral(">= %1").arg(units::count(*row.sourceChanges));
    return judged ? QStringLiteral("-") : QStringLiteral("cannot be judged");
}

/// "schema.view=5min"; without a duration, as in "schema.view=none", the target is lifted.
struct WantedTarget
{
    pg::QualifiedName name;
    std::optional<Millis> target;
};

Result<WantedTarget> readTarget(const QString &text)
{
    const qsizetype split = text.lastIndexOf(QLatin1Char('='));
    const auto name = pg::QualifiedName::parse(text.left(split));
    const QString value = text.mid(split + 1);
    const auto target = units::parseDuration(value);
    if (split < 0 || !name || (!target && value != QLatin1String("none"))) {
        return fail(
            Error::input(QStringLiteral("'%1' is not a target").arg(text),
                         QStringLiteral("Write SCHEMA.NAME=DURATION, for example public.rollup_1m=2min, or =none.")));
    }
    if (target && *target <= Millis(0)) {
        return fail(Error::input(QStringLiteral("'%1' is not a target: nothing can be refreshed that often").arg(text),
                                 QStringLiteral("Write a duration above 0, or =none to lift the target.")));
    }
    return WantedTarget{*name, target};
}

Result<std::vector<WantedTarget>> readTargets(const Context &context)
{
    std::vector<WantedTarget> targets;
    for (const QString &text : context.options.values(QStringLiteral("target"))) {
        TIDEMARK_TRY(WantedTarget target, readTarget(text));
        targets.push_back(std::move(target));
    }
    if (!targets.empty() && !context.history)
        return fail(Error::local(QStringLiteral("a target needs the local store, which is not open")));
    return targets;
}

Status setTarget(HistoryStore &history, const WantedTarget &wanted, const Servers &servers)
{
    bool found = false;
    for (const auto &server : servers) {
        for (const auto &[databaseName, database] : server->databases) {
            if (!database->freshness)
                continue;
            for (const Refreshable &row : database->freshness->refreshables) {
                if (row.name.name != wanted.name.name
                    || (!wanted.name.schema.isEmpty() && row.name.schema != wanted.name.schema))
                    continue;
                found = true;
                TIDEMARK_CHECK(history.setTarget(databaseRefOf(database->capabilities), row.name, wanted.target));
            }
        }
    }
    if (!found)
        return fail(Error::missing(QStringLiteral("nothing refreshable is named %1").arg(wanted.name.display())));
    return {};
}

ExitCode freshness(const Context &context)
{
    const auto wanted = WantedName::of(context);
    if (!wanted)
        return context.fail(wanted.error());
    const auto targets = readTargets(context);
    if (!targets)
        return context.fail(targets.error());
    Look look = lookAtAll(context);
    for (const WantedTarget &target : *targets) {
        if (const Status set = setTarget(*context.history, target, look.servers); !set)
            return context.fail(set.error());
    }
    if (!targets->empty())
        look = lookAtAll(context);

    std::vector<Row> rows;
    for (const auto &server : look.servers) {
        for (const auto &[name, database] : server->databases) {
            if (!database->freshness)
                continue;
            for (const Refreshable &row : database->freshness->refreshables) {
                if (wanted->fits(row.name))
                    rows.push_back({server.get(), database.get(), &row});
            }
        }
    }
    const bool breached = std::any_of(rows.begin(), rows.end(), [](const Row &row) {
        return isBreached(*row.refreshable, row.database->takenAt).value_or(false);
    });
    const ExitCode exitCode = look.exitCode == ExitCode::Done && breached
                                      && context.options.isSet(QStringLiteral("check"))
                                  ? ExitCode::Found
                                  : look.exitCode;
    if (context.json) {
        look.print(context, QStringLiteral("refreshables"), refreshablesJson(look.servers, *wanted));
    }
    if (wanted->isGiven() && rows.empty() && look.exitCode == ExitCode::Done)
        return context.fail(Error::missing(QStringLiteral("nothing refreshable is named %1").arg(wanted->display())));
    if (context.json)
        return exitCode;

    std::stable_sort(rows.begin(), rows.end(), [](const Row &left, const Row &right) {
        return freshnessStatus(*left.refreshable, left.database->takenAt)
               < freshnessStatus(*right.refreshable, right.database->takenAt);
    });
    using Align = TextTable::Align;
    TextTable table({{QStringLiteral("STATUS")},
                     {QStringLiteral("SERVER"), TextTable::Align::Left, look.servers.size() > 1},
                     {QStringLiteral("DATABASE")},
                     {QStringLiteral("NAME")},
                     {QStringLiteral("LAST REFRESH"), Align::Right},
                     {QStringLiteral("SURE")},
                     {QStringLiteral("CHANGED SINCE"), Align::Right},
                     {QStringLiteral("TARGET"), Align::Right},
                     {QStringLiteral("DURATION"), Align::Right},
                     {QStringLiteral("SIZE"), Align::Right},
                     {QStringLiteral("ROWS"), Align::Right},
                     {QStringLiteral("NEXT"), Align::Right},
                     {QStringLiteral("CONCURRENTLY")}});
    for (const auto &[server, database, row] : rows) {
        const Instant now = database->takenAt;
        table.add({row->running ? QStringLiteral("refreshing")
                                : toWord(freshnessStatus(*row, now)).replace(QLatin1Char('_'), QLatin1Char(' ')),
                   server->name, database->name, row->name.display(), lastRefreshCell(*row, now),
                   sureText(row->lastRefresh.confidence, row->lastRefresh.probable), changesCell(*row),
                   row->target ? units::duration(*row->target) : QStringLiteral("-"),
                   row->lastDuration ? units::duration(*row->lastDuration) : QStringLiteral("-"),
                   units::knownBytes(row->bytesEstimate),
                   row->rowsEstimate < 0 ? QStringLiteral("-") : units::count(row->rowsEstimate),
                   row->nextScheduled ? units::age(*row->nextScheduled, now) : QStringLiteral("-"),
                   row->concurrently.eligible ? QStringLiteral("yes") : QStringLiteral("no")});
    }
    const bool someAreFresh = std::any_of(rows.begin(), rows.end(), [](const Row &row) {
        return row.refreshable->kind == RefreshableKind::MaterializedView && !row.refreshable->target
               && freshnessStatus(*row.refreshable, row.database->takenAt) == FreshnessStatus::Fresh;
    });
    if (!table.isEmpty())
        table.print(context.out);
    else if (look.reachedAny())
        context.err << "Nothing refreshable in what was looked at." << Qt::endl;
    if (someAreFresh) {
        context.err << QStringLiteral(
                           "fresh: as far as sessions have reported; they report changes up to %1 late, later while "
                           "they go on in one transaction or statement and, before PostgreSQL 15, while they "
                           "stay idle.")
                           .arg(units::duration(countersComeWithin))
                    << Qt::endl;
    }
    return exitCode;
}

} // namespace

Verb freshnessVerb()
{
    return {QStringLiteral("freshness"),
            QStringLiteral("every refreshable, worst first: last refresh, how sure, changes since"),
            QStringLiteral("[NAME]"),
            {{QStringLiteral("target"), QStringLiteral("Hold a refreshable to a target; =none lifts it."),
              QStringLiteral("NAME=DURATION")},
             {QStringLiteral("check"), QStringLiteral("Exit with 3 when a target is breached.")}},
            freshness,
            1};
}

} // namespace tidemark::cli
