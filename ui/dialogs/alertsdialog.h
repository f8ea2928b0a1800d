// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/alerts.h"
#include "core/store/history.h"
#include "ui/models/snapshots.h"
#include "ui/services/asyncrunner.h"

#include <QDialog>

#include <functional>
#include <map>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace tidemark {
class HistoryStore;
}

namespace tidemark::ui {

class MessageBar;

struct AlertsDialogServices
{
    AsyncRunner *runner = nullptr;
    std::shared_ptr<HistoryStore> history; ///< null: no targets can be set
    Snapshots servers;                     ///< those that may get rules and targets of their own
    // Both run on a worker.
    std::function<AlertSettings()> load;
    std::function<Status(const AlertSettings &)> save; ///< keeps them and lets them hold from now on
};

/// When to raise an alert: for every server alike, or for one of its own; and how old what is watched on a server may be
/// where the object has no target itself. What is saved holds from the next reading on.
class AlertsDialog : public QDialog
{
    Q_OBJECT

public:
    explicit AlertsDialog(AlertsDialogServices services, QWidget *parent = nullptr);

    /// An empty name is what holds for all.
    void selectServer(const QString &server);

private:
    /// What the fields hold of one server while another is shown; durations as they were typed.
    struct Sheet
    {
        bool own = false;
        bool freshness = true;
        bool blocking = true;
        QString blockingLongerThan;
        bool runway = true;
        QString runwayShorterThan;
        bool jobFailed = true;
        QString target;
        QString targetBefore;
        bool targetsDiffer = false;
    };
    struct Loaded
    {
        AlertSettings settings;
        QMap<QString, QString> targets; ///< by server; empty: none
        QStringList differing;          ///< servers whose databases have different ones
    };

    void buildForm();
    QLineEdit *addThreshold(QCheckBox *box, const QString &objectName, const QString &hint);
    void read();
    void fill(const Loaded &loaded);
    void showServer(const QString &server);
    void takeFields();
    void updateEnabled();
    void save();
    [[nodiscard]] static Sheet sheetOf(const AlertRules &rules);
    /// Nothing, and the message shown, where a duration makes no sense.
    [[nodiscard]] std::optional<AlertRules> rulesOf(const QString &server, const Sheet &sheet);
    [[nodiscard]] std::optional<Millis> durationIn(const QString &server, const QString &text, QLineEdit *field);
    [[nodiscard]] std::vector<DatabaseRef> databasesOf(const QString &server) const;

    AlertsDialogServices m_services;
    std::map<QString, Sheet> m_sheets;
    QString m_shown;
    QComboBox *m_server;
    QCheckBox *m_own;
    QCheckBox *m_freshness;
    QCheckBox *m_blocking;
    QLineEdit *m_blockingText;
    QCheckBox *m_runway;
    QLineEdit *m_runwayText;
    QCheckBox *m_job;
    QWidget *m_targetBox;
    QLineEdit *m_target;
    QLabel *m_targetHint;
    MessageBar *m_message;
    QPushButton *m_save;
    LatestOnly m_reading;
    LatestOnly m_saving;
};

} // namespace tidemark::ui
