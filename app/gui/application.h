// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/options.h"
#include "app/gui/startuptrace.h"
#include "core/base/clock.h"
#include "core/monitor/historyrecorder.h"
#include "core/store/historystore.h"
#include "core/store/profilestore.h"
#include "ui/mainwindow.h"
#include "ui/pages/pagecontext.h"
#include "ui/services/asyncrunner.h"

#include <QMap>
#include <QObject>
#include <QSet>

#include <memory>

namespace tidemark {
class SecretStore;
}

namespace tidemark::ui {
class ConnectionDialog;
class DetailReader;
class Dialogs;
class MonitorBridge;
class MonitorFeed;
class RecentSamples;
class RefreshWizard;
class Replayer;
class RunDrivers;
class Settings;
} // namespace tidemark::ui

namespace tidemark::gui {

/// The composition root of the desktop tool: makes the stores, the monitor and the window, and hands each what it needs.
class Application : public QObject
{
    Q_OBJECT

public:
    Application(Options options, StartupTrace &trace);
    ~Application() override;

    /// Shows the window and begins to watch. An error is one of the command line.
    [[nodiscard]] Status start();
    [[nodiscard]] ui::MainWindow &window() { return *m_window; }
    [[nodiscard]] ui::MonitorFeed &feed();

private:
    void openStores();
    void makeWindow();
    void addPages();
    /// Asks where runs are driven from here, which closing lets go of.
    [[nodiscard]] bool askBeforeClosing(const std::function<void()> &close);
    void watch(const Profile &profile, const QString &password);
    void watchWithKeptPassword(const Profile &profile);
    void unwatch(const QString &server);
    void onServerUpdated(const ui::ServerSnapshotPtr &snapshot);
    ui::ConnectionDialog *openConnectionDialog(const QString &profile);
    void openAlertsDialog(const QString &server);
    void openRefreshLogDialog(const ui::ObjectRef &object);
    [[nodiscard]] ui::PageContext pageContext();
    /// Whether there is the page of --page.
    [[nodiscard]] Status checkPage() const;
    [[nodiscard]] Status watchConnection(const QString &text);
    [[nodiscard]] Result<std::vector<Profile>> demoProfiles() const;
    void setDemoTargets();
    void chooseTheme(ui::ThemeChoice choice);

    Options m_options;
    StartupTrace &m_trace;
    SystemClock m_clock;
    std::optional<Error> m_storeError;
    std::shared_ptr<LocalStore> m_store; ///< null where it cannot be opened
    std::shared_ptr<HistoryStore> m_history;
    std::unique_ptr<ProfileStore> m_profiles;
    std::unique_ptr<ui::Settings> m_settings;
    std::unique_ptr<SecretStore> m_secrets;
    std::unique_ptr<ui::Dialogs> m_dialogs;
    std::unique_ptr<HistoryRecorder> m_recorder; // outlives the runner and the bridge, whose threads call it
    std::unique_ptr<ui::AsyncRunner> m_runner;
    ui::LatestOnly m_settingTargets;
    std::unique_ptr<ui::DetailReader> m_details;
    std::unique_ptr<ui::RunDrivers> m_drivers;
    std::unique_ptr<ui::MonitorBridge> m_bridge;
    std::unique_ptr<ui::RecentSamples> m_samples;
    std::unique_ptr<ui::Replayer> m_replayer;
    std::unique_ptr<ui::MainWindow> m_window; // last: it uses all the others
    ui::RefreshWizard *m_refresh = nullptr;   // the window's
    QMap<QString, Profile> m_watched;
    QMap<QString, QString> m_passwords; // in memory alone
    QSet<QString> m_askedPassword;
};

} // namespace tidemark::gui
