// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/snapshot.h"

#include <QHash>
#include <QMap>
#include <QMetaType>

#include <memory>

namespace tidemark::ui {

using ServerSnapshotPtr = std::shared_ptr<const ServerSnapshot>;

/// The newest snapshot of each watched server, by its name.
using Snapshots = QMap<QString, ServerSnapshotPtr>;

/// Which server and database a page shows; empty is all.
struct Scope
{
    QString server;
    QString database;
    [[nodiscard]] bool covers(const QString &aServer) const { return server.isEmpty() || server == aServer; }
    [[nodiscard]] bool covers(const QString &aServer, const QString &aDatabase) const
    {
        return covers(aServer) && (database.isEmpty() || database == aDatabase);
    }
    friend bool operator==(const Scope &, const Scope &) = default;
};

/// What "now" is for ages: the clock of each server, or the moment that is replayed.
struct Moments
{
    Instant local;
    QHash<QString, Instant> servers;
    [[nodiscard]] Instant of(const QString &server) const { return servers.value(server, local); }
};

[[nodiscard]] inline Moments momentsOf(const Snapshots &snapshots, Instant localNow)
{
    Moments moments;
    moments.local = localNow;
    for (const ServerSnapshotPtr &snapshot : snapshots)
        moments.servers.insert(snapshot->name,
                               snapshot->replayed ? snapshot->takenAt : localNow + snapshot->clockOffset);
    return moments;
}

/// The cluster's own number, under which the history knows it; empty before the first connection.
[[nodiscard]] inline QString systemIdentifierOf(const ServerSnapshot &server)
{
    for (const auto &[name, database] : server.databases) {
        if (!database->capabilities.systemIdentifier.isEmpty())
            return database->capabilities.systemIdentifier;
    }
    return {};
}

} // namespace tidemark::ui

Q_DECLARE_METATYPE(tidemark::ui::ServerSnapshotPtr)
