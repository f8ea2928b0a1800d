// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/printable.h"
#include "ui/models/roles.h"

#include <QList>
#include <QVariant>

#include <functional>

namespace tidemark::ui {

/// One column of a model over snapshots, described by what it reads of a row. Only `id`, `title` and `text` are needed.
template<typename Row>
struct Column
{
    QByteArray id; ///< stable; never translated
    QString title; ///< with the unit where one fits all rows
    std::function<QString(const Row &)> text{};
    std::function<QVariant(const Row &)> sort{}; ///< without it the text sorts
    std::function<Severity(const Row &)> severity{};
    std::function<QString(const Row &)> toolTip{};      ///< absolute times, reasons
    std::function<double(const Row &)> number{};        ///< NumberRole
    std::function<QList<double>(const Row &)> series{}; ///< SeriesRole
    std::function<QString(const Row &)> detail{};
    std::function<QVariant(const Row &)> exported{}; ///< without it sort, then text, goes to CSV
    bool numeric = false;                            ///< right-aligned
    bool ages = false;                               ///< changes as time goes by
    int chars = 12;
    bool stretch = false;
    int spare = 0; ///< where the width does not suffice for all, the highest give way first; 0 stays
};

/// What a model answers for a cell, by what its column is described to read. ObjectRole and KeyRole are the model's own. What
/// is shown is made printable; what is sorted, copied and exported is the text as it is.
template<typename Row>
[[nodiscard]] QVariant cellData(const Column<Row> &column, const Row &row, int role)
{
    switch (role) {
    case Qt::DisplayRole:
        return column.text ? QVariant(printable(column.text(row))) : QVariant();
    case PlainRole:
        return column.text ? QVariant(column.text(row)) : QVariant();
    case Qt::ToolTipRole:
        return column.toolTip ? QVariant(printable(column.toolTip(row), Lines::Kept)) : QVariant();
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment((column.numeric ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    case SortRole:
        return column.sort ? column.sort(row) : cellData(column, row, PlainRole);
    case SeverityRole:
        return column.severity ? QVariant(static_cast<int>(column.severity(row))) : QVariant();
    case NumberRole:
        return column.number ? QVariant(column.number(row)) : QVariant();
    case SeriesRole:
        return column.series ? QVariant::fromValue(column.series(row)) : QVariant();
    case DetailRole:
        return column.detail ? QVariant(printable(column.detail(row))) : QVariant();
    case ExportRole:
        return column.exported ? column.exported(row) : cellData(column, row, SortRole);
    default:
        return {};
    }
}

/// What a model answers for a column's header.
template<typename Row>
[[nodiscard]] QVariant columnData(const Column<Row> &column, int role)
{
    switch (role) {
    case Qt::DisplayRole:
        return column.title;
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment((column.numeric ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    case ColumnIdRole:
        return column.id;
    case ColumnCharsRole:
        return column.chars;
    case ColumnStretchRole:
        return column.stretch;
    case ColumnSpareRole:
        return column.spare;
    default:
        return {};
    }
}

} // namespace tidemark::ui
