// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/historypage.h"

#include "core/base/units.h"
#include "ui/charts/refreshgantt.h"
#include "ui/models/ganttdata.h"
#include "ui/models/severity.h"
#include "ui/models/texts.h"
#include "ui/pages/alertlist.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/delegates.h"
#include "ui/widgets/detailpanel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLocale>
#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

#include <set>

namespace tidemark::ui {

namespace {

using namespace std::chrono_literals;

/// Of one database; more would not be read by people, and the page says so.
constexpr int mostRows = 5000;
constexpr auto reloadAfter = 3s;
constexpr auto readAgainAfter = 5s; ///< what the local store refused
/// Other sources tell of a refresh a while after the first one did; by then it is told again as one.
constexpr auto toldAgainWithin = 30min;

} // namespace

HistoryPage::HistoryPage(const PageContext &context, QWidget *parent)
    : Page(QStringLiteral("history"), tr("Refresh history"), QStringLiteral("history"), context, parent)
    , m_refreshes(new RefreshHistoryModel(this))
    , m_summaries(new RefreshSummaryModel(this))
    , m_jobs(new JobModel(this))
    , m_gantt(new RefreshGantt(this))
    , m_refreshesView(new DataTable(tr("Refreshes"), this))
    , m_summariesView(new DataTable(tr("Durations by object"), this))
    , m_jobsView(new DataTable(tr("Scheduled jobs"), this))
    , m_alertsView(new AlertList(context, this))
    , m_tabs(new QTabWidget(this))
    , m_split(new QSplitter(Qt::Vertical, this))
    , m_hours(new QComboBox(this))
    , m_source(new QComboBox(this))
    , m_result(new QComboBox(this))
    , m_more(new QLabel(this))
    , m_detail(new DetailPanel(this))
{
    auto *upper = new QWidget(this);
    upper->setAutoFillBackground(true);
    upper->setBackgroundRole(QPalette::Base);
    auto *upperLayout = new QVBoxLayout(upper);
    const int margin = spacing(this, 3);
    upperLayout->setContentsMargins(margin, margin / 2, margin, margin / 2);
    upperLayout->setSpacing(spacing(this, 1));
    upperLayout->addWidget(makeControls());
    upperLayout->addWidget(m_gantt, 1);
    m_split->addWidget(upper);
    m_split->addWidget(makeTables());
    m_split->setStretchFactor(0, 1);
    m_split->setStretchFactor(1, 1);
    m_split->setChildrenCollapsible(false);

    m_reload.setSingleShot(true);
    connect(&m_reload, &QTimer::timeout, this, &HistoryPage::loadNew);
    connect(m_gantt, &RefreshGantt::eventSelected, this, &HistoryPage::selectEvent);
    connect(this, &Page::emptyActionTriggered, this, [this]() { m_hours->setCurrentIndex(m_hours->count() - 1); });
    m_detail->setFacts(tr("Alert"), {});
    m_detail->setFacts(tr("Facts"), {});
    m_detail->setFacts(tr("Error"), {});
    m_detail->setSql(tr("Command"), {});
    m_detail->showPlaceholder(tr("Select a refresh to see who ran it, how long it took and what went wrong."));
    setContent(m_split);
}

QWidget *HistoryPage::makeControls()
{
    m_hours->addItem(tr("Last hour"), 1);
    m_hours->addItem(tr("Last 6 hours"), 6);
    m_hours->addItem(tr("Last 24 hours"), 24);
    m_hours->addItem(tr("Last 7 days"), 7 * 24);
    m_hours->setCurrentIndex(1);
    m_hours->setObjectName(QStringLiteral("hours"));
    m_hours->setAccessibleName(tr("Hours to show"));
    m_source->addItem(tr("All sources"));
    m_source->setObjectName(QStringLiteral("source"));
    m_source->setAccessibleName(tr("Who told"));
    m_source->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_result->addItem(tr("All results"));
    m_result->addItem(tr("Failed only"), false);
    m_result->addItem(tr("Done only"), true);
    m_result->setObjectName(QStringLiteral("result"));
    m_result->setAccessibleName(tr("Results to show"));
    connect(m_hours, &QComboBox::currentIndexChanged, this, &HistoryPage::load);
    connect(m_source, &QComboBox::currentIndexChanged, this, &HistoryPage::applyFilters);
    connect(m_result, &QComboBox::currentIndexChanged, this, &HistoryPage::applyFilters);

    auto *controls = new QWidget(this);
    auto *row = new QHBoxLayout(controls);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing(this, 2));
    for (QComboBox *box : {m_hours, m_source, m_result})
        row->addWidget(box);
    m_more->setObjectName(QStringLiteral("more"));
    m_more->hide();
    row->addSpacing(spacing(this, 2));
    row->addWidget(m_more, 1);
    row->addStretch();
    return controls;
}

