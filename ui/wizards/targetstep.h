// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/candidatemodel.h"
#include "ui/pages/pagecontext.h"
#include "ui/services/asyncrunner.h"
#include "ui/wizards/wizardstep.h"

class QComboBox;
class QStackedWidget;

namespace tidemark::ui {

class DataTable;
class EmptyState;

/// Which table of which database; what a wizard asks beside it, it adds below. The tables are read when a database is chosen,
/// and again when the step comes up.
class TargetStep : public StepOf<ChangeDraft>
{
    Q_OBJECT

public:
    TargetStep(const PageContext &context, ChangeDraft &draft, CandidatesFor change, const QString &hint,
               QWidget *parent);

    /// The databases to choose from: those that are connected. Further on in the wizard the table is chosen, and stays so
    /// while its server is away.
    void setSnapshots(const Snapshots &snapshots, const Scope &scope, bool mayChoose);
    void enter() override;
    /// Of a draft: chosen as soon as it is listed.
    void preselect(const pg::QualifiedName &table) { m_wanted = table; }
    [[nodiscard]] bool isComplete() const override;
    [[nodiscard]] QWidget *mainWidget() override;
    void setFilterText(const QString &text) override;
    /// The tables of the chosen database, or why there are none, are here.
    [[nodiscard]] bool isFilled() const { return m_filled; }

protected:
    /// The tables of the chosen database were read.
    virtual void showTables(const std::vector<TableCandidate> &) {}
    virtual void choose();

private:
    void fillDatabases();
    void read();
    void take(const Result<std::vector<TableCandidate>> &candidates);

    PageContext m_context;
    CandidatesFor m_change;
    QComboBox *m_database;
    CandidateModel *m_model;
    DataTable *m_table;
    EmptyState *m_empty;
    QStackedWidget *m_stack;
    Snapshots m_snapshots;
    Scope m_scope;
    LatestOnly m_reading;
    std::optional<pg::QualifiedName> m_wanted;
    bool m_filled = false;
};

} // namespace tidemark::ui
