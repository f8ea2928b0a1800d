// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/expressionsstep.h"

#include "ui/services/icons.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/messagebar.h"
#include "ui/widgets/sqlview.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>

namespace tidemark::ui {

using backfill::FieldError;

namespace {

constexpr std::chrono::milliseconds typingPause{350};

} // namespace

ExpressionsStep::ExpressionsStep(const PageContext &context, BackfillDraft &draft, QWidget *parent)
    : StepOf(tr("What"), draft, parent)
    , m_context(context)
    , m_model(new FillModel(this))
    , m_table(new DataTable(tr("Columns of the table"), this))
    , m_sampleModel(new SampleModel(this))
    , m_sample(new DataTable(tr("Sample of rows as they are and as they would be"), this))
    , m_sampleText(new QLabel(this))
    , m_name(new QLineEdit(this))
    , m_type(new QComboBox(this))
    , m_add(new QPushButton(tr("&Add column"), this))
    , m_remove(new QPushButton(icon(QStringLiteral("remove")), tr("&Do not add it"), this))
    , m_heading(new QLabel(this))
    , m_expression(new SqlView(this))
    , m_expressionError(new MessageBar(this))
    , m_where(new SqlView(this))
    , m_whereError(new MessageBar(this))
    , m_notNull(new QCheckBox(tr("Declare the filled columns NOT N&ULL afterwards"), this))
    , m_keepUp(new QCheckBox(tr("Rows written &meanwhile get their values at once, by a trigger"), this))
    , m_keepOld(new QCheckBox(tr("&Keep the old values, so that it can be undone"), this))
{
    auto *upper = new QSplitter(Qt::Horizontal, this);
    upper->addWidget(makeColumns());
    upper->addWidget(makeForm());
    upper->setStretchFactor(0, 3);
    upper->setStretchFactor(1, 2);
    upper->setHandleWidth(1);
    upper->setChildrenCollapsible(false);
    auto *split = new QSplitter(Qt::Vertical, this);
    split->addWidget(upper);
    split->addWidget(makeSample());
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 2);
    split->setHandleWidth(1);
    split->setChildrenCollapsible(false);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(split);
    m_pause.setSingleShot(true);
    m_pause.setInterval(typingPause);
    connect(&m_pause, &QTimer::timeout, this, &ExpressionsStep::check);
    connect(m_table, &DataTable::currentRowChanged, this, &ExpressionsStep::showSelection);
    connect(m_table, &DataTable::rowActivated, this, [this]() { m_expression->setFocus(); });
    connect(m_expression, &SqlView::edited, this, &ExpressionsStep::writeExpression);
    connect(m_where, &SqlView::edited, this, &ExpressionsStep::change);
    for (QCheckBox *box : {m_notNull, m_keepUp, m_keepOld})
        connect(box, &QCheckBox::toggled, this, &ExpressionsStep::change);
    connect(m_add, &QPushButton::clicked, this, &ExpressionsStep::addColumn);
    connect(m_name, &QLineEdit::returnPressed, this, &ExpressionsStep::addColumn);
    connect(m_remove, &QPushButton::clicked, this, &ExpressionsStep::removeColumn);
}

QWidget *ExpressionsStep::makeColumns()
{
    m_table->setSource(m_model);
    m_table->sortByColumnId("column", Qt::AscendingOrder);
    m_table->setDelegateFor("state", new StatusDelegate(m_table));
    m_name->setPlaceholderText(tr("New column"));
    m_name->setAccessibleName(tr("Name of a new column"));
    m_name->setObjectName(QStringLiteral("new-name"));
    m_type->setEditable(true);
    m_type->setInsertPolicy(QComboBox::NoInsert);
    m_type->addItems({QStringLiteral("bigint"), QStringLiteral("integer"), QStringLiteral("text"),
                      QStringLiteral("boolean"), QStringLiteral("numeric"), QStringLiteral("date"),
                      QStringLiteral("timestamptz"), QStringLiteral("uuid"), QStringLiteral("jsonb")});
    m_type->setAccessibleName(tr("Type of a new column"));
    m_type->lineEdit()->setAccessibleName(tr("Type of a new column"));
    m_type->setObjectName(QStringLiteral("new-type"));
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(spacing(this, 4), spacing(this, 2), spacing(this, 4), spacing(this, 2));
    bar->setSpacing(spacing(this, 2));
    bar->addWidget(m_name, 2);
    bar->addWidget(m_type, 1);
    bar->addWidget(m_add);
    bar->addWidget(m_remove);
    auto *left = new QWidget(this);
    auto *layout = new QVBoxLayout(left);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_table, 1);
    layout->addLayout(bar);
    return left;
}

