// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/freshnesscollector.h"
#include "core/monitor/jobcollector.h"

#include <QCoreApplication>

#include <algorithm>

namespace tidemark {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Freshness)
};

constexpr Millis longestPoll{10'000};

} // namespace

std::shared_ptr<const FreshnessSnapshot> FreshnessCollector::build(const DatabaseSnapshot &snapshot)
{
    auto built = std::make_shared<FreshnessSnapshot>();
    QHash<quint32, RunningRefresh> running;
    for (const SampledRun &run : m_runs.running())
        running.insert(run.oid, {run.pid, run.startedAt, run.concurrently, run.user, run.applicationName, {}});

    QHash<quint32, std::vector<quint32>> dependents;
    built->refreshables.reserve(m_ledger.views().size());
    const auto &targets = m_ledger.memory().targets(m_now);
    for (const auto &[oid, view] : m_ledger.views()) {
        const auto run = running.constFind(oid);
        Refreshable refreshable = build(view, run == running.cend() ? nullptr : &*run);
        refreshable.target = targetFor(targets, refreshable.name);
        for (const quint32 source : refreshable.sources)
            dependents[source].push_back(oid);
        built->refreshables.push_back(std::move(refreshable));
    }
    for (Refreshable &refreshable : built->refreshables)
        refreshable.dependents = dependents.value(refreshable.oid);
    mergeRefreshables(*built, m_ivmTables.tables());
    mergeRefreshables(*built, m_managedRows.tables());
    if (snapshot.jobs)
        applySchedules(built->refreshables, *snapshot.jobs, m_capabilities.database);
    built->sources = m_sources.sourceRelations();
    return built;
}

Refreshable FreshnessCollector::build(const FreshnessLedger::View &view, const RunningRefresh *running) const
{
    const MatviewRow &row = view.row;
    Refreshable built;
    built.oid = row.oid;
    built.name = row.name;
    built.owner = row.owner;
    built.lastRefresh = view.lastRefresh;
    built.lastChangedAt = view.lastChangedAt;
    for (const auto &[finished, duration] : view.durations)
        built.recentDurations.push_back(duration);
    if (!built.recentDurations.empty())
        built.lastDuration = built.recentDurations.back();
    built.sources = m_sources.sourcesOf(row.oid);
    built.populated = row.populated;
    built.concurrently = concurrentEligibility(row.populated, row.unusableIndex);
    setEstimates(built, row.pages, row.rowsEstimate, m_capabilities.blockSize, m_capabilities.major());
    if (running != nullptr) {
        built.running = *running;
        if (!built.recentDurations.empty()) {
            std::vector<Millis> sorted = built.recentDurations;
            std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2),
                             sorted.end());
            built.running->expected = sorted[sorted.size() / 2];
        }
    }

    judge(built, view);
    return built;
}

RefreshOrder FreshnessCollector::orderOf(quint32 source, const FreshnessLedger::View &reader) const
{
    const FreshnessLedger::View *nested = m_ledger.find(source);
    if (nested == nullptr)
        return RefreshOrder::Unknown;
    if (m_sources.includes(reader.row.oid, source, nested->row.xmin))
        return RefreshOrder::Included;
    const auto look = m_sources.lookBefore(reader.row.oid);
    if (look && (!nested->change || nested->change->notAfter <= *look))
        return RefreshOrder::Included;
    const LastRefresh &last = reader.lastRefresh;
    // Within a poll nobody refreshes and rewrites; between two looks of a command line that may be. Without an index the
    // traces tell, from 14 on.
    const bool wasWatched = reader.change && reader.change->before.oid != 0
                            && millisBetween(reader.change->poll.from, reader.change->poll.to) <= longestPoll;
    const bool tracesAreSilent = reader.row.hasNewIndexes.has_value() || m_capabilities.major() < 14;
    const bool readerIsDated = (wasWatched && tracesAreSilent) || endsWithItsRefresh(reader.row)
                               || last.confidence == Confidence::Exact || reader.row.committedAt != last.at;
    return refreshOrder(nested->row, nested->lastRefresh, reader.row, last, readerIsDated);
}

void FreshnessCollector::judge(Refreshable &built, const FreshnessLedger::View &view) const
{
    if (!m_countersSilent.isEmpty()) {
        built.notJudgedBecause = m_countersSilent;
        return;
    }
    // Until it is decided what happened, the base is still that of the refresh before.
    const bool isOpen = view.change && !view.change->closed && !view.change->verdict.certain;
    const LastRefresh &last = isOpen ? view.change->before.lastRefresh : view.lastRefresh;
    FreshnessSources::OrderOf order;
    if (!isOpen)
        order = [&](quint32 source) { return orderOf(source, view); };
    const auto judgement = m_sources.judge(view.row.oid, last.probable, order);
    built.sourceChanges = judgement.changes;
    built.notJudgedBecause = judgement.blindSpot;
    if (judgement.changes && !judgement.isWhole && built.notJudgedBecause.isEmpty()) {
        const QString since = toUtcSeconds(view.baseline.firstSeenAt.value_or(m_now));
        built.notJudgedBecause = Words::tr("changes are counted only since it was first watched at %1").arg(since);
    }
}

} // namespace tidemark
