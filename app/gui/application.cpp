// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/application.h"

#include "core/base/log.h"
#include "core/base/printable.h"
#include "core/demo/democluster.h"
#include "core/demo/demotargets.h"
#include "core/monitor/standardcollectors.h"
#include "core/pg/connecting.h"
#include "core/secrets/secretstore.h"
#include "ui/dialogs/alertsdialog.h"
#include "ui/dialogs/connectiondialog.h"
#include "ui/dialogs/refreshlogdialog.h"
#include "ui/pages/freshnesspage.h"
#include "ui/pages/historypage.h"
#include "ui/pages/lockspage.h"
#include "ui/pages/overviewpage.h"
#include "ui/pages/partitionspage.h"
#include "ui/pages/runspage.h"
#include "ui/services/asyncrunner.h"
#include "ui/services/detailreader.h"
#include "ui/services/dialogs.h"
#include "ui/services/historyreplay.h"
#include "ui/services/monitorbridge.h"
#include "ui/services/recentsamples.h"
#include "ui/services/replayer.h"
#include "ui/services/rundrivers.h"
#include "ui/services/storedsettings.h"
#include "ui/wizards/backfillwizard.h"
#include "ui/wizards/refreshwizard.h"
#include "ui/wizards/stagewizard.h"

#include <QApplication>
#include <QPointer>

