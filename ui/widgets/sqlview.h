// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QsciScintilla;
class QsciLexerSQL;

namespace tidemark::ui {

/// SQL to read and copy, highlighted in the colours of the theme. Tab leaves it.
class SqlView : public QWidget
{
    Q_OBJECT

public:
    explicit SqlView(QWidget *parent = nullptr);
    void setSql(const QString &sql);
    [[nodiscard]] QString sql() const;
    /// Height that shows up to this many lines without scrolling.
    void setVisibleLines(int most);
    /// Takes the height it is given instead.
    void setFillsHeight();

protected:
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void applyPalette();
    void fitHeight();

    QsciScintilla *m_editor;
    QsciLexerSQL *m_lexer;
    int m_visibleLines = 12;
    bool m_fillsHeight = false;
};

} // namespace tidemark::ui
