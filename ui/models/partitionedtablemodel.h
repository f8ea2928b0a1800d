// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/partitionstatus.h"
#include "ui/models/snapshotmodel.h"
#include "ui/models/snapshotparts.h"

namespace tidemark::ui {

/// A partitioned table, inheritance parent or hypertable of some database. Shares what was published.
struct PartitionedTableRow
{
    QString server;
    QString database;
    std::shared_ptr<const PartitionedTable> table; ///< never null
    std::optional<Millis> shortRunway;             ///< the limit of the server's alerts
    QString place;                                 ///< what tells it from another of its name

    [[nodiscard]] ObjectKey key() const { return {server, database, table->oid}; }
    /// By address: the collector publishes a table that did not change as the same object, and comparing two versions of
    /// one with thousands of partitions would cost more than drawing its one row.
    friend bool operator==(const PartitionedTableRow &left, const PartitionedTableRow &right)
    {
        return left.server == right.server && left.database == right.database && left.table == right.table
               && left.shortRunway == right.shortRunway && left.place == right.place;
    }
};

/// The parents of the partitions board, of all databases in scope. GUI thread only.
class PartitionedTableModel final : public SnapshotModel<PartitionedTableRow, ObjectKey>
{
    Q_OBJECT

public:
    explicit PartitionedTableModel(QObject *parent = nullptr);

    /// Costs nothing but the runways where no partitions were published since the call before.
    void setSnapshots(const Snapshots &snapshots, const Scope &scope, const Moments &moments);

    [[nodiscard]] Instant nowOf(const PartitionedTableRow &row) const { return moments().of(row.server); }
    [[nodiscard]] PartitionHealth healthOf(const PartitionedTableRow &row) const
    {
        return partitionHealth(*row.table, row.shortRunway, nowOf(row));
    }

private:
    void describeColumns();
    std::vector<DatabasePart<PartitionSnapshot>> m_parts;
    QHash<QString, std::optional<Millis>> m_shortRunways; ///< by server
};

} // namespace tidemark::ui
