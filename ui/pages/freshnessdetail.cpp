// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/freshnessdetail.h"

#include "core/base/units.h"
#include "ui/charts/dependencygraphview.h"
#include "ui/charts/timechart.h"
#include "ui/models/refreshhistorymodel.h"
#include "ui/models/sawtooth.h"
#include "ui/models/severity.h"
#include "ui/models/texts.h"
#include "ui/services/theme.h"
#include "ui/widgets/messagebar.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

#include <cmath>

namespace tidemark::ui {

namespace {

using namespace std::chrono_literals;

constexpr auto shownHistory = 24h;
constexpr auto readHistoryFor = 7 * 24h; // the age at the left edge comes from a refresh before it
constexpr int mostEvents = 2000;

} // namespace

QString refreshStatement(const Refreshable &refreshable, const pg::Capabilities &capabilities)
{
    const auto function = [&capabilities](const char *extension, const char *name) {
        return pg::QualifiedName{capabilities.extensionSchemas.value(QLatin1String(extension)), QLatin1String(name)}
            .quoted();
    };
    switch (refreshable.kind) {
    case RefreshableKind::MaterializedView:
        return QStringLiteral("REFRESH MATERIALIZED VIEW %1%2;")
            .arg(refreshable.concurrently.eligible ? QStringLiteral("CONCURRENTLY ") : QString(),
                 refreshable.name.quoted());
    case RefreshableKind::ContinuousAggregate:
        return QStringLiteral("CALL %1(%2, NULL, NULL);")
            .arg(function("timescaledb", "refresh_continuous_aggregate"), pg::quoteLiteral(refreshable.name.quoted()));
    case RefreshableKind::PgIvmTable:
        return QStringLiteral("SELECT %1(%2, true);")
            .arg(function("pg_ivm", "refresh_immv"), pg::quoteLiteral(refreshable.name.quoted()));
    case RefreshableKind::RollupTable:
    case RefreshableKind::ManagedTable:
        break;
    }
    return {};
}

FreshnessDetail::FreshnessDetail(const PageContext &context, QWidget *parent)
    : DetailPanel(parent)
    , m_context(context)
    , m_refreshLog(new QAction(tr("Log…"), this))
    , m_age(new TimeChart(tr("Age"), ChartUnit::Duration, this))
    , m_durations(new TimeChart(tr("Refreshes and how long they took"), ChartUnit::Duration, this))
    , m_graph(new DependencyGraphView(this))
    , m_target(new QLineEdit(this))
    , m_targetMessage(new MessageBar(this))
    , m_message(new MessageBar(this))
{
    addActions();
    setFacts(tr("State"), {});
    addTargetEditor();
    for (TimeChart *chart : {m_age, m_durations}) {
        chart->setFixedHeight(fontMetrics().height() * 10);
        setWidget(tr("Last 24 hours"), chart);
    }
    setWidget(tr("Sources and readers"), m_graph);
    setFacts(tr("Properties"), {});
    setWidget(tr("Definition"), m_message);
    connect(m_graph, &DependencyGraphView::refreshableActivated, this, [this](quint32 oid) {
        if (m_row)
            Q_EMIT refreshableRequested(m_row->server, m_row->database, oid);
    });
    m_settled.setSingleShot(true);
    m_settled.setInterval(200);
    connect(&m_settled, &QTimer::timeout, this, [this]() {
        readHistory();
        readDefinition();
    });
    showNothing();
}

void FreshnessDetail::addActions()
{
    auto *refresh = new QAction(tr("Refresh…"), this);
    refresh->setToolTip(tr("Leads through its refresh; nothing is done before it is confirmed"));
    refresh->setObjectName(QStringLiteral("refresh"));
    connect(refresh, &QAction::triggered, this, &FreshnessDetail::refreshRequested);
    addAction(refresh);
    auto *copy = new QAction(tr("Copy SQL"), this);
    copy->setToolTip(tr("Copies the statement that would refresh it; nothing is run."));
    connect(copy, &QAction::triggered, this, [this]() {
        if (m_row)
            QGuiApplication::clipboard()->setText(refreshStatement(*m_row->refreshable, m_database->capabilities));
    });
    copy->setObjectName(QStringLiteral("copyRefreshStatement"));
    addAction(copy);
    m_refreshLog->setToolTip(tr("Shows, installs or removes what writes down every refresh in this database"));
    m_refreshLog->setObjectName(QStringLiteral("refreshLog"));
    connect(m_refreshLog, &QAction::triggered, this, [this]() {
        if (m_row)
            Q_EMIT refreshLogRequested({ObjectKind::Refreshable, m_row->server, m_row->database,
                                        m_row->refreshable->oid, m_row->refreshable->name, 0});
    });
    addAction(m_refreshLog);
}

void FreshnessDetail::addTargetEditor()
{
    auto *box = new QWidget(this);
    auto *row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing(this, 2));
    m_target->setObjectName(QStringLiteral("target"));
    m_target->setAccessibleName(tr("Target: how old it may be"));
    m_target->setPlaceholderText(tr("none; for example 15 min"));
    auto *save = new QPushButton(tr("Set target"), box);
    save->setObjectName(QStringLiteral("saveTarget"));
    row->addWidget(m_target, 1);
    row->addWidget(save);
    connect(save, &QPushButton::clicked, this, &FreshnessDetail::saveTarget);
    connect(m_target, &QLineEdit::returnPressed, this, &FreshnessDetail::saveTarget);
    setWidget(tr("How old it may be"), box);
    setWidget(tr("How old it may be"), m_targetMessage);
}

