// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/collector.h"
#include "core/monitor/freshnessledger.h"
#include "core/monitor/freshnesssources.h"
#include "core/monitor/ivmtables.h"
#include "core/monitor/managedrows.h"
#include "core/monitor/refreshlogreader.h"
#include "core/monitor/refreshruns.h"
#include "core/monitor/transactionlog.h"

#include <memory>

namespace tidemark {

/// When was each materialized view last refreshed, by anyone, and is it stale? Needs nothing on the server and no rights
/// beyond connecting. The first tick reads all views with their sources; after that the feed says which views changed,
/// counters come in slices, and running refreshes are sampled.
///
/// FreshnessLedger decides what happened to each view, FreshnessSources counts what changed below it, RefreshRuns samples.
/// Other kinds of refreshable (continuous aggregates, rollup tables) join through mergeRefreshables().
class FreshnessCollector final : public Collector
{
public:
    /// Without a store nothing is remembered between starts, and no history is written. One database of a server keeps
    /// the xid clock for all.
    explicit FreshnessCollector(std::shared_ptr<HistoryStore> store, bool keepsXidClock = true);
    ~FreshnessCollector() override;

    [[nodiscard]] QString name() const override { return QStringLiteral("freshness"); }
    [[nodiscard]] std::vector<TickQuery> plan(const TickContext &context) override;
    [[nodiscard]] std::vector<TickQuery> followUp(const TickContext &context) override;
    void publish(const TickContext &context, DatabaseSnapshot &snapshot) override;
    void sessionLost() override;

private:
    using Absorb = void (FreshnessCollector::*)(const pg::ResultSet &);
    [[nodiscard]] TickQuery ask(const char *query, pg::Params params, const char *reading, Absorb absorb);
    [[nodiscard]] TickQuery askMatviews(const std::vector<quint32> *oids);
    [[nodiscard]] TickQuery askCounters();
    [[nodiscard]] TickQuery askDefinitions(const std::vector<quint32> &oids);
    /// After the counters, for they are dated by it.
    [[nodiscard]] TickQuery askTransactions(qint64 stamp);
    [[nodiscard]] bool wantsCommitTimes() const;
    void note(const Error &error, const char *reading);
    void absorbDatabase(const pg::ResultSet &rows);
    void absorbEdges(const pg::ResultSet &rows);
    [[nodiscard]] TickQuery askRefreshLog(const RefreshLogReader::Range &range);
    void absorbRefreshLog(const pg::ResultSet &rows, const RefreshLogReader::Range &range);
    void absorbMatviewList(const pg::ResultSet &rows);
    void absorbIvmTables(const pg::ResultSet &rows);
    [[nodiscard]] TickQuery askManaged();
    void absorbActivity(const pg::ResultSet &rows);
    [[nodiscard]] std::vector<quint32> detailsSlice();
    [[nodiscard]] quint32 resolve(const pg::QualifiedName &name) const;
    /// By what was published last: all that it reads is in it.
    [[nodiscard]] bool wasUnchanged(quint32 oid) const;
    void rebase(const FreshnessLedger::Refreshed &refreshed);
    void keepReadings();
    void keepBases();
    [[nodiscard]] std::shared_ptr<const FreshnessSnapshot> build(const DatabaseSnapshot &snapshot);
    [[nodiscard]] Refreshable build(const FreshnessLedger::View &view, const RunningRefresh *running) const;
    void judge(Refreshable &built, const FreshnessLedger::View &view) const;
    [[nodiscard]] RefreshOrder orderOf(quint32 source, const FreshnessLedger::View &reader) const;

    FreshnessLedger m_ledger;
    const bool m_keepsXidClock;
    FreshnessSources m_sources;
    RefreshRuns m_runs;
    IvmTables m_ivmTables;
    ManagedRows m_managedRows;
    TransactionLog m_transactions;

    pg::Capabilities m_capabilities;
    Millis m_interval{0};
    Instant m_now; ///< server clock of this tick; of the one before while planning
    qint64 m_tick = 0;
    std::optional<Instant> m_lastPoll;    ///< the feed's clock of the last tick
    std::optional<Instant> m_polledAt;    ///< of this tick, right after the feed; nothing where it could not be read
    QHash<quint32, quint32> m_seenByFeed; ///< xmins of what changed, by oid
    bool m_commitTimesRefused = false;
    QString m_countersSilent;    ///< why the counters tell nothing; empty where they do
    bool m_hasManaged = false;   ///< managed tables stand in the toolkit, and this role may read of them
    bool m_managedAsked = false; ///< in this tick
    quint32 m_refreshLog = 0;    ///< the toolkit's table; 0 where there is none to read
    std::shared_ptr<const FreshnessSnapshot> m_published;
    RefreshLogReader m_logReader;
    bool m_refreshLogAsked = false; ///< in this session
    bool m_structureRead = false;   ///< relations and leaves of all sources
    bool m_allDue = true;
    bool m_edgesDue = true;
    bool m_relationsDue = false;
    std::vector<quint32> m_changed; ///< to be read again
    quint32 m_detailsNext = 0;
    std::optional<Instant> m_readingsKeptAt;
    std::optional<Error> m_error;
};

} // namespace tidemark
