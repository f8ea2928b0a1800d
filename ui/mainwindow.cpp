// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/mainwindow.h"

#include "core/base/clock.h"
#include "core/monitor/budget.h"
#include "core/plan/run.h"
#include "ui/charts/chart.h"
#include "ui/dialogs/aboutbox.h"
#include "ui/models/snapshotparts.h"
#include "ui/models/texts.h"
#include "ui/pages/page.h"
#include "ui/services/icons.h"
#include "ui/services/monitorfeed.h"
#include "ui/services/replayer.h"
#include "ui/services/settings.h"
#include "ui/services/windowactions.h"
#include "ui/widgets/agelabel.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/datatree.h"
#include "ui/widgets/environmentband.h"
#include "ui/widgets/filterbar.h"
#include "ui/widgets/headerbar.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/sidebar.h"
#include "ui/widgets/timebar.h"

#include <QAction>
#include <QApplication>
#include <QCloseEvent>
#include <QLabel>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QVBoxLayout>

#include <algorithm>

namespace tidemark::ui {

namespace {
constexpr int secondsBetweenMarks = 15;
}

MainWindow::MainWindow(WindowServices services, QWidget *parent)
    : QMainWindow(parent)
    , m_services(std::move(services))
    , m_actions(new WindowActions(this))
    , m_band(new EnvironmentBand(this))
    , m_sidebar(new Sidebar(m_actions->connectServer, this))
    , m_header(new HeaderBar(m_actions->refresh, m_actions->pause, this))
    , m_report(new MessageBar(this))
    , m_banner(new MessageBar(this))
    , m_splitter(new QSplitter(Qt::Horizontal, this))
    , m_stack(new QStackedWidget(this))
    , m_details(new QStackedWidget(this))
    , m_timeBar(new TimeBar(this))
    , m_connection(new QLabel(this))
    , m_runs(new QLabel(this))
    , m_tick(new QLabel(this))
    , m_cost(new QLabel(this))
{
    setWindowTitle(QStringLiteral("Tidemark"));
    setWindowIcon(applicationIcon());
    setMinimumSize(fontMetrics().averageCharWidth() * 110, fontMetrics().height() * 30);
    buildLayout();
    connectActions();
    connectFeed();
    connectReplay();
    updateFrame();
}

MainWindow::~MainWindow() = default;

void MainWindow::buildLayout()
{
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setHandleWidth(1);
    m_splitter->addWidget(m_stack);
    m_splitter->addWidget(m_details);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 0);
    connect(m_splitter, &QSplitter::splitterMoved, this, [this]() { m_splitByUser = true; });
    m_details->setMinimumWidth(fontMetrics().averageCharWidth() * 34);
    m_stack->setMinimumWidth(fontMetrics().averageCharWidth() * 50);

    auto *right = new QVBoxLayout;
    right->setContentsMargins(0, 0, 0, 0);
    right->setSpacing(0);
    right->addWidget(m_header);
    right->addWidget(m_report);
    right->addWidget(m_banner);
    right->addWidget(m_splitter, 1);
    right->addWidget(m_timeBar);
    auto *columns = new QHBoxLayout;
    columns->setContentsMargins(0, 0, 0, 0);
    columns->setSpacing(0);
    columns->addWidget(m_sidebar);
    columns->addLayout(right, 1);
    auto *central = new QWidget(this);
    auto *rows = new QVBoxLayout(central);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(0);
    rows->addWidget(m_band);
    rows->addLayout(columns, 1);
    setCentralWidget(central);

    statusBar()->setSizeGripEnabled(false);
    for (QLabel *label : {m_connection, m_runs, m_tick, m_cost}) {
        label->setForegroundRole(QPalette::PlaceholderText);
        label->setContentsMargins(spacing(this, 3), 0, spacing(this, 3), 0);
        label->setFont(tabularFont(label->font()));
    }
    statusBar()->addWidget(m_connection);
    statusBar()->addPermanentWidget(m_runs);
    statusBar()->addPermanentWidget(m_tick);
    statusBar()->addPermanentWidget(m_cost);
    m_timeBar->setVisible(m_services.replayer != nullptr);
    m_actions->timeBarShown->setEnabled(m_services.replayer != nullptr);
}

