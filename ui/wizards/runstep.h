// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/runpanel.h"
#include "ui/wizards/wizardstep.h"

namespace tidemark::ui {

/// The run, live: the same panel as on the Runs page.
class RunStep : public WizardStep
{
    Q_OBJECT

public:
    RunStep(const PageContext &context, StageDraft &draft, QWidget *parent);

    void enter() override;
    /// Once it has swapped, or has ended: until then there is no result.
    [[nodiscard]] bool isComplete() const override;
    [[nodiscard]] QWidget *mainWidget() override;
    [[nodiscard]] RunPanel *panel() const { return m_panel; }

private:
    RunPanel *m_panel;
};

} // namespace tidemark::ui
