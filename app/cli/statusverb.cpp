// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/json.h"
#include "app/cli/target.h"
#include "app/cli/texttable.h"
#include "app/cli/verbs.h"
#include "core/base/units.h"

#include <array>

namespace tidemark::cli {

namespace {

QString freshnessCell(const DatabaseSnapshot &database)
{
    if (!database.freshness)
        return QStringLiteral("-");
    std::array<int, 6> counts{};
    for (const Refreshable &row : database.freshness->refreshables)
        ++counts[static_cast<std::size_t>(freshnessStatus(row, database.takenAt))];
    QStringList parts;
    for (std::size_t status = 0; status < counts.size(); ++status) {
        if (counts[status] > 0)
            parts << QStringLiteral("%1 %2")
                         .arg(counts[status])
                         .arg(toWord(static_cast<FreshnessStatus>(status)).replace(QLatin1Char('_'), QLatin1Char(' ')));
    }
    return parts.isEmpty() ? QStringLiteral("none") : parts.join(QStringLiteral(", "));
}

QString runwayCell(const DatabaseSnapshot &database)
{
    if (!database.partitions || database.partitions->tables.empty())
        return QStringLiteral("-");
    std::shared_ptr<const PartitionedTable> nearest;
    for (const auto &table : database.partitions->tables) {
        if (table->runsOut && table->runwayUntil && (!nearest || *table->runwayUntil < *nearest->runwayUntil))
            nearest = table;
    }
    if (!nearest)
        return QStringLiteral("%1 tables").arg(database.partitions->tables.size());
    const bool out = *nearest->runwayUntil <= database.takenAt;
    return QStringLiteral("%1: %2").arg(nearest->name.display(),
                                        out ? QStringLiteral("no partition for new rows")
                                            : units::duration(millisBetween(database.takenAt, *nearest->runwayUntil)));
}

QString locksCell(const ServerSnapshot &server)
{
    if (!server.locks)
        return QStringLiteral("-");
    if (server.locks->waiterCount == 0)
        return QStringLiteral("nobody waits");
    return QStringLiteral("%1 wait, chain of %2").arg(server.locks->waiterCount).arg(longestChain(*server.locks));
}

ExitCode status(const Context &context)
{
    const Look look = lookAtAll(context);
    if (context.json) {
        look.print(context, QStringLiteral("servers"), serversJson(look.servers));
        return look.exitCode;
    }
    using Align = TextTable::Align;
    TextTable table({{QStringLiteral("SERVER")},
                     {QStringLiteral("DATABASE")},
                     {QStringLiteral("VERSION")},
                     {QStringLiteral("FRESHNESS")},
                     {QStringLiteral("RUNWAY")},
                     {QStringLiteral("LOCKS")},
                     {QStringLiteral("TICK MS"), Align::Right}});
    for (const auto &server : look.servers) {
        if (server->databases.empty() && look.reachedAny())
            table.add({server->name, {}, QStringLiteral("not connected")});
        bool first = true;
        for (const auto &[name, database] : server->databases) {
            if (database->state != WatchState::Live) {
                table.add({first ? server->name : QString(), name, QStringLiteral("not connected")});
            } else {
                table.add({first ? server->name : QString(), name,
                           database->capabilities.serverVersionText.section(QLatin1Char(' '), 0, 0),
                           freshnessCell(*database), runwayCell(*database), first ? locksCell(*server) : QString(),
                           QString::number(database->overhead.lastTickServerMs, 'f', 1)});
            }
            first = false;
        }
    }
    if (!table.isEmpty())
        table.print(context.out);
    return look.exitCode;
}

} // namespace

Verb statusVerb()
{
    return {QStringLiteral("status"),
            QStringLiteral("freshness, runway and locks of each database, a line each"),
            {},
            {},
            status};
}

} // namespace tidemark::cli
