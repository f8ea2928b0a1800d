// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/profile.h"
#include "ui/services/asyncrunner.h"

#include <QDialog>

#include <functional>
#include <vector>

class QListWidget;
class QPushButton;

namespace tidemark {
struct Error;
class ProfileStore;
class SecretStore;
} // namespace tidemark

namespace tidemark::ui {

class ConnectionForm;
class Dialogs;
class MessageBar;

struct ConnectionDialogServices
{
    ProfileStore *profiles = nullptr; ///< null: nothing can be kept, connecting still works
    SecretStore *secrets = nullptr;
    AsyncRunner *runner = nullptr;
    Dialogs *dialogs = nullptr;
    /// Takes what goes wrong with the keychain when the dialog may be gone already.
    std::function<void(const Error &)> report;
};

/// Profiles: make, test, change, remove, connect. The local store is read and written elsewhere, and so is a test, which
/// may be left behind at any time.
class ConnectionDialog : public QDialog
{
    Q_OBJECT

public:
    ConnectionDialog(const ConnectionDialogServices &services, QWidget *parent = nullptr);

    /// An empty name begins a new profile.
    void selectProfile(const QString &name);
    /// The field that names the databases to watch takes the keyboard.
    void focusDatabases();

Q_SIGNALS:
    /// An empty password: the keychain, .pgpass or the question decides.
    void connectRequested(const tidemark::Profile &profile, const QString &password);
    void profileRemoved(const QString &name);

private:
    void readList(const QString &current);
    void fillList(const QString &current);
    void showProfile();
    void test();
    void save();
    void saveAndConnect();
    void removeProfile();
    [[nodiscard]] QString currentName() const;
    /// Keeps what stands in the fields; `then` is called once it is kept.
    void store(std::function<void(const Profile &)> then);
    /// Brings the keychain up to date with the profile as it was kept, under its name of before or another one; then `then`.
    void keepPassword(const QString &before, const QString &name, std::function<void()> then);
    /// In the dialog while it is there, else by the service.
    [[nodiscard]] std::function<void(const Error &)> reporter();
    void setBusy(bool busy);

    ConnectionDialogServices m_services;
    QListWidget *m_list;
    ConnectionForm *m_form;
    MessageBar *m_message;
    QPushButton *m_remove;
    QPushButton *m_test;
    QPushButton *m_save;
    QPushButton *m_connect;
    std::vector<Profile> m_profiles; ///< as last read
    LatestOnly m_testing;
    LatestOnly m_reading;
    LatestOnly m_storing;
};

} // namespace tidemark::ui
