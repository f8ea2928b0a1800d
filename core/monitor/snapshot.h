// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/catalog/job.h"
#include "core/catalog/locks.h"
#include "core/catalog/partition.h"
#include "core/catalog/refreshable.h"
#include "core/monitor/databasechoice.h"
#include "core/pg/capabilities.h"

#include <QMap>

#include <map>
#include <memory>

namespace tidemark {

struct Alert;
struct RunRecord;

/// What one collector of one database costs the server, and how often it may therefore run (core/monitor/budget.h).
struct CollectorCost
{
    QString name;        ///< of the collector; "catalogue" is the scan that the others share
    QString database;    ///< whose session it runs on
    double serverMs = 0; ///< of a run in the steady state, smoothed, on the server's clock
    bool urgent = false; ///< runs with every tick, whatever the budget
    int every = 1;       ///< ticks from one run to the next
    friend bool operator==(const CollectorCost &, const CollectorCost &) = default;
};

/// What watching costs the server, measured on the server's own clock between the first and the last query of a tick.
struct Overhead
{
    double serverMsPerSecond = 0; ///< 10 is 1 % of one core; the first reading is not part of the rates
    double bytesPerSecond = 0;
    double firstReadMs = 0;       ///< server time of the first reading, of all there is; again after each connecting
    double budgetMsPerSecond = 0; ///< what the profile allows the server; 0 of one database
    double lastTickServerMs = 0;
    qint64 lastTickBytes = 0;
    double lastTickRoundTripMs = 0;
    int roundTrips = 0;   ///< of the last tick; 1 in the steady state
    Millis interval{0};   ///< of the ticks
    bool widened = false; ///< the budget keeps some collectors from running with every tick
    std::vector<CollectorCost> collectors;
};

enum class WatchState { Connecting, Live, Failed };

/// One watched database at one moment. Immutable once published; parts that did not change are shared with the one before.
/// A null part was never loaded; a part with an entry in `errors` is what was last known.
struct DatabaseSnapshot
{
    QString name;
    WatchState state = WatchState::Connecting;
    std::optional<Error> error;     ///< of the connection
    Instant takenAt;                ///< server clock of the last good tick
    std::optional<Instant> retryAt; ///< workstation clock, while Failed
    pg::Capabilities capabilities;
    std::shared_ptr<const FreshnessSnapshot> freshness;
    std::shared_ptr<const PartitionSnapshot> partitions;
    std::shared_ptr<const std::vector<Job>> jobs;
    std::shared_ptr<const std::vector<RunRecord>> runs; ///< newest first; empty without the toolkit
    std::shared_ptr<const LockSnapshot> locks; ///< of the whole server; only its primary database's collector fills it
    std::vector<ListedDatabase> siblings;      ///< all of the server; filled by the primary's watch, as the room
    std::optional<ConnectionRoom> room;
    QMap<QString, Error> errors; ///< by collector name: "freshness", "partitions", "locks", "jobs", "runs"
    Overhead overhead;
};

/// One watched server. The key of a server everywhere is its profile's name.
struct ServerSnapshot
{
    QString name;        ///< profile name
    QString environment; ///< word of the profile's environment
    WatchState state = WatchState::Connecting;
    std::optional<Error> error;
    Instant takenAt;       ///< server clock
    Millis clockOffset{0}; ///< server clock minus workstation clock, so that ages are the server's
    std::map<QString, std::shared_ptr<const DatabaseSnapshot>> databases;
    std::shared_ptr<const LockSnapshot> locks; ///< of the whole server
    QStringList chosenDatabases;    ///< those the profile names, and the one it connects to; empty: all are meant
    QStringList unwatchedDatabases; ///< found, but more than are watched without being named in the profile
    QString unwatchedBecause;       ///< one sentence
    /// Watched until it was dropped or renamed, with what became of it ("was dropped"), which ends a sentence; for a while, or until it is back.
    std::map<QString, QString> goneDatabases;
    std::optional<Error> storeError;                  ///< why the local store takes no history now
    std::shared_ptr<const std::vector<Alert>> alerts; ///< active now (core/monitor/alerts.h); null where nobody judges
    std::optional<Millis> shortRunway{usualShortRunway}; ///< below which a runway alerts; nothing where the rule is off
    Overhead overhead;                                   ///< summed over the databases
    bool replayed = false;                               ///< read from the history, not live
};

} // namespace tidemark
