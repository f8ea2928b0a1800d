// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/freshnesscollector.h"

#include "core/base/log.h"
#include "core/monitor/jobcollector.h"

#include <QCoreApplication>

#include <algorithm>
#include <set>

namespace tidemark {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Freshness)
};

constexpr std::size_t detailsATick = 40;
constexpr std::size_t definitionsATick = 20;
// Each takes the server 0.2 ms, and the first structure is to be there at once.
constexpr std::size_t definitionsAtOnce = 60;
constexpr Millis keepReadingsEvery{60'000};
// What is kept of a look is looked through for each view.
constexpr std::size_t mostKeptTransactions = 16;

} // namespace

FreshnessCollector::FreshnessCollector(std::shared_ptr<HistoryStore> store, bool keepsXidClock)
    : m_ledger(std::move(store))
    , m_keepsXidClock(keepsXidClock)
{
}

FreshnessCollector::~FreshnessCollector()
{
    keepReadings();
    keepBases();
    m_ledger.saveAll();
}

void FreshnessCollector::note(const Error &error, const char *reading)
{
    qCInfo(logMonitor) << "freshness:" << reading << ":" << error.summary();
    if (!m_error)
        m_error = error.within(QString::fromLatin1(reading));
}

TickQuery FreshnessCollector::ask(const char *query, pg::Params params, const char *reading, Absorb absorb)
{
    return {QString::fromLatin1(query), std::move(params), [this, reading, absorb](const Result<pg::ResultSet> &rows) {
                if (rows)
                    (this->*absorb)(*rows);
                else
                    note(rows.error(), reading);
            }};
}

bool FreshnessCollector::wantsCommitTimes() const
{
    return !m_commitTimesRefused && (m_capabilities.tracksCommitTimestamps || m_capabilities.inRecovery);
}

TickQuery FreshnessCollector::askMatviews(const std::vector<quint32> *oids)
{
    const bool all = oids == nullptr;
    const std::vector<quint32> asked = all ? std::vector<quint32>() : *oids;
    pg::Params params{wantsCommitTimes(), all ? pg::Param(nullptr) : pg::Param::array(asked)};
    return {QStringLiteral("freshness/matviews"), std::move(params),
            [this, all, asked](const Result<pg::ResultSet> &rows) {
                if (!rows) {
                    m_allDue = m_allDue || all;
                    m_changed.insert(m_changed.end(), asked.begin(), asked.end());
                    // A standby's own setting says nothing: it tracks what its primary tracks, and says so when asked.
                    const bool isRefused = rows.error().sqlState == "55000" && !m_commitTimesRefused;
                    m_commitTimesRefused = m_commitTimesRefused || isRefused;
                    if (!isRefused || !m_capabilities.inRecovery)
                        note(rows.error(), "reading materialized views");
                    return;
                }
                auto views = MatviewRow::read(*rows);
                for (MatviewRow &view : views) {
                    // What the feed saw was there before the query after it began.
                    if (m_polledAt && m_seenByFeed.value(view.oid) == view.xmin)
                        view.readAt = std::min(view.readAt, *m_polledAt);
                    view.isOfTheFeed = all || m_seenByFeed.value(view.oid) == view.xmin;
                    m_edgesDue = m_edgesDue || m_ledger.find(view.oid) == nullptr;
                }
                m_ledger.observe(views, m_lastPoll);
                if (all) {
                    m_allDue = false;
                    m_ledger.allObserved();
                }
            }};
}

TickQuery FreshnessCollector::askCounters()
{
    return {QStringLiteral("freshness/counters"),
            {pg::Param::array(m_sources.slice())},
            [this](const Result<pg::ResultSet> &rows) {
                if (rows)
                    m_sources.setCounters(*rows, m_now);
                else
                    note(rows.error(), "reading the sources' counters");
            }};
}

TickQuery FreshnessCollector::askDefinitions(const std::vector<quint32> &oids)
{
    return {
        QStringLiteral("freshness/definitions"), {pg::Param::array(oids)}, [this](const Result<pg::ResultSet> &rows) {
            if (rows)
                m_sources.setDefinitions(*rows);
            else
                note(rows.error(), "reading the views' definitions");
        }};
}

TickQuery FreshnessCollector::askTransactions(qint64 stamp)
{
    return {QStringLiteral("freshness/transactions"), {}, [this, stamp](const Result<pg::ResultSet> &rows) {
                if (rows)
                    m_transactions.add(TransactionLog::read(*rows, stamp));
                else
                    note(rows.error(), "reading the open transactions");
            }};
}

