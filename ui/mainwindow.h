// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/profile.h"
#include "ui/models/roles.h"
#include "ui/models/snapshots.h"
#include "ui/services/theme.h"

#include <QMainWindow>
#include <QTimer>

#include <functional>
#include <optional>

class QLabel;
class QSplitter;
class QStackedWidget;

namespace tidemark {
class Clock;
}

namespace tidemark::ui {

class EnvironmentBand;
class HeaderBar;
class MessageBar;
class MonitorFeed;
class Page;
class Replayer;
class Settings;
class Sidebar;
class TimeBar;
class WindowActions;

/// What the composition root hands to the window. All outlive it.
struct WindowServices
{
    const Clock *clock = nullptr;
    MonitorFeed *feed = nullptr;
    Replayer *replayer = nullptr; ///< null: no history, and no time bar
    Settings *settings = nullptr; ///< null: nothing is kept
    std::function<std::optional<Profile>(const QString &server)> profileOf;
    /// Where closing would let something go: asks, and calls `close` once that is fine. False: there is nothing to ask.
    std::function<bool(std::function<void()> close)> askBeforeClosing;
};

/// The frame around the pages: sidebar, header, detail panel, time bar, status bar. It hands snapshots, live or replayed,
/// to the pages and follows what they ask for; what it shows of a server is theirs.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    explicit MainWindow(WindowServices services, QWidget *parent = nullptr);
    ~MainWindow() override;

    /// In the order of the sidebar. The window takes the page over.
    void addPage(Page *page);
    [[nodiscard]] QList<Page *> pages() const { return m_pages; }
    [[nodiscard]] Page *currentPage() const;
    [[nodiscard]] bool isReplaying() const { return m_replayed.has_value(); }
    [[nodiscard]] WindowActions *actions() const { return m_actions; }

public Q_SLOTS:
    void showPage(const QString &id);
    void showObject(const tidemark::ui::ObjectRef &object);
    void setScope(const tidemark::ui::Scope &scope);
    void replay(tidemark::Instant moment);
    void backToLive();
    void restoreLayout();
    void saveLayout();
    /// What failed beside the pages, as keeping a password: above them until it is closed.
    void showError(const tidemark::Error &error);

Q_SIGNALS:
    void connectRequested();
    void editServersRequested();
    /// The databases of this server are to be chosen.
    void databasesRequested(const QString &server);
    void alertsRequested(const QString &server);
    /// An empty object: no database in particular.
    void refreshLogRequested(const tidemark::ui::ObjectRef &object);
    void refreshRequested(const tidemark::ui::ObjectRef &object, bool withDependents);
    void disconnectRequested(const QString &server);
    void retryRequested(const QString &server);
    void themeChosen(tidemark::ui::ThemeChoice choice);

protected:
    void closeEvent(QCloseEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void buildLayout();
    void connectActions();
    void connectFeed();
    void connectReplay();
    void distribute(const Snapshots &snapshots);
    void updateFrame();
    void splitBySize();
    void updateStatus(const Snapshots &snapshots);
    void showRuns(const Snapshots &snapshots);
    void updateEnvironment(const Snapshots &snapshots);
    void fillExportMenu();
    void copyRows(const Page &page);
    void cyclePanes(int direction);
    void readMarks();
    [[nodiscard]] const Snapshots &shown() const { return m_replayed ? *m_replayed : m_live; }
    [[nodiscard]] Snapshots inScope(const Snapshots &snapshots) const;

    WindowServices m_services;
    WindowActions *m_actions;
    QList<Page *> m_pages;
    Scope m_scope;
    Snapshots m_live;
    std::optional<Snapshots> m_replayed;
    std::optional<Instant> m_moment;
    QTimer m_second;
    int m_secondsSinceMarks = 0;
    bool m_splitByUser = false;
    bool m_mayClose = false;

    EnvironmentBand *m_band;
    Sidebar *m_sidebar;
    HeaderBar *m_header;
    MessageBar *m_report;
    MessageBar *m_banner;
    QSplitter *m_splitter;
    QStackedWidget *m_stack;
    QStackedWidget *m_details;
    TimeBar *m_timeBar;
    QLabel *m_connection;
    QLabel *m_runs;
    QLabel *m_tick;
    QLabel *m_cost;
};

} // namespace tidemark::ui
