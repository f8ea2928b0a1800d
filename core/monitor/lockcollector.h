// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/collector.h"
#include "core/monitor/lockdetails.h"
#include "core/store/historystore.h"

namespace tidemark {

/// Who waits for whom on the whole server; run on its primary database's session alone.
///
/// Each tick asks for the edges, from pg_blocking_pids of those that wait and from nothing else. What they wait for is in
/// pg_locks, which costs a pass over the whole lock table: that is asked only when the waits changed, or every ten seconds
/// while someone waits. Both measure what they cost the server and rest a hundred times as long, so neither takes more
/// than one percent of a core; and since a queue of n on one row has n²/2 edges, fewer waiters are asked while there are
/// very many edges.
class LockCollector final : public Collector
{
public:
    /// Samples with edges go to the history, if there is one, for replay.
    explicit LockCollector(std::shared_ptr<HistoryStore> history = nullptr,
                           std::shared_ptr<RelationNames> names = nullptr);

    [[nodiscard]] QString name() const override { return QStringLiteral("locks"); }
    [[nodiscard]] bool usesFeed() const override { return false; }
    [[nodiscard]] bool isUrgent() const override { return true; }
    [[nodiscard]] std::vector<TickQuery> plan(const TickContext &context) override;
    [[nodiscard]] std::vector<TickQuery> followUp(const TickContext &context) override;
    void publish(const TickContext &context, DatabaseSnapshot &snapshot) override;
    void sessionLost() override;

private:
    void absorbEdges(const Result<pg::ResultSet> &rows);
    void absorbDetail(const Result<pg::ResultSet> &rows);
    void record(const QString &systemIdentifier, const LockSnapshot &snapshot);

    std::shared_ptr<HistoryStore> m_history;
    LockSample m_sample;
    LockDetails m_details;
    std::shared_ptr<const LockSnapshot> m_latest;
    std::optional<Error> m_edgesError;
    std::optional<Error> m_detailError;
    bool m_sampled = false;   // by the tick under way
    bool m_truncated = false; // there were more than the cap
    qint64 m_cap;             // waiters asked at most
    Instant m_edgesRestUntil; // server clock, as all below
    Instant m_detailRestUntil;
    Instant m_explainedAt;
    std::vector<SampledWaiter> m_explained; // the waits that the last detail was asked for
    int m_samplesOwed = 2;                  // without edges, to end what is open, also what an earlier run left so
};

} // namespace tidemark
