// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/snapshots.h"

#include <tuple>
#include <vector>

namespace tidemark::ui {

/// Names a relation of a server for good.
using ObjectKey = std::tuple<QString, QString, quint32>;

/// One database's share of what a board shows.
template<typename Part>
struct DatabasePart
{
    QString server;
    QString database;
    std::shared_ptr<const Part> part;
    friend bool operator==(const DatabasePart &, const DatabasePart &) = default;
};

/// The parts in scope, for example of &DatabaseSnapshot::freshness. Comparing two lists compares addresses: equal lists
/// mean that nothing was published in between, and a model then skips the work.
template<typename Part>
[[nodiscard]] std::vector<DatabasePart<Part>> partsOf(const Snapshots &snapshots, const Scope &scope,
                                                      std::shared_ptr<const Part> DatabaseSnapshot::*part)
{
    std::vector<DatabasePart<Part>> parts;
    for (const ServerSnapshotPtr &server : snapshots) {
        for (const auto &[name, database] : server->databases) {
            if (database && scope.covers(server->name, name) && (*database).*part)
                parts.push_back({server->name, name, (*database).*part});
        }
    }
    return parts;
}

/// "prod-eu / plays": where something is, for people.
[[nodiscard]] inline QString placeText(const QString &server, const QString &database)
{
    return QStringLiteral("%1 / %2").arg(server, database);
}

/// What tells objects of one name apart: the database, and the server where there are several.
template<typename Part>
[[nodiscard]] QString placeAmong(const std::vector<DatabasePart<Part>> &parts, const DatabasePart<Part> &own)
{
    // They stand server by server.
    const bool isOneServer = parts.front().server == parts.back().server;
    return isOneServer ? own.database : placeText(own.server, own.database);
}

/// A watched database; null when it is not there (any more).
[[nodiscard]] inline std::shared_ptr<const DatabaseSnapshot> databaseOf(const Snapshots &snapshots,
                                                                        const QString &server, const QString &database)
{
    const ServerSnapshotPtr snapshot = snapshots.value(server);
    if (!snapshot)
        return nullptr;
    const auto found = snapshot->databases.find(database);
    return found == snapshot->databases.end() ? nullptr : found->second;
}

} // namespace tidemark::ui
