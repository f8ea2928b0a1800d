// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/backfillwizard.h"

#include "ui/wizards/backfilltargetstep.h"
#include "ui/wizards/expressionsstep.h"

namespace tidemark::ui {

BackfillWizard::BackfillWizard(const PageContext &context, QWidget *parent)
    : Wizard({QStringLiteral("backfill"), tr("Backfill"), QStringLiteral("backfill"), tr("Run backfill"),
              tr("&New backfill")},
             context, parent)
{
    setSteps(m_draft, new BackfillTargetStep(context, m_draft, this), {new ExpressionsStep(context, m_draft, this)});
}

} // namespace tidemark::ui
