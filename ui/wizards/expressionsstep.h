// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/fillmodel.h"
#include "ui/pages/pagecontext.h"
#include "ui/services/asyncrunner.h"
#include "ui/wizards/backfilldraft.h"
#include "ui/wizards/wizardstep.h"

#include <QTimer>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace tidemark::ui {

class DataTable;
class MessageBar;
class SqlView;

/// Which columns become what, in which rows. What is written is tried on the server a moment later, off the GUI thread: what
/// it says stands where it was written, and some rows are shown as they are and as they would be.
class ExpressionsStep : public StepOf<BackfillDraft>
{
    Q_OBJECT

public:
    ExpressionsStep(const PageContext &context, BackfillDraft &draft, QWidget *parent);

    void enter() override;
    [[nodiscard]] bool isComplete() const override;
    [[nodiscard]] QWidget *mainWidget() override;
    void setFilterText(const QString &text) override;

private:
    [[nodiscard]] QWidget *makeColumns();
    [[nodiscard]] QWidget *makeForm();
    [[nodiscard]] QWidget *makeSample();
    void readColumns();
    void fill();
    void showRows();
    void showSelection();
    void addColumn();
    void removeColumn();
    void writeExpression();
    /// What was asked for is another: the plan is none of it any more, and what is written will be tried.
    void change();
    void check();
    void take(const Result<backfill::BackfillPreview> &preview);
    void showRefusal();
    void showSampleText(const QString &text);
    [[nodiscard]] const FillRow *current() const;
    [[nodiscard]] QString expressionOf(const QString &column) const;

    PageContext m_context;
    FillModel *m_model;
    DataTable *m_table;
    SampleModel *m_sampleModel;
    DataTable *m_sample;
    QLabel *m_sampleText;
    QLineEdit *m_name;
    QComboBox *m_type;
    QPushButton *m_add;
    QPushButton *m_remove;
    QLabel *m_heading;
    SqlView *m_expression;
    MessageBar *m_expressionError;
    SqlView *m_where;
    MessageBar *m_whereError;
    QCheckBox *m_notNull;
    QCheckBox *m_keepUp;
    QCheckBox *m_keepOld;
    std::vector<backfill::FillableColumn> m_columns;
    std::optional<backfill::FieldError> m_refused;
    QTimer m_pause; ///< between what is typed and the server's word on it
    LatestOnly m_reading;
    LatestOnly m_checking;
    bool m_isChecking = false;
    bool m_filling = false;
};

} // namespace tidemark::ui
