// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/statusbadge.h"

#include "ui/services/icons.h"
#include "ui/services/theme.h"

#include <QPainter>

namespace tidemark::ui {

StatusBadge::StatusBadge(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void StatusBadge::setStatus(Severity severity, const QString &text)
{
    if (severity == m_severity && text == m_text)
        return;
    m_severity = severity;
    m_text = text;
    setAccessibleName(text);
    updateGeometry();
    update();
}

QSize StatusBadge::sizeHint() const
{
    const int height = fontMetrics().height();
    return {height + spacing(this, 2) + fontMetrics().horizontalAdvance(m_text), height + spacing(this, 1)};
}

QSize StatusBadge::minimumSizeHint() const
{
    return {fontMetrics().height() * 2, sizeHint().height()};
}

void StatusBadge::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const QColor color = Theme::of(palette()).of(m_severity);
    const int size = fontMetrics().height();
    const QPixmap pixmap = iconPixmap(iconOf(m_severity), color, size, devicePixelRatioF());
    painter.drawPixmap(QRect(0, (height() - size) / 2, size, size), pixmap);
    painter.setPen(color);
    const QRect place = rect().adjusted(size + spacing(this, 1), 0, 0, 0);
    painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(m_text, Qt::ElideRight, place.width()));
}

} // namespace tidemark::ui
