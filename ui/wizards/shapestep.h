// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/wizards/stagedraft.h"
#include "ui/wizards/wizardstep.h"

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QSpinBox;

namespace tidemark::ui {

/// What the table becomes: its shape, the column it is partitioned by, how wide a partition is, what is made ahead.
class ShapeStep : public StepOf<StageDraft>
{
    Q_OBJECT

public:
    ShapeStep(StageDraft &draft, QWidget *parent);

    void enter() override;
    [[nodiscard]] bool isComplete() const override;
    [[nodiscard]] QWidget *mainWidget() override;

private:
    void buildForm();
    void fillColumns();
    void fillWidths();
    /// The fields into the draft, and what follows from them onto the screen.
    void change();
    [[nodiscard]] const RangeColumn *column() const;
    [[nodiscard]] QString meaning() const;
    [[nodiscard]] QString problem() const;

    QFormLayout *m_form;
    QLabel *m_heading;
    QComboBox *m_shape;
    QComboBox *m_column;
    QComboBox *m_width;
    QSpinBox *m_premake;
    QCheckBox *m_default;
    QComboBox *m_zone;
    QLabel *m_meaning;
    QLabel *m_problem;
    bool m_filling = false;
};

} // namespace tidemark::ui
