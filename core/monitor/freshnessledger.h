// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/freshnessmemory.h"
#include "core/monitor/refreshclassifier.h"
#include "core/monitor/xidclock.h"

#include <map>
#include <memory>

namespace tidemark {

/// A refresh that was seen running in pg_stat_activity or pg_locks.
struct SampledRun
{
    quint32 oid = 0;
    int pid = 0;
    quint32 xid = 0;                  ///< with pid names the transaction; 0 before it has one
    std::optional<Instant> xactStart; ///< the same, where the role may see it
    Instant startedAt;
    Instant lastSeenAt;
    bool concurrently = false;
    bool fromText = false; ///< its statement says REFRESH; else only its locks look like it
    QString user;
    QString applicationName;
};

/// Which part a database has in the xid clock that its server's databases share in the store.
enum class XidClockRole {
    Keeper,  ///< tells it, and learns what earlier starts told
    Reader,  ///< learns from it; its own samples stay in memory
    OwnOnly, ///< neither: the ids of a standby lag behind those of its primary
};

/// What one database's materialized views went through, poll by poll: keeps the state each was last decided in, lets the
/// classifier judge every new row version, holds a verdict open while statistics are still on their way, revises it when
/// they come late, and tells the store of refreshes and states. Lives on its collector's thread.
class FreshnessLedger
{
public:
    struct Change
    {
        RefreshableBaseline before;
        RefreshEvidence evidence;
        TimeRange poll; ///< the last poll that saw `before`, and the first that saw the new state
        // Looks of the transaction log: it committed after those up to `notBefore`, and before those from `notAfter` on.
        qint64 notBefore = 0;
        qint64 notAfter = 0;
        qint64 newestNotBefore = 0; ///< likewise of the row's newest transaction, where several lie in one change
        RefreshClassification verdict;
        std::optional<SampledRun> run;
        bool told = false;   ///< the store knows the refresh
        bool closed = false; ///< decided; kept, for counters may still come
    };
    /// Of one tick. A tick's queries see different moments, so what was read in the tick before a change was noticed may
    /// already be of after it.
    struct Reading
    {
        qint64 tick = 0;
        MatviewTraces traces;
    };
    struct View
    {
        MatviewRow row;
        std::vector<Reading> readings;         ///< oldest first, at most 3
        std::optional<qint64> countersMovedIn; ///< the tick that read other counters while the row stood still
        RefreshableBaseline baseline;          ///< as last decided
        std::optional<Change> change;
        LastRefresh lastRefresh; ///< an open change that looks like a refresh included
        std::optional<Instant> lastChangedAt;
        std::map<Instant, Millis> durations; ///< by finish, at most the 20 newest
    };
    struct Refreshed
    {
        quint32 oid = 0;
        Instant committedBy;
        quint32 xid = 0; ///< 0 where the row no longer tells it
        qint64 notBefore = 0;
        qint64 notAfter = 0;
    };

    explicit FreshnessLedger(std::shared_ptr<HistoryStore> store);

    /// Says whose views these are. Another database, server or timeline starts anew with what the store remembers of it;
    /// true then.
    [[nodiscard]] bool setDatabase(const DatabaseRef &database, int serverMajor, XidClockRole role);
    void setStatistics(std::optional<Instant> resetAt, bool countersWork);
    void addXidSample(const XidSample &sample);
    /// Ticks are numbered from 1. The look of a tick has twice its number for a stamp, and the one after its second round
    /// trip the next.
    void beginTick(qint64 tick) { m_tick = tick; }

    /// Rows of views that are new or whose row changed. `lastPoll` is when a poll last saw none of it; nothing right after
    /// a start, when the store may know an earlier one.
    void observe(const std::vector<MatviewRow> &rows, std::optional<Instant> lastPoll);
    /// Counters, estimates and indexes, read without a new row version (freshness/matview_details).
    void observeDetails(const pg::ResultSet &rows, Instant now);
    void remove(quint32 oid);
    /// Every view of the database has been observed: what the store remembers of others can go.
    void allObserved();
    /// The transaction of a sampled refresh ended, one way or the other.
    void runEnded(const SampledRun &run) { m_endedRuns.push_back({run, 3}); }
    /// Another source tells of a refresh: into the store, and from there to the view.
    void tell(const RefreshEvent &event);
    /// Decides what waited long enough and exchanges news with the store. Once a tick, after all observations.
    void settle(Instant now);
    /// Keeps what is new, once the counters of all that takeRefreshed() told are set. Once a tick, at its end.
    void save(Instant now);
    /// Writes every state, so that the next start knows how long it held.
    void saveAll();

    [[nodiscard]] const std::map<quint32, View> &views() const { return m_views; }
    [[nodiscard]] const View *find(quint32 oid) const;
    /// Whose verdict waits for counters.
    [[nodiscard]] std::vector<quint32> undecided() const;
    /// Refreshed for certain since the last call.
    [[nodiscard]] std::vector<Refreshed> takeRefreshed();
    /// The counters of a view's sources at its last refresh became known, or known better.
    void setSources(quint32 oid, const SourceBase &sources);
    [[nodiscard]] const XidClock &clock() const { return m_clock; }
    [[nodiscard]] FreshnessMemory &memory() { return m_memory; }

private:
    struct EndedRun
    {
        SampledRun run;
        int ticksLeft = 0; ///< until a run that left no trace counts as failed
    };

    void seeFirst(View &view, Instant now);
    void read(View &view);
    void beginChange(View &view, const MatviewRow &row, TimeRange poll);
    void judge(View &view, Instant now);
    void close(View &view, Instant now);
    void tellRefreshed(const View &view, Instant now);
    /// Counters moved while the row did not: those of the last change came late, or statistics were reset.
    void takeLateCounters(View &view, Instant now);
    void tellOf(View &view);
    void matchRuns(Instant now);
    void learn(Instant now);
    void learnFrom(View &view, const RefreshEvent &event) const;
    [[nodiscard]] bool isContinued(const RefreshableBaseline &stored, const MatviewRow &row) const;
    void tellFailure(const SampledRun &run, Instant now);
    [[nodiscard]] LastRefresh refreshTime(const MatviewRow &row, const RefreshClassification &verdict, TimeRange poll,
                                          const std::optional<SampledRun> &run) const;

    FreshnessMemory m_memory;
    int m_serverMajor = 0;
    int m_timeline = 0;
    XidClockRole m_clockRole = XidClockRole::Reader;
    std::optional<Instant> m_statsResetAt;
    bool m_countersWork = true;
    XidClock m_clock;
    std::map<quint32, View> m_views;
    QHash<quint32, RefreshableBaseline> m_stored; ///< of earlier starts, until the view is seen
    QHash<pg::QualifiedName, std::vector<RefreshEvent>> m_storedEvents;
    std::vector<EndedRun> m_endedRuns;
    std::vector<Refreshed> m_refreshed;
    std::optional<Instant> m_learnedAt;
    int m_learned = 0;
    qint64 m_tick = 0;
    std::optional<Instant> m_savedAt;
};

} // namespace tidemark
