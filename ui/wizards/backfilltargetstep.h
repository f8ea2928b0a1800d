// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/wizards/backfilldraft.h"
#include "ui/wizards/targetstep.h"

class QComboBox;
class QRadioButton;

namespace tidemark::ui {

/// The table to fill, and where its values come from: its own rows, or rows of another table that are added to it.
class BackfillTargetStep : public TargetStep
{
    Q_OBJECT

public:
    BackfillTargetStep(const PageContext &context, BackfillDraft &draft, QWidget *parent);

    [[nodiscard]] bool isComplete() const override;

protected:
    void showTables(const std::vector<TableCandidate> &tables) override;
    void choose() override;

private:
    void change();

    BackfillDraft &m_backfill;
    std::vector<TableCandidate> m_tables;
    QRadioButton *m_own;
    QRadioButton *m_others;
    QComboBox *m_from;
    bool m_filling = false;
};

} // namespace tidemark::ui
