// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/refreshitemmodel.h"
#include "ui/wizards/refreshdraft.h"
#include "ui/wizards/wizardstep.h"

class QLabel;
class QPlainTextEdit;
class QTabWidget;

namespace tidemark::ui {

class DataTable;
class SqlView;

/// The refreshes as they will run, in their order, with the exact SQL of the selected one and what to know of all.
class RefreshReviewStep : public StepOf<RefreshDraft>
{
    Q_OBJECT

public:
    RefreshReviewStep(RefreshDraft &draft, QWidget *parent);

    void enter() override;
    [[nodiscard]] bool isComplete() const override;
    [[nodiscard]] QWidget *mainWidget() override;
    void setFilterText(const QString &text) override;

private:
    void showSelection();

    RefreshItemModel *m_model;
    DataTable *m_table;
    QTabWidget *m_tabs;
    SqlView *m_sql;
    QPlainTextEdit *m_notes;
    QLabel *m_title;
    QLabel *m_figures;
};

} // namespace tidemark::ui
