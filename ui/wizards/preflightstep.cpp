// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/preflightstep.h"

#include "core/base/units.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/detailpanel.h"
#include "ui/widgets/strategylist.h"

#include <QAction>
#include <QLabel>
#include <QLocale>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>

namespace tidemark::ui {

using stage::CaptureMode;
using stage::Obstacle;
using stage::ShadowShape;
using stage::Strategy;

namespace {

Severity severityOf(Obstacle::Gravity gravity)
{
    return gravity == Obstacle::Gravity::Refused ? Severity::Critical
           : gravity == Obstacle::Gravity::Loses ? Severity::Warning
                                                 : Severity::Notice;
}

QString verdictOf(Obstacle::Gravity gravity)
{
    switch (gravity) {
    case Obstacle::Gravity::Refused:
        return PreflightStep::tr("Refused");
    case Obstacle::Gravity::Loses:
        return PreflightStep::tr("Would be lost");
    case Obstacle::Gravity::Changes:
        break;
    }
    return PreflightStep::tr("Changes");
}

QString idOf(Strategy strategy, ShadowShape shape, CaptureMode capture)
{
    QString id = stage::shapeWord(shape) + QLatin1Char('-') + stage::strategyWord(strategy);
    if (strategy == Strategy::Copy && capture == CaptureMode::Mirror)
        id += QStringLiteral("-mirror");
    return id;
}

QString titleOf(Strategy strategy, ShadowShape shape, CaptureMode capture)
{
    const bool native = shape != ShadowShape::Hypertable;
    if (strategy == Strategy::Attach)
        return native ? PreflightStep::tr("Attach: it becomes a partition itself")
                      : PreflightStep::tr("Attach: it becomes a chunk itself");
    if (capture == CaptureMode::Mirror)
        return native ? PreflightStep::tr("Copy, changes mirrored") : PreflightStep::tr("Hypertable, changes mirrored");
    return native ? PreflightStep::tr("Copy, changes followed by key")
                  : PreflightStep::tr("Hypertable, changes followed by key");
}

/// The ways there are, as planning reckons them. One that stands in the way of itself alone cannot be chosen; losses that
/// can be accepted do not.
QList<StrategyChoice> strategiesFor(const stage::StagePreview &preview)
{
    QList<StrategyChoice> choices;
    const auto add = [&choices](const stage::StrategyOutlook &outlook, CaptureMode capture) {
        StrategyChoice choice;
        choice.id = idOf(outlook.strategy, outlook.shape, capture);
        choice.title = titleOf(outlook.strategy, outlook.shape, capture);
        choice.facts = {outlook.takes ? PreflightStep::tr("about %1").arg(units::duration(*outlook.takes))
                                      : PreflightStep::tr("not known"),
                        PreflightStep::tr("%1 / %2").arg(units::bytes(outlook.bytesRead, QLocale()),
                                                         units::bytes(outlook.bytesWritten, QLocale())),
                        units::bytes(outlook.diskNeeded, QLocale()),
                        outlook.strategy == Strategy::Attach
                            ? PreflightStep::tr("until the bounds are checked, nothing")
                        : capture == CaptureMode::Mirror ? PreflightStep::tr("each statement changes both tables")
                                                         : PreflightStep::tr("each statement logs its keys")};
        choice.toolTip = (QStringList{outlook.basis} + outlook.locks).join(QLatin1Char('\n'));
        for (const Obstacle &obstacle : outlook.blocking) {
            if (obstacle.gravity == Obstacle::Gravity::Refused && choice.whyNot.isEmpty())
                choice.whyNot = PreflightStep::tr("%1: %2").arg(obstacle.object, obstacle.why);
        }
        choices << choice;
    };
    for (const stage::StrategyOutlook &outlook : preview.outlooks) {
        add(outlook, CaptureMode::Keys);
        if (outlook.strategy == Strategy::Copy)
            add(outlook, CaptureMode::Mirror);
    }
    return choices;
}

} // namespace

std::vector<CheckRow> checkRowsOf(const stage::StagePreview &preview, const stage::StageSpec &spec)
{
    std::vector<CheckRow> rows;
    const auto add = [&rows](Severity severity, const QString &verdict, const QString &what, const QString &why,
                             const QString &wayOut = {}) -> CheckRow & {
        rows.push_back({static_cast<int>(rows.size()), severity, verdict, what, why, wayOut, {}, false});
        return rows.back();
    };
    const stage::StagePlan &planned = preview.planned;
    if (preview.refused) {
        add(Severity::Critical, PreflightStep::tr("Refused"), spec.table.display(), preview.refused->summary(),
            preview.refused->hint);
        return rows;
    }
    for (const Obstacle &obstacle : planned.obstacles) {
        CheckRow &row = add(severityOf(obstacle.gravity), verdictOf(obstacle.gravity), obstacle.object, obstacle.why,
                            obstacle.wayOut);
        if (obstacle.gravity == Obstacle::Gravity::Loses) {
            row.waiver = obstacle.object;
            row.isWaived = spec.waivers.contains(obstacle.object);
        }
    }
    for (const stage::Finding &finding : planned.findings)
        add(Severity::Warning, PreflightStep::tr("To know"), finding.subject, finding.text, finding.wayOut);
    bool waits = false;
    for (const StepWait &wait : planned.waits) {
        if (wait.holders.empty())
            continue;
        waits = true;
        QStringList who;
        for (const LockHolder &holder : wait.holders)
            who << holder.text();
        add(Severity::Warning, PreflightStep::tr("Would wait"), wait.title,
            PreflightStep::tr("%1 on %2: %3")
                .arg(lockModeSql(wait.lock.mode), wait.lock.relation.display(), who.join(QLatin1String("; "))),
            PreflightStep::tr(
                "The run waits for it without standing in the lock's queue, so that nobody queues behind "
                "the run for longer than one attempt. The Locks page shows what it does, and can end it."));
    }
    const QString ok = PreflightStep::tr("OK");
    const QString rowCount = planned.rowEstimate < 0
                                 ? PreflightStep::tr("never counted")
                                 : PreflightStep::tr("about %1 rows").arg(units::count(planned.rowEstimate, QLocale()));
    add(Severity::Ok, ok, PreflightStep::tr("size"),
        PreflightStep::tr("%1, %2.").arg(units::bytes(planned.bytes, QLocale()), rowCount));
    if (planned.partitions > 0)
        add(Severity::Ok, ok, PreflightStep::tr("partitions"),
            PreflightStep::tr(
                "%n partition(s) will be made, from the lowest value there is to the last one made ahead.", nullptr,
                static_cast<int>(planned.partitions)));
    if (!waits && planned.plan)
        add(Severity::Ok, ok, PreflightStep::tr("locks"),
            PreflightStep::tr("Nobody holds a lock now that the run would have to wait for."));
    return rows;
}

PreflightStep::PreflightStep(const PageContext &context, StageDraft &draft, QWidget *parent)
    : StepOf(tr("Preflight"), draft, parent)
    , m_context(context)
    , m_model(new CheckModel(this))
    , m_table(new DataTable(tr("What was found"), this))
    , m_detail(new DetailPanel(this))
    , m_strategies(new StrategyList(
          {tr("Strategy"), tr("Takes"), tr("Reads / writes"), tr("Disk needed"), tr("What writers pay")}, this))
    , m_below(new QWidget(this))
    , m_waive(new QAction(tr("&Accept this loss"), this))
{
    m_table->setSource(m_model);
    m_table->sortByColumnId("verdict", Qt::AscendingOrder);
    m_table->setDelegateFor("verdict", new StatusDelegate(m_table));
    m_detail->addAction(m_waive);
    m_detail->setFacts(tr("What this means"), {});
    m_detail->setFacts(tr("Way out"), {});
    auto *split = new QSplitter(Qt::Horizontal, this);
    split->addWidget(m_table);
    split->addWidget(m_detail);
    split->setStretchFactor(0, 2);
    split->setStretchFactor(1, 1);
    split->setHandleWidth(1);
    split->setChildrenCollapsible(false);
    split->setSizes({2'000, 1'000});
    m_below->setAutoFillBackground(true);
    m_below->setBackgroundRole(QPalette::Base);
    auto *belowLayout = new QVBoxLayout(m_below);
    belowLayout->setContentsMargins(spacing(this, 4), spacing(this, 3), spacing(this, 4), spacing(this, 3));
    belowLayout->addWidget(m_strategies);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(1);
    layout->addWidget(split, 1);
    layout->addWidget(m_below);
    connect(m_table, &DataTable::currentRowChanged, this, &PreflightStep::showSelection);
    connect(m_waive, &QAction::triggered, this, &PreflightStep::waive);
    connect(m_strategies, &StrategyList::choiceChanged, this, [this](const QString &id) {
        choose(id);
        plan();
    });
}

void PreflightStep::enter()
{
    m_below->hide();
    if (draft().preview)
        showChecks();
    else
        plan();
}

void PreflightStep::showStrategies()
{
    const stage::StageSpec &spec = draft().spec;
    if (draft().preview)
        m_strategies->setChoices(strategiesFor(*draft().preview), idOf(spec.strategy, spec.shape, spec.capture));
    m_below->setVisible(spec.shape != ShadowShape::Same && draft().preview && !draft().preview->outlooks.empty());
}

void PreflightStep::choose(const QString &id)
{
    stage::StageSpec &spec = draft().spec;
    for (const ShadowShape shape : {ShadowShape::Native, ShadowShape::Hypertable}) {
        for (const Strategy strategy : {Strategy::Copy, Strategy::Attach}) {
            for (const CaptureMode capture : {CaptureMode::Keys, CaptureMode::Mirror}) {
                if (idOf(strategy, shape, capture) != id
                    || (strategy == Strategy::Attach && capture != CaptureMode::Keys))
                    continue;
                spec.shape = shape;
                spec.strategy = strategy;
                spec.capture = capture;
            }
        }
    }
}

void PreflightStep::plan()
{
    const auto access = m_context.accessTo(draft().server);
    if (!access)
        return;
    draft().preview.reset();
    m_error.reset();
    m_isPlanning = true;
    m_model->setRows({{0,
                       Severity::Unknown,
                       tr("Looking…"),
                       draft().spec.table.display(),
                       tr("Reading the table, all that belongs to it, and the range of its values. Changes nothing."),
                       {},
                       {},
                       false}});
    m_table->selectFirst();
    Q_EMIT completeChanged();
    m_context.runner->run(
        this, m_planning,
        [info = connInfoOf(*access, draft().database), spec = draft().spec](const std::stop_token &stop) {
            return stage::previewStage(info, spec, stop);
        },
        [this](const Result<stage::StagePreview> &preview) { take(preview); });
}

void PreflightStep::take(const Result<stage::StagePreview> &preview)
{
    m_isPlanning = false;
    if (preview)
        draft().preview = *preview;
    else
        m_error = preview.error();
    showChecks();
    Q_EMIT completeChanged();
}

void PreflightStep::showChecks()
{
    if (m_error) {
        m_model->setRows({{0,
                           Severity::Critical,
                           tr("Refused"),
                           draft().spec.table.display(),
                           m_error->summary(),
                           m_error->hint,
                           {},
                           false}});
    } else if (draft().preview) {
        m_model->setRows(checkRowsOf(*draft().preview, draft().spec));
    }
    if (!m_table->currentSource().isValid())
        m_table->selectFirst();
    showSelection();
    showStrategies();
}

void PreflightStep::showSelection()
{
    const QModelIndex index = m_table->currentSource();
    if (!index.isValid()) {
        m_detail->showPlaceholder(tr("Select a line to see what it means and what the way out is."));
        return;
    }
    const CheckRow &row = m_model->row(index.row());
    m_detail->setTitle(row.what);
    m_detail->setStatus(row.isWaived ? Severity::Notice : row.severity, row.isWaived ? tr("Accepted") : row.verdict);
    m_detail->setFacts(tr("What this means"), {{{}, row.why}});
    m_detail->setFacts(tr("Way out"), {{{}, row.wayOut}});
    m_detail->setSectionVisible(tr("Way out"), !row.wayOut.isEmpty());
    m_waive->setVisible(!row.waiver.isEmpty());
    m_waive->setText(row.isWaived ? tr("Do not &accept this loss") : tr("&Accept this loss"));
}

void PreflightStep::waive()
{
    const QModelIndex index = m_table->currentSource();
    if (!index.isValid() || m_model->row(index.row()).waiver.isEmpty())
        return;
    const QString waiver = m_model->row(index.row()).waiver;
    if (!draft().spec.waivers.remove(waiver))
        draft().spec.waivers.insert(waiver);
    plan();
}

bool PreflightStep::isComplete() const
{
    return !m_isPlanning && draft().preview && draft().preview->planned.plan;
}

QWidget *PreflightStep::mainWidget()
{
    return m_table;
}

void PreflightStep::setFilterText(const QString &text)
{
    m_table->setFilterText(text);
}

} // namespace tidemark::ui
