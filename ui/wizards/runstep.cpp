// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/runstep.h"

#include "ui/widgets/datatable.h"

#include <QVBoxLayout>

namespace tidemark::ui {

RunStep::RunStep(const PageContext &context, ChangeDraft &draft, QWidget *parent)
    : StepOf(tr("Run"), draft, parent)
    , m_panel(new RunPanel(context, this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_panel);
    connect(m_panel, &RunPanel::looked, this, &WizardStep::completeChanged);
}

void RunStep::enter()
{
    if (draft().run)
        m_panel->setRun(*draft().run, draft().plan() ? draft().plan()->title : QString());
}

bool RunStep::isComplete() const
{
    const auto &live = m_panel->live();
    if (!live)
        return false;
    const RunRecord &record = live->look.record;
    return record.isOver() || record.state == RunState::Failed || draft().hasResult(live->look);
}

QWidget *RunStep::mainWidget()
{
    return m_panel->steps();
}

} // namespace tidemark::ui