QWidget *ExpressionsStep::makeForm()
{
    m_heading->setFont(boldFont(font()));
    m_heading->setTextFormat(Qt::PlainText);
    m_heading->setWordWrap(true);
    m_expression->setEditable(4);
    m_expression->setObjectName(QStringLiteral("expression"));
    m_expression->focusProxy()->setAccessibleName(tr("What the column becomes, an SQL expression"));
    m_where->setEditable(2);
    m_expressionError->setObjectName(QStringLiteral("expression-error"));
    m_whereError->setObjectName(QStringLiteral("where-error"));
    m_where->setObjectName(QStringLiteral("where"));
    m_where->focusProxy()->setAccessibleName(tr("Which rows, an SQL condition"));
    m_notNull->setObjectName(QStringLiteral("not-null"));
    m_keepUp->setObjectName(QStringLiteral("keep-up"));
    m_keepOld->setObjectName(QStringLiteral("keep-old"));
    auto *rows = new QLabel(tr("&Which rows"), this);
    rows->setFont(boldFont(font()));
    rows->setBuddy(m_where);
    auto *hint = new QLabel(tr("A condition; left empty, those with a NULL in a column to be filled."), this);
    hint->setForegroundRole(QPalette::PlaceholderText);
    hint->setWordWrap(true);
    hint->setObjectName(QStringLiteral("where-hint"));
    auto *form = new QWidget(this);
    form->setAutoFillBackground(true);
    form->setBackgroundRole(QPalette::Base);
    auto *layout = new QVBoxLayout(form);
    layout->setContentsMargins(spacing(this, 4), spacing(this, 3), spacing(this, 4), spacing(this, 3));
    layout->setSpacing(spacing(this, 1));
    layout->addWidget(m_heading);
    layout->addWidget(m_expression);
    layout->addWidget(m_expressionError);
    layout->addSpacing(spacing(this, 2));
    layout->addWidget(rows);
    layout->addWidget(m_where);
    layout->addWidget(m_whereError);
    layout->addWidget(hint);
    layout->addSpacing(spacing(this, 2));
    layout->addWidget(m_keepOld);
    layout->addWidget(m_keepUp);
    layout->addWidget(m_notNull);
    layout->addStretch(1);
    return form;
}

QWidget *ExpressionsStep::makeSample()
{
    m_sample->setSource(m_sampleModel);
    m_sample->sortByColumnId("row", Qt::AscendingOrder);
    m_sampleText->setTextFormat(Qt::PlainText);
    m_sampleText->setObjectName(QStringLiteral("sample-text"));
    m_sampleText->setForegroundRole(QPalette::PlaceholderText);
    m_sampleText->setWordWrap(true);
    auto *below = new QWidget(this);
    auto *layout = new QVBoxLayout(below);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *line = new QHBoxLayout;
    line->setContentsMargins(spacing(this, 4), spacing(this, 2), spacing(this, 4), spacing(this, 2));
    line->addWidget(m_sampleText);
    layout->addLayout(line);
    layout->addWidget(m_sample, 1);
    return below;
}

void ExpressionsStep::enter()
{
    const pg::QualifiedName table = draft().table->name;
    if (draft().spec.table != table || draft().spec.from != draft().from) {
        // Another table than before: what was written for that one means nothing here.
        draft().spec = {};
        draft().spec.table = table;
        draft().spec.from = draft().from;
        draft().planned.reset();
    }
    m_refused.reset();
    m_columns.clear();
    fill();
    readColumns();
}

void ExpressionsStep::readColumns()
{
    const auto access = m_context.accessTo(draft().server);
    if (!access)
        return;
    showSampleText(tr("Reading the columns…"));
    m_context.runner->run(
        this, m_reading,
        [info = connInfoOf(*access, draft().database), table = draft().spec.table, adds = draft().spec.adds()](
            const std::stop_token &stop) { return backfill::readFillable(info, table, adds, stop); },
        [this](const Result<std::vector<backfill::FillableColumn>> &columns) {
            if (!columns) {
                showSampleText({});
                Q_EMIT failed(columns.error());
                return;
            }
            m_columns = *columns;
            fill();
            change();
        });
}