void MainWindow::connectActions()
{
    connect(m_actions->connectServer, &QAction::triggered, this, &MainWindow::connectRequested);
    connect(m_actions->editServers, &QAction::triggered, this, &MainWindow::editServersRequested);
    connect(m_actions->alerts, &QAction::triggered, this, [this]() { Q_EMIT alertsRequested(m_scope.server); });
    connect(m_actions->refreshLog, &QAction::triggered, this, [this]() {
        ObjectRef database;
        database.server = m_scope.server;
        database.database = m_scope.database;
        Q_EMIT refreshLogRequested(database);
    });
    connect(m_actions->quit, &QAction::triggered, this, &QWidget::close);
    connect(m_actions->filter, &QAction::triggered, m_header->filter(), [this]() {
        m_header->filter()->setFocus(Qt::ShortcutFocusReason);
        m_header->filter()->selectAll();
    });
    connect(m_actions->copy, &QAction::triggered, this, [this]() {
        if (currentPage())
            copyRows(*currentPage());
    });
    connect(m_actions->leave, &QAction::triggered, this, [this]() {
        if (isReplaying() && m_timeBar->track()->hasFocus())
            backToLive();
        if (currentPage())
            currentPage()->mainWidget()->setFocus(Qt::ShortcutFocusReason);
    });
    connect(m_actions->nextPane, &QAction::triggered, this, [this]() { cyclePanes(1); });
    connect(m_actions->previousPane, &QAction::triggered, this, [this]() { cyclePanes(-1); });
    connect(m_actions->backToLive, &QAction::triggered, this, &MainWindow::backToLive);
    connect(m_actions->detailShown, &QAction::toggled, this, &MainWindow::updateFrame);
    connect(m_actions->timeBarShown, &QAction::toggled, m_timeBar, &QWidget::setVisible);
    connect(m_actions->exportMenu, &QMenu::aboutToShow, this, &MainWindow::fillExportMenu);
    connect(m_actions->themeSystem, &QAction::triggered, this, [this]() { Q_EMIT themeChosen(ThemeChoice::System); });
    connect(m_actions->themeLight, &QAction::triggered, this, [this]() { Q_EMIT themeChosen(ThemeChoice::Light); });
    connect(m_actions->themeDark, &QAction::triggered, this, [this]() { Q_EMIT themeChosen(ThemeChoice::Dark); });
    connect(m_actions->about, &QAction::triggered, this, [this]() { showAbout(this); });

    connect(m_sidebar, &Sidebar::pageChosen, this, &MainWindow::showPage);
    connect(m_sidebar, &Sidebar::serverChosen, this, [this](const QString &server) { setScope({server, {}}); });
    connect(m_sidebar, &Sidebar::disconnectRequested, this, &MainWindow::disconnectRequested);
    connect(m_sidebar, &Sidebar::retryRequested, this, &MainWindow::retryRequested);
    connect(m_header, &HeaderBar::scopeChosen, this, &MainWindow::setScope);
    connect(m_header->filter(), &FilterBar::filterChanged, this, [this](const QString &text) {
        for (Page *page : std::as_const(m_pages))
            page->setFilterText(text);
    });
    connect(m_header->filter(), &FilterBar::left, m_actions->leave, &QAction::trigger);
}

void MainWindow::copyRows(const Page &page)
{
    QWidget *focus = QApplication::focusWidget();
    const auto tables = page.tables();
    const auto trees = page.trees();
    if (auto *table = qobject_cast<DataTable *>(focus); table && tables.contains(table))
        table->copySelection();
    else if (auto *tree = qobject_cast<DataTree *>(focus); tree && trees.contains(tree))
        tree->copySelection();
    else if (!tables.isEmpty())
        tables.first()->copySelection();
    else if (!trees.isEmpty())
        trees.first()->copySelection();
}

void MainWindow::showError(const Error &error)
{
    m_report->showError(error, Severity::Warning);
}