std::vector<TickQuery> FreshnessCollector::plan(const TickContext &context)
{
    m_capabilities = *context.capabilities;
    m_now = context.serverNow;
    m_interval = context.interval;
    m_error.reset();
    m_polledAt.reset();
    m_seenByFeed.clear();
    const auto clockRole = m_capabilities.inRecovery ? XidClockRole::OwnOnly
                           : m_keepsXidClock         ? XidClockRole::Keeper
                                                     : XidClockRole::Reader;
    if (m_ledger.setDatabase(databaseRefOf(m_capabilities), m_capabilities.major(), clockRole)) {
        m_allDue = m_edgesDue = true;
        m_refreshLog = 0;
        m_sources = FreshnessSources();
        m_structureRead = false;
        m_transactions.clear();
    }
    ++m_tick;
    m_ledger.beginTick(m_tick);
    m_sources.beginReading(2 * m_tick);

    std::vector<TickQuery> queries;
    if (context.first)
        m_allDue = m_edgesDue = true;
    // First of all: the others are dated by its clock.
    queries.push_back(
        ask("freshness/database", {}, "reading the database's facts", &FreshnessCollector::absorbDatabase));
    if (m_allDue)
        queries.push_back(askMatviews(nullptr));
    if (m_edgesDue)
        queries.push_back(
            ask("freshness/edges", {}, "reading what the views depend on", &FreshnessCollector::absorbEdges));
    if (m_structureRead && !m_sources.allLeaves().empty())
        queries.push_back(askCounters());
    queries.push_back(askTransactions(2 * m_tick));
    if (const auto details = detailsSlice(); !context.first && !details.empty()) {
        queries.push_back({QStringLiteral("freshness/matview_details"),
                           {pg::Param::array(details)},
                           [this](const Result<pg::ResultSet> &rows) {
                               if (rows)
                                   m_ledger.observeDetails(*rows, m_now);
                               else
                                   note(rows.error(), "reading the views' counters");
                           }});
    }
    if (const auto unread = m_sources.unreadDefinitions(definitionsATick); !context.first && !unread.empty())
        queries.push_back(askDefinitions(unread));
    queries.push_back(ask("freshness/running", {pg::Param::array(m_runs.followed())}, "looking for running refreshes",
                          &FreshnessCollector::absorbActivity));
    if (m_capabilities.hasExtension(QStringLiteral("pg_ivm"))) {
        queries.push_back(ask("freshness/pg_ivm", {wantsCommitTimes()}, "reading the tables of pg_ivm",
                              &FreshnessCollector::absorbIvmTables));
    }
    m_managedAsked = m_hasManaged;
    if (m_hasManaged)
        queries.push_back(askManaged());
    if (m_runs.wantsLocks(m_now)) {
        queries.push_back({QStringLiteral("freshness/refresh_locks"), {}, [this](const Result<pg::ResultSet> &rows) {
                               if (rows)
                                   m_runs.setLocks(*rows, m_now);
                               else
                                   m_runs.locksFailed(m_now);
                           }});
    }
    return queries;
}

