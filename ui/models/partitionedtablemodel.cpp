// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/partitionedtablemodel.h"

#include "core/base/units.h"
#include "ui/models/texts.h"

#include <QLocale>

namespace tidemark::ui {

PartitionedTableModel::PartitionedTableModel(QObject *parent)
    : SnapshotModel([](const PartitionedTableRow &row) { return row.key(); }, parent)
{
    describeColumns();
    setObjectOf([](const PartitionedTableRow &row) {
        return ObjectRef{ObjectKind::PartitionedTable, row.server, row.database, row.table->oid, row.table->name, 0};
    });
    setKeyText([](const PartitionedTableRow &row) -> QString {
        return row.server + QLatin1Char('/') + row.database + QLatin1Char('/') + row.table->name.display();
    });
}

void PartitionedTableModel::setSnapshots(const Snapshots &snapshots, const Scope &scope, const Moments &moments)
{
    auto parts = partsOf(snapshots, scope, &DatabaseSnapshot::partitions);
    QHash<QString, std::optional<Millis>> shortRunways;
    for (const ServerSnapshotPtr &snapshot : snapshots)
        shortRunways.insert(snapshot->name, snapshot->shortRunway);
    if (parts != m_parts || shortRunways != m_shortRunways) {
        std::vector<PartitionedTableRow> next;
        for (const auto &own : parts) {
            const QString place = placeAmong(parts, own);
            for (const auto &table : own.part->tables)
                next.push_back({own.server, own.database, table, shortRunways.value(own.server), place});
        }
        setRows(std::move(next));
        m_parts = std::move(parts);
        m_shortRunways = std::move(shortRunways);
    }
    setMoments(moments);
}

void PartitionedTableModel::describeColumns()
{
    using Row = PartitionedTableRow;
    std::vector<Column<Row>> columns;
    columns.push_back(
        {.id = "status",
         .title = tr("Status"),
         .text = [this](const Row &row) { return healthWord(healthOf(row)); },
         .sort = [this](const Row &row) { return static_cast<int>(healthOf(row)); },
         .severity = [this](const Row &row) { return severityOf(healthOf(row)); },
         .toolTip = [this](const Row &row) { return healthReason(*row.table, row.shortRunway, nowOf(row)); },
         .ages = true,
         .chars = 19});
    columns.push_back({.id = "name",
                       .title = tr("Name"),
                       .text = [](const Row &row) { return row.table->name.display(); },
                       .toolTip =
                           [](const Row &row) {
                               return QStringLiteral("%1\n%2\n%3")
                                   .arg(row.table->name.display(), row.table->keyText,
                                        placeText(row.server, row.database));
                           },
                       .detail = [](const Row &row) { return row.place; },
                       .chars = 24,
                       .stretch = true});
    columns.push_back(
        {.id = "runway",
         .title = tr("Runway"),
         .text = [this](const Row &row) { return texts::runway(*row.table, nowOf(row)); },
         .sort =
             [](const Row &row) {
                 return row.table->runsOut
                            ? QVariant(row.table->runwayUntil ? toEpochMicros(*row.table->runwayUntil) : qint64(0))
                            : QVariant();
             },
         .toolTip =
             [](const Row &row) {
                 return row.table->runwayUntil
                            ? tr("The last partition ends at %1.").arg(texts::absolute(*row.table->runwayUntil))
                            : QString();
             },
         .exported =
             [](const Row &row) {
                 return row.table->runwayUntil ? QVariant(toIso8601(*row.table->runwayUntil)) : QVariant();
             },
         .ages = true,
         .chars = 14});
    columns.push_back({.id = "size",
                       .title = tr("Size, MB"),
                       .text = [](const Row &row) { return texts::megabytes(row.table->totalBytes); },
                       .sort = [](const Row &row) { return QVariant(row.table->totalBytes); },
                       .toolTip = [](const Row &row) { return units::knownBytes(row.table->totalBytes, QLocale()); },
                       .numeric = true,
                       .chars = 10,
                       .spare = 5});
    columns.push_back(
        {.id = "partitions",
         .title = tr("Parts"),
         .text = [](const Row &row) { return QLocale().toString(row.table->leafCount); },
         .sort = [](const Row &row) { return row.table->leafCount; },
         .toolTip = [](const Row &row) { return tr("%n partition(s) that hold rows", nullptr, row.table->leafCount); },
         .numeric = true,
         .chars = 7,
         .spare = 6});
    columns.push_back(
        {.id = "rows",
         .title = tr("Rows"),
         .text = [](const Row &row) { return texts::rows(row.table->rowsEstimate); },
         .sort = [](const Row &row) { return QVariant(row.table->rowsEstimate); },
         .toolTip =
             [](const Row &row) {
                 const QString sum = tr("The sum of the planner's estimates");
                 return row.table->parentRows
                            ? tr("%1; in the parent itself: %2").arg(sum, texts::rows(*row.table->parentRows))
                            : sum;
             },
         .numeric = true,
         .chars = 11,
         .spare = 7});
    columns.push_back({.id = "kind",
                       .title = tr("Kind"),
                       .text = [](const Row &row) { return texts::kind(row.table->kind); },
                       .toolTip = [](const Row &row) { return row.table->keyText; },
                       .exported = [](const Row &row) { return toWord(row.table->kind); },
                       .chars = 14,
                       .spare = 8});
    columns.push_back({.id = "database",
                       .title = tr("Server / database"),
                       .text = [](const Row &row) { return placeText(row.server, row.database); },
                       .chars = 16,
                       .spare = 9});
    setColumns(std::move(columns));
}

} // namespace tidemark::ui
