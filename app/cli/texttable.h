// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QTextStream>

#include <vector>

namespace tidemark::cli {

/// Rows in columns for a terminal: widths from the content as the terminal draws it, numbers to the right, one line a row.
/// What a cell holds is made printable.
class TextTable
{
public:
    enum class Align { Left, Right };
    struct Column
    {
        QString title;
        Align align = Align::Left;
        bool shown = true;
    };

    explicit TextTable(std::vector<Column> columns);
    void add(const QStringList &cells);
    [[nodiscard]] bool isEmpty() const { return m_rows.empty(); }
    void print(QTextStream &out) const;

private:
    std::vector<Column> m_columns;
    std::vector<QStringList> m_rows;
};

} // namespace tidemark::cli
