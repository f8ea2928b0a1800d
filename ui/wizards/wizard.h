// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"
#include "ui/services/rundrivers.h"

class QLabel;
class QPushButton;
class QStackedWidget;

namespace tidemark::ui {

class ChangeDraft;
class Stepper;
class TargetStep;
class WizardStep;

/// The frame of every wizard: from choosing a table over what each kind of change asks by itself to Review, Run and Result,
/// which all have alike. It drives the same plan and run as the command line. Nothing is changed before Review is confirmed;
/// from then on all that matters is in the database, and leaving the page, or closing the window, loses nothing.
class Wizard : public Page
{
    Q_OBJECT

public:
    /// The words of one kind of change.
    struct Words
    {
        QString id;
        QString title;
        QString icon;
        QString run;  ///< the verb of Review: "Run migration"
        QString anew; ///< "New migration"
    };

    void setFilterText(const QString &text) override;
    [[nodiscard]] QWidget *mainWidget() override;
    [[nodiscard]] bool isFilled() const override;
    /// What was chosen, kept from window to window until a run is made of it.
    [[nodiscard]] QString saveLayout() const override;
    void restoreLayout(const QString &layout) override;

    [[nodiscard]] int currentStep() const;
    [[nodiscard]] QPushButton *nextButton() const { return m_next; }

Q_SIGNALS:
    void runStarted(const tidemark::ui::RunPlace &place);

protected:
    Wizard(const Words &words, const PageContext &context, QWidget *parent);
    /// Once, from the constructor of the wizard that owns the draft: the steps before Review, the choice of a table first.
    void setSteps(ChangeDraft &draft, TargetStep *target, const QList<WizardStep *> &between);

    void updateContent(const Snapshots &inScope) override;
    [[nodiscard]] bool hasData(const ServerSnapshot &, const DatabaseSnapshot &) const override { return true; }
    [[nodiscard]] bool showsFailures() const override { return true; }
    [[nodiscard]] EmptyText emptyText() const override { return {}; }

private:
    [[nodiscard]] QWidget *makeBar();
    [[nodiscard]] WizardStep *current() const;
    [[nodiscard]] int lastPlace() const { return static_cast<int>(m_steps.size()) - 1; }
    [[nodiscard]] bool isReview(int place) const { return place == lastPlace() - 2; }
    [[nodiscard]] bool isRun(int place) const { return place == lastPlace() - 1; }
    void go(int place);
    void next();
    void back();
    void beginAnew();
    void update();
    void confirm();
    void start(const Confirmation &answer);

    Words m_words;
    ChangeDraft *m_draft = nullptr;
    Stepper *m_stepper = nullptr;
    MessageBar *m_message;
    QStackedWidget *m_stack;
    QList<WizardStep *> m_steps;
    TargetStep *m_target = nullptr;
    QLabel *m_subject;
    QPushButton *m_anew;
    QPushButton *m_back;
    QPushButton *m_next;
    bool m_isStarting = false;
};

} // namespace tidemark::ui
