// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/refreshitemmodel.h"
#include "ui/services/refreshdriver.h"
#include "ui/wizards/refreshdraft.h"
#include "ui/wizards/wizardstep.h"

#include <QTimer>

class QLabel;
class QPushButton;

namespace tidemark::ui {

class DataTable;
class StatusBadge;

/// How the refreshes stand: while they run, live, with what is left of the time and a button that cancels them; and as the
/// Result what they came to, with a button that copies it.
class RefreshRunStep : public StepOf<RefreshDraft>
{
    Q_OBJECT

public:
    enum class Of { Run, Result };
    RefreshRunStep(Of of, RefreshDraft &draft, RefreshDriver &driver, QWidget *parent);

    void enter() override;
    [[nodiscard]] bool isComplete() const override { return !m_driver.isRunning(); }
    [[nodiscard]] QWidget *mainWidget() override;
    void setFilterText(const QString &text) override;
    /// What it says above the table.
    [[nodiscard]] QString sentence() const;

private:
    void show();
    void copy();

    Of m_of;
    RefreshDriver &m_driver;
    RefreshItemModel *m_model;
    DataTable *m_table;
    StatusBadge *m_badge;
    QLabel *m_title;
    QLabel *m_sentence;
    QPushButton *m_button;
    QTimer m_tick;
};

} // namespace tidemark::ui
