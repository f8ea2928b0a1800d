// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/freshnessmodel.h"
#include "ui/wizards/refreshdraft.h"
#include "ui/wizards/wizardstep.h"

class QComboBox;
class QStackedWidget;

namespace tidemark::ui {

class DataTable;
class EmptyState;

/// Which views of which database, one or several: what the monitor shows of them, so that nothing is asked anew.
class RefreshTargetStep : public StepOf<RefreshDraft>
{
    Q_OBJECT

public:
    RefreshTargetStep(RefreshDraft &draft, QWidget *parent);

    /// Further on in the wizard what was chosen stays so while its server is away.
    void setSnapshots(const Snapshots &snapshots, const Scope &scope, const Moments &moments, bool mayChoose);
    /// This one alone is chosen, as soon as it is listed.
    void preselect(const ObjectRef &object);
    void enter() override;
    [[nodiscard]] bool isComplete() const override;
    [[nodiscard]] QWidget *mainWidget() override;
    void setFilterText(const QString &text) override;
    /// Some database was looked at; it may have nothing to refresh.
    [[nodiscard]] bool isFilled() const;

private:
    void fillDatabases();
    void showDatabase();
    void choose();

    QComboBox *m_database;
    FreshnessModel *m_model;
    DataTable *m_table;
    EmptyState *m_empty;
    QStackedWidget *m_stack;
    Snapshots m_snapshots;
    Scope m_scope;
    Moments m_moments;
    std::optional<ObjectRef> m_wanted;
};

} // namespace tidemark::ui
