// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/filterbar.h"

#include "ui/services/icons.h"

#include <QAction>
#include <QKeyEvent>

namespace tidemark::ui {

FilterBar::FilterBar(QWidget *parent)
    : QLineEdit(parent)
{
    setPlaceholderText(tr("Filter"));
    setAccessibleName(tr("Filter rows"));
    setToolTip(tr("Rows that contain every word (Ctrl+F)"));
    setClearButtonEnabled(true);
    addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_settle.setSingleShot(true);
    m_settle.setInterval(120);
    connect(this, &QLineEdit::textChanged, &m_settle, qOverload<>(&QTimer::start));
    connect(&m_settle, &QTimer::timeout, this, [this]() { Q_EMIT filterChanged(text()); });
}

bool FilterBar::event(QEvent *event)
{
    // The window's own Esc comes after ours.
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape) {
        event->accept();
        return true;
    }
    return QLineEdit::event(event);
}

void FilterBar::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape) {
        if (text().isEmpty())
            Q_EMIT left();
        else
            clear();
        return;
    }
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Down) {
        m_settle.stop();
        Q_EMIT filterChanged(text());
        Q_EMIT left();
        return;
    }
    QLineEdit::keyPressEvent(event);
}

} // namespace tidemark::ui
