// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/snapshot.h"
#include "core/store/historystore.h"

namespace tidemark {

/// Reads the past of a server back from the history, in the shape in which pages know the present. May be used from any
/// thread; each call reads the local store only.
class HistoryReader
{
public:
    explicit HistoryReader(std::shared_ptr<const HistoryStore> history);

    /// The server as it was on screen at a moment, marked as replayed: the rows that ReplayRecorder kept. What was seen
    /// before rows were kept is put together from the refresh history and the sizes: freshness and partitions are null where the history has
    /// nothing from before the moment. Partitioned tables have their totals only, no partitions; targets are today's; an
    /// object of which the history does not know the oid has one made up, the same each time.
    [[nodiscard]] Result<ServerSnapshot> snapshotAt(const QString &profile, const QString &environment,
                                                    const QString &systemIdentifier, Instant at) const;

    /// For the time bar, in order of time; at most about 2,000 marks however long the range.
    [[nodiscard]] Result<std::vector<TimelineMark>> timelineEvents(const QString &systemIdentifier,
                                                                   const TimeRange &range) const;

private:
    [[nodiscard]] Result<std::shared_ptr<const DatabaseSnapshot>> keptDatabaseAt(const DatabaseRef &database,
                                                                                 Instant at) const;
    [[nodiscard]] Result<std::shared_ptr<const DatabaseSnapshot>> databaseAt(const DatabaseRef &database,
                                                                             Instant at) const;
    [[nodiscard]] Result<std::shared_ptr<const FreshnessSnapshot>> freshnessAt(const DatabaseRef &database,
                                                                               Instant at) const;
    [[nodiscard]] Result<std::shared_ptr<const PartitionSnapshot>> partitionsAt(const DatabaseRef &database,
                                                                                Instant at) const;

    std::shared_ptr<const HistoryStore> m_history;
};

} // namespace tidemark