void MainWindow::connectFeed()
{
    MonitorFeed *feed = m_services.feed;
    m_live = feed->snapshots();
    connect(feed, &MonitorFeed::serverUpdated, this, [this](const ServerSnapshotPtr &snapshot) {
        const bool isNew = !m_live.contains(snapshot->name);
        m_live.insert(snapshot->name, snapshot);
        if (isNew)
            m_secondsSinceMarks = secondsBetweenMarks;
        if (!isReplaying())
            distribute(m_live);
    });
    connect(feed, &MonitorFeed::serverRemoved, this, [this](const QString &server) {
        m_live.remove(server);
        if (isReplaying())
            m_replayed->remove(server);
        if (m_scope.server == server)
            setScope({});
        distribute(shown());
    });
    connect(m_header, &HeaderBar::intervalChosen, feed, &MonitorFeed::setInterval);
    connect(m_actions->refresh, &QAction::triggered, feed, &MonitorFeed::refreshNow);
    connect(m_actions->pause, &QAction::toggled, this, [this, feed](bool paused) {
        m_actions->pause->setIcon(icon(paused ? QStringLiteral("play") : QStringLiteral("pause")));
        m_actions->pause->setText(paused ? tr("&Go on") : tr("&Pause"));
        feed->setPaused(paused);
        updateFrame();
    });
}

void MainWindow::connectReplay()
{
    m_timeBar->setNow(m_services.clock->now());
    m_second.setInterval(1000);
    connect(&m_second, &QTimer::timeout, this, [this]() {
        m_timeBar->setNow(m_services.clock->now());
        if (++m_secondsSinceMarks >= secondsBetweenMarks)
            readMarks();
    });
    m_second.start();
    connect(m_timeBar, &TimeBar::momentChosen, this, &MainWindow::replay);
    connect(m_timeBar, &TimeBar::liveChosen, this, &MainWindow::backToLive);
    connect(m_banner, &MessageBar::actionTriggered, this, &MainWindow::backToLive);
    if (!m_services.replayer)
        return;
    connect(m_services.replayer, &Replayer::marksRead, this,
            [this](const std::vector<ServerMark> &marks) { m_timeBar->setMarks(marks); });
    connect(m_services.replayer, &Replayer::replayed, this, [this](const Snapshots &past, Instant moment) {
        m_replayed = past;
        m_moment = moment;
        m_banner->showMessage(Severity::Warning, tr("Replaying %1").arg(absoluteTime(moment)),
                              tr("Every page shows what was recorded then. Watching goes on."), tr("Back to live"));
        distribute(past);
    });
    connect(m_services.replayer, &Replayer::failed, this,
            [this](const Error &error) { m_banner->showError(error, Severity::Warning, tr("Back to live")); });
}

void MainWindow::readMarks()
{
    if (!m_services.replayer || m_live.isEmpty())
        return;
    m_secondsSinceMarks = 0;
    m_services.replayer->readMarks(m_live, m_timeBar->range());
}

void MainWindow::replay(Instant moment)
{
    if (!m_services.replayer || m_live.isEmpty())
        return;
    m_timeBar->setReplayed(moment);
    m_actions->backToLive->setEnabled(true);
    m_services.replayer->replay(m_live, moment);
}

void MainWindow::backToLive()
{
    if (m_services.replayer)
        m_services.replayer->stop();
    m_replayed.reset();
    m_moment.reset();
    m_timeBar->setReplayed(std::nullopt);
    m_actions->backToLive->setEnabled(false);
    m_banner->clear();
    distribute(m_live);
}

void MainWindow::addPage(Page *page)
{
    m_pages.append(page);
    m_stack->addWidget(page);
    QWidget *detail = page->detailWidget();
    m_details->addWidget(detail ? detail : new QWidget(m_details));
    m_sidebar->addPage(page->id(), page->title(), page->iconName());
    QAction *action = m_actions->addPage(page, static_cast<int>(m_pages.size()));
    connect(action, &QAction::triggered, this, [this, page]() { showPage(page->id()); });
    connect(page, &Page::objectRequested, this, &MainWindow::showObject);
    connect(page, &Page::connectRequested, this, &MainWindow::connectRequested);
    connect(page, &Page::retryRequested, this, &MainWindow::retryRequested);
    connect(page, &Page::detailRequested, this, [this]() { m_actions->detailShown->setChecked(true); });
    connect(page, &Page::databasesRequested, this, &MainWindow::databasesRequested);
    connect(page, &Page::refreshLogRequested, this, &MainWindow::refreshLogRequested);
    connect(page, &Page::refreshRequested, this, &MainWindow::refreshRequested);
    connect(page, &Page::replayRequested, this, &MainWindow::replay);
    connect(page, &Page::otherPageRequested, this, &MainWindow::showPage);
    connect(page, &Page::stateChanged, this, &MainWindow::updateFrame);
    page->setSnapshots(shown());
    if (m_pages.size() == 1)
        showPage(page->id());
}

