// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"

#include <QString>

#include <optional>
#include <vector>

namespace tidemark {

/// A backend, or a prepared transaction, that waits or is waited for.
struct LockParty
{
    int pid = 0;                         ///< 0 for a prepared transaction
    QString preparedGid;                 ///< its global identifier when pid is 0
    std::optional<Instant> backendStart; ///< with pid names one backend for good
    QString applicationName;
    QString user;
    QString database;
    QString clientAddress;
    QString state; ///< "idle in transaction" …
    QString waitEvent;
    std::optional<Instant> xactStart;
    std::optional<Instant> queryStart;
    QString query; ///< cut by track_activity_query_size, and by us after 1024 characters
    // What it waits for; empty for a party that only blocks.
    QString wantedMode; ///< "AccessExclusiveLock"
    QString lockType;   ///< "relation", "transactionid", "advisory" …
    QString object;     ///< "public.plays", "advisory 1", "transaction 4711"
    std::optional<Instant> waitingSince;
    QString heldMode; ///< a blocker's strongest mode on the contested object
    friend bool operator==(const LockParty &, const LockParty &) = default;
};

/// `waiter` and `blocker` are indexes into LockSnapshot::parties.
struct LockEdge
{
    int waiter = 0;
    int blocker = 0;
    bool soft = false; ///< the blocker does not hold the lock, it stands before the waiter in the queue
    friend bool operator==(const LockEdge &, const LockEdge &) = default;
};

/// Who waits for whom, from pg_blocking_pids alone; pg_locks only explains it. Immutable once published.
struct LockSnapshot
{
    Instant takenAt;
    std::vector<LockParty> parties;
    std::vector<LockEdge> edges;
    int waiterCount = 0; ///< may be more than shown when the server has more waiters than the cap
    bool truncated = false;
};

/// The waits-for forest for a tree view: roots block and do not wait (or sit in a cycle), worst first. A party that waits
/// for several stands below each, with those that wait for it in turn only the first time: a queue of n for one row has
/// n²/2 edges, and as many places in the forest, but 2ⁿ paths. Pure.
struct LockNode
{
    int party = 0;
    int blocks = 0;          ///< how many different parties wait for it, directly or not, itself left out
    bool shownAbove = false; ///< its own waiters stand at its first place, nearer the top
    std::vector<LockNode> waiters;
};
[[nodiscard]] std::vector<LockNode> lockForest(const LockSnapshot &snapshot);
/// Edges on the longest path; 0 when nobody waits. A cycle counts as a chain of its members. Pure.
[[nodiscard]] int longestChain(const LockSnapshot &snapshot);

} // namespace tidemark
