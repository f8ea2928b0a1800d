// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/collector.h"

#include <QHash>

namespace tidemark {

/// Turns the one scan of pg_class that opens every tick (server/feed) into a RelationFeed: which relations are new or
/// changed since the last tick, and whether any vanished. Lives with its session, on that thread.
///
/// The horizon is the oldest transaction that was running at the tick before, so a relation changed by a transaction that
/// committed late is still seen; what was already reported within the horizon is not reported twice.
class RelationFeedReader
{
public:
    /// $1 of the feed query; NULL before the first tick.
    [[nodiscard]] pg::Params params() const;
    [[nodiscard]] RelationFeed absorb(const pg::ResultSet &rows);
    /// The session broke: the next feed reports everything as for the first time.
    void reset();

private:
    std::optional<qint64> m_horizon;
    std::optional<qint64> m_matviews;
    std::optional<qint64> m_relations;
    QHash<quint32, quint32> m_reported; // oid -> xmin, of what lies within the horizon
};

} // namespace tidemark