namespace tidemark::gui {

namespace {

ui::ThemeChoice themeOf(const QString &word)
{
    return word == QLatin1String("light")  ? ui::ThemeChoice::Light
           : word == QLatin1String("dark") ? ui::ThemeChoice::Dark
                                           : ui::ThemeChoice::System;
}

} // namespace

Application::Application(Options options, StartupTrace &trace)
    : m_options(std::move(options))
    , m_trace(trace)
    , m_secrets(keychainSecretStore())
    , m_dialogs(ui::desktopDialogs())
    , m_runner(std::make_unique<ui::AsyncRunner>())
{
    openStores();
    m_bridge = std::make_unique<ui::MonitorBridge>(
        m_clock, standardCollectors(m_history),
        [recorder = m_recorder.get()](ServerSnapshot &server) { recorder->record(server); });
    m_samples = std::make_unique<ui::RecentSamples>(*m_bridge);
    makeWindow();
    connect(m_bridge.get(), &ui::MonitorFeed::serverUpdated, this, &Application::onServerUpdated);
}

Application::~Application() = default;

ui::MonitorFeed &Application::feed()
{
    return *m_bridge;
}

void Application::openStores()
{
    if (auto store = LocalStore::open(LocalStore::defaultPath())) {
        m_store = *store;
        m_history = std::make_shared<HistoryStore>(m_store);
        m_profiles = std::make_unique<ProfileStore>(m_store);
        m_settings = std::make_unique<ui::StoredSettings>(m_store);
    } else {
        m_storeError = store.error();
    }
    m_recorder = std::make_unique<HistoryRecorder>(m_store, m_clock);
    if (m_history)
        m_replayer = std::make_unique<ui::Replayer>(*m_runner, std::make_shared<ui::HistoryReplay>(m_history));
    m_trace.reached(QStringLiteral("local store open"));
}

void Application::makeWindow()
{
    const QString kept = m_settings ? m_settings->value(QStringLiteral("window.theme")) : QString();
    ui::applyTheme(*qApp, m_options.theme.value_or(themeOf(kept)));
    ui::WindowServices services;
    services.clock = &m_clock;
    services.feed = m_bridge.get();
    services.replayer = m_replayer.get();
    services.settings = m_options.renderFolder.isEmpty() ? m_settings.get() : nullptr;
    services.profileOf = [this](const QString &server) {
        const auto found = m_watched.constFind(server);
        return found == m_watched.constEnd() ? std::nullopt : std::optional(*found);
    };
    services.askBeforeClosing = [this](const std::function<void()> &close) { return askBeforeClosing(close); };
    m_window = std::make_unique<ui::MainWindow>(std::move(services));
    addPages();
    connect(m_window.get(), &ui::MainWindow::connectRequested, this, [this]() { openConnectionDialog({}); });
    connect(m_window.get(), &ui::MainWindow::editServersRequested, this,
            [this]() { openConnectionDialog(m_watched.isEmpty() ? QString() : m_watched.firstKey()); });
    connect(m_window.get(), &ui::MainWindow::databasesRequested, this,
            [this](const QString &server) { openConnectionDialog(server)->focusDatabases(); });
    connect(m_window.get(), &ui::MainWindow::alertsRequested, this, &Application::openAlertsDialog);
    connect(m_window.get(), &ui::MainWindow::refreshLogRequested, this, &Application::openRefreshLogDialog);
    connect(m_window.get(), &ui::MainWindow::disconnectRequested, this, &Application::unwatch);
    connect(m_window.get(), &ui::MainWindow::retryRequested, m_bridge.get(), &ui::MonitorFeed::retry);
    connect(m_window.get(), &ui::MainWindow::themeChosen, this, &Application::chooseTheme);
    m_trace.reached(QStringLiteral("window made"));
}

void Application::addPages()
{
    m_details = std::make_unique<ui::DetailReader>(
        *m_runner, [this](const QString &server) -> std::optional<pg::ConnInfo> {
            const auto found = m_watched.constFind(server);
            if (found == m_watched.constEnd())
                return std::nullopt;
            const QString password = m_passwords.value(server);
            return password.isEmpty() ? found->connInfo : found->connInfo.with(QStringLiteral("password"), password);
        });
    m_drivers = std::make_unique<ui::RunDrivers>(m_history, m_clock);
    const ui::PageContext context = pageContext();
    auto *overview = new ui::OverviewPage(context, *m_samples);
    connect(overview, &ui::OverviewPage::pageRequested, m_window.get(),
            [this](const QString &page, const QString &server) {
                m_window->setScope({server, {}});
                m_window->showPage(page);
            });
    m_window->addPage(overview);
    m_window->addPage(new ui::FreshnessPage(context));
    m_window->addPage(new ui::PartitionsPage(context));
    m_window->addPage(new ui::HistoryPage(context));
    m_window->addPage(new ui::LocksPage(context));
    auto *runs = new ui::RunsPage(context);
    auto *stage = new ui::StageWizard(context);
    connect(stage, &ui::StageWizard::runStarted, runs, &ui::RunsPage::showRun);
    m_window->addPage(runs);
    m_window->addPage(stage);
    auto *backfill = new ui::BackfillWizard(context);
    connect(backfill, &ui::BackfillWizard::runStarted, runs, &ui::RunsPage::showRun);
    m_window->addPage(backfill);
    m_refresh = new ui::RefreshWizard(context);
    m_window->addPage(m_refresh);
    connect(m_window.get(), &ui::MainWindow::refreshRequested, m_refresh,
            [this](const ui::ObjectRef &object, bool withDependents) {
                m_window->showPage(m_refresh->id());
                m_refresh->refreshObject(object, withDependents);
            });
}

bool Application::askBeforeClosing(const std::function<void()> &close)
{
    const QList<ui::RunPlace> places = m_drivers->places();
    const bool isRefreshing = m_refresh->isRefreshing();
    if (places.isEmpty() && !isRefreshing)
        return false;
    QStringList texts;
    if (!places.isEmpty()) {
        texts << tr("%n run(s) driven from this window will be paused. Nothing is lost: Resume goes on, here or "
                    "elsewhere. Until then changed keys pile up in the logs of migrations.",
                    nullptr, static_cast<int>(places.size()));
    }
    if (isRefreshing)
        texts << tr("The refresh under way will be cancelled: what it has refreshed stays, the rest is as it was.");
    ui::ConfirmRequest request;
    request.title = tr("Close Tidemark");
    request.text = texts.join(QStringLiteral("\n\n"));
    request.verb = places.isEmpty() ? tr("Cancel refresh and close") : tr("Pause runs and close");
    request.server = places.isEmpty() ? m_refresh->draft().server : places.first().server;
    request.environment = m_watched.value(request.server).environment;
    m_dialogs->confirm(m_window.get(), request, [close](bool confirmed) {
        if (confirmed)
            close();
    });
    return true;
}

ui::PageContext Application::pageContext()
{
    ui::PageContext context;
    context.clock = &m_clock;
    context.dialogs = m_dialogs.get();
    context.runner = m_runner.get();
    context.history = m_history;
    context.storeError = m_storeError;
    context.details = m_details.get();
    context.drivers = m_drivers.get();
    context.accessTo = [this](const QString &server) -> std::optional<ui::ServerAccess> {
        const auto found = m_watched.constFind(server);
        return found == m_watched.constEnd() ? std::nullopt
                                             : std::optional(ui::ServerAccess{*found, m_passwords.value(server)});
    };
    return context;
}

Status Application::checkPage() const
{
    if (m_options.page.isEmpty())
        return {};
    QStringList known;
    for (const ui::Page *page : m_window->pages())
        known << page->id();
    if (known.contains(m_options.page))
        return {};
    return fail(Error::input(tr("there is no page %1").arg(printable(m_options.page)),
                             tr("The pages are: %1.").arg(known.join(QStringLiteral(", ")))));
}

Status Application::start()
{
    TIDEMARK_CHECK(checkPage());
    for (const QString &connection : std::as_const(m_options.connections))
        TIDEMARK_CHECK(watchConnection(connection));
    for (const QString &name : std::as_const(m_options.profiles)) {
        if (!m_profiles)
            return fail(m_storeError->within(tr("looking for the profile %1").arg(name)));
        TIDEMARK_TRY(const Profile profile, m_profiles->find(name));
        watchWithKeptPassword(profile);
    }
    if (m_options.demo) {
        TIDEMARK_TRY(const std::vector<Profile> profiles, demoProfiles());
        for (const Profile &profile : profiles)
            watch(profile, {});
        setDemoTargets();
    }
    const bool told = !m_options.connections.isEmpty() || !m_options.profiles.isEmpty() || m_options.demo;
    if (!told && m_profiles) {
        for (const Profile &profile : m_profiles->list().value_or(std::vector<Profile>())) {
            if (profile.connectAtStart)
                watchWithKeptPassword(profile);
        }
    }
    m_window->restoreLayout();
    if (!m_options.page.isEmpty())
        m_window->showPage(m_options.page);
    m_window->show();
    if (m_storeError)
        m_dialogs->inform(
            m_window.get(), tr("The local store cannot be used"),
            tr("%1\n%2\n\nTidemark watches without a history.").arg(m_storeError->summary(), m_storeError->hint));
    m_trace.reached(QStringLiteral("window shown"));
    return {};
}

Status Application::watchConnection(const QString &text)
{
    TIDEMARK_TRY(const ConnectionInput input, readConnection(text));
    Profile profile;
    profile.name = input.connInfo.display();
    profile.connInfo = input.connInfo;
    if (!input.keyPassword.isEmpty())
        profile.connInfo = profile.connInfo.with(QStringLiteral("sslpassword"), input.keyPassword);
    if (const QString database = input.connInfo.value(QStringLiteral("dbname")); !database.isEmpty())
        profile.databases = {database};
    watch(profile, input.password);
    return {};
}

void Application::setDemoTargets()
{
    if (!m_history)
        return;
    m_runner->run(
        this, m_settingTargets,
        [history = m_history](const std::stop_token &) { return demo::setDemoTargets(demo::DemoCluster(), *history); },
        [](const Status &set) {
            if (!set)
                qCWarning(logUi) << set.error().summary();
        });
}

Result<std::vector<Profile>> Application::demoProfiles() const
{
    return demo::DemoCluster().profiles();
}

void Application::watch(const Profile &profile, const QString &password)
{
    m_watched.insert(profile.name, profile);
    m_passwords.insert(profile.name, password);
    m_bridge->watch(profile, password);
}

void Application::watchWithKeptPassword(const Profile &profile)
{
    m_watched.insert(profile.name, profile);
    if (!profile.connInfo.value(QStringLiteral("passfile")).isEmpty()) {
        watch(profile, {});
        return;
    }
    m_secrets->read(profile.name, [this, profile](const Result<QString> &secret) {
        if (m_watched.contains(profile.name))
            watch(profile, secret.value_or(QString()));
    });
}

void Application::unwatch(const QString &server)
{
    m_watched.remove(server);
    m_passwords.remove(server);
    m_askedPassword.remove(server);
    m_bridge->unwatch(server);
}

void Application::onServerUpdated(const ui::ServerSnapshotPtr &snapshot)
{
    if (snapshot->state == WatchState::Live)
        m_trace.reached(QStringLiteral("first live snapshot"));
    const bool lacksPassword = snapshot->error && pg::wantsPassword(*snapshot->error);
    if (!lacksPassword || m_askedPassword.contains(snapshot->name) || !m_options.renderFolder.isEmpty())
        return;
    // Once: after that the card says what the server says, and Edit lets the user try again.
    m_askedPassword.insert(snapshot->name);
    m_dialogs->askPassword(m_window.get(), snapshot->name,
                           [this, name = snapshot->name](const std::optional<QString> &password) {
                               if (password && m_watched.contains(name))
                                   watch(m_watched.value(name), *password);
                           });
}

ui::ConnectionDialog *Application::openConnectionDialog(const QString &profile)
{
    ui::ConnectionDialogServices services;
    services.profiles = m_profiles.get();
    services.secrets = m_secrets.get();
    services.runner = m_runner.get();
    services.dialogs = m_dialogs.get();
    services.report = [window = QPointer<ui::MainWindow>(m_window.get())](const Error &error) {
        if (window)
            window->showError(error);
    };
    auto *dialog = new ui::ConnectionDialog(services, m_window.get());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->selectProfile(profile);
    connect(dialog, &ui::ConnectionDialog::connectRequested, this,
            [this](const Profile &chosen, const QString &password) {
                m_askedPassword.remove(chosen.name);
                if (password.isEmpty())
                    watchWithKeptPassword(chosen);
                else
                    watch(chosen, password);
            });
    connect(dialog, &ui::ConnectionDialog::profileRemoved, this, &Application::unwatch);
    dialog->open();
    return dialog;
}

void Application::openAlertsDialog(const QString &server)
{
    if (!m_store) {
        m_dialogs->inform(m_window.get(), tr("Thresholds cannot be kept"), m_storeError->summary());
        return;
    }
    ui::AlertsDialogServices services;
    services.runner = m_runner.get();
    services.history = m_history;
    services.servers = m_bridge->snapshots();
    services.load = [store = m_store]() { return loadAlertSettings(SettingsStore(store)); };
    services.save = [store = m_store, recorder = m_recorder.get()](const AlertSettings &rules) -> Status {
        SettingsStore settings(store);
        TIDEMARK_CHECK(saveAlertSettings(settings, rules));
        recorder->setRules(rules);
        return {};
    };
    auto *dialog = new ui::AlertsDialog(std::move(services), m_window.get());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->selectServer(server);
    dialog->open();
}

void Application::openRefreshLogDialog(const ui::ObjectRef &object)
{
    auto *dialog = new ui::RefreshLogDialog(pageContext(), m_bridge->snapshots(), m_window.get());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->selectDatabase(object.server, object.database);
    dialog->open();
}

void Application::chooseTheme(ui::ThemeChoice choice)
{
    ui::applyTheme(*qApp, choice);
    if (m_settings)
        m_settings->setValue(QStringLiteral("window.theme"), choice == ui::ThemeChoice::Light ? QStringLiteral("light")
                                                             : choice == ui::ThemeChoice::Dark
                                                                 ? QStringLiteral("dark")
                                                                 : QStringLiteral("system"));
}

} // namespace tidemark::gui
