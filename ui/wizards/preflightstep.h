// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/candidatemodel.h"
#include "ui/pages/pagecontext.h"
#include "ui/services/asyncrunner.h"
#include "ui/wizards/stagedraft.h"
#include "ui/wizards/wizardstep.h"

class QAction;

namespace tidemark::ui {

class DataTable;
class DetailPanel;
class StrategyList;

/// Plans, and shows what was found: what cannot be done, what would be lost, what will mean something else, who is in the
/// way of the locks now, each with its way out; below them the strategies. Planning reads the server, off the GUI thread, again
/// with each strategy chosen and each loss accepted.
class PreflightStep : public StepOf<StageDraft>
{
    Q_OBJECT

public:
    PreflightStep(const PageContext &context, StageDraft &draft, QWidget *parent);

    void enter() override;
    [[nodiscard]] bool isComplete() const override;
    [[nodiscard]] QWidget *mainWidget() override;
    void setFilterText(const QString &text) override;

private:
    void plan();
    void take(const Result<stage::StagePreview> &preview);
    void showChecks();
    void showSelection();
    void showStrategies();
    void choose(const QString &strategy);
    void waive();

    PageContext m_context;
    CheckModel *m_model;
    DataTable *m_table;
    DetailPanel *m_detail;
    StrategyList *m_strategies;
    QWidget *m_below; ///< the strategies; only where there is a choice
    QAction *m_waive;
    LatestOnly m_planning;
    bool m_isPlanning = false;
    std::optional<Error> m_error;
};

/// What planning found, in the order in which it is to be read.
[[nodiscard]] std::vector<CheckRow> checkRowsOf(const stage::StagePreview &preview, const stage::StageSpec &spec);

} // namespace tidemark::ui
