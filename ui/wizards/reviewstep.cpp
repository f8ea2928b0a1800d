// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/reviewstep.h"

#include "core/base/units.h"
#include "ui/services/dialogs.h"
#include "ui/services/icons.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/runsettingsform.h"
#include "ui/widgets/sqlview.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QJsonDocument>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSaveFile>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

namespace tidemark::ui {

namespace {

/// A number that matters over what it is.
QWidget *figure(QLabel *value, const QString &what, QWidget *parent)
{
    auto *box = new QWidget(parent);
    value->setFont(titleFont(value->font()));
    auto *text = new QLabel(what, box);
    text->setForegroundRole(QPalette::PlaceholderText);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, spacing(parent, 8), 0);
    layout->setSpacing(0);
    layout->addWidget(value);
    layout->addWidget(text);
    return box;
}

} // namespace

ReviewStep::ReviewStep(const PageContext &context, StageDraft &draft, QWidget *parent)
    : WizardStep(tr("Review"), draft, parent)
    , m_context(context)
    , m_model(new RunStepModel(RunStepModel::Of::Plan, this))
    , m_table(new DataTable(tr("Steps of the plan"), this))
    , m_tabs(new QTabWidget(this))
    , m_sql(new SqlView(this))
    , m_undo(new SqlView(this))
    , m_title(new QLabel(this))
    , m_stall(new QLabel(this))
    , m_disk(new QLabel(this))
    , m_noReturn(new QLabel(this))
    , m_settings(new RunSettingsForm(RunSettingsForm::Extent::Work, this))
{
    auto *split = new QSplitter(Qt::Horizontal, this);
    split->addWidget(makeSteps());
    split->addWidget(makeSql());
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 2);
    split->setHandleWidth(1);
    split->setChildrenCollapsible(false);

    m_title->setFont(titleFont(font()));
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_noReturn->setForegroundRole(QPalette::PlaceholderText);
    m_noReturn->setWordWrap(true);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(spacing(this, 4), spacing(this, 2), spacing(this, 4), spacing(this, 2));
    auto *titles = new QVBoxLayout;
    titles->setSpacing(0);
    titles->addWidget(m_title);
    titles->addWidget(m_noReturn);
    head->addLayout(titles, 1);
    head->addWidget(figure(m_stall, tr("longest wait by the swap"), this), 0, Qt::AlignTop);
    head->addWidget(figure(m_disk, tr("disk, until the old table goes"), this), 0, Qt::AlignTop);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(split, 1);
    connect(m_table, &DataTable::currentRowChanged, this, &ReviewStep::showSelection);
    connect(m_settings, &RunSettingsForm::edited, this, [this]() {
        this->draft().settings = m_settings->settings();
        showFigures();
    });
}

QWidget *ReviewStep::makeSteps()
{
    m_table->setSource(m_model);
    m_table->sortByColumnId("step", Qt::AscendingOrder);
    m_table->setDelegateFor("risk", new StatusDelegate(m_table));
    m_table->setDelegateFor("undo", new StatusDelegate(m_table));
    return m_table;
}

QWidget *ReviewStep::makeSql()
{
    m_sql->setAccessibleName(tr("SQL of the step"));
    m_undo->setAccessibleName(tr("SQL that takes the step back"));
    m_sql->setFillsHeight();
    m_undo->setFillsHeight();
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_sql, tr("&Statements"));
    m_tabs->addTab(m_undo, tr("&To take it back"));
    auto *copy = new QPushButton(icon(QStringLiteral("copy")), tr("&Copy plan"), this);
    auto *save = new QPushButton(icon(QStringLiteral("export")), tr("Sa&ve plan…"), this);
    copy->setToolTip(tr("All of it for people, with the exact SQL"));
    save->setToolTip(tr("As the file that “tidemarkctl run” takes"));
    connect(copy, &QPushButton::clicked, this, &ReviewStep::copyPlan);
    connect(save, &QPushButton::clicked, this, &ReviewStep::savePlan);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(spacing(this, 2));
    buttons->addWidget(copy);
    buttons->addWidget(save);
    buttons->addStretch(1);

    auto *right = new QWidget(this);
    right->setAutoFillBackground(true);
    right->setBackgroundRole(QPalette::Base);
    auto *below = new QVBoxLayout;
    below->setContentsMargins(spacing(this, 4), spacing(this, 2), spacing(this, 4), spacing(this, 3));
    below->setSpacing(spacing(this, 3));
    below->addWidget(m_settings);
    below->addLayout(buttons);
    auto *layout = new QVBoxLayout(right);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_tabs, 1);
    layout->addLayout(below);
    return right;
}

