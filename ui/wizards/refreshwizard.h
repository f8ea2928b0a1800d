// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/refreshdriver.h"
#include "ui/wizards/refreshdraft.h"
#include "ui/wizards/wizardframe.h"

namespace tidemark::ui {

class RefreshTargetStep;

/// Brings views up to date: the same plan as “tidemarkctl refresh” makes, carried out here. It needs no recovery, so nothing is
/// kept in the database; the window that carries it out cancels it when it closes.
class RefreshWizard : public WizardFrame
{
    Q_OBJECT

public:
    explicit RefreshWizard(const PageContext &context, QWidget *parent = nullptr);

    /// Begins anew with this one, and what depends on it. While a refresh runs that is shown instead.
    void refreshObject(const ObjectRef &object, bool withDependents);
    [[nodiscard]] bool isRefreshing() const { return m_driver.isRunning(); }
    [[nodiscard]] const RefreshDraft &draft() const { return m_draft; }

    [[nodiscard]] bool isFilled() const override;

protected:
    void updateContent(const Snapshots &inScope) override;
    void confirm() override;
    void clearDraft() override;
    [[nodiscard]] bool mayBeginAnew() const override { return !m_driver.isRunning(); }
    [[nodiscard]] QString subject() const override;

private:
    void start(const Confirmation &answer);

    RefreshDraft m_draft;
    RefreshDriver m_driver;
    RefreshTargetStep *m_target;
};

} // namespace tidemark::ui
