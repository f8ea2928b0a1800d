// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/legendrow.h"

#include "ui/services/theme.h"

#include <QPainter>

namespace tidemark::ui {

LegendRow::LegendRow(QWidget *parent)
    : QWidget(parent)
{
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void LegendRow::setEntries(std::vector<Entry> entries)
{
    m_entries = std::move(entries);
    QStringList words;
    for (const Entry &entry : m_entries)
        words << entry.text;
    setAccessibleName(words.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

std::vector<QRect> LegendRow::places(int width) const
{
    const int height = fontMetrics().height() * 5 / 4;
    const int block = fontMetrics().height();
    const int gap = spacing(this, 4);
    std::vector<QRect> places;
    int x = 0;
    int y = 0;
    for (const Entry &entry : m_entries) {
        const int needed = block + spacing(this, 2) + fontMetrics().horizontalAdvance(entry.text);
        if (x > 0 && x + needed > width) {
            x = 0;
            y += height;
        }
        places.emplace_back(x, y, needed, height);
        x += needed + gap;
    }
    return places;
}

int LegendRow::heightForWidth(int width) const
{
    const std::vector<QRect> all = places(width);
    return all.empty() ? 0 : all.back().bottom() + 1;
}

QSize LegendRow::sizeHint() const
{
    const std::vector<QRect> all = places(QWIDGETSIZE_MAX);
    return all.empty() ? QSize(0, 0) : QSize(all.back().right() + 1, all.back().bottom() + 1);
}

QSize LegendRow::minimumSizeHint() const
{
    return {0, m_entries.empty() ? 0 : fontMetrics().height() * 5 / 4};
}

void LegendRow::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const std::vector<QRect> all = places(width());
    const int block = fontMetrics().height() * 2 / 3;
    for (std::size_t index = 0; index < all.size(); ++index) {
        const Entry &entry = m_entries[index];
        const QRectF mark(all[index].left() + 0.5, all[index].center().y() - block / 2 + 0.5, block, block);
        painter.setPen(entry.outline);
        if (entry.cross) {
            painter.drawLine(mark.topLeft(), mark.bottomRight());
            painter.drawLine(mark.bottomLeft(), mark.topRight());
        } else {
            painter.setBrush(entry.fill);
            painter.drawRect(mark);
        }
        painter.setPen(Theme::of(palette()).muted);
        painter.drawText(all[index].adjusted(block + spacing(this, 2), 0, spacing(this, 2), 0),
                         Qt::AlignLeft | Qt::AlignVCenter, entry.text);
    }
}

} // namespace tidemark::ui