void ReviewStep::enter()
{
    const Plan &plan = *draft().preview->planned.plan;
    m_title->setText(plan.title);
    m_settings->setSettings(draft().settings);
    m_model->setRows(stepRowsOf(plan));
    m_table->selectFirst();
    showFigures();
    showSelection();
}

void ReviewStep::showFigures()
{
    const stage::StagePlan &planned = draft().preview->planned;
    m_stall->setText(tr("≤ %1").arg(units::duration(draft().settings.stallBudget)));
    m_disk->setText(tr("about %1").arg(units::bytes(planned.diskNeeded, QLocale())));
    const Step *last = nullptr;
    for (const Step &step : planned.plan->steps) {
        if (step.pointOfNoReturn && last == nullptr)
            last = &step;
    }
    m_noReturn->setText(
        last == nullptr ? tr("All of it can be taken back.")
                        : tr("All of it can be taken back until “%1”, which waits for your word.").arg(last->title));
}

void ReviewStep::showSelection()
{
    const QModelIndex index = m_table->currentSource();
    if (!index.isValid() || !isComplete())
        return;
    const auto at = static_cast<size_t>(m_model->row(index.row()).ordinal) - 1;
    const Step &step = draft().preview->planned.plan->steps[at];
    QString sql = stepSql(step);
    for (const StepLock &lock : step.locks)
        sql.prepend(tr("-- takes %1 on %2\n").arg(lockModeSql(lock.mode), lock.relation.display()));
    if (step.statements.isEmpty())
        sql += tr(
            "-- Tidemark works this step out piece by piece, from what it finds; it has no statement of its own.");
    m_sql->setSql(sql);
    const QString undo = stepUndoSql(step);
    m_undo->setSql(!undo.isEmpty()        ? undo
                   : step.pointOfNoReturn ? tr("-- cannot be taken back")
                                          : tr("-- nothing to take back: what it made goes with the new table"));
}

void ReviewStep::copyPlan()
{
    QGuiApplication::clipboard()->setText(draft().preview->planned.plan->preview());
    Q_EMIT told(Severity::Ok, tr("The plan is on the clipboard."));
}

void ReviewStep::savePlan()
{
    const QString name = draft().spec.table.name + QStringLiteral(".plan.json");
    m_context.dialogs->saveFile(
        this, tr("Save plan"), name, {tr("Plan (*.json)")},
        [this, json = QJsonDocument(draft().preview->planned.plan->toJson()).toJson()](const QString &path) {
            QSaveFile file(path);
            const bool written = file.open(QIODevice::WriteOnly) && file.write(json) == json.size() && file.commit();
            if (written)
                Q_EMIT told(Severity::Ok, tr("The plan is in %1. “tidemarkctl run” runs it.").arg(path));
            else
                Q_EMIT failed(Error::local(tr("cannot write %1: %2").arg(path, file.errorString()),
                                           tr("Choose a folder you may write to.")));
        });
}

bool ReviewStep::isComplete() const
{
    return draft().preview && draft().preview->planned.plan;
}

QWidget *ReviewStep::mainWidget()
{
    return m_table;
}

void ReviewStep::setFilterText(const QString &text)
{
    m_table->setFilterText(text);
}

} // namespace tidemark::ui