std::vector<TickQuery> FreshnessCollector::followUp(const TickContext &context)
{
    const RelationFeed &feed = *context.feed;
    m_seenByFeed = feed.xmins;
    std::vector<TickQuery> queries;
    bool isDefinedAnew = context.first || m_relationsDue;
    std::set<quint32> matviews(m_changed.begin(), m_changed.end());
    std::vector<quint32> relations;
    std::vector<quint32> others;
    for (const quint32 oid : feed.changed) {
        if (m_sources.isView(oid)) {
            m_edgesDue = isDefinedAnew = true;
            m_sources.forgetDefinition(oid);
        } else if (m_ledger.find(oid) != nullptr) {
            matviews.insert(oid);
            if (m_sources.isKnown(oid)) // others read it
                relations.push_back(oid);
        } else if (m_sources.isKnown(oid)) {
            relations.push_back(oid);
            others.push_back(oid);
        } else if (!context.first) {
            matviews.insert(oid);
            others.push_back(oid);
        }
    }
    m_changed.clear();
    if (feed.relationsChanged && !context.first)
        m_sources.askAllLeaves();
    m_sources.beginReading(2 * m_tick + 1);
    const bool refreshed = std::any_of(matviews.begin(), matviews.end(),
                                       [&](quint32 oid) { return m_ledger.find(oid) != nullptr; });
    if (const std::vector<quint32> oids(matviews.begin(), matviews.end()); !m_allDue && !oids.empty())
        queries.push_back(askMatviews(&oids));
    if (feed.matviewsChanged && !context.first) {
        queries.push_back(
            ask("freshness/matview_list", {}, "listing materialized views", &FreshnessCollector::absorbMatviewList));
    }
    if (m_hasManaged && !m_managedAsked)
        queries.push_back(askManaged());
    if (m_refreshLog != 0 && (context.first || refreshed || !m_refreshLogAsked))
        queries.push_back(askRefreshLog(m_logReader.newest()));
    if (const auto skipped = m_logReader.skipped(); m_refreshLog != 0 && skipped)
        queries.push_back(askRefreshLog(*skipped));

    if (m_relationsDue)
        relations = m_sources.relations();
    if (!relations.empty()) {
        queries.push_back({QStringLiteral("freshness/sources"),
                           {pg::Param::array(relations)},
                           [this](const Result<pg::ResultSet> &rows) {
                               if (rows)
                                   m_sources.setRelations(*rows, m_now);
                               else
                                   note(rows.error(), "reading the views' sources");
                           }});
    }
    if (m_relationsDue) {
        queries.push_back({QStringLiteral("freshness/leaves"),
                           {pg::Param::array(relations)},
                           [this](const Result<pg::ResultSet> &rows) {
                               if (rows)
                                   m_sources.setLeaves(*rows, m_now);
                               else
                                   note(rows.error(), "reading the sources' partitions");
                               m_structureRead = m_structureRead || rows;
                               m_relationsDue = !rows;
                           }});
    } else if (!others.empty() && m_structureRead) {
        queries.push_back({QStringLiteral("freshness/ancestors"),
                           {pg::Param::array(others)},
                           [this](const Result<pg::ResultSet> &rows) {
                               if (rows)
                                   m_relationsDue = m_relationsDue || m_sources.leavesDiffer(*rows);
                               else
                                   note(rows.error(), "reading the sources' partitions");
                           }});
    }
    if (!relations.empty())
        queries.push_back(askTransactions(2 * m_tick + 1));
    if (const auto unread = m_sources.unreadDefinitions(definitionsAtOnce); isDefinedAnew && !unread.empty())
        queries.push_back(askDefinitions(unread));
    return queries;
}

void FreshnessCollector::absorbDatabase(const pg::ResultSet &rows)
{
    if (rows.isEmpty())
        return;
    m_polledAt = rows.instant(0, rows.column("server_now"));
    m_now = m_polledAt.value_or(m_now);
    m_ledger.addXidSample({m_now, rows.int64(0, rows.column("next_xid"))});
    m_countersSilent.clear();
    if (!rows.boolean(0, rows.column("tracks_counts")))
        m_countersSilent = Words::tr("the server counts no changes (track_counts is off)");
    else if (m_capabilities.inRecovery)
        m_countersSilent = Words::tr("a standby counts no changes; its primary does");
    if (const quint32 log = rows.oid(0, rows.column("refresh_log")); log != m_refreshLog) {
        m_refreshLog = log;
        m_refreshLogAsked = false;
        m_logReader.begin(m_ledger.memory().refreshLogMark(log));
    }
    m_hasManaged = rows.boolean(0, rows.column("managed"));
    if (!m_hasManaged)
        m_managedRows.clear();
    const auto resetAt = rows.instant(0, rows.column("stats_reset"));
    m_sources.setCountedSince(resetAt);
    m_ledger.setStatistics(resetAt, m_countersSilent.isEmpty());
    if (m_sources.setCatalogueChanges(rows.int64(0, rows.column("enum_changes")),
                                      rows.int64(0, rows.column("function_changes")),
                                      rows.int64(0, rows.column("inheritance_changes"))))
        m_relationsDue = true;
}

void FreshnessCollector::absorbEdges(const pg::ResultSet &rows)
{
    m_sources.setEdges(rows);
    m_edgesDue = false;
    m_relationsDue = true;
}

void FreshnessCollector::absorbIvmTables(const pg::ResultSet &rows)
{
    m_ivmTables.read(rows, m_ledger.clock(), m_capabilities);
}

TickQuery FreshnessCollector::askManaged()
{
    return {QStringLiteral("freshness/managed"), {}, [this](const Result<pg::ResultSet> &rows) {
                if (rows)
                    m_managedRows.read(*rows, m_capabilities);
                else if (m_hasManaged) // else it was taken away since it was last seen
                    note(rows.error(), "reading the managed tables");
            }};
}

void FreshnessCollector::absorbActivity(const pg::ResultSet &rows)
{
    m_runs.setActivity(
        rows, [this](const pg::QualifiedName &name) { return resolve(name); }, m_now);
}

