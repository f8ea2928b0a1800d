// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/texttable.h"

#include "core/base/printable.h"

#include <algorithm>

namespace tidemark::cli {

namespace {

QString padded(const QString &cell, int width, TextTable::Align align)
{
    const QString blanks(std::max(width - displayWidth(cell), 0), QLatin1Char(' '));
    return align == TextTable::Align::Right ? blanks + cell : cell + blanks;
}

} // namespace

TextTable::TextTable(std::vector<Column> columns)
    : m_columns(std::move(columns))
{
}

void TextTable::add(const QStringList &cells)
{
    QStringList shown = cells;
    for (QString &cell : shown)
        cell = printable(cell);
    m_rows.push_back(shown);
}

void TextTable::print(QTextStream &out) const
{
    std::vector<int> widths;
    for (std::size_t column = 0; column < m_columns.size(); ++column) {
        int width = displayWidth(m_columns[column].title);
        for (const QStringList &row : m_rows)
            width = std::max(width, displayWidth(row.value(static_cast<qsizetype>(column))));
        widths.push_back(width);
    }
    const auto line = [&](const auto &cellOf) {
        QString text;
        for (std::size_t column = 0; column < m_columns.size(); ++column) {
            if (!m_columns[column].shown)
                continue;
            if (!text.isEmpty())
                text += QLatin1String("  ");
            text += padded(cellOf(column), widths[column], m_columns[column].align);
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
