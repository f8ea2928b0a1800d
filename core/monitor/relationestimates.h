// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/collector.h"

#include <QHash>
#include <QSet>

#include <vector>

namespace tidemark {

struct RelationEstimate
{
    qint64 pages = 0; ///< heap, TOAST and indexes
    qint64 rows = -1; ///< -1 is not known
    qint64 modifications = 0;
    std::optional<Instant> movedAt; ///< when a poll saw the counter grow
};

/// Size, rows and change counters of many relations, kept fresh at a bounded cost: what moved lately is read every tick,
/// the rest in turn, a slice a tick. ANALYZE and VACUUM write them in place, so that nothing tells when they change.
/// Part of the partition collector; same thread.
class RelationEstimates
{
public:
    /// The relations to keep; what is new is read by the next plan().
    void watch(std::vector<quint32> oids);

    [[nodiscard]] std::vector<TickQuery> plan();
    /// Everything was read just now by partitions/all_estimates.
    void absorb(const Result<pg::ResultSet> &rows);
    void sessionLost();

    [[nodiscard]] RelationEstimate find(quint32 oid) const { return m_estimates.value(oid); }
    /// The relations whose estimate changed since the last call; those whose counter grew are marked with the time.
    [[nodiscard]] QSet<quint32> takeChanged(Instant now);
    [[nodiscard]] const std::optional<Error> &error() const { return m_error; }

private:
    std::vector<quint32> m_order; ///< the watched relations, sorted: the round
    std::size_t m_next = 0;       ///< where the next slice begins
    QHash<quint32, RelationEstimate> m_estimates;
    std::vector<quint32> m_new; ///< watched, never read
    QHash<quint32, int> m_hot;  ///< ticks left to be read each time
    QSet<quint32> m_changed;
    QSet<quint32> m_grown;
    std::optional<Error> m_error;
};

} // namespace tidemark
