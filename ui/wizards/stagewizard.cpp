// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/stagewizard.h"

#include "ui/wizards/preflightstep.h"
#include "ui/wizards/shapestep.h"
#include "ui/wizards/targetstep.h"

namespace tidemark::ui {

StageWizard::StageWizard(const PageContext &context, QWidget *parent)
    : Wizard({QStringLiteral("stage"), tr("Staged migration"), QStringLiteral("stage"), tr("Run migration"),
              tr("&New migration")},
             context, parent)
{
    setSteps(m_draft,
             new TargetStep(context, m_draft, CandidatesFor::StagedMigration,
                            tr("Choose the table to partition or rebuild while it is used."), this),
             {new ShapeStep(m_draft, this), new PreflightStep(context, m_draft, this)});
}

} // namespace tidemark::ui
