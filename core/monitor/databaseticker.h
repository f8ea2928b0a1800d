// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/monitor/collector.h"
#include "core/monitor/relationfeedreader.h"

#include <map>
#include <memory>
#include <stop_token>
#include <vector>

namespace tidemark {

using Collectors = std::vector<std::unique_ptr<Collector>>;

/// Watches one database by hand: each tick() is one round trip of all collectors' queries, a second one only where
/// something changed, and a new DatabaseSnapshot. Between the queries of one collector and the next the server's clock is
/// read, so that each one's cost is measured; setPaces() has the costly ones sit ticks out. No thread of its own, so that the command line and tests turn it
/// themselves; DatabaseWatch turns it for the live monitor. Used by one thread at a time.
class DatabaseTicker
{
public:
    DatabaseTicker(pg::ConnInfo info, Collectors collectors, const Clock &clock, QString applicationName);
    ~DatabaseTicker();

    /// Connects where there is no live session, then ticks. An error means the session is gone or never came; the
    /// snapshot then says so and keeps what was last known.
    [[nodiscard]] Status tick(Millis interval, std::stop_token stop = {});
    /// How many ticks lie from one run of a collector to the next, by its name; the others run with each.
    void setPaces(std::map<QString, int> paces) { m_paces = std::move(paces); }
    /// The next tick runs all collectors, whatever their pace.
    void askAll() { m_allAsked = true; }
    /// Closes the session, as if it had broken.
    void disconnect();
    /// Notes in the snapshot of a failure when the next attempt will be.
    void willRetryAt(Instant at);

    [[nodiscard]] std::shared_ptr<const DatabaseSnapshot> snapshot() const { return m_snapshot; }
    [[nodiscard]] Millis clockOffset() const { return m_clockOffset; }
    /// Ticks since the session was made.
    [[nodiscard]] qint64 ticks() const { return m_tick; }

private:
    [[nodiscard]] Status connect(std::stop_token stop);
    /// One collector, or the feed, as the ticks go.
    struct Unit
    {
        Unit(QString unitName, Collector *its)
            : name(std::move(unitName))
            , collector(its)
        {
        }
        QString name;
        Collector *collector = nullptr; ///< null for the feed
        bool isDue = false;             ///< in the tick under way
        qint64 runs = 0;                ///< since the session was made
        qint64 ranIn = 0;               ///< the tick of its last run
        double tickMs = 0;              ///< of the tick under way
        double smoothedMs = 0;
        RelationFeed feed; ///< what changed since its last run
    };
    struct Asked
    {
        TickQuery query;
        std::size_t unit = 0;
    };
    void choose();
    [[nodiscard]] bool isItsTurn(const Unit &unit) const;
    [[nodiscard]] TickContext contextOf(const Unit &unit, Millis interval) const;
    void takeFeed(const RelationFeed &feed);
    [[nodiscard]] Status runQueries(std::vector<Asked> asked, bool isTick, const pg::CallOptions &call);
    void noteCosts(Overhead &overhead);
    void fail(const Error &error);

    const pg::ConnInfo m_info;
    Collectors m_collectors;
    const Clock &m_clock;
    const QString m_applicationName;

    std::unique_ptr<pg::Session> m_session;
    pg::Capabilities m_capabilities;
    RelationFeedReader m_feedReader;
    std::vector<Unit> m_units; // the feed, then the collectors
    std::map<QString, int> m_paces;
    bool m_allAsked = false;
    Instant m_tickBegan;   // server clock before the first query of the tick
    Instant m_tickEnded;   // and after the last
    double m_serverMs = 0; // of the tick's round trips
    struct
    {
        double serverMs = 0;
        double bytes = 0;
        double seconds = 0;
    } m_recent;         // of the last ticks, each weighing four fifths of the one after it
    Instant m_probedAt; // workstation clock
    int m_roundTrips = 0;
    qint64 m_tick = 0;
    Millis m_clockOffset{0};
    std::shared_ptr<const DatabaseSnapshot> m_snapshot;
};

} // namespace tidemark
