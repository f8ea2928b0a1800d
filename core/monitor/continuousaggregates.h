// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/collector.h"
#include "core/monitor/refreshqueue.h"

#include <QHash>

#include <map>
#include <vector>

namespace tidemark {

/// The continuous aggregates of one database (TimescaleDB's community edition, 2.10 and later): watermark, tail lag, invalid
/// and running ranges, policy and last refresh, put on the board of refreshables. Publishes after the freshness, job and
/// partition collectors, whose parts of the snapshot it reads: the chunks give the range that holds data.
///
/// A refresh is dated by the policy's job, by the commit time of the watermark's row or, without commit times, by having seen
/// that row change between two polls. Without aggregates it asks for one row of counters a tick.
class ContinuousAggregates : public Collector
{
public:
    /// Refreshes that the watermark's moves tell of go to the history, if there is one.
    explicit ContinuousAggregates(std::shared_ptr<HistoryStore> history = nullptr);

    [[nodiscard]] QString name() const override { return QStringLiteral("aggregates"); }
    [[nodiscard]] bool addsToOthers() const override { return true; }
    [[nodiscard]] std::vector<TickQuery> plan(const TickContext &context) override;
    [[nodiscard]] std::vector<TickQuery> followUp(const TickContext &context) override;
    void publish(const TickContext &context, DatabaseSnapshot &snapshot) override;
    void sessionLost() override;

private:
    struct Range
    {
        qint64 from = 0;
        qint64 to = 0; ///< exclusive
        int pid = 0;
    };
    struct Aggregate
    {
        quint32 relid = 0;
        pg::QualifiedName name;
        QString owner;
        int matId = 0;
        quint32 matRelid = 0;
        quint32 sourceRelid = 0;
        pg::QualifiedName source;
        QString column;
        QString bucketWidth; ///< an interval; empty where the catalogue does not tell
        bool isTime = false; ///< the dimension is a time; integers have no place in the state
        bool materializedOnly = false;
        bool finalized = true;
        bool hasSiblings = false;
        bool isPopulated = true;
        std::optional<qint64> watermark;
        std::optional<quint32> watermarkXmin;
        std::optional<Instant> watermarkAt;
        std::optional<Instant> logAt;
        std::vector<Range> invalid;
    };
    struct Policy
    {
        QString text;
        std::optional<Millis> lag; ///< its end offset and its interval, while it is switched on
    };
    struct Seen ///< of one aggregate, from poll to poll
    {
        quint32 watermarkXmin = 0;
        std::optional<TimeRange> movedBetween;
    };

    [[nodiscard]] TickQuery query(const QString &id, pg::Params params,
                                  std::function<void(const pg::ResultSet &)> absorb);
    void absorbAggregates(const pg::ResultSet &rows);
    void absorbRunning(const pg::ResultSet &rows);
    void absorbPolicies(const pg::ResultSet &rows);
    [[nodiscard]] std::vector<TickQuery> askNewest();
    void noteChunks(const DatabaseSnapshot &snapshot);
    [[nodiscard]] Refreshable build(const Aggregate &aggregate, const DatabaseSnapshot &snapshot) const;
    [[nodiscard]] LastRefresh lastRefresh(const Aggregate &aggregate, const DatabaseSnapshot &snapshot) const;

    void tellMoved(const TickContext &context);

    std::shared_ptr<HistoryStore> m_history;
    RefreshQueue m_moved; ///< to be told
    bool m_hasWatermarks = false;
    bool m_hasRunningRanges = false;
    bool m_isProbed = false;
    bool m_readAll = false;
    std::optional<qint64> m_pulse;
    std::optional<qint64> m_jobPulse;
    std::vector<Aggregate> m_aggregates;
    std::map<int, std::vector<Range>> m_running; ///< by materialization hypertable
    std::map<int, Instant> m_runningSince;
    std::map<int, Policy> m_policies;
    std::map<int, Seen> m_seen;
    QHash<quint32, QString> m_newestChunks; ///< of the sources: chunk → time column
    QHash<quint32, quint32> m_chunkSources;
    QHash<quint32, qint64> m_newest; ///< by source
    std::optional<Instant> m_readAt; ///< of the reading before: where a bracket begins
    bool m_didRead = false;
    std::optional<Error> m_error;
    std::shared_ptr<const FreshnessSnapshot> m_base;
    std::shared_ptr<const FreshnessSnapshot> m_merged;
    std::vector<Refreshable> m_published;
};

} // namespace tidemark
