// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runspage.h"

#include "core/base/units.h"
#include "ui/models/runstepmodel.h"
#include "ui/models/severity.h"
#include "ui/models/texts.h"
#include "ui/pages/runpanel.h"
#include "ui/services/icons.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/detailpanel.h"

#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

namespace tidemark::ui {

namespace {

QString watched(const std::optional<qint64> &limit, const std::function<QString(qint64)> &text)
{
    return limit ? text(*limit) : RunsPage::tr("not watched");
}

QList<Fact> factsOf(const RunPlace &place, const RunLook &look)
{
    const RunRecord &record = look.record;
    QList<Fact> facts{{RunsPage::tr("Run"), QString::number(record.id)},
                      {RunsPage::tr("Database"), placeText(place.server, place.database)},
                      {RunsPage::tr("Confirmed by"), record.confirmedBy}};
    if (!record.driver.isEmpty())
        facts << Fact{record.driven ? RunsPage::tr("Driven by") : RunsPage::tr("Last driven by"), record.driver};
    if (record.startedAt)
        facts << Fact{RunsPage::tr("Started"), units::age(*record.startedAt, look.now),
                      texts::absolute(*record.startedAt)};
    if (record.finishedAt)
        facts << Fact{RunsPage::tr("Ended"), units::age(*record.finishedAt, look.now),
                      texts::absolute(*record.finishedAt)};
    return facts;
}

QList<Fact> settingsOf(const RunSettings &settings)
{
    const auto plain = [](qint64 value) { return QString::number(value); };
    const auto bytes = [](qint64 value) { return units::bytes(value); };
    const auto &limits = settings.limits;
    const auto lag = limits.replicaLag ? std::optional<qint64>(limits.replicaLag->count()) : std::nullopt;
    return {{RunsPage::tr("Workers"), QString::number(settings.workers)},
            {RunsPage::tr("Time of a chunk"), units::duration(settings.chunkTime)},
            {RunsPage::tr("Stall budget"), units::duration(settings.stallBudget)},
            {RunsPage::tr("Replica lag above"), watched(lag, [](qint64 ms) { return units::duration(Millis(ms)); })},
            {RunsPage::tr("Slot keeps above"), watched(limits.slotLagBytes, bytes)},
            {RunsPage::tr("Not archived above"), watched(limits.archiveLagBytes, bytes)},
            {RunsPage::tr("WAL a second above"), watched(limits.walBytesPerSecond, bytes)},
            {RunsPage::tr("Lock waiters above"), watched(limits.lockWaiters, plain)},
            {RunsPage::tr("Active sessions above"), watched(limits.activeSessions, plain)}};
}

} // namespace

RunsPage::RunsPage(const PageContext &context, QWidget *parent)
    : Page(QStringLiteral("runs"), tr("Runs"), QStringLiteral("runs"), context, parent)
    , m_model(new RunModel(this))
    , m_table(new DataTable(tr("Runs"), this))
    , m_panel(new RunPanel(context, this))
    , m_split(new QSplitter(Qt::Vertical, this))
    , m_detail(new DetailPanel(this))
{
    m_table->setSource(m_model);
    m_table->setDelegateFor("state", new StatusDelegate(m_table));
    m_table->setDelegateFor("steps", new BarDelegate(m_table));
    m_table->sortByColumnId("state", Qt::AscendingOrder);
    m_split->addWidget(m_table);
    m_split->addWidget(m_panel);
    m_split->setStretchFactor(0, 1);
    m_split->setStretchFactor(1, 3);
    m_split->setChildrenCollapsible(false);
    m_split->setHandleWidth(1);
    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(makeBar());
    layout->addWidget(m_split, 1);
    setContent(content);
    // The order of the sections.
    m_detail->setFacts(tr("Facts"), {});
    m_detail->setFacts(tr("Selected step"), {});
    m_detail->setSql(tr("Its statements"), {});
    m_detail->setSql(tr("To take it back"), {});
    m_detail->setFacts(tr("Settings"), {});
    m_detail->showPlaceholder(tr("Select a run to see what it does and to act on it."));
    connect(m_table, &DataTable::currentRowChanged, this, &RunsPage::showSelection);
    connect(m_panel, &RunPanel::looked, this, &RunsPage::showDetail);
    connect(m_panel, &RunPanel::currentStepChanged, this, &RunsPage::showDetail);
    connect(this, &Page::emptyActionTriggered, this, [this]() { Q_EMIT otherPageRequested(QStringLiteral("stage")); });
    connect(this, &Page::otherEmptyActionTriggered, this,
            [this]() { Q_EMIT otherPageRequested(QStringLiteral("backfill")); });
}

QWidget *RunsPage::makeBar()
{
    auto *bar = new QWidget(this);
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(spacing(this, 4), spacing(this, 2), spacing(this, 4), spacing(this, 2));
    row->setSpacing(spacing(this, 2));
    auto *partition = new QPushButton(icon(QStringLiteral("stage")), tr("Partition a &table…"), bar);
    auto *fill = new QPushButton(icon(QStringLiteral("backfill")), tr("&Fill a column…"), bar);
    partition->setToolTip(tr("Plan a staged migration"));
    fill->setToolTip(tr("Plan a backfill"));
    connect(partition, &QPushButton::clicked, this, [this]() { Q_EMIT otherPageRequested(QStringLiteral("stage")); });
    connect(fill, &QPushButton::clicked, this, [this]() { Q_EMIT otherPageRequested(QStringLiteral("backfill")); });
    row->addWidget(partition);
    row->addWidget(fill);
    row->addStretch(1);
    return bar;
}

void RunsPage::setFilterText(const QString &text)
{
    m_table->setFilterText(text);
}

QWidget *RunsPage::detailWidget()
{
    return m_detail;
}

QWidget *RunsPage::mainWidget()
{
    return m_table;
}

Page::Badge RunsPage::badge(const Snapshots &snapshots, const Moments &) const
{
    Badge badge;
    for (const auto &[server, database, runs] : partsOf(snapshots, {}, &DatabaseSnapshot::runs)) {
        for (const RunRecord &run : *runs) {
            const bool needsSomebody = run.state == RunState::Failed || run.isForsaken() || run.waitsForWord()
                                       || run.driven;
            badge.count += needsSomebody ? 1 : 0;
            if (needsSomebody)
                badge.severity = worse(badge.severity, severityOf(run));
        }
    }
    return badge;
}

QString RunsPage::saveLayout() const
{
    return QString::fromLatin1(m_split->saveState().toBase64()) + QLatin1Char('\n') + m_table->saveLayout();
}

void RunsPage::restoreLayout(const QString &layout)
{
    m_split->restoreState(QByteArray::fromBase64(layout.section(QLatin1Char('\n'), 0, 0).toLatin1()));
    m_table->restoreLayout(layout.section(QLatin1Char('\n'), 1));
}

bool RunsPage::hasData(const ServerSnapshot &server, const DatabaseSnapshot &database) const
{
    return server.replayed || database.runs != nullptr;
}

bool RunsPage::isEmpty() const
{
    return m_model->rowCount() == 0;
}

EmptyText RunsPage::emptyText() const
{
    if (isReplaying())
        return {iconName(),
                tr("Runs are not replayed"),
                tr("What a run did, and when, stands in its own journal: go back to live and select it."),
                {}};
    return {iconName(), tr("No run yet"),
            tr("A run is one execution of a plan that was confirmed: a table that is partitioned while it is used, for "
               "example. Whoever drives it, and from wherever, it is listed here."),
            tr("Plan a staged migration"), tr("Fill a column…")};
}

void RunsPage::updateContent(const Snapshots &inScope)
{
    m_model->setSnapshots(inScope, scope(), moments());
    if (m_wanted) {
        const auto row = m_model->indexOfKey({m_wanted->server, m_wanted->database, -m_wanted->id});
        if (row) {
            m_table->setCurrentIndex(m_table->proxy()->mapFromSource(m_model->index(*row, 0)));
            m_wanted.reset();
        }
    }
    if (!m_table->currentSource().isValid())
        m_table->selectFirst();
    showSelection();
}

void RunsPage::updateAges(const Moments &moments)
{
    m_model->setMoments(moments);
}

void RunsPage::showRun(const RunPlace &place)
{
    m_wanted = place;
    refresh();
}

void RunsPage::showSelection()
{
    const QModelIndex index = m_table->currentSource();
    m_panel->setVisible(index.isValid());
    if (!index.isValid()) {
        m_panel->clear();
        m_detail->showPlaceholder(tr("Select a run to see what it does and to act on it."));
        return;
    }
    const RunRow &row = m_model->row(index.row());
    m_panel->setRun({row.server, row.database, row.run.id}, row.run.title);
}

void RunsPage::showDetail()
{
    const auto &live = m_panel->live();
    if (!m_panel->place() || !live) {
        m_detail->showPlaceholder(tr("Reading the run…"));
        return;
    }
    const RunLook &look = live->look;
    m_detail->setTitle(look.record.title, look.plan->kind);
    m_detail->setStatus(severityOf(look.record), runStateText(look.record));
    showStep(*live, m_panel->currentStep());
    m_detail->setFacts(tr("Facts"), factsOf(*m_panel->place(), look));
    m_detail->setFacts(tr("Settings"), settingsOf(look.settings));
}

void RunsPage::showStep(const LiveRun &run, int ordinal)
{
    const auto index = static_cast<size_t>(ordinal) - 1;
    const bool known = ordinal > 0 && index < run.look.plan->steps.size();
    QList<Fact> facts;
    if (known) {
        const Step &step = run.look.plan->steps[index];
        facts << Fact{tr("Step"), QStringLiteral("%1: %2").arg(ordinal).arg(step.title)};
        for (const StepLock &lock : step.locks)
            facts << Fact{tr("Takes"), tr("%1 on %2").arg(lockModeSql(lock.mode), lock.relation.display())};
        for (const StepRecord &record : run.look.steps) {
            if (record.ordinal != ordinal)
                continue;
            if (!record.error.isEmpty())
                facts << Fact{tr("Error"), record.error, {}, Severity::Critical};
            for (auto entry = record.outcome.begin(); entry != record.outcome.end(); ++entry) {
                if (entry.value().isObject() || entry.value().isArray() || entry.value().isNull())
                    continue;
                facts << Fact{entry.key(), entry.value().toVariant().toString()};
            }
        }
    }
    m_detail->setFacts(tr("Selected step"), facts);
    m_detail->setSectionVisible(tr("Selected step"), known);
    m_detail->setSql(tr("Its statements"), known ? stepSql(run.look.plan->steps[index]) : QString());
    m_detail->setSql(tr("To take it back"), known ? stepUndoSql(run.look.plan->steps[index]) : QString());
}

} // namespace tidemark::ui