void FreshnessDetail::showNothing()
{
    m_row.reset();
    m_database.reset();
    m_settled.stop();
    m_history.cancel();
    m_reading.cancel();
    showPlaceholder(tr("Select a view or table to see its history, what it reads and who reads it."));
}

DatabaseRef FreshnessDetail::databaseRef() const
{
    return databaseRefOf(m_database->capabilities);
}

void FreshnessDetail::show(const FreshnessRow &row, const std::shared_ptr<const DatabaseSnapshot> &database,
                           Instant now)
{
    const bool other = !m_row || m_row->key() != row.key();
    const bool refreshed = !other && (m_row->refreshable->lastRefresh != row.refreshable->lastRefresh);
    const bool sameSnapshot = m_database && database->freshness == m_database->freshness;
    const bool targetChanged = other || m_row->refreshable->target != row.refreshable->target;
    m_row = row;
    m_database = database;
    m_now = now;
    if (other) {
        m_events.clear();
        m_detail.reset();
        m_message->clear();
        m_targetMessage->clear();
        setSql(tr("Definition"), {});
        setTitle(row.refreshable->name.display(),
                 QStringLiteral("%1, %2 / %3").arg(kindText(row.refreshable->kind), row.server, row.database));
    }
    if (targetChanged && !m_target->isModified())
        m_target->setText(row.refreshable->target ? units::duration(*row.refreshable->target) : QString());
    if (other)
        m_target->setModified(false);
    if (auto *copy = findChild<QAction *>(QStringLiteral("copyRefreshStatement")))
        copy->setVisible(!refreshStatement(*row.refreshable, database->capabilities).isEmpty());
    updateFacts();
    if (other || !sameSnapshot)
        m_graph->setGraph(dependencyGraph(database->freshness, row.refreshable->oid), now);
    else
        m_graph->setNow(now);
    if (other || refreshed)
        m_settled.start();
    // Over a day a few seconds more cannot be seen.
    if (other || refreshed || targetChanged || now - m_drawnAt > 15s)
        updateCharts();
}

void FreshnessDetail::setNow(Instant now)
{
    m_now = now;
    if (!m_row)
        return;
    updateFacts();
    m_graph->setNow(now);
}

void FreshnessDetail::editTarget()
{
    if (!m_row)
        return;
    ensureWidgetVisible(m_target);
    m_target->setFocus(Qt::ShortcutFocusReason);
    m_target->selectAll();
}

bool FreshnessDetail::isKnownRoughly() const
{
    const Refreshable &it = *m_row->refreshable;
    const Confidence confidence = it.lastRefresh.confidence;
    return it.kind == RefreshableKind::MaterializedView
           && (confidence == Confidence::Bracketed || confidence == Confidence::AtLeast
               || confidence == Confidence::Unknown || it.lastRefresh.probable);
}

void FreshnessDetail::updateFacts()
{
    const Refreshable &it = *m_row->refreshable;
    const FreshnessStatus status = freshnessStatus(it, m_now);
    setStatus(severityOf(status), statusText(status));
    m_refreshLog->setVisible(isKnownRoughly());
    setFacts(tr("State"), stateFacts());
    setFacts(tr("Properties"), propertyFacts());
    setFacts(tr("Continuous aggregate"), aggregateFacts());
    setSectionVisible(tr("Continuous aggregate"), it.aggregate.has_value());
}

