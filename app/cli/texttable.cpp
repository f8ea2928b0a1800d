// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/texttable.h"

#include <algorithm>

namespace tidemark::cli {

TextTable::TextTable(std::vector<Column> columns)
    : m_columns(std::move(columns))
{
}

void TextTable::add(const QStringList &cells)
{
    QStringList oneLine = cells;
    for (QString &cell : oneLine)
        cell = cell.simplified();
    m_rows.push_back(oneLine);
}

void TextTable::print(QTextStream &out) const
{
    std::vector<qsizetype> widths;
    for (std::size_t column = 0; column < m_columns.size(); ++column) {
        qsizetype width = m_columns[column].title.size();
        for (const QStringList &row : m_rows)
            width = std::max(width, row.value(static_cast<qsizetype>(column)).size());
        widths.push_back(width);
    }
    const auto line = [&](const auto &cellOf) {
        QString text;
        for (std::size_t column = 0; column < m_columns.size(); ++column) {
            if (!m_columns[column].shown)
                continue;
            if (!text.isEmpty())
                text += QLatin1String("  ");
            const QString cell = cellOf(column);
            text += m_columns[column].align == Align::Right ? cell.rightJustified(widths[column])
                                                            : cell.leftJustified(widths[column]);
        }
        while (text.endsWith(QLatin1Char(' ')))
            text.chop(1);
        out << text << '\n';
    };
    line([&](std::size_t column) { return m_columns[column].title; });
    for (const QStringList &row : m_rows)
        line([&](std::size_t column) { return row.value(static_cast<qsizetype>(column)); });
    out.flush();
}

} // namespace tidemark::cli
