// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/refreshlog.h"
#include "ui/models/roles.h"
#include "ui/models/snapshots.h"
#include "ui/pages/pagecontext.h"
#include "ui/services/asyncrunner.h"

#include <QDialog>

class QComboBox;
class QLabel;
class QPushButton;
class QTabWidget;

namespace tidemark::ui {

class MessageBar;
class SqlView;
class StatusBadge;

/// The toolkit's refresh log of one database: what it does and needs, whether it is there, its scripts to copy and save,
/// and installing or removing it behind the profile's safety. The server is asked on a session of its own, elsewhere.
class RefreshLogDialog : public QDialog
{
    Q_OBJECT

public:
    RefreshLogDialog(const PageContext &context, const Snapshots &servers, QWidget *parent = nullptr);

    /// Empty names choose the first database that is connected.
    void selectDatabase(const QString &server, const QString &database);

private:
    [[nodiscard]] QWidget *makeScripts();
    [[nodiscard]] std::optional<ServerAccess> access() const;
    [[nodiscard]] QString database() const;
    [[nodiscard]] RefreshLog::Change shownScript() const;
    void readState();
    void showState(const RefreshLogState &state);
    void copyScript();
    void saveScript();
    void change(RefreshLog::Change change);
    void perform(RefreshLog::Change change, const QString &typed);

    PageContext m_context;
    QComboBox *m_database;
    StatusBadge *m_state;
    QLabel *m_stateText;
    QTabWidget *m_scripts;
    MessageBar *m_message;
    QPushButton *m_install;
    QPushButton *m_remove;
    LatestOnly m_reading;
    LatestOnly m_changing;
};

} // namespace tidemark::ui
