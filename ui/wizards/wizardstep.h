// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/wizards/changedraft.h"

#include <QWidget>

namespace tidemark::ui {

/// One step of a wizard. GUI thread only.
class WizardStep : public QWidget
{
    Q_OBJECT

public:
    WizardStep(const QString &title, QWidget *parent)
        : QWidget(parent)
        , m_title(title)
    {
    }

    [[nodiscard]] QString title() const { return m_title; }
    /// It comes up: shows what the draft says now.
    virtual void enter() {}
    /// Whether the next step may come. A step that is not tells why, where the user looks.
    [[nodiscard]] virtual bool isComplete() const = 0;
    /// Where the keyboard goes.
    [[nodiscard]] virtual QWidget *mainWidget() = 0;
    virtual void setFilterText(const QString &) {}

Q_SIGNALS:
    void completeChanged();
    /// As the button Next does.
    void nextRequested();
    void failed(const tidemark::Error &error);
    void told(tidemark::ui::Severity severity, const QString &text);

private:
    QString m_title;
};

/// A step that works on the draft of its wizard, which outlives it: ChangeDraft where all wizards have the step.
template<typename Draft>
class StepOf : public WizardStep
{
public:
    StepOf(const QString &title, Draft &draft, QWidget *parent)
        : WizardStep(title, parent)
        , m_draft(draft)
    {
    }

protected:
    [[nodiscard]] Draft &draft() const { return m_draft; }

private:
    Draft &m_draft;
};

} // namespace tidemark::ui