Page *MainWindow::currentPage() const
{
    return qobject_cast<Page *>(m_stack->currentWidget());
}

void MainWindow::showPage(const QString &id)
{
    const auto found = std::find_if(m_pages.begin(), m_pages.end(),
                                    [&id](const Page *page) { return page->id() == id; });
    if (found == m_pages.end())
        return;
    const bool fromOtherPage = currentPage() != *found;
    m_stack->setCurrentWidget(*found);
    m_details->setCurrentIndex(static_cast<int>(found - m_pages.begin()));
    m_sidebar->setCurrentPage(id);
    m_header->setTitle((*found)->title());
    updateFrame();
    if (fromOtherPage && !m_sidebar->isAncestorOf(QApplication::focusWidget()))
        (*found)->mainWidget()->setFocus(Qt::OtherFocusReason);
}

void MainWindow::showObject(const ObjectRef &object)
{
    if (!m_scope.covers(object.server, object.database))
        setScope({object.server, {}});
    const QString id = pageIdOf(object.kind);
    if (id.isEmpty())
        return;
    showPage(id);
    currentPage()->showObject(object);
}

void MainWindow::setScope(const Scope &scope)
{
    if (m_scope == scope)
        return;
    m_scope = scope;
    m_header->setScope(scope);
    m_sidebar->setCurrentServer(scope.server);
    for (Page *page : std::as_const(m_pages))
        page->setScope(scope);
    updateFrame();
}

Snapshots MainWindow::inScope(const Snapshots &snapshots) const
{
    Snapshots result;
    for (const ServerSnapshotPtr &snapshot : snapshots) {
        if (m_scope.covers(snapshot->name))
            result.insert(snapshot->name, snapshot);
    }
    return result;
}

void MainWindow::distribute(const Snapshots &snapshots)
{
    m_sidebar->setServers(m_live);
    m_header->setServers(m_live);
    const Moments moments = momentsOf(snapshots, m_services.clock->now());
    for (Page *page : std::as_const(m_pages)) {
        page->setSnapshots(snapshots);
        const Page::Badge badge = page->badge(snapshots, moments);
        m_sidebar->setBadge(page->id(), badge.count, badge.severity);
    }
    updateFrame();
}

void MainWindow::updateFrame()
{
    const Page *page = currentPage();
    const bool content = page && (page->state() == Page::State::Live || page->state() == Page::State::Stale);
    const bool hasDetail = page && const_cast<Page *>(page)->detailWidget();
    const bool shown = content && hasDetail && m_actions->detailShown->isChecked();
    if (shown != m_details->isVisibleTo(this)) {
        m_details->setVisible(shown);
        splitBySize();
    }
    const Snapshots live = inScope(m_live);
    updateStatus(live);
    updateEnvironment(live);
}

