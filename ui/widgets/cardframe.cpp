// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/cardframe.h"

#include "ui/services/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

namespace tidemark::ui {

CardFrame::CardFrame(QWidget *parent)
    : QFrame(parent)
{
    setAttribute(Qt::WA_Hover);
}

void CardFrame::setActivatable(bool activatable, const QString &accessibleName)
{
    m_activatable = activatable;
    setFocusPolicy(activatable ? Qt::StrongFocus : Qt::NoFocus);
    setCursor(activatable ? Qt::PointingHandCursor : Qt::ArrowCursor);
    setAccessibleName(accessibleName);
}

void CardFrame::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme &theme = Theme::of(palette());
    const bool focused = m_activatable && hasFocus();
    painter.setPen(QPen(focused ? theme.accent : theme.border, focused ? 2 : 1));
    painter.setBrush(m_activatable && underMouse() ? theme.hover : theme.raised);
    const double inset = focused ? 1 : 0.5;
    painter.drawRoundedRect(QRectF(rect()).adjusted(inset, inset, -inset, -inset), spacing(this, 2), spacing(this, 2));
}

void CardFrame::mouseReleaseEvent(QMouseEvent *event)
{
    if (m_activatable && event->button() == Qt::LeftButton && rect().contains(event->position().toPoint()))
        Q_EMIT activated();
    QFrame::mouseReleaseEvent(event);
}

void CardFrame::keyPressEvent(QKeyEvent *event)
{
    if (m_activatable
        && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Space))
        Q_EMIT activated();
    else
        QFrame::keyPressEvent(event);
}

void CardFrame::focusInEvent(QFocusEvent *event)
{
    QFrame::focusInEvent(event);
    update();
}

void CardFrame::focusOutEvent(QFocusEvent *event)
{
    QFrame::focusOutEvent(event);
    update();
}

} // namespace tidemark::ui
