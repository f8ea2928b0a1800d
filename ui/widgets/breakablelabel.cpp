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

/// A piece without a place to break that is longer may break between any two of its letters.
constexpr qsizetype longPiece = 20;

QString withoutBreaks(QString text)
{
    return text.remove(zeroWidthSpace);
}

bool breaksAfter(const QString &text, qsizetype at)
{
    const QChar here = text[at];
    if (at + 1 == text.size())
        return false;
    const QChar next = text[at + 1];
    if (here == QLatin1Char('_') || here == QLatin1Char('/'))
        return true;
    if (here != QLatin1Char('.') && here != QLatin1Char(',') && here != QLatin1Char(':'))
        return false;
    const bool isInNumber = at > 0 && text[at - 1].isDigit() && next.isDigit();
    return !isInNumber && next != here;
}

QString withBreaks(const QString &text)
{
    QString broken;
    const auto addPiece = [&broken](QStringView piece) {
        for (qsizetype i = 0; i < piece.size(); ++i) {
            if (i > 0 && piece.size() > longPiece && !piece[i].isLowSurrogate() && !piece[i].isMark())
                broken += zeroWidthSpace;
            broken += piece[i];
        }
    };
    qsizetype begin = 0;
    for (qsizetype at = 0; at < text.size(); ++at) {
        const bool isBlank = text[at].isSpace();
        if (!isBlank && !breaksAfter(text, at))
            continue;
        addPiece(QStringView(text).mid(begin, at - begin));
        broken += text[at];
        if (!isBlank)
            broken += zeroWidthSpace;
        begin = at + 1;
    }
    addPiece(QStringView(text).mid(begin));
    return broken;
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
    setText(withBreaks(text));
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
