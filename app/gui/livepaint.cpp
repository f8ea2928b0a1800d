// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/livepaint.h"

#include "ui/pages/page.h"

#include <QEvent>
#include <QTimer>

namespace tidemark::gui {

LivePaint::LivePaint(ui::MainWindow &window, QObject *parent)
    : QObject(parent)
    , m_window(window)
{
    window.installEventFilter(this);
}

bool LivePaint::eventFilter(QObject *watched, QEvent *event)
{
    const ui::Page *page = m_window.currentPage();
    const bool live = page != nullptr
                      && (page->state() == ui::Page::State::Live || page->state() == ui::Page::State::Empty);
    if (event->type() == QEvent::UpdateRequest && live) {
        m_window.removeEventFilter(this);
        // The window paints all it holds while it handles this event; what is queued runs after it.
        QTimer::singleShot(0, this, &LivePaint::painted);
    }
    return QObject::eventFilter(watched, event);
}

} // namespace tidemark::gui
