// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/stepper.h"

#include "ui/services/icons.h"
#include "ui/services/theme.h"

#include <QPainter>

namespace tidemark::ui {

Stepper::Stepper(const QStringList &titles, QWidget *parent)
    : QWidget(parent)
    , m_titles(titles)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setCurrent(0);
}

void Stepper::setCurrent(int index)
{
    m_current = index;
    setAccessibleName(tr("Step %1 of %2: %3").arg(index + 1).arg(m_titles.size()).arg(m_titles.value(index)));
    update();
}

int Stepper::circle() const
{
    return fontMetrics().height() * 3 / 2;
}

int Stepper::widthOf(const QString &title) const
{
    return circle() + spacing(this, 2) + QFontMetrics(boldFont(font())).horizontalAdvance(title);
}

QSize Stepper::sizeHint() const
{
    int width = 0;
    for (const QString &title : m_titles)
        width += widthOf(title) + spacing(this, 4);
    return {width, circle() + spacing(this, 2)};
}

void Stepper::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme &theme = Theme::of(palette());
    int content = 0;
    for (const QString &title : m_titles)
        content += widthOf(title);
    const int gaps = std::max(1, static_cast<int>(m_titles.size()) - 1);
    const int gap = std::min((width() - content) / gaps, spacing(this, 20));
    int x = 0;
    for (int i = 0; i < m_titles.size(); ++i) {
        const bool done = i < m_current;
        const bool current = i == m_current;
        const QRect disc(x, (height() - circle()) / 2, circle(), circle());
        painter.setPen(QPen(done || current ? theme.accent : theme.border, 1.5));
        painter.setBrush(current ? QBrush(theme.accent) : QBrush(Qt::NoBrush));
        painter.drawEllipse(QRectF(disc).adjusted(1, 1, -1, -1));
        if (done) {
            const int size = circle() * 3 / 4;
            const QPixmap mark = iconPixmap(QStringLiteral("ok-plain"), theme.accent, size, devicePixelRatioF());
            painter.drawPixmap(disc.center() - QPoint(size / 2 - 1, size / 2 - 1), mark);
        } else {
            painter.setPen(current ? theme.onAccent : theme.muted);
            painter.setFont(tabularFont(font()));
            painter.drawText(disc, Qt::AlignCenter, QString::number(i + 1));
        }
        painter.setFont(current ? boldFont(font()) : font());
        painter.setPen(i > m_current ? theme.muted : theme.text);
        const int textX = disc.right() + spacing(this, 2);
        painter.drawText(QRect(textX, 0, x + widthOf(m_titles[i]) - textX + spacing(this, 1), height()),
                         Qt::AlignLeft | Qt::AlignVCenter, m_titles[i]);
        x += widthOf(m_titles[i]);
        if (i + 1 < m_titles.size() && gap > spacing(this, 6)) {
            painter.setPen(QPen(done ? theme.accent : theme.border, 1.5));
            painter.drawLine(x + spacing(this, 2), height() / 2, x + gap - spacing(this, 2), height() / 2);
        }
        x += gap;
    }
}

} // namespace tidemark::ui