void ExpressionsStep::fill()
{
    const backfill::BackfillSpec &spec = draft().spec;
    m_filling = true;
    m_where->setSql(spec.where);
    m_notNull->setChecked(spec.notNull);
    m_keepUp->setChecked(spec.keepUp);
    m_keepOld->setChecked(spec.keepOld);
    m_filling = false;
    for (QWidget *widget : std::initializer_list<QWidget *>{m_notNull, m_keepUp, m_name, m_type, m_add})
        widget->setVisible(!spec.adds());
    auto *hint = findChild<QLabel *>(QStringLiteral("where-hint"));
    hint->setText(spec.adds() ? tr("A condition over the rows of %1; left empty, all of them.").arg(spec.from.display())
                              : tr("A condition; left empty, those with a NULL in a column to be filled."));
    m_sample->setColumnWanted(SampleModel::Before, !spec.adds());
    showRows();
    if (!m_table->currentSource().isValid()) {
        const auto first = std::find_if(m_model->rows().begin(), m_model->rows().end(),
                                        [](const FillRow &row) { return row.whyNot.isEmpty(); });
        if (first != m_model->rows().end())
            m_table->setCurrentIndex(m_table->proxy()->mapFromSource(m_model->index(first->number, 0)));
    }
    showSelection();
}

void ExpressionsStep::showRows()
{
    std::vector<FillRow> rows;
    const auto add = [&](const QString &name, const QString &type, const QString &whyNot, bool isNew) {
        const bool isRefused = m_refused && m_refused->column == name;
        rows.push_back({static_cast<int>(rows.size()), name, type, expressionOf(name), whyNot, isNew, isRefused});
    };
    for (const backfill::FillableColumn &column : m_columns)
        add(column.name, column.type, column.whyNot, false);
    for (const backfill::NewColumn &column : draft().spec.add)
        add(column.name, column.type, {}, true);
    m_model->setRows(std::move(rows));
}

QString ExpressionsStep::expressionOf(const QString &column) const
{
    for (const backfill::Assignment &assignment : draft().spec.set) {
        if (assignment.column == column)
            return assignment.expression;
    }
    return {};
}

const FillRow *ExpressionsStep::current() const
{
    const QModelIndex index = m_table->currentSource();
    return index.isValid() ? &m_model->row(index.row()) : nullptr;
}

void ExpressionsStep::showSelection()
{
    const FillRow *row = current();
    const bool canBeFilled = row && row->whyNot.isEmpty();
    m_heading->setText(!row           ? tr("Select a column to say what it becomes.")
                       : !canBeFilled ? tr("%1 cannot be filled: %2.").arg(row->name, row->whyNot)
                       : draft().spec.adds()
                           ? tr("%1 becomes, over the columns of %2").arg(row->name, draft().spec.from.display())
                           : tr("%1 becomes").arg(row->name));
    m_expression->setEnabled(canBeFilled);
    m_expression->setSql(row ? expressionOf(row->name) : QString());
    m_remove->setVisible(row && row->isNew);
    showRefusal();
}

void ExpressionsStep::addColumn()
{
    const QString name = m_name->text().trimmed();
    const QString type = m_type->currentText().trimmed();
    if (name.isEmpty() || type.isEmpty()) {
        m_name->setFocus();
        return;
    }
    const bool isThere = std::any_of(m_model->rows().begin(), m_model->rows().end(),
                                     [&](const FillRow &row) { return row.name == name; });
    if (isThere) {
        Q_EMIT failed(Error::input(tr("%1 has a column “%2” already.").arg(draft().spec.table.display(), name),
                                   tr("Choose another name.")));
        return;
    }
    draft().spec.add.push_back({name, type});
    m_name->clear();
    showRows();
    m_table->setCurrentIndex(m_table->proxy()->mapFromSource(m_model->index(m_model->rowCount() - 1, 0)));
    showSelection();
    change();
    m_expression->setFocus();
}