QWidget *HistoryPage::makeTables()
{
    m_refreshesView->setSource(m_refreshes);
    m_refreshesView->setDelegateFor("result", new StatusDelegate(m_refreshesView));
    m_refreshesView->sortByColumnId("when", Qt::DescendingOrder);
    m_summariesView->setSource(m_summaries);
    m_summariesView->setDelegateFor("trend", new SparklineDelegate(m_summariesView));
    m_summariesView->sortByColumnId("p95", Qt::DescendingOrder);
    m_jobsView->setSource(m_jobs);
    m_jobsView->setDelegateFor("status", new StatusDelegate(m_jobsView));
    m_jobsView->sortByColumnId("status", Qt::AscendingOrder);
    connect(m_alertsView, &AlertList::objectRequested, this, &Page::objectRequested);
    connect(m_alertsView, &AlertList::alertsRead, this, [this]() {
        tellStoreError();
        updateDetail();
    });
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_refreshesView, tr("&Refreshes"));
    m_tabs->addTab(m_summariesView, tr("&Durations by object"));
    m_tabs->addTab(m_jobsView, tr("&Jobs"));
    m_tabs->addTab(m_alertsView, tr("&Alerts"));
    for (DataTable *view : {m_refreshesView, m_summariesView, m_jobsView, static_cast<DataTable *>(m_alertsView)})
        connect(view, &DataTable::currentRowChanged, this, &HistoryPage::updateDetail);
    connect(m_tabs, &QTabWidget::currentChanged, this, &HistoryPage::updateDetail);
    return m_tabs;
}

void HistoryPage::setFilterText(const QString &text)
{
    m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    m_jobsView->setFilterText(text);
    m_alertsView->setFilterText(text);
    applyFilters();
}

QWidget *HistoryPage::detailWidget()
{
    return m_detail;
}

QWidget *HistoryPage::mainWidget()
{
    return m_tabs->currentWidget();
}

QString HistoryPage::saveLayout() const
{
    const QJsonObject layout{{QStringLiteral("refreshes"), m_refreshesView->saveLayout()},
                             {QStringLiteral("summaries"), m_summariesView->saveLayout()},
                             {QStringLiteral("jobs"), m_jobsView->saveLayout()},
                             {QStringLiteral("alerts"), m_alertsView->saveLayout()},
                             {QStringLiteral("split"), QString::fromLatin1(m_split->saveState().toBase64())},
                             {QStringLiteral("hours"), m_hours->currentData().toInt()}};
    return QString::fromUtf8(QJsonDocument(layout).toJson(QJsonDocument::Compact));
}

void HistoryPage::restoreLayout(const QString &text)
{
    const QJsonObject layout = QJsonDocument::fromJson(text.toUtf8()).object();
    m_refreshesView->restoreLayout(layout.value(QLatin1String("refreshes")).toString());
    m_summariesView->restoreLayout(layout.value(QLatin1String("summaries")).toString());
    m_jobsView->restoreLayout(layout.value(QLatin1String("jobs")).toString());
    m_alertsView->restoreLayout(layout.value(QLatin1String("alerts")).toString());
    m_split->restoreState(QByteArray::fromBase64(layout.value(QLatin1String("split")).toString().toLatin1()));
    if (const int hours = m_hours->findData(layout.value(QLatin1String("hours")).toInt()); hours >= 0)
        m_hours->setCurrentIndex(hours);
}

