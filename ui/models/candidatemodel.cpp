// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/candidatemodel.h"

#include "core/base/units.h"
#include "ui/models/texts.h"

#include <QLocale>

namespace tidemark::ui {

CandidateModel::CandidateModel(QObject *parent)
    : SnapshotModel([](const TableCandidate &row) { return row.oid; }, parent)
{
    using Row = TableCandidate;
    setKeyText([](const Row &row) { return row.name.display(); });
    std::vector<Column<Row>> columns;
    columns.push_back({.id = "table",
                       .title = tr("Table"),
                       .text = [](const Row &row) { return row.name.display(); },
                       .chars = 32,
                       .stretch = true});
    columns.push_back({.id = "size",
                       .title = tr("Size"),
                       .text = [](const Row &row) { return units::bytes(row.bytes, QLocale()); },
                       .sort = [](const Row &row) { return QVariant(row.bytes); },
                       .toolTip = [](const Row &) { return tr("Of its pages, as of the last VACUUM or ANALYZE"); },
                       .numeric = true,
                       .chars = 11});
    columns.push_back(
        {.id = "rows",
         .title = tr("Rows, about"),
         .text = [](const Row &row) { return texts::rowsShort(row.rowEstimate); },
         .sort = [](const Row &row) { return row.rowEstimate < 0 ? QVariant() : QVariant(row.rowEstimate); },
         .numeric = true,
         .chars = 14});
    columns.push_back({.id = "primary_key",
                       .title = tr("Primary key"),
                       .text = [](const Row &row) { return row.primaryKey.join(QLatin1String(", ")); },
                       .chars = 20});
    columns.push_back({.id = "partition_by",
                       .title = tr("Can be partitioned by"),
                       .text =
                           [](const Row &row) {
                               QStringList names;
                               for (const RangeColumn &column : row.rangeColumns)
                                   names << column.name;
                               return names.join(QLatin1String(", "));
                           },
                       .chars = 34});
    setColumns(std::move(columns));
}

CheckModel::CheckModel(QObject *parent)
    : SnapshotModel([](const CheckRow &row) { return row.number; }, parent)
{
    setKeyText([](const CheckRow &row) { return QString::number(row.number); });
    std::vector<Column<CheckRow>> columns;
    columns.push_back({.id = "verdict",
                       .title = tr("Verdict"),
                       .text = [](const CheckRow &row) { return row.isWaived ? tr("Accepted") : row.verdict; },
                       .sort = [](const CheckRow &row) { return row.number; },
                       .severity = [](const CheckRow &row) { return row.isWaived ? Severity::Notice : row.severity; },
                       .chars = 16});
    columns.push_back(
        {.id = "what", .title = tr("What"), .text = [](const CheckRow &row) { return row.what; }, .chars = 32});
    columns.push_back({.id = "why",
                       .title = tr("Why"),
                       .text = [](const CheckRow &row) { return row.why; },
                       .toolTip = [](const CheckRow &row) { return row.why; },
                       .chars = 40,
                       .stretch = true});
    setColumns(std::move(columns));
}

} // namespace tidemark::ui
