// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

class QLabel;
class QPushButton;
class QStackedWidget;

namespace tidemark::ui {

class Stepper;
class WizardStep;

/// The steps of a wizard in a line, with Back and Next under them. The last three are Review, which is confirmed, Run, which
/// no way leads back from, and Result; what the steps are, and what is done once Review is confirmed, is the wizard's.
class WizardFrame : public Page
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

    [[nodiscard]] int currentStep() const;
    [[nodiscard]] QPushButton *nextButton() const { return m_next; }

protected:
    WizardFrame(const Words &words, const PageContext &context, QWidget *parent);
    /// Once, from the constructor of the wizard that owns what they fill in.
    void setSteps(const QList<WizardStep *> &steps);

    /// Asks what is to be asked, and begins: then goes to runPlace().
    virtual void confirm() = 0;
    /// Forgets all that was asked for.
    virtual void clearDraft() = 0;
    /// Whether another may be begun while this one is at Run or Result.
    [[nodiscard]] virtual bool mayBeginAnew() const { return true; }
    /// What it is about, once that is chosen.
    [[nodiscard]] virtual QString subject() const = 0;

    void go(int place);
    /// The buttons follow what the step says.
    void update();
    /// Between the confirmation and the Run step nothing is pressed.
    void setStarting(bool isStarting);
    [[nodiscard]] MessageBar *message() const { return m_message; }
    [[nodiscard]] const Words &words() const { return m_words; }
    [[nodiscard]] int runPlace() const { return lastPlace() - 1; }

    [[nodiscard]] bool hasData(const ServerSnapshot &, const DatabaseSnapshot &) const override { return true; }
    [[nodiscard]] bool showsFailures() const override { return true; }
    [[nodiscard]] EmptyText emptyText() const override { return {}; }

private:
    [[nodiscard]] QWidget *makeBar();
    [[nodiscard]] WizardStep *current() const;
    [[nodiscard]] int lastPlace() const { return static_cast<int>(m_steps.size()) - 1; }
    [[nodiscard]] bool isReview(int place) const { return place == lastPlace() - 2; }
    [[nodiscard]] bool isRun(int place) const { return place == runPlace(); }
    void next();
    void back();
    void beginAnew();

    Words m_words;
    Stepper *m_stepper = nullptr;
    MessageBar *m_message;
    QStackedWidget *m_stack;
    QList<WizardStep *> m_steps;
    QLabel *m_subject;
    QPushButton *m_anew;
    QPushButton *m_back;
    QPushButton *m_next;
    bool m_isStarting = false;
};

} // namespace tidemark::ui