TimeRange HistoryPage::chosenRange() const
{
    // While a moment is replayed the page shows the hours before it.
    Instant end = moments().local;
    for (const ServerSnapshotPtr &server : snapshots()) {
        if (server->replayed)
            end = server->takenAt;
    }
    return {end - std::chrono::hours(m_hours->currentData().toInt()), end};
}

void HistoryPage::updateContent(const Snapshots &inScope)
{
    m_jobs->setSnapshots(inScope, scope(), moments());
    m_alertsView->read(inScope, scope(), moments());
    auto parts = partsOf(inScope, scope(), &DatabaseSnapshot::freshness);
    const bool otherScope = !m_everLoaded || m_loadedScope != scope();
    if (otherScope || parts.size() != m_seen.size()) {
        m_seen = std::move(parts);
        load();
    } else if (parts != m_seen && !m_reload.isActive()) {
        m_seen = std::move(parts);
        m_reload.start(reloadAfter);
    }
}

void HistoryPage::updateAges(const Moments &moments)
{
    m_refreshes->setMoments(moments);
    m_jobs->setMoments(moments);
    m_alertsView->setMoments(moments);
}

void HistoryPage::load()
{
    read(chosenRange());
}

void HistoryPage::loadNew()
{
    const TimeRange range = chosenRange();
    // While the past is replayed, or where not all was listed, the new cannot simply be put before the old.
    const bool goesOn = m_everLoaded && !m_loadError && m_loadedScope == scope() && !m_more->isVisibleTo(this)
                        && range.to >= m_range.to && range.to - range.from == m_range.to - m_range.from;
    read(goesOn ? TimeRange{std::max(range.from, Instant(m_range.to - toldAgainWithin)), range.to} : range);
}

void HistoryPage::read(const TimeRange &part)
{
    m_reload.stop();
    m_loadedScope = scope();
    std::vector<std::tuple<QString, QString, DatabaseRef>> databases;
    for (const ServerSnapshotPtr &server : snapshots()) {
        for (const auto &[name, database] : server->databases) {
            if (database && scope().covers(server->name, name) && !database->capabilities.systemIdentifier.isEmpty())
                databases.emplace_back(server->name, name, databaseRefOf(database->capabilities));
        }
    }
    if (!context().history || databases.empty()) {
        const TimeRange range = chosenRange();
        take({{}, std::nullopt, range, range, 0});
        return;
    }
    context().runner->run(
        this, m_loading,
        [history = context().history, databases = std::move(databases), range = chosenRange(),
         part](std::stop_token stop) {
            Loaded loaded;
            loaded.range = range;
            loaded.read = part;
            bool isCut = false;
            for (const auto &[server, name, database] : databases) {
                if (stop.stop_requested())
                    break;
                auto events = history->refreshes(database, {}, part, mostRows);
                if (!events) {
                    loaded.error = events.error();
                    continue;
                }
                isCut = isCut || events->size() == mostRows;
                for (RefreshEvent &event : *events)
                    loaded.rows.push_back({server, name, std::move(event)});
            }
            for (const auto &[server, name, database] : databases) {
                if (isCut)
                    loaded.counted += history->countRefreshes(database, range).value_or(0);
            }
            return loaded;
        },
        [this](Loaded loaded) { take(std::move(loaded)); });
}

void HistoryPage::take(Loaded loaded)
{
    m_everLoaded = true;
    if (!loaded.error && loaded.read.from > loaded.range.from) {
        // The old ones that were not read again; those that left the hours are dropped.
        std::set<std::tuple<QString, QString, qint64>> again;
        for (const RefreshRow &row : loaded.rows)
            again.emplace(row.server, row.database, row.event.id);
        for (RefreshRow &old : m_loaded) {
            const auto at = momentOf(old.event);
            if (at && *at >= loaded.range.from && *at < loaded.read.from
                && !again.contains({old.server, old.database, old.event.id}))
                loaded.rows.push_back(std::move(old));
        }
    }
    if (loaded.error) {
        // What was shown stays, beside what could be read; the next reading is of everything.
        std::set<std::tuple<QString, QString, qint64>> again;
        for (const RefreshRow &row : loaded.rows)
            again.emplace(row.server, row.database, row.event.id);
        for (RefreshRow &old : m_loaded) {
            if (!again.contains({old.server, old.database, old.event.id}))
                loaded.rows.push_back(std::move(old));
        }
        m_reload.start(readAgainAfter);
    }
    m_loaded = std::move(loaded.rows);
    m_range = loaded.range;
    m_loadError = loaded.error;
    tellStoreError();
    showMore(loaded.counted);
    updateSources();
    applyFilters();
    refresh();
}

