// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/snapshot.h"
#include "core/pg/capabilities.h"
#include "core/pg/session.h"

#include <functional>
#include <vector>

namespace tidemark {

/// What changed in the catalogue since the tick before, from one scan of pg_class (age(xmin)). In-place updates (ANALYZE,
/// VACUUM, CREATE INDEX) are not seen here: relpages and reltuples must be read again now and then.
struct RelationFeed
{
    std::vector<quint32> changed;  ///< oids of relations whose pg_class row is new or changed (kinds r p m v f)
    QHash<quint32, quint32> xmins; ///< of the changed, as this reading saw them
    bool relationsChanged =
        false; ///< the set of tables, partitions, views and foreign tables is another: some came or went
    bool matviewsChanged = false; ///< the set of materialized views is another
    Instant serverNow;            ///< of just before this reading's snapshot: what it does not show came later
    qint64 nextXid = 0;           ///< snapshot xmax with epoch: the xid clock's reading
};

/// What a collector may know when it plans a tick.
struct TickContext
{
    qint64 number = 0; ///< the collector's own runs, from 0, for this session
    bool first = true; ///< nothing is known from this session yet: ask for the whole structure
    Millis interval{2000};
    Instant serverNow; ///< of the tick before while planning, then of this one; of connecting when first
    const pg::Capabilities *capabilities = nullptr;
    /// What changed since the collector's last run. Null while planning; set when followUp() and publish() are called of
    /// one that uses it.
    const RelationFeed *feed = nullptr;
};

/// One query of a tick, from the library by its id, and what to do with its rows. A failed query reaches only its own
/// absorb; the others of the tick go on.
struct TickQuery
{
    QString id;
    pg::Params params;
    std::function<void(const Result<pg::ResultSet> &)> absorb;
};

/// Reads one subject of one database, tick by tick. Lives on the thread of its database's session, which is the only one
/// that calls it; what it publishes is immutable and may be read from anywhere.
///
/// A tick: plan() of all collectors → one round trip → their absorb callbacks, feed first → followUp() of all → a second
/// round trip, only where something changed → publish(). In the steady state plan() asks for little and followUp() for
/// nothing. Under a tight budget a collector sits ticks out: what it published last then stays, errors included.
class Collector
{
public:
    virtual ~Collector() = default;
    /// The key of its errors in DatabaseSnapshot::errors.
    [[nodiscard]] virtual QString name() const = 0;
    /// Whether it needs the feed, which costs a scan of pg_class: it then runs only in ticks that have one.
    [[nodiscard]] virtual bool usesFeed() const { return true; }
    /// Runs with every tick, whatever the budget: for what is over in seconds. Must be cheap, or bound its cost itself.
    [[nodiscard]] virtual bool isUrgent() const { return false; }
    /// It adds to what others publish, so that it must publish whenever they do, even in ticks it sits out.
    [[nodiscard]] virtual bool addsToOthers() const { return false; }
    [[nodiscard]] virtual std::vector<TickQuery> plan(const TickContext &context) = 0;
    [[nodiscard]] virtual std::vector<TickQuery> followUp(const TickContext &) { return {}; }
    virtual void publish(const TickContext &context, DatabaseSnapshot &snapshot) = 0;
    /// The session broke: what was learned stays, what was in flight is void. The next plan() has first set.
    virtual void sessionLost() {}
};

} // namespace tidemark
