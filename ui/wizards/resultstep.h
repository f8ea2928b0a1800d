// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/pagecontext.h"
#include "ui/services/asyncrunner.h"
#include "ui/services/runfollower.h"
#include "ui/wizards/wizardstep.h"

class QGridLayout;
class QLabel;
class QPushButton;

namespace tidemark::ui {

class CardFrame;
class RunActions;
class StatusBadge;

/// What it came to: the proof that nothing was lost, how long the swap made anybody wait, how long there is a way back. All
/// from the run's own records, so that it is the same tomorrow and elsewhere.
class ResultStep : public WizardStep
{
    Q_OBJECT

public:
    ResultStep(const PageContext &context, StageDraft &draft, QWidget *parent);

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
    CardFrame *addCard(const QString &title, QGridLayout *&grid);
    void fill(QGridLayout *grid, const QList<std::pair<QString, QString>> &facts);

    PageContext m_context;
    RunActions *m_actions;
    StatusBadge *m_badge;
    QLabel *m_title;
    QLabel *m_sentence;
    QGridLayout *m_proof = nullptr;
    QGridLayout *m_swap = nullptr;
    QGridLayout *m_back = nullptr;
    QPushButton *m_copy;
    QStringList m_text;
    LatestOnly m_following;
};

} // namespace tidemark::ui
