// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/fillmodel.h"

namespace tidemark::ui {

namespace {

QString valueText(const std::optional<QString> &value)
{
    return value.value_or(QStringLiteral("NULL"));
}

QVariant exportedValue(const std::optional<QString> &value)
{
    return value ? QVariant(*value) : QVariant();
}

} // namespace

FillModel::FillModel(QObject *parent)
    : SnapshotModel([](const FillRow &row) { return row.number; }, parent)
{
    setKeyText([](const FillRow &row) { return row.name; });
    std::vector<Column<FillRow>> columns;
    columns.push_back({.id = "column",
                       .title = tr("Column"),
                       .text = [](const FillRow &row) { return row.name; },
                       .sort = [](const FillRow &row) { return row.number; },
                       .detail = [](const FillRow &row) { return row.isNew ? tr("to be added") : QString(); },
                       .chars = 22});
    columns.push_back(
        {.id = "type", .title = tr("Type"), .text = [](const FillRow &row) { return row.type; }, .chars = 18});
    columns.push_back({.id = "becomes",
                       .title = tr("Becomes"),
                       .text =
                           [](const FillRow &row) {
                               return row.whyNot.isEmpty()
                                          ? QString(row.expression).replace(QLatin1Char('\n'), QLatin1Char(' '))
                                          : tr("cannot be filled: %1").arg(row.whyNot);
                           },
                       .chars = 30,
                       .stretch = true});
    columns.push_back(
        {.id = "state",
         .title = tr("State"),
         .text =
             [](const FillRow &row) {
                 return row.isRefused ? tr("Error") : row.expression.isEmpty() ? QString() : tr("To fill");
             },
         .severity = [](const FillRow &row) { return row.isRefused ? Severity::Critical : Severity::Notice; },
         .chars = 11});
    setColumns(std::move(columns));
}

QVariant FillModel::data(const QModelIndex &at, int role) const
{
    if (role == SeverityRole && at.isValid() && row(at.row()).expression.isEmpty() && !row(at.row()).isRefused)
        return {};
    return SnapshotModel::data(at, role);
}

SampleModel::SampleModel(QObject *parent)
    : SnapshotModel([](const backfill::SampleValue &row) { return row.number; }, parent)
{
    using Row = backfill::SampleValue;
    setKeyText([](const Row &row) { return QString::number(row.number); });
    std::vector<Column<Row>> columns;
    columns.push_back({.id = "row",
                       .title = tr("Row"),
                       .text = [](const Row &row) { return row.row; },
                       .sort = [](const Row &row) { return row.number; },
                       .chars = 18});
    columns.push_back(
        {.id = "column", .title = tr("Column"), .text = [](const Row &row) { return row.column; }, .chars = 18});
    columns.push_back({.id = "before",
                       .title = tr("Is"),
                       .text = [](const Row &row) { return valueText(row.before); },
                       .toolTip = [](const Row &row) { return valueText(row.before); },
                       .exported = [](const Row &row) { return exportedValue(row.before); },
                       .chars = 30});
    columns.push_back({.id = "after",
                       .title = tr("Becomes"),
                       .text = [](const Row &row) { return valueText(row.after); },
                       .toolTip = [](const Row &row) { return valueText(row.after); },
                       .exported = [](const Row &row) { return exportedValue(row.after); },
                       .chars = 30,
                       .stretch = true});
    setColumns(std::move(columns));
}

} // namespace tidemark::ui
