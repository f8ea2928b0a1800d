// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/wizards/backfilldraft.h"
#include "ui/wizards/wizard.h"

namespace tidemark::ui {

/// Columns of a table, or a table, are filled while it is used, in chunks that wait for nobody: Target, What, Review, Run,
/// Result. It fills in core's BackfillSpec.
class BackfillWizard : public Wizard
{
    Q_OBJECT

public:
    explicit BackfillWizard(const PageContext &context, QWidget *parent = nullptr);

    [[nodiscard]] const BackfillDraft &draft() const { return m_draft; }

private:
    BackfillDraft m_draft;
};

} // namespace tidemark::ui