void HistoryPage::tellStoreError()
{
    setReadError(m_loadError ? m_loadError : m_alertsView->error());
}

void HistoryPage::showMore(qint64 counted)
{
    const auto listed = static_cast<qint64>(m_loaded.size());
    m_more->setVisible(counted > listed);
    m_more->setText(tr("The latest %1 of %2 refreshes are listed: choose fewer hours or one database.")
                        .arg(QLocale().toString(listed), QLocale().toString(counted)));
}

void HistoryPage::updateSources()
{
    std::set<RefreshSource> sources;
    for (const RefreshRow &row : m_loaded)
        sources.insert(row.event.source);
    const QVariant chosen = m_source->currentData();
    const QSignalBlocker quiet(m_source);
    m_source->clear();
    m_source->addItem(tr("All sources"));
    for (const RefreshSource source : sources)
        m_source->addItem(sourceText(source), static_cast<int>(source));
    m_source->setCurrentIndex(std::max(0, chosen.isValid() ? m_source->findData(chosen) : 0));
}

void HistoryPage::applyFilters()
{
    const QVariant source = m_source->currentData();
    const QVariant result = m_result->currentData();
    const auto matches = [&](const RefreshRow &row) {
        if (source.isValid() && static_cast<int>(row.event.source) != source.toInt())
            return false;
        if (result.isValid() && row.event.succeeded != result.toBool())
            return false;
        return std::all_of(m_words.begin(), m_words.end(), [&](const QString &word) {
            for (const QString &text : {row.event.name.display(), row.server, row.database, row.event.user,
                                        row.event.sourceDetail, sourceText(row.event.source), row.event.error}) {
                if (text.contains(word, Qt::CaseInsensitive))
                    return true;
            }
            return false;
        });
    };
    std::vector<RefreshRow> shown;
    std::copy_if(m_loaded.begin(), m_loaded.end(), std::back_inserter(shown), matches);

    std::vector<RunningBar> running;
    for (const auto &[server, database, part] : m_seen) {
        const Instant now = moments().of(server);
        for (const Refreshable &refreshable : part->refreshables) {
            if (refreshable.running && !source.isValid() && !result.isValid() && m_words.isEmpty())
                running.push_back({server, database, refreshable.name, refreshable.running->startedAt, now});
        }
    }
    // What was never watched is not drawn as if nothing had happened then.
    TimeRange range = m_range;
    std::optional<Instant> first;
    for (const RefreshRow &row : m_loaded) {
        const auto at = row.event.startedAt ? row.event.startedAt : momentOf(row.event);
        if (at && (!first || *at < *first))
            first = at;
    }
    if (first)
        range.from = std::clamp(*first - (range.to - *first) / 20, range.from, range.to - 1min);
    m_gantt->setPlaceholder(storeError() && m_loaded.empty() ? tr("What happened is not known.") : QString());
    m_gantt->setLanes(ganttLanes(shown, running), range);
    m_summaries->setRows(summarize(shown));
    m_refreshes->setMoments(moments());
    m_refreshes->setRows(std::move(shown));
    m_refreshesView->selectFirst();
    updateDetail();
}

void HistoryPage::selectEvent(const QString &server, const QString &database, qint64 event)
{
    const auto index = m_refreshes->indexOfKey({server, database, event});
    if (!index)
        return;
    m_tabs->setCurrentWidget(m_refreshesView);
    const QModelIndex shown = m_refreshesView->proxy()->mapFromSource(m_refreshes->index(*index, 0));
    m_refreshesView->setCurrentIndex(shown);
    m_refreshesView->scrollTo(shown);
}

