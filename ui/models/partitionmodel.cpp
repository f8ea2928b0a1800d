// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/partitionmodel.h"

#include "core/base/units.h"
#include "ui/models/partitionstatus.h"
#include "ui/models/texts.h"

#include <QLocale>

namespace tidemark::ui {

PartitionModel::PartitionModel(QObject *parent)
    : SnapshotModel([](const PartitionRow &row) { return row.partition->oid; }, parent)
{
    describeColumns();
    setObjectOf([this](const PartitionRow &row) {
        return ObjectRef{ObjectKind::Partition, m_server, m_database, row.partition->oid, row.partition->name, 0};
    });
    setKeyText([](const PartitionRow &row) -> QString { return row.partition->name.display(); });
}

void PartitionModel::setTable(const QString &server, const QString &database,
                              const std::shared_ptr<const PartitionedTable> &table, const Moments &moments)
{
    m_server = server;
    m_database = database;
    if (table != m_table) {
        m_table = table;
        if (table)
            m_schema = table->name.schema;
        std::vector<PartitionRow> rows;
        if (table) {
            rows.reserve(table->partitions.size());
            for (const Partition &partition : table->partitions)
                rows.push_back({std::shared_ptr<const Partition>(table, &partition), static_cast<int>(rows.size())});
        }
        setRows(std::move(rows));
    }
    setMoments(moments);
}

void PartitionModel::describeColumns()
{
    using Row = PartitionRow;
    std::vector<Column<Row>> columns;
    columns.push_back({.id = "name",
                       .title = tr("Partition"),
                       .text =
                           [this](const Row &row) {
                               const pg::QualifiedName &name = row.partition->name;
                               return name.schema == m_schema ? name.name : name.display();
                           },
                       .toolTip = [](const Row &row) { return row.partition->name.display(); },
                       .exported = [](const Row &row) { return row.partition->name.display(); },
                       .chars = 20,
                       .stretch = true});
    columns.push_back({.id = "bounds",
                       .title = tr("Bounds"),
                       .text = [](const Row &row) { return texts::boundText(*row.partition); },
                       .sort = [](const Row &row) { return row.order; },
                       .toolTip = [](const Row &row) { return row.partition->boundText; },
                       .exported = [](const Row &row) { return row.partition->boundText; },
                       .chars = 29});
    columns.push_back({.id = "size",
                       .title = tr("Size, MB"),
                       .text = [](const Row &row) { return texts::megabytes(row.partition->treeBytes); },
                       .sort = [](const Row &row) { return QVariant(row.partition->treeBytes); },
                       .toolTip =
                           [](const Row &row) {
                               const Partition &partition = *row.partition;
                               const QString now = units::knownBytes(partition.treeBytes, QLocale());
                               return partition.uncompressedBytes
                                          ? tr("%1, before compression %2")
                                                .arg(now, units::bytes(*partition.uncompressedBytes, QLocale()))
                                          : now;
                           },
                       .numeric = true,
                       .chars = 10});
    columns.push_back(
        {.id = "rows",
         .title = tr("Rows"),
         .text = [](const Row &row) { return texts::rowsShort(row.partition->treeRows); },
         .sort =
             [](const Row &row) {
                 return row.partition->treeRows < 0 ? QVariant() : QVariant(row.partition->treeRows);
             },
         .toolTip =
             [](const Row &row) { return tr("The planner's estimate: %1").arg(texts::rows(row.partition->treeRows)); },
         .numeric = true,
         .chars = 11,
         .spare = 2});
    columns.push_back({.id = "state",
                       .title = tr("State"),
                       .text =
                           [this](const Row &row) {
                               const bool plain = tidemark::ui::partitionState(*row.partition, now())
                                                  == PartitionState::Plain;
                               return plain ? QString() : texts::partitionState(*row.partition, now());
                           },
                       .chars = 16,
                       .spare = 3});
    columns.push_back({.id = "last_write",
                       .title = tr("Last write seen"),
                       .text =
                           [this](const Row &row) {
                               return row.partition->lastModifiedSeenAt
                                          ? units::age(*row.partition->lastModifiedSeenAt, now())
                                          : QString();
                           },
                       .sort =
                           [](const Row &row) {
                               const auto &at = row.partition->lastModifiedSeenAt;
                               return at ? QVariant(-toEpochMicros(*at)) : QVariant();
                           },
                       .toolTip =
                           [](const Row &row) {
                               return row.partition->lastModifiedSeenAt
                                          ? texts::absolute(*row.partition->lastModifiedSeenAt)
                                          : tr("Not written to since it is watched");
                           },
                       .exported =
                           [](const Row &row) {
                               const auto &at = row.partition->lastModifiedSeenAt;
                               return at ? QVariant(toIso8601(*at)) : QVariant();
                           },
                       .chars = 14,
                       .spare = 4});
    setColumns(std::move(columns));
}

} // namespace tidemark::ui
