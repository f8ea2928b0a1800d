// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>

namespace tidemark::ui {

/// Plain text over several lines, where a long name without blanks may break after its dots, colons, slashes, commas and
/// underscores, and anywhere where it has none of them for long; a number is never broken at its dot or comma. What is
/// copied from it is the text itself.
class BreakableLabel : public QLabel
{
    Q_OBJECT

public:
    explicit BreakableLabel(QWidget *parent = nullptr);

    void setBreakableText(const QString &text);
    /// The selection, or all of it where nothing is selected, into the clipboard.
    void copy() const;

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
};

} // namespace tidemark::ui