QList<Fact> FreshnessDetail::stateFacts() const
{
    const Refreshable &it = *m_row->refreshable;
    QList<Fact> facts;
    facts << Fact{{}, texts::statusReason(it, m_now)};
    if (it.running) {
        facts << Fact{tr("Now"), texts::progress(*it.running, m_now), texts::absolute(it.running->startedAt),
                      Severity::Notice};
        const QString user = it.running->user;
        facts << Fact{tr("Run by"), it.running->pid ? tr("%1, pid %2").arg(user).arg(*it.running->pid) : user,
                      it.running->applicationName};
    }
    facts << Fact{tr("Last refresh"), texts::age(it.lastRefresh, m_now), texts::explained(it.lastRefresh)};
    facts << Fact{tr("How sure"), texts::badge(it.lastRefresh, m_now), texts::explained(it.lastRefresh)};
    if (it.lastRefresh.probable)
        facts << Fact{{}, texts::doubt()};
    if (isKnownRoughly())
        facts << Fact{{}, tr("A refresh log in its database would tell every refresh to the moment.")};
    facts << Fact{tr("Told by"), sourceText(it.lastRefresh.source)};
    facts << Fact{tr("Changed since"), texts::changes(it), texts::changesReason(it)};
    if (!it.notJudgedBecause.isEmpty())
        facts << Fact{{}, texts::changesReason(it)};
    if (it.lastChangedAt)
        facts << Fact{tr("Content last moved"), units::age(*it.lastChangedAt, m_now),
                      texts::absolute(*it.lastChangedAt)};
    if (it.lastDuration)
        facts << Fact{tr("Took"), units::duration(*it.lastDuration)};
    if (it.nextScheduled)
        facts << Fact{tr("Next"), texts::due(*it.nextScheduled, m_now), texts::absolute(*it.nextScheduled)};
    facts << Fact{tr("Schedule"), it.schedule.isEmpty() ? tr("none known") : it.schedule};
    return facts;
}

QList<Fact> FreshnessDetail::propertyFacts() const
{
    const Refreshable &it = *m_row->refreshable;
    QList<Fact> facts;
    facts << Fact{tr("Populated"),
                  it.populated ? tr("yes") : tr("no"),
                  {},
                  it.populated ? std::nullopt : std::optional(Severity::Critical)};
    if (it.kind == RefreshableKind::MaterializedView)
        facts << Fact{tr("CONCURRENTLY"),
                      it.concurrently.eligible ? tr("possible") : tr("not possible: %1").arg(it.concurrently.reason)};
    facts << Fact{tr("Owner"), it.owner};
    facts << Fact{tr("Rows"), texts::rows(it.rowsEstimate), tr("The planner's estimate")};
    if (!m_detail) {
        facts << Fact{tr("Size"), units::knownBytes(it.bytesEstimate, QLocale()),
                      tr("Of the table itself, as last counted")};
        return facts;
    }
    facts << Fact{tr("Size"), tr("%1, of it indexes %2")
                                  .arg(units::bytes(m_detail->totalBytes, QLocale()),
                                       units::bytes(m_detail->indexBytes, QLocale()))};
    facts << Fact{tr("Scans"),
                  tr("%1 sequential, %2 index")
                      .arg(QLocale().toString(m_detail->sequentialScans), QLocale().toString(m_detail->indexScans)),
                  tr("Since the server's statistics began")};
    if (m_detail->lastAnalyzed)
        facts << Fact{tr("Analyzed"), units::age(*m_detail->lastAnalyzed, m_now),
                      texts::absolute(*m_detail->lastAnalyzed)};
    if (!m_detail->comment.isEmpty())
        facts << Fact{tr("Comment"), m_detail->comment};
    return facts;
}

QList<Fact> FreshnessDetail::aggregateFacts() const
{
    const auto &state = m_row->refreshable->aggregate;
    if (!state)
        return {};
    QList<Fact> facts;
    facts << Fact{tr("Hypertable"), state->hypertable};
    facts << Fact{tr("Watermark"), state->watermark ? texts::absolute(*state->watermark) : tr("none")};
    if (state->tailLag)
        facts << Fact{tr("Behind the newest row"), units::duration(*state->tailLag)};
    facts << Fact{tr("Policy"), state->policy.isEmpty() ? tr("none") : state->policy};
    facts << Fact{tr("Reads"), state->materializedOnly ? tr("materialized rows only")
                                                       : tr("materialized rows and the newest raw ones")};
    for (const auto &range : state->invalidRanges)
        facts << Fact{tr("To be redone"),
                      tr("%1 to %2").arg(texts::absolute(range.from), texts::absolute(range.to)),
                      {},
                      Severity::Notice};
    for (const auto &range : state->runningRanges)
        facts << Fact{tr("Under way, pid %1").arg(range.pid),
                      tr("%1 to %2").arg(texts::absolute(range.from), texts::absolute(range.to))};
    return facts;
}

