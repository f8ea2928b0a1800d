// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/wizards/refreshdraft.h"
#include "ui/wizards/wizardstep.h"

class QButtonGroup;
class QCheckBox;
class QGroupBox;
class QLineEdit;
class QSpinBox;

namespace tidemark::ui {

/// How they are refreshed: what comes with them, concurrently or plain, how many at once, how long to wait.
class RefreshOptionsStep : public StepOf<RefreshDraft>
{
    Q_OBJECT

public:
    RefreshOptionsStep(RefreshDraft &draft, QWidget *parent);

    void enter() override;
    [[nodiscard]] bool isComplete() const override { return true; }
    [[nodiscard]] QWidget *mainWidget() override;

private:
    [[nodiscard]] QWidget *makeWays();
    [[nodiscard]] QWidget *makeWork();
    [[nodiscard]] QWidget *makeRange();
    void take();

    QCheckBox *m_cascade;
    QButtonGroup *m_ways;
    QSpinBox *m_sessions;
    QSpinBox *m_patience;
    QSpinBox *m_timeout;
    QLineEdit *m_from;
    QLineEdit *m_to;
    QGroupBox *m_range = nullptr;
    bool m_filling = false;
};

} // namespace tidemark::ui