void ExpressionsStep::removeColumn()
{
    const FillRow *row = current();
    if (!row || !row->isNew)
        return;
    const QString name = row->name;
    auto &spec = draft().spec;
    std::erase_if(spec.add, [&](const backfill::NewColumn &column) { return column.name == name; });
    std::erase_if(spec.set, [&](const backfill::Assignment &assignment) { return assignment.column == name; });
    showRows();
    showSelection();
    change();
    m_table->setFocus();
}

void ExpressionsStep::writeExpression()
{
    const FillRow *row = current();
    if (!row)
        return;
    const QString column = row->name;
    const QString expression = m_expression->sql().trimmed();
    auto &set = draft().spec.set;
    const auto at = std::find_if(set.begin(), set.end(),
                                 [&](const backfill::Assignment &assignment) { return assignment.column == column; });
    if (expression.isEmpty() && at != set.end())
        set.erase(at);
    else if (at != set.end())
        at->expression = expression;
    else if (!expression.isEmpty())
        set.push_back({column, expression});
    showRows();
    change();
}

void ExpressionsStep::change()
{
    if (m_filling)
        return;
    auto &spec = draft().spec;
    spec.where = m_where->sql().trimmed();
    spec.notNull = m_notNull->isChecked() && !spec.adds();
    spec.keepUp = m_keepUp->isChecked() && !spec.adds();
    spec.keepOld = m_keepOld->isChecked();
    draft().planned.reset();
    m_checking.cancel();
    m_isChecking = !spec.set.empty();
    if (spec.set.empty()) {
        m_pause.stop();
        m_refused.reset();
        m_sampleModel->setRows({});
        showRefusal();
        showSampleText(spec.adds() ? tr("Write what the columns of the added rows become, those of the key too.")
                                   : tr("Write what a column becomes: it is tried on the server, and some rows are "
                                        "shown here as they would be. Nothing is changed."));
    } else {
        m_pause.start();
    }
    Q_EMIT completeChanged();
}

void ExpressionsStep::check()
{
    const auto access = m_context.accessTo(draft().server);
    if (!access)
        return;
    showSampleText(tr("Trying it on the server…"));
    m_context.runner->run(
        this, m_checking,
        [info = connInfoOf(*access, draft().database), spec = draft().spec](const std::stop_token &stop) {
            return backfill::previewBackfill(info, spec, stop);
        },
        [this](const Result<backfill::BackfillPreview> &preview) { take(preview); });
}

void ExpressionsStep::take(const Result<backfill::BackfillPreview> &preview)
{
    m_isChecking = false;
    if (!preview) {
        showSampleText(tr("It could not be tried: %1").arg(preview.error().summary()));
        Q_EMIT completeChanged();
        return;
    }
    draft().planned = preview->plan;
    m_refused = preview->refused;
    m_sampleModel->setRows(preview->sample);
    showRows();
    showRefusal();
    if (m_refused)
        showSampleText(tr("No plan yet: the server does not take what is written."));
    else if (preview->noSample)
        showSampleText(tr("It can be planned. No rows are shown: %1").arg(preview->noSample->summary()));
    else if (preview->rows == 0)
        showSampleText(tr("It can be planned. No row meets the condition now."));
    else
        showSampleText(tr("%n row(s) as they are and as they would be. Nothing is changed.", nullptr, preview->rows));
    Q_EMIT completeChanged();
}

void ExpressionsStep::showRefusal()
{
    m_expressionError->clear();
    m_whereError->clear();
    if (!m_refused)
        return;
    Error error = m_refused->error;
    const FillRow *row = current();
    if (m_refused->field == FieldError::Field::Type)
        error.message = tr("Type of %1: %2").arg(m_refused->column, error.message);
    else if (m_refused->field == FieldError::Field::Expression && (!row || row->name != m_refused->column))
        error.message = tr("%1: %2").arg(m_refused->column, error.message);
    (m_refused->field == FieldError::Field::Where ? m_whereError : m_expressionError)->showError(error);
}

void ExpressionsStep::showSampleText(const QString &text)
{
    m_sampleText->setText(text);
}

bool ExpressionsStep::isComplete() const
{
    return !m_isChecking && draft().planned;
}

QWidget *ExpressionsStep::mainWidget()
{
    return m_table;
}

void ExpressionsStep::setFilterText(const QString &text)
{
    m_table->setFilterText(text);
}

} // namespace tidemark::ui
