// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/sqlview.h"

#include "ui/services/theme.h"

#include <Qsci/qscilexersql.h>
#include <Qsci/qsciscintilla.h>

#include <QEvent>
#include <QFontDatabase>
#include <QKeyEvent>
#include <QResizeEvent>
#include <QVBoxLayout>

#include <algorithm>

namespace tidemark::ui {

SqlView::SqlView(QWidget *parent)
    : QWidget(parent)
    , m_editor(new QsciScintilla(this))
    , m_lexer(new QsciLexerSQL(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_editor);
    m_editor->setReadOnly(true);
    m_editor->setUtf8(true);
    m_editor->setLexer(m_lexer);
    m_editor->setWrapMode(QsciScintilla::WrapWord);
    m_editor->setIndentationWidth(2);
    m_editor->setWrapIndentMode(QsciScintilla::WrapIndentIndented);
    m_editor->setCaretWidth(0);
    m_editor->setFrameShape(QFrame::NoFrame);
    m_editor->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_editor->setAccessibleName(tr("SQL"));
    for (int margin = 0; margin < 5; ++margin)
        m_editor->setMarginWidth(margin, 0);
    m_editor->SendScintilla(QsciScintillaBase::SCI_SETMARGINLEFT, 0UL, static_cast<long>(spacing(this, 2)));
    setFocusProxy(m_editor);
    applyPalette();
}

void SqlView::setSql(const QString &sql)
{
    if (sql == m_editor->text())
        return;
    m_filling = true;
    m_editor->setText(sql);
    m_filling = false;
    fitHeight();
}

QString SqlView::sql() const
{
    return m_editor->text();
}

void SqlView::setVisibleLines(int most)
{
    m_visibleLines = most;
    fitHeight();
}

void SqlView::setFillsHeight()
{
    m_fillsHeight = true;
    setMinimumHeight(0);
    setMaximumHeight(QWIDGETSIZE_MAX);
}

void SqlView::setEditable(int lines)
{
    m_editableLines = lines;
    m_editor->setReadOnly(false);
    m_editor->setCaretWidth(1);
    m_editor->setFrameShape(QFrame::StyledPanel);
    m_editor->installEventFilter(this);
    connect(m_editor, &QsciScintilla::textChanged, this, [this]() {
        if (!m_filling)
            Q_EMIT edited();
    });
    applyPalette();
    fitHeight();
}

bool SqlView::eventFilter(QObject *watched, QEvent *event)
{
    // An editor would indent; in a form the keyboard has to get out.
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Tab || key == Qt::Key_Backtab)
            return focusNextPrevChild(key == Qt::Key_Tab);
    }
    return QWidget::eventFilter(watched, event);
}

void SqlView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        applyPalette();
}

void SqlView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    if (event->oldSize().width() != event->size().width())
        fitHeight();
}

void SqlView::applyPalette()
{
    const Theme &theme = Theme::of(palette());
    QFont mono = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    mono.setPointSizeF(font().pointSizeF());
    const QColor paper = m_editableLines > 0 ? theme.raised : theme.hover;
    m_lexer->setDefaultFont(mono);
    m_lexer->setDefaultPaper(paper);
    m_lexer->setDefaultColor(theme.text);
    m_lexer->setFont(mono);
    m_lexer->setPaper(paper);
    m_lexer->setColor(theme.text);
    for (const int style : {QsciLexerSQL::Keyword, QsciLexerSQL::KeywordSet5, QsciLexerSQL::KeywordSet6})
        m_lexer->setColor(theme.sqlKeyword, style);
    for (const int style : {QsciLexerSQL::SingleQuotedString, QsciLexerSQL::DoubleQuotedString})
        m_lexer->setColor(theme.sqlString, style);
    m_lexer->setColor(theme.sqlNumber, QsciLexerSQL::Number);
    for (const int style : {QsciLexerSQL::Comment, QsciLexerSQL::CommentLine, QsciLexerSQL::CommentDoc})
        m_lexer->setColor(theme.sqlComment, style);
    m_editor->setPaper(paper);
    m_editor->setColor(theme.text);
    m_editor->setSelectionBackgroundColor(palette().color(QPalette::Highlight));
    m_editor->setSelectionForegroundColor(palette().color(QPalette::HighlightedText));
    m_editor->setCaretForegroundColor(theme.text);
}

void SqlView::fitHeight()
{
    if (m_fillsHeight)
        return;
    if (m_editableLines > 0) {
        setFixedHeight(m_editableLines * m_editor->textHeight(0) + spacing(this, 3));
        return;
    }
    // Scintilla wraps when it paints, so what it will need is told from the length of the lines.
    const int columns = std::max(
        8, (width() - spacing(this, 6))
               / std::max(1, QFontMetrics(m_lexer->font(QsciLexerSQL::Default)).averageCharWidth()));
    int lines = 0;
    for (const QString &line : m_editor->text().split(QLatin1Char('\n'))) {
        const int length = static_cast<int>(line.length());
        // Words wrap whole, so a wrapped line holds less than its columns.
        lines += length <= columns ? 1 : 2 + length / std::max(1, columns - 8);
    }
    setFixedHeight(std::clamp(lines, 2, m_visibleLines) * m_editor->textHeight(0) + spacing(this, 3));
}

} // namespace tidemark::ui
