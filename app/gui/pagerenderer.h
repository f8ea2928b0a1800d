// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/theme.h"

#include <QElapsedTimer>
#include <QObject>
#include <QSize>
#include <QTimer>

namespace tidemark::ui {
class MainWindow;
class Page;
} // namespace tidemark::ui

namespace tidemark::gui {

/// Draws every page of the live window to PNG files, page-theme-size.png, in both themes and all sizes. Waits for the
/// first live data of each page, but not for ever: a page that has none by then, or that fails while it is drawn, ends it
/// with an error that says which and why.
class PageRenderer : public QObject
{
    Q_OBJECT

public:
    PageRenderer(ui::MainWindow &window, const QString &folder, const QList<QSize> &sizes, QObject *parent = nullptr);
    void start();

Q_SIGNALS:
    /// An empty error is success.
    void finished(const QString &error);

private:
    void waitForPage(qsizetype page);
    void draw(qsizetype shot);
    void save(qsizetype shot);

    struct Shot
    {
        ui::Page *page;
        ui::ThemeChoice theme;
        QSize size;
    };
    ui::MainWindow &m_window;
    QString m_folder;
    QList<QSize> m_sizes;
    QList<Shot> m_shots;
    QElapsedTimer m_waited;
};

} // namespace tidemark::gui
