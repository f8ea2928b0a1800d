// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/profile.h"
#include "ui/services/asyncrunner.h"

#include <QDialog>

class QListWidget;
class QPushButton;

namespace tidemark {
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
};

/// Profiles: make, test, change, remove, connect. A test runs elsewhere and may be left behind at any time.
class ConnectionDialog : public QDialog
{
    Q_OBJECT

public:
    ConnectionDialog(const ConnectionDialogServices &services, QWidget *parent = nullptr);

    /// An empty name begins a new profile.
    void selectProfile(const QString &name);

Q_SIGNALS:
    /// An empty password: the keychain, .pgpass or the question decides.
    void connectRequested(const tidemark::Profile &profile, const QString &password);
    void profileRemoved(const QString &name);

private:
    void fillList(const QString &current);
    void showProfile();
    void test();
    void save();
    void saveAndConnect();
    void removeProfile();
    [[nodiscard]] QString currentName() const;
    [[nodiscard]] std::optional<Profile> stored();

    ConnectionDialogServices m_services;
    QListWidget *m_list;
    ConnectionForm *m_form;
    MessageBar *m_message;
    QPushButton *m_remove;
    QPushButton *m_test;
    LatestOnly m_testing;
};

} // namespace tidemark::ui
