// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"
#include "ui/services/rundrivers.h"
#include "ui/wizards/wizardstep.h"

class QLabel;
class QPushButton;
class QStackedWidget;

namespace tidemark::ui {

class PreflightStep;
class ReviewStep;
class RunStep;
class ShapeStep;
class Stepper;
class TargetStep;

/// A table is replaced while it is used, from choosing it to the proof: Target, Shape, Preflight, Review, Run, Result. It fills
/// in core's StageSpec and drives the same plan and run as the command line. Nothing is changed before Review is confirmed;
/// from then on all that matters is in the database, and leaving the page, or closing the window, loses nothing.
class StageWizard : public Page
{
    Q_OBJECT

public:
    explicit StageWizard(const PageContext &context, QWidget *parent = nullptr);

    void setFilterText(const QString &text) override;
    [[nodiscard]] QWidget *mainWidget() override;
    [[nodiscard]] bool isFilled() const override;
    /// What was chosen, kept from window to window until a run is made of it.
    [[nodiscard]] QString saveLayout() const override;
    void restoreLayout(const QString &layout) override;

    [[nodiscard]] int currentStep() const;
    [[nodiscard]] const StageDraft &draft() const { return m_draft; }
    [[nodiscard]] QPushButton *nextButton() const { return m_next; }

Q_SIGNALS:
    void runStarted(const tidemark::ui::RunPlace &place);

protected:
    void updateContent(const Snapshots &inScope) override;
    [[nodiscard]] bool hasData(const ServerSnapshot &, const DatabaseSnapshot &) const override { return true; }
    [[nodiscard]] bool showsFailures() const override { return true; }
    [[nodiscard]] EmptyText emptyText() const override { return {}; }

private:
    enum Place { AtTarget, AtShape, AtPreflight, AtReview, AtRun, AtResult };

    [[nodiscard]] QWidget *makeBar();
    [[nodiscard]] WizardStep *current() const;
    void go(int place);
    void next();
    void back();
    void beginAnew();
    void update();
    void confirm();
    void start(const Confirmation &answer);

    StageDraft m_draft;
    Stepper *m_stepper;
    MessageBar *m_message;
    QStackedWidget *m_stack;
    QList<WizardStep *> m_steps;
    TargetStep *m_target;
    QLabel *m_subject;
    QPushButton *m_anew;
    QPushButton *m_back;
    QPushButton *m_next;
    bool m_isStarting = false;
};

} // namespace tidemark::ui