quint32 FreshnessCollector::resolve(const pg::QualifiedName &name) const
{
    quint32 found = 0;
    for (const auto &[oid, view] : m_ledger.views()) {
        if (view.row.name.name != name.name || (!name.schema.isEmpty() && view.row.name.schema != name.schema))
            continue;
        if (found != 0)
            return 0; // the search_path of that session decides, and is not to be seen
        found = oid;
    }
    return found;
}

void FreshnessCollector::absorbMatviewList(const pg::ResultSet &rows)
{
    const auto listed = rows.int64s(0, rows.column("oids"));
    const std::set<quint32> present(listed.begin(), listed.end());
    std::vector<quint32> gone;
    for (const auto &[oid, view] : m_ledger.views()) {
        if (!present.contains(oid))
            gone.push_back(oid);
    }
    for (const quint32 oid : gone) {
        m_ledger.remove(oid);
        m_sources.forget(oid);
        m_edgesDue = true;
    }
    for (const quint32 oid : present) {
        if (m_ledger.find(oid) == nullptr)
            m_changed.push_back(oid);
    }
}

TickQuery FreshnessCollector::askRefreshLog(const RefreshLogReader::Range &range)
{
    return {QStringLiteral("freshness/refresh_log"),
            {range.after, range.before},
            [this, range](const Result<pg::ResultSet> &rows) {
                if (rows)
                    absorbRefreshLog(*rows, range);
                else
                    note(rows.error(), "reading the toolkit's refresh log");
            }};
}

void FreshnessCollector::absorbRefreshLog(const pg::ResultSet &rows, const RefreshLogReader::Range &range)
{
    m_refreshLogAsked = true;
    const auto id = rows.column("id");
    const auto schema = rows.column("schema");
    const auto name = rows.column("name");
    const auto started = rows.column("started_at");
    const auto finished = rows.column("finished_at");
    const auto user = rows.column("username");
    const auto application = rows.column("application_name");
    const auto concurrently = rows.column("is_concurrent");
    const auto xid = rows.column("xid");
    const auto written = rows.column("rows");
    const auto error = rows.column("error");
    for (int row = 0; row < rows.rowCount(); ++row) {
        RefreshEvent event;
        event.name = {rows.text(row, schema), rows.text(row, name)};
        event.startedAt = rows.instant(row, started);
        event.finishedAt = rows.instant(row, finished);
        if (event.startedAt && event.finishedAt)
            event.duration = millisBetween(*event.startedAt, *event.finishedAt);
        event.user = rows.text(row, user);
        event.concurrently = rows.boolean(row, concurrently);
        event.confidence = Confidence::Exact;
        event.source = RefreshSource::EventTrigger;
        event.xid = rows.oid(row, xid);
        event.sourceDetail = rows.text(row, application);
        event.rows = rows.optionalInt64(row, written);
        event.error = rows.text(row, error);
        event.succeeded = rows.isNull(row, error);
        m_ledger.tell(event);
    }
    const int count = rows.rowCount();
    m_logReader.took(range, count, count == 0 ? 0 : rows.int64(count - 1, id), count == 0 ? 0 : rows.int64(0, id));
    if (const auto read = m_logReader.readUpTo())
        m_ledger.memory().keep(RefreshLogMark{m_refreshLog, *read});
}

std::vector<quint32> FreshnessCollector::detailsSlice()
{
    std::vector<quint32> oids = m_ledger.undecided();
    const auto &views = m_ledger.views();
    auto next = views.upper_bound(m_detailsNext);
    for (std::size_t taken = 0; taken < std::min(detailsATick, views.size()); ++taken) {
        if (next == views.end())
            next = views.begin();
        oids.push_back(next->first);
        m_detailsNext = next->first;
        ++next;
    }
    return oids;
}

void FreshnessCollector::publish(const TickContext &context, DatabaseSnapshot &snapshot)
{
    for (const SampledRun &run : m_runs.takeEnded())
        m_ledger.runEnded(run);
    m_ledger.settle(m_now);

    if (m_structureRead && !m_edgesDue && !m_relationsDue) {
        for (const auto &refreshed : m_ledger.takeRefreshed())
            rebase(refreshed);
        for (const auto &[oid, view] : m_ledger.views()) {
            if (m_sources.hasBase(oid))
                continue;
            if (!view.baseline.sources.modifications.isEmpty()) {
                m_sources.restore(oid, view.baseline.sources);
                continue;
            }
            m_sources.begin(oid, m_now);
            if (view.lastRefresh.probable)
                m_sources.doubt(oid);
        }
    }
    if (!m_readingsKeptAt || millisBetween(*m_readingsKeptAt, m_now) >= keepReadingsEvery) {
        if (m_readingsKeptAt)
            keepReadings();
        m_readingsKeptAt = m_now;
    }
    keepBases();
    m_ledger.save(m_now);
    const auto built = build(snapshot);
    const bool isSame = m_published && m_published->refreshables == built->refreshables
                        && m_published->sources == built->sources;
    if (!isSame)
        m_published = built;
    snapshot.freshness = m_published;
    if (m_error)
        snapshot.errors.insert(name(), *m_error);
    else if (const auto &storeError = m_ledger.memory().error())
        snapshot.errors.insert(name(), *storeError);
    m_lastPoll = context.feed->serverNow;
}

