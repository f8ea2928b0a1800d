// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/profile.h"
#include "core/store/profilestore.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QSpinBox;

namespace tidemark::ui {

/// The fields of a profile. The connection line and the single fields tell the same: editing one fills the other.
class ConnectionForm : public QWidget
{
    Q_OBJECT

public:
    explicit ConnectionForm(QWidget *parent = nullptr);

    void setProfile(const Profile &profile);
    /// What stands in the fields now. An Input error says which field makes no sense.
    [[nodiscard]] Result<Profile> profile() const;
    [[nodiscard]] QString password() const;
    [[nodiscard]] bool keepsPassword() const;
    void focusName();
    void focusDatabases();

Q_SIGNALS:
    void edited();

private:
    void readLine();
    void readFields();
    void fillFields();
    void explainSafety();
    QLineEdit *addField(QFormLayout *layout, const QString &label, const QString &accessibleName,
                        const QString &placeholder);

    pg::ConnInfo m_connInfo;
    double m_budgetPercent = 1.0;
    QLineEdit *m_name;
    QLineEdit *m_line;
    QLabel *m_lineProblem;
    QLineEdit *m_host;
    QLineEdit *m_port;
    QLineEdit *m_database;
    QLineEdit *m_user;
    QLineEdit *m_password;
    QCheckBox *m_keep;
    QComboBox *m_tls;
    QLineEdit *m_service;
    QComboBox *m_environment;
    QComboBox *m_safety;
    QLabel *m_safetyText;
    QLineEdit *m_databases;
    QSpinBox *m_seconds;
    QCheckBox *m_atStart;
};

} // namespace tidemark::ui
