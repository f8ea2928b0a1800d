// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/runstepmodel.h"
#include "ui/pages/pagecontext.h"
#include "ui/wizards/wizardstep.h"

class QLabel;
class QTabWidget;

namespace tidemark::ui {

class DataTable;
class RunSettingsForm;
class SqlView;

/// The plan as it will run: its steps with risk, locks and undo, and the exact SQL of the selected one; to be copied and
/// to be saved as the file that tidemarkctl runs.
class ReviewStep : public WizardStep
{
    Q_OBJECT

public:
    ReviewStep(const PageContext &context, StageDraft &draft, QWidget *parent);

    void enter() override;
    [[nodiscard]] bool isComplete() const override;
    [[nodiscard]] QWidget *mainWidget() override;
    void setFilterText(const QString &text) override;

private:
    [[nodiscard]] QWidget *makeSteps();
    [[nodiscard]] QWidget *makeSql();
    void showSelection();
    void showFigures();
    void copyPlan();
    void savePlan();

    PageContext m_context;
    RunStepModel *m_model;
    DataTable *m_table;
    QTabWidget *m_tabs;
    SqlView *m_sql;
    SqlView *m_undo;
    QLabel *m_title;
    QLabel *m_stall;
    QLabel *m_disk;
    QLabel *m_noReturn;
    RunSettingsForm *m_settings;
};

} // namespace tidemark::ui
