// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/partition.h"
#include "core/monitor/collector.h"

#include <QHash>
#include <QSet>

#include <vector>

namespace tidemark {

/// The hypertables of one database and their chunks, straight from TimescaleDB's catalogue tables (2.10 and later, told
/// apart by what is there). Read whole once, then by the counters of those tables and the chunks' own transaction ids.
/// Without the extension it asks for nothing. Part of the partition collector; same thread.
class Hypertables
{
public:
    [[nodiscard]] std::vector<TickQuery> plan(const TickContext &context);
    [[nodiscard]] std::vector<TickQuery> followUp(const TickContext &context);
    void sessionLost();

    /// The roots, by relation.
    [[nodiscard]] QSet<quint32> relids() const;
    [[nodiscard]] bool takeRelationsChanged() { return std::exchange(m_relationsChanged, false); }
    /// Roots and chunks.
    [[nodiscard]] std::vector<quint32> relations() const;
    /// Roots whose chunks, dimensions or policies changed since the last call.
    [[nodiscard]] QSet<quint32> takeChanged();
    /// The roots that these relations belong to.
    [[nodiscard]] QSet<quint32> ownersOf(const QSet<quint32> &relations) const;
    /// A hypertable without estimates and not rolled up; compressed chunks carry their stored sizes.
    [[nodiscard]] PartitionedTable build(quint32 relid) const;
    [[nodiscard]] const std::optional<Error> &error() const { return m_error; }

private:
    enum class Layout { Unknown, ByConstraint, BySlice, ByRelid };

    struct Policy
    {
        std::optional<Millis> retention;
        std::optional<Millis> compressAfter;
        friend bool operator==(const Policy &, const Policy &) = default;
    };
    struct Hypertable
    {
        quint32 relid = 0;
        pg::QualifiedName name;
        QString column;
        BoundUnit unit = BoundUnit::Text;
        qint64 interval = 0; ///< microseconds or the column's own integers
        int dimensions = 1;
        QHash<qint64, std::optional<Partition>> chunks; ///< by chunk id; a dropped one that is remembered is nothing
        Policy policy;
        qint64 digestCount = -1; ///< of chunk rows, as the server counts them
        qint64 digestSum = -1;
    };

    [[nodiscard]] TickQuery query(const QString &id, pg::Params params,
                                  std::function<void(const pg::ResultSet &)> absorb);
    [[nodiscard]] TickQuery askChunks(const std::optional<std::vector<int>> &hypertables, std::optional<quint32> since);
    void absorbProbe(const pg::ResultSet &rows);
    void absorbPulse(const pg::ResultSet &rows);
    void absorbHypertables(const pg::ResultSet &rows);
    void absorbChunks(const pg::ResultSet &rows, const std::optional<std::vector<int>> &whole);
    void absorbPolicies(const pg::ResultSet &rows);
    /// The hypertables whose chunk rows do not add up to what the server counts: some were deleted.
    [[nodiscard]] std::vector<int> incomplete() const;
    void clear();

    Layout m_layout = Layout::Unknown;
    QHash<int, Hypertable> m_hypertables; ///< by hypertable id
    QHash<quint32, int> m_owners;         ///< relation of a chunk or root → hypertable id
    QSet<int> m_changed;
    std::optional<qint64> m_chunkPulse;
    std::optional<qint64> m_jobPulse;
    std::optional<quint32> m_horizon; ///< chunk rows of later transactions are news
    bool m_readHypertables = false;
    bool m_readAllChunks = false;
    bool m_readPolicies = false;
    bool m_relationsChanged = false;
    std::optional<Error> m_error;
};

} // namespace tidemark
