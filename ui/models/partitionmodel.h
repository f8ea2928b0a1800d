// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/partition.h"
#include "ui/models/snapshotmodel.h"
#include "ui/models/snapshotparts.h"

namespace tidemark::ui {

struct PartitionRow
{
    std::shared_ptr<const Partition> partition; ///< never null; keeps its table alive
    int order = 0;                              ///< place in the table: by level, then range start

    friend bool operator==(const PartitionRow &left, const PartitionRow &right)
    {
        return left.order == right.order && (left.partition == right.partition || *left.partition == *right.partition);
    }
};

/// The partitions of one table, flat. Ten thousand rows are merged only when the table was published anew, and the passing
/// of time is not announced for each of them: whoever shows them paints what is visible again. GUI thread only.
class PartitionModel final : public SnapshotModel<PartitionRow, quint32>
{
    Q_OBJECT

public:
    explicit PartitionModel(QObject *parent = nullptr);

    /// Null shows nothing.
    void setTable(const QString &server, const QString &database, const std::shared_ptr<const PartitionedTable> &table,
                  const Moments &moments);
    [[nodiscard]] const std::shared_ptr<const PartitionedTable> &table() const { return m_table; }

private:
    void describeColumns();
    [[nodiscard]] Instant now() const { return moments().of(m_server); }

    QString m_server;
    QString m_database;
    QString m_schema; ///< of the table; rows that are about to go still ask for it
    std::shared_ptr<const PartitionedTable> m_table;
};

} // namespace tidemark::ui
