// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QObject>

class QAction;
class QMainWindow;
class QMenu;

namespace tidemark::ui {

class Page;

/// The actions of the main window, each with its place in the menus and its keys.
class WindowActions : public QObject
{
    Q_OBJECT

public:
    explicit WindowActions(QMainWindow *window);

    /// Adds the page to the View menu under Ctrl+1 … 9.
    QAction *addPage(const Page *page, int number);

    QAction *connectServer;
    QAction *editServers;
    QAction *alerts;
    QAction *refreshLog;
    QMenu *exportMenu;
    QAction *quit;
    QAction *copy;
    QAction *filter;
    QAction *refresh;
    QAction *pause;
    QAction *backToLive;
    QAction *leave;
    QAction *nextPane;
    QAction *previousPane;
    QAction *detailShown;
    QAction *timeBarShown;
    QAction *themeSystem;
    QAction *themeLight;
    QAction *themeDark;
    QAction *about;

private:
    QMainWindow *m_window;
    QMenu *m_view;
    QAction *m_afterPages;
};

} // namespace tidemark::ui