void FreshnessDetail::updateCharts()
{
    m_drawnAt = m_now;
    const TimeRange shown{m_now - shownHistory, m_now};
    const Refreshable &it = *m_row->refreshable;
    std::vector<RefreshEvent> events = m_events;
    if (events.empty() && it.lastRefresh.at && it.lastRefresh.confidence != Confidence::AtLeast) {
        // What is known now may not have reached the store yet.
        RefreshEvent last;
        last.finishedAt = it.lastRefresh.at;
        last.duration = it.lastDuration;
        events.push_back(last);
    }
    ChartSeries age{.name = tr("age"), .style = ChartSeries::Style::Area};
    for (const AgePoint &point : sawtooth(events, shown, m_now)) {
        // The chart sorts by time: the fall must come after the peak that it ends.
        const bool falls = !age.points.empty() && age.points.back().at == point.at;
        age.points.push_back({falls ? point.at + 1ms : point.at, static_cast<double>(point.age.count())});
    }
    // Of what happened before the first known refresh nothing is drawn, so the axis begins with it.
    const Instant from = age.points.empty() ? shown.from : std::max(shown.from, age.points.front().at);
    const TimeRange range{std::min(from, m_now - 1min), m_now};
    const bool anyAge = !age.points.empty();
    m_age->setRange(range);
    m_age->setSeries({std::move(age)});
    m_age->setLevels(
        it.target ? std::vector<ChartLevel>{{static_cast<double>(it.target->count()), tr("target"), Severity::Critical}}
                  : std::vector<ChartLevel>{});

    ChartSeries took{.name = tr("took"), .style = ChartSeries::Style::Dots};
    int failures = 0;
    for (const RefreshEvent &event : events) {
        const auto at = momentOf(event);
        if (!at || *at < range.from || (event.succeeded && !event.duration))
            continue;
        failures += event.succeeded ? 0 : 1;
        took.points.push_back(
            {*at, event.duration ? static_cast<double>(event.duration->count()) : 0.0, !event.succeeded});
    }
    std::sort(took.points.begin(), took.points.end(),
              [](const ChartPoint &a, const ChartPoint &b) { return a.at < b.at; });
    m_durations->setVisible(!took.points.empty());
    setSectionVisible(tr("Last 24 hours"), anyAge || !took.points.empty());
    m_durations->setRange(range);
    const QString summary = tr("%n refresh(es) with a known duration", nullptr,
                               static_cast<int>(took.points.size()) - failures)
                            + QStringLiteral("; ") + tr("%n failed", nullptr, failures);
    m_durations->setSummary(summary);
    m_durations->setSeries({std::move(took)});
    m_age->setSummary(texts::statusReason(it, m_now));
}

void FreshnessDetail::readHistory()
{
    if (!m_row || !m_context.history || m_database->capabilities.systemIdentifier.isEmpty())
        return;
    const TimeRange range{m_now - readHistoryFor, m_now};
    m_context.runner->run(
        this, m_history,
        [history = m_context.history, database = databaseRef(), name = m_row->refreshable->name,
         range](std::stop_token) { return history->refreshes(database, name, range, mostEvents); },
        [this](Result<std::vector<RefreshEvent>> events) {
            if (!events) {
                setSectionVisible(tr("Last 24 hours"), true);
                m_age->setPlaceholder(events.error().summary());
                return;
            }
            m_age->setPlaceholder({});
            m_events = std::move(*events);
            if (m_row)
                updateCharts();
        });
}

void FreshnessDetail::readDefinition()
{
    if (!m_row || !m_context.details)
        return;
    const ObjectRef object{
        ObjectKind::Refreshable, m_row->server, m_row->database, m_row->refreshable->oid, m_row->refreshable->name, 0};
    m_context.details->read(this, m_reading, object, [this](const Result<RelationDetail> &detail) {
        if (!m_row)
            return;
        if (!detail) {
            setSectionVisible(tr("Definition"), true);
            m_message->showError(detail.error(), Severity::Warning);
            return;
        }
        m_message->clear();
        m_detail = *detail;
        setSql(tr("Definition"), detail->definition);
        updateFacts();
    });
}

void FreshnessDetail::saveTarget()
{
    if (!m_row || !m_context.history)
        return;
    const QString text = m_target->text().trimmed();
    const auto target = text.isEmpty() ? std::nullopt : units::parseDuration(text);
    if (!text.isEmpty() && (!target || target->count() <= 0)) {
        m_targetMessage->showMessage(
            Severity::Warning, tr("“%1” is not a length of time.").arg(text),
            tr("Write for example 90 s, 15 min, 1 h 30 min or 2 d; leave it empty for no target."));
        m_target->setFocus();
        return;
    }
    m_context.runner->run(
        this, m_saving,
        [history = m_context.history, database = databaseRef(), name = m_row->refreshable->name,
         target](std::stop_token) { return history->setTarget(database, name, target); },
        [this, target](const Status &saved) {
            if (!saved) {
                m_targetMessage->showError(saved.error());
                return;
            }
            m_target->setModified(false);
            m_targetMessage->showMessage(
                Severity::Ok, target ? tr("From the next reading on it may be %1 old.").arg(units::duration(*target))
                                     : tr("From the next reading on it has no target."));
        });
}

} // namespace tidemark::ui
