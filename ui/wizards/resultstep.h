// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/pagecontext.h"
#include "ui/services/asyncrunner.h"
#include "ui/services/runfollower.h"
#include "ui/wizards/wizardstep.h"

class QGridLayout;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace tidemark::ui {

class RunActions;
class StatusBadge;

/// What it came to: the proof, what it made others wait for, how long there is a way back. All from the run's own records, so
/// that it is the same tomorrow and elsewhere.
class ResultStep : public StepOf<ChangeDraft>
{
    Q_OBJECT

public:
    ResultStep(const PageContext &context, ChangeDraft &draft, QWidget *parent);

    void enter() override;
    [[nodiscard]] bool isComplete() const override { return true; }
    [[nodiscard]] QWidget *mainWidget() override;
    /// All that it shows as text, a line a fact: what its Copy button copies.
    [[nodiscard]] QString text() const;

protected:
    void hideEvent(QHideEvent *event) override;

private:
    void take(const Result<LiveRun> &live);
    void show(const LiveRun &run);
    void addCard();
    void fill(QGridLayout *grid, const QList<std::pair<QString, QString>> &facts);

    PageContext m_context;
    RunActions *m_actions;
    StatusBadge *m_badge;
    QLabel *m_title;
    QLabel *m_sentence;
    struct Card
    {
        QLabel *title;
        QGridLayout *grid;
    };
    QList<Card> m_cards;
    QVBoxLayout *m_left;
    QVBoxLayout *m_right;
    QPushButton *m_copy;
    QStringList m_text;
    LatestOnly m_following;
};

} // namespace tidemark::ui
