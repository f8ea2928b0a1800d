// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/reviewstep.h"

#include "ui/services/dialogs.h"
#include "ui/services/icons.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/runsettingsform.h"
#include "ui/widgets/sqlview.h"
#include "ui/wizards/rehearsalview.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QJsonDocument>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSaveFile>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

namespace tidemark::ui {

namespace {

QString bulleted(const QStringList &notes)
{
    QStringList lines;
    for (const QString &note : notes)
        lines << QStringLiteral("• ") + note;
    return lines.join(QStringLiteral("\n\n"));
}

} // namespace

ReviewStep::ReviewStep(const PageContext &context, ChangeDraft &draft, QWidget *parent)
    : StepOf(tr("Review"), draft, parent)
    , m_context(context)
    , m_model(new RunStepModel(RunStepModel::Of::Plan, this))
    , m_table(new DataTable(tr("Steps of the plan"), this))
    , m_tabs(new QTabWidget(this))
    , m_sql(new SqlView(this))
    , m_undo(new SqlView(this))
    , m_notes(new QPlainTextEdit(this))
    , m_left(new QTabWidget(this))
    , m_rehearsal(new RehearsalView(context, this))
    , m_title(new QLabel(this))
    , m_figures(new QHBoxLayout)
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
    head->addLayout(m_figures);
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
    m_left->setDocumentMode(true);
    m_left->setTabBarAutoHide(true);
    m_left->setAccessibleName(tr("The plan and its rehearsal"));
    m_left->addTab(m_table, tr("Ste&ps"));
    m_rehearsal->hide();
    connect(m_rehearsal, &RehearsalView::changed, this, &ReviewStep::showRehearsal);
    connect(m_rehearsal, &RehearsalView::failed, this, &WizardStep::failed);
    return m_left;
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
    m_notes->setReadOnly(true);
    m_notes->setTabChangesFocus(true);
    m_notes->setFrameShape(QFrame::NoFrame);
    m_notes->setAccessibleName(tr("What to know before confirming"));
    m_tabs->addTab(m_notes, tr("N&otes"));
    auto *copy = new QPushButton(icon(QStringLiteral("copy")), tr("&Copy plan"), this);
    auto *save = new QPushButton(icon(QStringLiteral("export")), tr("Sa&ve plan…"), this);
    copy->setToolTip(tr("All of it for people, with the exact SQL"));
    save->setToolTip(tr("As the file that “tidemarkctl run” takes"));
    m_rehearse = new QPushButton(icon(QStringLiteral("play")), tr("Re&hearse…"), this);
    m_rehearse->setToolTip(
        tr("Runs the plan on a scratch copy of the database, and tells what each step took and locked"));
    connect(m_rehearse, &QPushButton::clicked, m_rehearsal, &RehearsalView::rehearse);
    connect(copy, &QPushButton::clicked, this, &ReviewStep::copyPlan);
    connect(save, &QPushButton::clicked, this, &ReviewStep::savePlan);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(spacing(this, 2));
    buttons->addWidget(copy);
    buttons->addWidget(save);
    buttons->addWidget(m_rehearse);
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
    const Plan &plan = *draft().plan();
    m_title->setText(plan.title);
    m_settings->setSettings(draft().settings);
    m_model->setRows(stepRowsOf(plan));
    m_table->selectFirst();
    m_notes->setPlainText(bulleted(plan.notes));
    m_tabs->setTabVisible(m_tabs->indexOf(m_notes), !plan.notes.isEmpty());
    m_rehearsal->setPlan(draft().server, draft().database, plan);
    showRehearsal();
    showFigures();
    showSelection();
}

void ReviewStep::showRehearsal()
{
    const int tab = m_left->indexOf(m_rehearsal);
    if (m_rehearsal->hasBegun() && tab < 0)
        m_left->setCurrentIndex(m_left->addTab(m_rehearsal, tr("R&ehearsal")));
    else if (!m_rehearsal->hasBegun() && tab >= 0)
        m_left->removeTab(tab);
    m_rehearse->setEnabled(!m_rehearsal->isRehearsing());
}

void ReviewStep::showFigures()
{
    const QList<Figure> figures = draft().figures();
    for (qsizetype index = m_values.size(); index < figures.size(); ++index) {
        auto *box = new QVBoxLayout;
        box->setContentsMargins(0, 0, spacing(this, 8), 0);
        box->setSpacing(0);
        m_values << new QLabel(this);
        m_values.last()->setFont(titleFont(font()));
        box->addWidget(m_values.last());
        auto *what = new QLabel(figures[index].what, this);
        what->setForegroundRole(QPalette::PlaceholderText);
        box->addWidget(what);
        m_figures->addLayout(box);
    }
    for (qsizetype index = 0; index < figures.size(); ++index)
        m_values[index]->setText(figures[index].value);
    const Step *last = nullptr;
    for (const Step &step : draft().plan()->steps) {
        if (step.pointOfNoReturn && last == nullptr)
            last = &step;
    }
    m_noReturn->setText(last == nullptr ? tr("All of it can be taken back.")
                        : last->hold
                            ? tr("All of it can be taken back until “%1”, which waits for your word.").arg(last->title)
                            : tr("Once “%1” has begun, what it did cannot be taken back.").arg(last->title));
}

void ReviewStep::showSelection()
{
    const QModelIndex index = m_table->currentSource();
    if (!index.isValid() || !isComplete())
        return;
    const auto at = static_cast<size_t>(m_model->row(index.row()).ordinal) - 1;
    const Step &step = draft().plan()->steps[at];
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
                                          : tr("-- nothing of its own to take back"));
}

void ReviewStep::copyPlan()
{
    QGuiApplication::clipboard()->setText(draft().plan()->preview());
    Q_EMIT told(Severity::Ok, tr("The plan is on the clipboard."));
}

void ReviewStep::savePlan()
{
    const QString name = draft().target().name + QStringLiteral(".plan.json");
    m_context.dialogs->saveFile(
        this, tr("Save plan"), name, {tr("Plan (*.json)")},
        [this, json = QJsonDocument(draft().plan()->toJson()).toJson()](const QString &path) {
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
    return draft().plan() != nullptr;
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
