// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/runstepmodel.h"
#include "ui/pages/pagecontext.h"
#include "ui/wizards/wizardstep.h"

class QHBoxLayout;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QTabWidget;

namespace tidemark::ui {

class DataTable;
class RehearsalView;
class RunSettingsForm;
class SqlView;

/// The plan as it will run: its steps with risk, locks and undo, and the exact SQL of the selected one; to be copied and
/// to be saved as the file that tidemarkctl runs. It can be rehearsed before it is confirmed.
class ReviewStep : public StepOf<ChangeDraft>
{
    Q_OBJECT

public:
    ReviewStep(const PageContext &context, ChangeDraft &draft, QWidget *parent);

    void enter() override;
    [[nodiscard]] bool isComplete() const override;
    [[nodiscard]] QWidget *mainWidget() override;
    void setFilterText(const QString &text) override;

private:
    [[nodiscard]] QWidget *makeSteps();
    [[nodiscard]] QWidget *makeSql();
    void showSelection();
    void showFigures();
    void showRehearsal();
    void copyPlan();
    void savePlan();

    PageContext m_context;
    RunStepModel *m_model;
    DataTable *m_table;
    QTabWidget *m_tabs;
    SqlView *m_sql;
    SqlView *m_undo;
    QPlainTextEdit *m_notes;
    QTabWidget *m_left; ///< the steps, and once there is one their rehearsal
    RehearsalView *m_rehearsal;
    QPushButton *m_rehearse = nullptr;
    QLabel *m_title;
    QHBoxLayout *m_figures;
    QList<QLabel *> m_values; ///< of the figures
    QLabel *m_noReturn;
    RunSettingsForm *m_settings;
};

} // namespace tidemark::ui