void HistoryPage::updateDetail()
{
    const auto *view = qobject_cast<DataTable *>(m_tabs->currentWidget());
    const QModelIndex current = view ? view->currentSource() : QModelIndex();
    const bool ofAlerts = view == m_alertsView && current.isValid();
    m_detail->setSectionVisible(tr("Alert"), ofAlerts);
    if (ofAlerts) {
        for (const QString &other : {tr("Facts"), tr("Error")})
            m_detail->setSectionVisible(other, false);
        m_detail->setSql(tr("Command"), {});
        m_alertsView->describe(*m_detail, current);
        return;
    }
    if (!current.isValid())
        m_detail->showPlaceholder(
            view == m_alertsView ? tr("Select an alert to see what it says; Enter leads to what it is about.")
                                 : tr("Select a refresh to see who ran it, how long it took and what went wrong."));
    else if (view == m_refreshesView)
        showRefresh(m_refreshes->row(current.row()));
    else if (view == m_summariesView)
        showSummary(m_summaries->row(current.row()));
    else
        showJob(m_jobs->row(current.row()));
}

void HistoryPage::showRefresh(const RefreshRow &row)
{
    const RefreshEvent &event = row.event;
    const Instant now = moments().of(row.server);
    m_gantt->select(row.server, row.database, event.id);
    m_detail->setTitle(event.name.display(),
                       QStringLiteral("%1, %2 / %3").arg(kindText(event.kind), row.server, row.database));
    m_detail->setStatus(event.succeeded ? Severity::Ok : Severity::Critical,
                        event.succeeded ? tr("Done") : tr("Failed"));
    QList<Fact> facts;
    if (event.startedAt)
        facts << Fact{tr("Started"), texts::absolute(*event.startedAt)};
    if (event.confidence == Confidence::Bracketed && event.finishedBracket)
        facts << Fact{tr("Ended between"), tr("%1 and %2")
                                               .arg(texts::absolute(event.finishedBracket->from),
                                                    texts::absolute(event.finishedBracket->to))};
    else if (event.finishedAt)
        facts << Fact{tr("Ended"), texts::absolute(*event.finishedAt), units::age(*event.finishedAt, now)};
    const QString sure = confidenceText(event.confidence);
    facts << Fact{tr("How sure"), event.probable ? tr("%1?", "probably").arg(sure) : sure};
    if (event.probable)
        facts << Fact{{}, texts::doubt()};
    facts << Fact{tr("Took"), event.duration ? units::duration(*event.duration) : tr("not told by any source")};
    facts << Fact{tr("Rows"), event.rows ? QLocale().toString(*event.rows) : tr("not told by any source")};
    facts << Fact{tr("How"), event.concurrently ? tr("concurrently") : tr("plain", "REFRESH without CONCURRENTLY")};
    facts << Fact{tr("Told by"), event.sourceDetail.isEmpty()
                                     ? sourceText(event.source)
                                     : tr("%1: %2").arg(sourceText(event.source), event.sourceDetail)};
    if (!event.user.isEmpty())
        facts << Fact{tr("User"), event.user};
    m_detail->setFacts(tr("Facts"), facts);
    m_detail->setSectionVisible(tr("Facts"), true);
    m_detail->setFacts(tr("Error"),
                       event.error.isEmpty() ? QList<Fact>{} : QList<Fact>{{{}, event.error, {}, Severity::Critical}});
    m_detail->setSectionVisible(tr("Error"), !event.error.isEmpty());
    m_detail->setSql(tr("Command"), {});
}

void HistoryPage::showSummary(const RefreshSummary &row)
{
    m_detail->setTitle(row.name.display(), QStringLiteral("%1 / %2").arg(row.server, row.database));
    m_detail->setStatus(row.failures > 0 ? Severity::Critical : Severity::Ok,
                        row.failures > 0 ? tr("%n failed", nullptr, row.failures) : tr("none failed"));
    const auto duration = [](const std::optional<Millis> &length) {
        return length ? units::duration(*length) : tr("not known");
    };
    m_detail->setFacts(tr("Facts"), {{tr("Refreshes"), QLocale().toString(row.runs)},
                                     {tr("Of them timed"), QLocale().toString(row.timed)},
                                     {tr("Median"), duration(row.median)},
                                     {tr("95th percentile"), duration(row.p95)},
                                     {tr("Longest"), duration(row.longest)}});
    m_detail->setSectionVisible(tr("Facts"), true);
    m_detail->setFacts(tr("Error"), {});
    m_detail->setSectionVisible(tr("Error"), false);
    m_detail->setSql(tr("Command"), {});
}

