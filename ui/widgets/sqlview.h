// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QsciScintilla;
class QsciLexerSQL;

namespace tidemark::ui {

/// SQL to read and copy, or to write, highlighted in the colours of the theme. Tab leaves it.
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
    /// It can be written in; of this many lines, whatever stands there.
    void setEditable(int lines);

Q_SIGNALS:
    /// By the user.
    void edited();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void applyPalette();
    void fitHeight();

    QsciScintilla *m_editor;
    QsciLexerSQL *m_lexer;
    int m_visibleLines = 12;
    bool m_fillsHeight = false;
    int m_editableLines = 0; ///< 0: to read only
    bool m_filling = false;
};

} // namespace tidemark::ui