void FreshnessCollector::rebase(const FreshnessLedger::Refreshed &refreshed)
{
    const auto *view = m_ledger.find(refreshed.oid);
    const TransactionLog::Look *newest = m_transactions.newest();
    if (view == nullptr || !view->change)
        return;
    // An earlier start left before the counters of this refresh were in.
    const SourceBase &known = view->baseline.sources;
    if (known.ofXmin == view->row.xmin && !m_sources.hasBase(refreshed.oid)) {
        m_sources.restore(refreshed.oid, known);
        return;
    }
    TransactionLog::Commit commit{{}, refreshed.notBefore, refreshed.notAfter};
    if (newest != nullptr && refreshed.xid != 0) // ids go round
        commit.xid = newest->nextXid + static_cast<qint32>(refreshed.xid - static_cast<quint32>(newest->nextXid));
    const auto before = m_transactions.newestBefore(commit);
    const bool earlierHolds = !before && known.lastReading && m_transactions.isBefore(*known.lastReading, commit);
    m_sources.rebase(refreshed.oid, view->row.xmin, refreshed.committedBy, before, earlierHolds ? &known : nullptr);

    for (const quint32 nested : m_sources.sourcesOf(refreshed.oid)) {
        const auto *below = m_ledger.find(nested);
        if (below != nullptr && orderOf(nested, *view) == RefreshOrder::Included)
            m_sources.include(refreshed.oid, nested, below->row.xmin);
    }

    const RefreshSource source = view->lastRefresh.source;
    const bool isProven = view->change->verdict.contentChanged || source == RefreshSource::OwnRun
                          || source == RefreshSource::EventTrigger || source == RefreshSource::JobHistory
                          || (view->change->run && view->change->run->fromText);
    if (wasUnchanged(refreshed.oid))
        return;
    if (view->lastRefresh.probable)
        m_sources.doubt(refreshed.oid);
    else if (!isProven)
        m_sources.distrust(refreshed.oid);
}

void FreshnessCollector::keepReadings()
{
    const TransactionLog::Look *look = m_transactions.newest();
    if (look == nullptr || !m_structureRead)
        return;
    SourceReading reading;
    reading.at = m_now;
    reading.nextXid = look->nextXid;
    std::copy_if(look->open.begin(), look->open.end(), std::back_inserter(reading.open),
                 [](const OpenTransaction &open) { return open.holdsSnapshot; });
    if (reading.open.size() > mostKeptTransactions)
        return;
    const auto &running = m_runs.running();
    for (const auto &[oid, view] : m_ledger.views()) {
        const bool isRunning = std::any_of(running.begin(), running.end(),
                                           [oid = oid](const SampledRun &run) { return run.oid == oid; });
        // Of a refresh under way this look is no longer older; what was kept before it may be.
        const bool isDecided = !view.change || view.change->closed || m_sources.hasBaseOf(oid, view.row.xmin);
        if (!isRunning && isDecided)
            m_sources.keepReading(oid, reading, look->stamp);
    }
}

bool FreshnessCollector::wasUnchanged(quint32 oid) const
{
    if (!m_published)
        return false;
    const auto &rows = m_published->refreshables;
    const auto row = std::find_if(rows.begin(), rows.end(), [oid](const Refreshable &one) { return one.oid == oid; });
    return row != rows.end() && row->sourceChanges == 0 && row->notJudgedBecause.isEmpty();
}

void FreshnessCollector::keepBases()
{
    for (const auto &[oid, base] : m_sources.takeDirty())
        m_ledger.setSources(oid, *base);
}

void FreshnessCollector::sessionLost()
{
    m_runs.clear();
    m_allDue = m_edgesDue = true;
    m_commitTimesRefused = false;
    m_refreshLogAsked = false;
    m_ivmTables.clear();
    m_managedRows.clear();
    m_hasManaged = false;
}

} // namespace tidemark
