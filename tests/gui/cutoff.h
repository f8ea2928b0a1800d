// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/roles.h"

#include <QAbstractItemDelegate>
#include <QAbstractItemView>
#include <QHeaderView>
#include <QLabel>
#include <QTextDocument>

#include <cmath>

namespace tidemark::test {

/// Visible labels below the widget that are too small for their text, with what is missing.
[[nodiscard]] inline QStringList cutOffLabels(const QWidget &widget)
{
    QStringList found;
    for (const QLabel *label : widget.findChildren<QLabel *>()) {
        if (!label->isVisible() || label->text().isEmpty())
            continue;
        const QRect place = label->contentsRect().adjusted(label->margin(), label->margin(), -label->margin(),
                                                           -label->margin());
        QSizeF needed;
        if (Qt::mightBeRichText(label->text()) && label->textFormat() != Qt::PlainText) {
            QTextDocument text;
            text.setDefaultFont(label->font());
            text.setDocumentMargin(0);
            text.setHtml(label->text());
            text.setTextWidth(label->wordWrap() ? place.width() : -1);
            needed = {text.idealWidth(), text.size().height()};
        } else {
            const int flags = label->wordWrap() ? int(Qt::TextWordWrap) : 0;
            needed = QFontMetricsF(label->font())
                         .boundingRect(QRectF(0, 0, place.width(), 100'000), flags, label->text())
                         .size();
        }
        if (std::floor(needed.width()) > place.width() || std::floor(needed.height()) > place.height())
            found << QStringLiteral("“%1” needs %2×%3 and has %4×%5")
                         .arg(label->text().remove(QChar(0x200b)))
                         .arg(needed.width())
                         .arg(needed.height())
                         .arg(place.width())
                         .arg(place.height());
    }
    return found;
}

/// Titles of shown columns, and cells of the columns named, that are elided.
[[nodiscard]] inline QStringList elided(const QAbstractItemView &view, const QHeaderView &header,
                                        const QList<QByteArray> &wholeColumns)
{
    QStringList found;
    const QAbstractItemModel &model = *view.model();
    QStyleOptionViewItem option;
    option.initFrom(&view);
    option.font = view.font();
    option.fontMetrics = view.fontMetrics();
    for (int column = 0; column < model.columnCount(); ++column) {
        if (header.isSectionHidden(column))
            continue;
        const int width = header.sectionSize(column);
        const QString title = model.headerData(column, Qt::Horizontal).toString();
        const int padding = header.fontMetrics().height() / 2;
        const bool sorted = header.isSortIndicatorShown() && header.sortIndicatorSection() == column;
        const int room = width - 2 * padding - (sorted ? header.fontMetrics().height() : 0);
        if (header.fontMetrics().horizontalAdvance(title) > room)
            found << QStringLiteral("title %1").arg(title);
        if (!wholeColumns.contains(model.headerData(column, Qt::Horizontal, ui::ColumnIdRole).toByteArray()))
            continue;
        for (int row = 0; row < model.rowCount(); ++row) {
            const QModelIndex cell = model.index(row, column);
            if (view.itemDelegateForIndex(cell)->sizeHint(option, cell).width() > width)
                found << QStringLiteral("%1: %2").arg(title, cell.data().toString());
        }
    }
    return found;
}

} // namespace tidemark::test
