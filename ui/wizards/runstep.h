// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/runpanel.h"
#include "ui/wizards/wizardstep.h"

namespace tidemark::ui {

/// The run, live: the same panel as on the Runs page.
class RunStep : public StepOf<ChangeDraft>
{
    Q_OBJECT

public:
    RunStep(const PageContext &context, ChangeDraft &draft, QWidget *parent);

    void enter() override;
    /// Once it has ended, or there is something to tell: until then there is no result.
    [[nodiscard]] bool isComplete() const override;
    [[nodiscard]] QWidget *mainWidget() override;
    [[nodiscard]] RunPanel *panel() const { return m_panel; }

private:
    RunPanel *m_panel;
};

} // namespace tidemark::ui