void MainWindow::updateStatus(const Snapshots &snapshots)
{
    const qsizetype servers = snapshots.size();
    const auto isLive = [](const ServerSnapshotPtr &server) { return server->state == WatchState::Live; };
    const auto live = std::count_if(snapshots.begin(), snapshots.end(), isLive);
    double milliseconds = 0;
    double tick = 0;
    Millis interval{0};
    bool widened = false;
    QStringList stretched;
    for (const ServerSnapshotPtr &server : snapshots) {
        milliseconds += server->overhead.serverMsPerSecond;
        tick = std::max(tick, server->overhead.lastTickRoundTripMs);
        interval = std::max(interval, server->overhead.interval);
        widened = widened || server->overhead.widened;
        for (const CollectorCost &cost : server->overhead.collectors) {
            if (const QString why = stretchText(cost, server->overhead.interval); !why.isEmpty())
                stretched << (servers > 1 ? QStringLiteral("%1: %2").arg(server->name, why) : why);
        }
    }
    const bool same = std::all_of(snapshots.begin(), snapshots.end(), [&](const ServerSnapshotPtr &server) {
        return server->overhead.interval == interval || server->overhead.interval.count() == 0;
    });
    m_header->showInterval(same && servers > 0 ? std::optional(interval) : std::nullopt);
    QString state;
    if (servers == 0) {
        state = tr("No server is watched");
    } else if (servers == 1) {
        const ServerSnapshot &server = *snapshots.first();
        const QString version = server.databases.empty()
                                    ? QString()
                                    : server.databases.begin()->second->capabilities.serverVersionText.section(
                                        QLatin1Char(' '), 0, 0);
        state = server.state == WatchState::Live     ? tr("%1 connected, PostgreSQL %2").arg(server.name, version)
                : server.state == WatchState::Failed ? tr("%1 not reachable").arg(server.name)
                                                     : tr("%1 connecting…").arg(server.name);
    } else {
        state = tr("%1 of %2 servers connected").arg(live).arg(servers);
    }
    if (m_actions->pause->isChecked())
        state = tr("Paused. %1").arg(state);
    m_connection->setText(state);
    showRuns(snapshots);
    m_tick->setVisible(live > 0);
    m_cost->setVisible(live > 0);
    m_tick->setText(tr("Tick %1 ms every %2%3")
                        .arg(QLocale().toString(tick, 'f', 1), texts::span(interval),
                             widened ? tr(", parts less often to keep the budget") : QString()));
    m_cost->setText(tr("Costs %1 % of a core").arg(QLocale().toString(milliseconds / 10, 'f', 2)));
    const QString measured = tr("Time the servers spent on our queries, measured on their own clocks.");
    m_cost->setToolTip(stretched.isEmpty()
                           ? measured
                           : tr("%1\nTo keep the budget:\n%2").arg(measured, stretched.join(QLatin1Char('\n'))));
}

void MainWindow::showRuns(const Snapshots &snapshots)
{
    int driven = 0;
    int heldBack = 0;
    for (const auto &[server, database, runs] : partsOf(snapshots, m_scope, &DatabaseSnapshot::runs)) {
        for (const RunRecord &run : *runs) {
            driven += run.driven ? 1 : 0;
            heldBack += run.heldBack.isEmpty() ? 0 : 1;
        }
    }
    m_runs->setVisible(driven > 0);
    const QString text = tr("%n run(s)", nullptr, driven);
    m_runs->setText(heldBack == 0 ? text : tr("%1 (%2 held back)").arg(text).arg(heldBack));
}

void MainWindow::updateEnvironment(const Snapshots &snapshots)
{
    std::optional<Environment> loudest;
    QStringList names;
    Safety safety = Safety::ReadOnly;
    for (const ServerSnapshotPtr &server : snapshots) {
        const Environment own = environmentOf(server->environment).value_or(Environment::Development);
        if (!loudest || own > *loudest) {
            loudest = own;
            names.clear();
        }
        if (own != *loudest)
            continue;
        names << server->name;
        const auto profile = m_services.profileOf ? m_services.profileOf(server->name) : std::nullopt;
        safety = profile ? profile->safety : Safety::ReadOnly;
    }
    QString text;
    QString title = QStringLiteral("Tidemark");
    if (loudest) {
        const QString word = environmentText(*loudest).toUpper();
        const QString how = safety == Safety::ReadOnly  ? tr("read-only")
                            : safety == Safety::Confirm ? tr("changes are confirmed")
                                                        : tr("changes allowed");
        text = snapshots.size() == 1 ? tr("%1   %2   %3").arg(names.first(), word, how)
                                     : tr("%1   %2").arg(names.join(QStringLiteral(", ")), word);
        title = tr("%1 — %2 — Tidemark").arg(names.join(QStringLiteral(", ")), environmentText(*loudest));
    }
    m_band->setEnvironment(loudest, text);
    setWindowTitle(title);
}