void HistoryPage::showJob(const JobRow &row)
{
    const Job &job = row.job;
    const Instant now = moments().of(row.server);
    const bool failed = job.lastSucceeded && !*job.lastSucceeded;
    m_detail->setTitle(job.name.isEmpty() ? tr("job %1").arg(job.id) : job.name,
                       QStringLiteral("%1, %2 / %3").arg(texts::scheduler(job.scheduler), row.server, job.database));
    m_detail->setStatus(failed              ? Severity::Critical
                        : job.lastSucceeded ? Severity::Ok
                                            : Severity::Unknown,
                        failed              ? tr("last run failed")
                        : job.lastSucceeded ? tr("last run done")
                        : job.running       ? tr("running")
                        : job.lastStartedAt || job.lastFinishedAt || job.scheduler == JobScheduler::PgPartman
                            ? tr("outcome not told")
                            : tr("never ran"));
    QList<Fact> facts{
        {tr("Schedule"), job.schedule}, {tr("User"), job.user}, {tr("Active"), job.active ? tr("yes") : tr("no")}};
    const auto moment = [&](const QString &label, const std::optional<Instant> &at) {
        if (at)
            facts << Fact{label, units::age(*at, now), texts::absolute(*at)};
    };
    moment(tr("Last started"), job.lastStartedAt);
    moment(tr("Last ended"), job.lastFinishedAt);
    moment(tr("Next"), job.nextStart);
    facts << Fact{tr("Runs"),
                  tr("%1, failed %2").arg(QLocale().toString(job.totalRuns), QLocale().toString(job.totalFailures))};
    m_detail->setFacts(tr("Facts"), facts);
    m_detail->setSectionVisible(tr("Facts"), true);
    m_detail->setFacts(tr("Error"),
                       failed ? QList<Fact>{{{}, job.lastMessage, {}, Severity::Critical}} : QList<Fact>{});
    m_detail->setSectionVisible(tr("Error"), failed && !job.lastMessage.isEmpty());
    m_detail->setSql(tr("Command"), job.command);
}

bool HistoryPage::showObject(const ObjectRef &object)
{
    if (object.kind == ObjectKind::Alerts || object.kind == ObjectKind::Job) {
        const bool ofAlerts = object.kind == ObjectKind::Alerts;
        m_tabs->setCurrentWidget(ofAlerts ? m_alertsView : m_jobsView);
        m_tabs->currentWidget()->setFocus(Qt::OtherFocusReason);
        if (ofAlerts)
            m_alertsView->selectNewest();
        return true;
    }
    if (object.kind != ObjectKind::Refreshable)
        return false;
    std::optional<int> newest;
    for (int index = 0; index < m_refreshes->rowCount(); ++index) {
        const RefreshRow &row = m_refreshes->row(index);
        if (row.server == object.server && row.database == object.database && row.event.name == object.name
            && (!newest || momentOf(row.event) > momentOf(m_refreshes->row(*newest).event)))
            newest = index;
    }
    if (newest)
        selectEvent(object.server, object.database, m_refreshes->row(*newest).event.id);
    return newest.has_value();
}

bool HistoryPage::hasData(const ServerSnapshot &, const DatabaseSnapshot &database) const
{
    return database.freshness != nullptr || database.jobs != nullptr;
}

bool HistoryPage::isEmpty() const
{
    return m_everLoaded && !storeError() && m_loaded.empty() && m_jobs->rowCount() == 0 && m_alertsView->isEmpty();
}

EmptyText HistoryPage::emptyText() const
{
    const bool canLookBack = m_hours->currentIndex() < m_hours->count() - 1;
    return {
        QStringLiteral("history"), tr("No refresh seen in the chosen hours"),
        tr("Refreshes appear here as they happen, by whomever they are run, and so do those that pg_cron and TimescaleDB "
           "remember from before."),
        canLookBack ? tr("Look back 7 days") : QString()};
}

QStringList HistoryPage::collectors() const
{
    return {QStringLiteral("freshness"), QStringLiteral("jobs")};
}

} // namespace tidemark::ui
