// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/wizards/stagedraft.h"
#include "ui/wizards/wizard.h"

namespace tidemark::ui {

/// A table is replaced while it is used, from choosing it to the proof: Target, Shape, Preflight, Review, Run, Result. It fills
/// in core's StageSpec.
class StageWizard : public Wizard
{
    Q_OBJECT

public:
    explicit StageWizard(const PageContext &context, QWidget *parent = nullptr);

    [[nodiscard]] const StageDraft &draft() const { return m_draft; }

private:
    StageDraft m_draft;
};

} // namespace tidemark::ui
