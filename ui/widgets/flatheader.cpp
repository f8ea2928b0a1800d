// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/flatheader.h"

#include "ui/services/theme.h"

#include <QPainter>
#include <QPainterPath>

namespace tidemark::ui {

FlatHeader::FlatHeader(QWidget *parent)
    : QHeaderView(Qt::Horizontal, parent)
{
    setSectionsMovable(true);
    setHighlightSections(false);
    setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
}

QSize FlatHeader::sizeHint() const
{
    return {QHeaderView::sizeHint().width(), fontMetrics().height() * 2};
}

void FlatHeader::paintEvent(QPaintEvent *event)
{
    QPainter painter(viewport());
    const Theme &theme = Theme::of(palette());
    painter.fillRect(viewport()->rect(), theme.window);
    painter.setPen(theme.border);
    painter.drawLine(viewport()->rect().bottomLeft(), viewport()->rect().bottomRight());
    painter.end();
    QHeaderView::paintEvent(event);
}

void FlatHeader::paintSection(QPainter *painter, const QRect &rect, int logicalIndex) const
{
    const Theme &theme = Theme::of(palette());
    const int padding = fontMetrics().height() / 2;
    const bool sorted = isSortIndicatorShown() && sortIndicatorSection() == logicalIndex;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->fillRect(rect, theme.window);
    painter->setPen(theme.border);
    painter->drawLine(rect.bottomLeft(), rect.bottomRight());
    painter->drawLine(rect.right(), rect.top() + padding, rect.right(), rect.bottom() - padding);

    const QVariant aligned = model()->headerData(logicalIndex, Qt::Horizontal, Qt::TextAlignmentRole);
    const bool right = aligned.isValid() && aligned.value<Qt::Alignment>().testFlag(Qt::AlignRight);
    const int arrow = sorted ? fontMetrics().height() : 0;
    QRect place = rect.adjusted(padding, 0, -padding, 0);
    const QString text = fontMetrics().elidedText(model()->headerData(logicalIndex, Qt::Horizontal).toString(),
                                                  Qt::ElideRight, place.width() - arrow);
    const int width = fontMetrics().horizontalAdvance(text);
    const int x = right ? place.right() + 1 - width : place.left();
    painter->setFont(font());
    painter->setPen(sorted ? theme.text : theme.muted);
    painter->drawText(QRect(x, place.top(), width + 1, place.height()), Qt::AlignLeft | Qt::AlignVCenter, text);
    if (sorted) {
        const double half = fontMetrics().height() * 0.22;
        const QPointF middle(right ? x - arrow / 2.0 : x + width + arrow / 2.0, rect.center().y() + 0.5);
        const double down = sortIndicatorOrder() == Qt::DescendingOrder ? 1 : -1;
        QPainterPath triangle(middle + QPointF(-half, -down * half * 0.6));
        triangle.lineTo(middle + QPointF(half, -down * half * 0.6));
        triangle.lineTo(middle + QPointF(0, down * half * 0.8));
        triangle.closeSubpath();
        painter->fillPath(triangle, theme.accent);
    }
    painter->restore();
}

QSize FlatHeader::sectionSizeFromContents(int logicalIndex) const
{
    const QString text = model()->headerData(logicalIndex, Qt::Horizontal).toString();
    return {fontMetrics().horizontalAdvance(text) + fontMetrics().height() * 2, fontMetrics().height() * 2};
}

} // namespace tidemark::ui
