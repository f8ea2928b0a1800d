// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/rundrivers.h"
#include "ui/wizards/wizardframe.h"

namespace tidemark::ui {

class ChangeDraft;
class TargetStep;

/// The frame of every wizard whose change is a run: from choosing a table over what each kind of change asks by itself to Review,
/// Run and Result, which all have alike. It drives the same plan and run as the command line. Nothing is changed before Review is
/// confirmed; from then on all that matters is in the database, and leaving the page, or closing the window, loses nothing.
class Wizard : public WizardFrame
{
    Q_OBJECT

public:
    [[nodiscard]] bool isFilled() const override;
    /// What was chosen, kept from window to window until a run is made of it.
    [[nodiscard]] QString saveLayout() const override;
    void restoreLayout(const QString &layout) override;

Q_SIGNALS:
    void runStarted(const tidemark::ui::RunPlace &place);

protected:
    Wizard(const Words &words, const PageContext &context, QWidget *parent);
    /// Once, from the constructor of the wizard that owns the draft: the steps before Review, the choice of a table first.
    void setSteps(ChangeDraft &draft, TargetStep *target, const QList<WizardStep *> &between);

    void updateContent(const Snapshots &inScope) override;
    void confirm() override;
    void clearDraft() override;
    [[nodiscard]] QString subject() const override;

private:
    void start(const Confirmation &answer);

    ChangeDraft *m_draft = nullptr;
    TargetStep *m_target = nullptr;
};

} // namespace tidemark::ui
