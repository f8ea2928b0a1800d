// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/candidatemodel.h"
#include "ui/pages/pagecontext.h"
#include "ui/services/asyncrunner.h"
#include "ui/wizards/refreshdraft.h"
#include "ui/wizards/wizardstep.h"

class QCheckBox;
class QLabel;
class QPushButton;

namespace tidemark::ui {

class DataTable;

/// Plans, off the GUI thread, and shows what was found: what cannot be refreshed, what would lock readers out and is to be
/// accepted, who is in the way of the locks now and who would queue behind.
class RefreshChecksStep : public StepOf<RefreshDraft>
{
    Q_OBJECT

public:
    RefreshChecksStep(const PageContext &context, RefreshDraft &draft, QWidget *parent);

    void enter() override;
    [[nodiscard]] bool isComplete() const override;
    [[nodiscard]] QWidget *mainWidget() override;
    void setFilterText(const QString &text) override;

private:
    struct Found
    {
        refresh::RefreshPlan plan;
        std::vector<StepWait> waits;
    };
    void plan();
    void take(const Result<Found> &found);

    PageContext m_context;
    CheckModel *m_model;
    DataTable *m_table;
    QLabel *m_whole; ///< what the selected row says, in full
    QCheckBox *m_accept;
    QPushButton *m_again;
    LatestOnly m_planning;
    bool m_isPlanning = false;
};

} // namespace tidemark::ui
