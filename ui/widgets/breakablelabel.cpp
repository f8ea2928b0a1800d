// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/breakablelabel.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMenu>

namespace tidemark::ui {

namespace {

constexpr QChar zeroWidthSpace(0x200b);

QString withoutBreaks(QString text)
{
    return text.remove(zeroWidthSpace);
}

} // namespace

BreakableLabel::BreakableLabel(QWidget *parent)
    : QLabel(parent)
{
    setTextFormat(Qt::PlainText);
    setWordWrap(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
}

void BreakableLabel::setBreakableText(const QString &text)
{
    QString broken = text;
    for (const char separator : {'_', '.', '/', ','})
        broken.replace(QLatin1Char(separator), QString(QLatin1Char(separator)) + zeroWidthSpace);
    setText(broken);
}

void BreakableLabel::copy() const
{
    QGuiApplication::clipboard()->setText(withoutBreaks(hasSelectedText() ? selectedText() : text()));
}

void BreakableLabel::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy))
        copy();
    else
        QLabel::keyPressEvent(event);
}

void BreakableLabel::mouseReleaseEvent(QMouseEvent *event)
{
    QLabel::mouseReleaseEvent(event);
    // On X11 what is selected is in the selection clipboard already.
    if (QClipboard *clipboard = QGuiApplication::clipboard(); clipboard->supportsSelection() && hasSelectedText())
        clipboard->setText(withoutBreaks(selectedText()), QClipboard::Selection);
}

void BreakableLabel::contextMenuEvent(QContextMenuEvent *event)
{
    QMenu menu(this);
    menu.addAction(tr("&Copy"), this, &BreakableLabel::copy);
    menu.exec(event->globalPos());
}

} // namespace tidemark::ui
