// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/locktag.h"
#include "core/monitor/locksample.h"
#include "core/monitor/relationnames.h"

#include <map>

namespace tidemark {

/// What pg_locks adds to the edges: the wanted lock, its object, since when, and how each blocker stands in the way. Kept
/// for each wait from one answer of locks/detail to the next, for that query costs a pass over the whole lock table.
/// An explanation never adds or removes an edge, except that it tells prepared transactions apart.
class LockDetails
{
public:
    /// With `names` relations of other databases are named too, a tick or two after they are first met.
    explicit LockDetails(std::shared_ptr<RelationNames> names = nullptr);

    /// Notes which waits began and which are over. Call it with each sample, before the others.
    void observe(const LockSample &sample);
    void absorb(const pg::ResultSet &rows, const LockSample &sample);
    void clear();

    /// The edges between parties that can be shown, explained as far as known.
    [[nodiscard]] LockSnapshot snapshot(const LockSample &sample) const;

private:
    struct Blocker
    {
        LockParty prepared; ///< filled for a prepared transaction alone
        QString heldMode;   ///< strongest granted on the contested object; empty when it only queues there
        bool soft = true;
    };
    struct Explanation
    {
        QString wantedMode;
        QString lockType;
        std::vector<LockTag> objects; ///< the row where one is known, then what the lock is on
        std::optional<Instant> since;
        std::map<std::pair<int, QString>, Blocker> blockers; ///< by pid and gid
    };
    struct Lock;

    [[nodiscard]] static std::vector<Lock> readLocks(const pg::ResultSet &rows);
    [[nodiscard]] static Explanation explain(const SampledWaiter &waiter, const std::vector<Lock> &locks,
                                             const QHash<QString, std::vector<std::size_t>> &byObject,
                                             const std::vector<std::size_t> &own);
    [[nodiscard]] const Explanation *explanationOf(const SampledWaiter &waiter) const;
    [[nodiscard]] QString objectText(const Explanation &explanation) const;

    std::shared_ptr<RelationNames> m_names;
    std::map<WaitIdentity, Explanation> m_explanations;
    std::map<WaitIdentity, Instant> m_firstSeen;
    bool m_hasObserved = false;
};

} // namespace tidemark
