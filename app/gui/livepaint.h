// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/mainwindow.h"

namespace tidemark::gui {

/// Tells once when a window has painted a page that shows live data.
class LivePaint : public QObject
{
    Q_OBJECT

public:
    explicit LivePaint(ui::MainWindow &window, QObject *parent = nullptr);

Q_SIGNALS:
    void painted();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    ui::MainWindow &m_window;
};

} // namespace tidemark::gui
