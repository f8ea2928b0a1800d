// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/windowactions.h"

#include "ui/pages/page.h"
#include "ui/services/icons.h"

#include <QAction>
#include <QActionGroup>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>

namespace tidemark::ui {

WindowActions::WindowActions(QMainWindow *window)
    : QObject(window)
    , m_window(window)
{
    const auto add = [window](QMenu *menu, const QString &text, const QKeySequence &keys,
                              const QString &iconName = {}) {
        QAction *action = menu->addAction(text);
        action->setShortcut(keys);
        if (!iconName.isEmpty())
            action->setIcon(icon(iconName));
        window->addAction(action); // works with the menu bar hidden, too
        return action;
    };
    const auto checkable = [](QAction *action, bool checked) {
        action->setCheckable(true);
        action->setChecked(checked);
        return action;
    };

    QMenu *file = window->menuBar()->addMenu(tr("&File"));
    connectServer = add(file, tr("&Connect…"), QKeySequence(Qt::CTRL | Qt::Key_N), QStringLiteral("connect"));
    editServers = add(file, tr("&Servers…"), QKeySequence(), QStringLiteral("server"));
    file->addSeparator();
    alerts = add(file, tr("&Alerts…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_A), QStringLiteral("bell"));
    refreshLog = add(file, tr("&Refresh log…"), QKeySequence(), QStringLiteral("history"));
    refreshLog->setToolTip(tr("Installs or removes what writes down every refresh in a database"));
    file->addSeparator();
    exportMenu = file->addMenu(icon(QStringLiteral("export")), tr("&Export"));
    file->addSeparator();
    quit = add(file, tr("&Quit"), QKeySequence::Quit);
    quit->setMenuRole(QAction::QuitRole);

    QMenu *edit = window->menuBar()->addMenu(tr("&Edit"));
    copy = add(edit, tr("&Copy rows"), QKeySequence(), QStringLiteral("copy"));
    filter = add(edit, tr("&Filter"), QKeySequence::Find, QStringLiteral("search"));

    m_view = window->menuBar()->addMenu(tr("&View"));
    m_afterPages = m_view->addSeparator();
    refresh = add(m_view, tr("&Read now"), QKeySequence(Qt::Key_F5), QStringLiteral("refresh"));
    pause = checkable(add(m_view, tr("&Pause"), QKeySequence(Qt::CTRL | Qt::Key_P), QStringLiteral("pause")), false);
    backToLive = add(m_view, tr("Back to &live"), QKeySequence(Qt::CTRL | Qt::Key_L), QStringLiteral("play"));
    backToLive->setEnabled(false);
    m_view->addSeparator();
    detailShown = checkable(add(m_view, tr("&Details"), QKeySequence(Qt::Key_F4)), true);
    timeBarShown = checkable(add(m_view, tr("&Time bar"), QKeySequence(Qt::SHIFT | Qt::Key_F4)), true);
    nextPane = add(m_view, tr("&Next pane"), QKeySequence(Qt::Key_F6));
    previousPane = add(m_view, tr("Pre&vious pane"), QKeySequence(Qt::SHIFT | Qt::Key_F6));
    m_view->addSeparator();
    QMenu *theme = m_view->addMenu(tr("T&heme"));
    auto *themes = new QActionGroup(this);
    themeSystem = themes->addAction(checkable(theme->addAction(tr("Like the &desktop")), true));
    themeLight = themes->addAction(checkable(theme->addAction(tr("&Light")), false));
    themeDark = themes->addAction(checkable(theme->addAction(tr("&Dark")), false));

    leave = new QAction(this);
    leave->setShortcut(Qt::Key_Escape);
    leave->setShortcutContext(Qt::WindowShortcut);
    window->addAction(leave);

    QMenu *help = window->menuBar()->addMenu(tr("&Help"));
    about = help->addAction(tr("&About Tidemark"));
    about->setMenuRole(QAction::AboutRole);
}

QAction *WindowActions::addPage(const Page *page, int number)
{
    auto *action = new QAction(icon(page->iconName()), page->title(), this);
    if (number <= 9)
        action->setShortcut(QKeySequence(QStringLiteral("Ctrl+%1").arg(number)));
    m_view->insertAction(m_afterPages, action);
    m_window->addAction(action);
    return action;
}

} // namespace tidemark::ui
