// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/locks.h"
#include "core/pg/resultset.h"

#include <QHash>

#include <compare>

namespace tidemark {

/// One wait of one backend: the same as long as it waits in the same statement for the same sort of lock.
struct WaitIdentity
{
    int pid = 0;
    std::optional<Instant> backendStart;
    std::optional<Instant> queryStart;
    QString waitEvent;
    friend bool operator==(const WaitIdentity &, const WaitIdentity &) = default;
    friend bool operator<(const WaitIdentity &left, const WaitIdentity &right);
};

struct SampledWaiter
{
    WaitIdentity identity;
    std::vector<int> blockers;          ///< pids, sorted; 0 stands for all prepared transactions together
    std::optional<Instant> stateChange; ///< when its statement began
    friend bool operator==(const SampledWaiter &, const SampledWaiter &) = default;
};

/// The answer of locks/edges: the edges as pg_blocking_pids gave them, and what pg_stat_activity says of those named.
struct LockSample
{
    Instant at;
    double serverMs = 0;
    int lockWaiters = 0;                ///< backends that say they wait for a lock
    int hiddenBackends = 0;             ///< backends that do not say, for want of pg_read_all_stats
    std::vector<SampledWaiter> waiters; ///< sorted by pid
    QHash<int, LockParty> parties;      ///< by pid; also those that ended while they were asked

    [[nodiscard]] static LockSample read(const pg::ResultSet &rows);
    [[nodiscard]] std::size_t edgeCount() const;
};

/// What stands for the query text of a backend that this role may not look into.
[[nodiscard]] QString hiddenQueryText();

} // namespace tidemark
