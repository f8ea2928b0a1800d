// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/partitionstatus.h"
#include "ui/models/roles.h"
#include "ui/models/snapshots.h"

#include <array>
#include <optional>

namespace tidemark::ui {

/// What a server's card says: counts, and of each subject the one thing that is worst.
struct ServerOverview
{
    struct Freshness
    {
        std::array<int, 6> byStatus{}; ///< by FreshnessStatus
        int total = 0;
        int running = 0;
        std::optional<ObjectRef> worst;
        FreshnessStatus worstStatus = FreshnessStatus::Fresh;
        LastRefresh worstRefresh;
    };
    struct Partitions
    {
        int tables = 0;
        qint64 leaves = 0;
        qint64 bytes = 0;
        int withDefaultRows = 0;
        PartitionHealth worstHealth = PartitionHealth::Good;
        int withWorstHealth = 0;
        std::optional<ObjectRef> worst;   ///< the first of those; nothing where all is good
        std::optional<ObjectRef> nearest; ///< the one whose runway ends first
        std::optional<Instant> runsOutAt;
    };
    struct Locks
    {
        int waiters = 0;
        int depth = 0;
        std::optional<ObjectRef> root; ///< the worst root blocker
        QString rootName;              ///< "psql (4711)", "prepared transaction x"
        QString rootState;
        int rootBlocks = 0;
        std::optional<Millis> longestWait;
    };
    struct Jobs
    {
        int total = 0;
        int failed = 0; ///< whose last run failed
        QString lastFailed;
    };
    std::optional<Freshness> freshness; ///< nothing where it was never read
    std::optional<Partitions> partitions;
    std::optional<Locks> locks;
    std::optional<Jobs> jobs;
    int databases = 0;
    int failedDatabases = 0;
};

/// Sums up one server, or the database in scope, as of `now` on its clock. One pass over the snapshot.
[[nodiscard]] ServerOverview overviewOf(const ServerSnapshot &server, const Scope &scope, Instant now);

/// "application (pid)", or the prepared transaction's name.
[[nodiscard]] QString partyName(const LockParty &party);

} // namespace tidemark::ui