void MainWindow::fillExportMenu()
{
    m_actions->exportMenu->clear();
    Page *page = currentPage();
    if (!page)
        return;
    for (DataTable *table : page->tables())
        m_actions->exportMenu->addAction(icon(QStringLiteral("table")), table->accessibleName(), page,
                                         [page, table]() { page->exportTable(table); });
    for (DataTree *tree : page->trees())
        m_actions->exportMenu->addAction(icon(QStringLiteral("table")), tree->accessibleName(), page,
                                         [page, tree]() { page->exportTree(tree); });
    for (Chart *chart : page->charts())
        m_actions->exportMenu->addAction(icon(QStringLiteral("chart")), chart->title(), page,
                                         [page, chart]() { page->exportChart(chart); });
    if (m_actions->exportMenu->isEmpty())
        m_actions->exportMenu->addAction(tr("Nothing to export on this page"))->setEnabled(false);
}

void MainWindow::cyclePanes(int direction)
{
    QList<QWidget *> panes{m_sidebar->pageList(), m_header->filter()};
    if (currentPage())
        panes << currentPage()->mainWidget();
    if (m_details->isVisible())
        panes << m_details->currentWidget();
    if (m_timeBar->isVisible())
        panes << m_timeBar->track();
    const QWidget *focus = QApplication::focusWidget();
    const auto current = std::find_if(panes.begin(), panes.end(), [focus](const QWidget *pane) {
        return pane == focus || (focus && pane->isAncestorOf(focus));
    });
    const auto count = panes.size();
    const auto at = current == panes.end() ? (direction > 0 ? -1 : 0) : current - panes.begin();
    panes[(at + direction + count) % count]->setFocus(Qt::ShortcutFocusReason);
}

void MainWindow::restoreLayout()
{
    if (!m_services.settings)
        return;
    const Settings &settings = *m_services.settings;
    const auto bytes = [&settings](const QString &key) {
        return QByteArray::fromBase64(settings.value(key).toLatin1());
    };
    restoreGeometry(bytes(QStringLiteral("window.geometry")));
    m_splitByUser = m_splitter->restoreState(bytes(QStringLiteral("window.splitter")));
    m_actions->detailShown->setChecked(settings.value(QStringLiteral("window.details")) != QLatin1String("hidden"));
    m_actions->timeBarShown->setChecked(settings.value(QStringLiteral("window.timebar")) != QLatin1String("hidden"));
    for (Page *page : std::as_const(m_pages))
        page->restoreLayout(settings.value(QStringLiteral("page.") + page->id()));
    showPage(settings.value(QStringLiteral("window.page")));
}

void MainWindow::saveLayout()
{
    if (!m_services.settings)
        return;
    Settings &settings = *m_services.settings;
    settings.setValue(QStringLiteral("window.geometry"), QString::fromLatin1(saveGeometry().toBase64()));
    if (m_splitByUser)
        settings.setValue(QStringLiteral("window.splitter"), QString::fromLatin1(m_splitter->saveState().toBase64()));
    settings.setValue(QStringLiteral("window.details"),
                      m_actions->detailShown->isChecked() ? QStringLiteral("shown") : QStringLiteral("hidden"));
    settings.setValue(QStringLiteral("window.timebar"),
                      m_actions->timeBarShown->isChecked() ? QStringLiteral("shown") : QStringLiteral("hidden"));
    if (currentPage())
        settings.setValue(QStringLiteral("window.page"), currentPage()->id());
    for (const Page *page : std::as_const(m_pages))
        settings.setValue(QStringLiteral("page.") + page->id(), page->saveLayout());
}

void MainWindow::resizeEvent(QResizeEvent *event)
{
    QMainWindow::resizeEvent(event);
    splitBySize();
}

void MainWindow::splitBySize()
{
    if (m_splitByUser)
        return;
    const int chars = fontMetrics().averageCharWidth();
    const int detail = std::clamp(m_splitter->width() * 27 / 100, chars * 44, chars * 64);
    m_splitter->setSizes({m_splitter->width() - detail, detail});
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    const auto closeAnyway = [this]() {
        m_mayClose = true;
        close();
    };
    if (!m_mayClose && m_services.askBeforeClosing && m_services.askBeforeClosing(closeAnyway)) {
        event->ignore();
        return;
    }
    saveLayout();
    event->accept();
}

} // namespace tidemark::ui
