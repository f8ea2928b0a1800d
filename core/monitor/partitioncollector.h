// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/hypertables.h"
#include "core/monitor/partitiontrees.h"
#include "core/monitor/partmanconfig.h"
#include "core/monitor/relationestimates.h"
#include "core/store/historystore.h"

#include <map>
#include <memory>

namespace tidemark {

/// Watches the partitioned tables of a database: native, inheritance and hypertables, with what pg_partman and
/// TimescaleDB are told to do with them. The first tick reads all, later ones what changed and a slice of the estimates;
/// a table that did not change stays the same object. Sizes at the roots go to the history every ten minutes.
class PartitionCollector : public Collector
{
public:
    /// `history` may be null: then nothing is kept.
    explicit PartitionCollector(std::shared_ptr<HistoryStore> history = {});
    ~PartitionCollector() override;

    [[nodiscard]] QString name() const override { return QStringLiteral("partitions"); }
    [[nodiscard]] std::vector<TickQuery> plan(const TickContext &context) override;
    [[nodiscard]] std::vector<TickQuery> followUp(const TickContext &context) override;
    void publish(const TickContext &context, DatabaseSnapshot &snapshot) override;
    void sessionLost() override;

private:
    using Tables = std::map<quint32, std::shared_ptr<const PartitionedTable>>;

    void refreshTables(const TickContext &context);
    void finish(PartitionedTable &table, const TickContext &context) const;
    void keepHistory(const TickContext &context);

    const std::shared_ptr<HistoryStore> m_history;
    PartitionTrees m_trees;
    Hypertables m_hypertables;
    RelationEstimates m_estimates;
    std::optional<PartmanConfig> m_partman;
    bool m_partmanChanged = false;
    std::optional<Error> m_partmanError;
    std::optional<Error> m_historyError;
    std::optional<Instant> m_historyAt;
    Tables m_tables;
    std::shared_ptr<const PartitionSnapshot> m_published;
};

} // namespace tidemark
