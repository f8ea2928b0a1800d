// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/freshnessledger.h"

#include <QCoreApplication>

#include <algorithm>

namespace tidemark {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Freshness)
};

constexpr Millis learnEvery{5'000};
constexpr int newsAtATime = 200;
constexpr int everythingEach = 12; // of the times it learns
constexpr Millis saveEvery{60'000};
constexpr std::size_t mostDurations = 20;
constexpr int storedEventsAtStart = 5'000;

RefreshableBaseline baselineOf(const FreshnessLedger::View &view)
{
    RefreshableBaseline baseline = view.baseline;
    const MatviewRow &row = view.row;
    baseline.oid = row.oid;
    baseline.name = row.name;
    baseline.xmin = row.xmin;
    baseline.relfilenode = row.relfilenode;
    baseline.populated = row.populated;
    baseline.attributes = row.attributesText();
    baseline.tuplesInserted = row.tuplesInserted;
    baseline.tuplesDeleted = row.tuplesDeleted;
    baseline.lastRefresh = view.lastRefresh;
    baseline.lastChangedAt = view.lastChangedAt;
    return baseline;
}

} // namespace

FreshnessLedger::FreshnessLedger(std::shared_ptr<HistoryStore> store)
    : m_memory(std::move(store))
{
}

bool FreshnessLedger::setDatabase(const DatabaseRef &database, int serverMajor, XidClockRole role)
{
    m_serverMajor = serverMajor;
    m_clockRole = role;
    if (!m_memory.setDatabase(database))
        return false;
    m_timeline = database.timeline;
    m_views.clear();
    m_stored.clear();
    m_storedEvents.clear();
    m_endedRuns.clear();
    m_refreshed.clear();
    m_learnedAt.reset();
    m_savedAt.reset();
    for (RefreshableBaseline &baseline : m_memory.baselines())
        m_stored.insert(baseline.oid, std::move(baseline));
    for (RefreshEvent &event : m_memory.refreshes({}, storedEventsAtStart))
        m_storedEvents[event.name].push_back(std::move(event));
    m_clock.load(role == XidClockRole::OwnOnly ? std::vector<XidSample>() : m_memory.xidSamples());
    return true;
}

bool FreshnessLedger::isContinued(const RefreshableBaseline &stored, const MatviewRow &row) const
{
    // The counter of oids goes round: the same number with a definition of its own is another view.
    if (row.isCreated && stored.xmin != row.xmin)
        return false;
    // Recovery to an earlier point brings older row versions back: that is no refresh. A promotion changes none.
    const bool sameTimeline = stored.timeline == 0 || stored.timeline == m_timeline;
    return sameTimeline
           || (stored.xmin == row.xmin && stored.relfilenode == row.relfilenode
               && stored.attributes == row.attributesText());
}

void FreshnessLedger::setStatistics(std::optional<Instant> resetAt, bool countersWork)
{
    m_statsResetAt = resetAt;
    m_countersWork = countersWork;
}

void FreshnessLedger::addXidSample(const XidSample &sample)
{
    m_clock.add(sample);
    if (m_clockRole == XidClockRole::Keeper)
        m_memory.addXidSample(sample);
}

const FreshnessLedger::View *FreshnessLedger::find(quint32 oid) const
{
    const auto found = m_views.find(oid);
    return found == m_views.end() ? nullptr : &found->second;
}

void FreshnessLedger::observe(const std::vector<MatviewRow> &rows, std::optional<Instant> lastPoll)
{
    for (const MatviewRow &row : rows) {
        const Instant now = row.readAt;
        auto known = m_views.find(row.oid);
        // The counter of oids goes round: the same number with a definition of its own is another view.
        if (known != m_views.end() && row.isCreated && known->second.row.xmin != row.xmin) {
            remove(row.oid);
            known = m_views.end();
        }
        if (known != m_views.end()) {
            View &view = known->second;
            if (view.row.xmin != row.xmin) {
                const Instant from = lastPoll.value_or(view.baseline.seenAt.value_or(now));
                beginChange(view, row, {from, now});
            }
            view.row = row;
            read(view);
            if (view.change && !view.change->closed)
                judge(view, now);
            continue;
        }

        View &view = m_views[row.oid];
        view.row = row;
        const auto stored = m_stored.constFind(row.oid);
        const bool isTheSame = stored != m_stored.cend() && isContinued(*stored, row);
        if (!isTheSame) {
            if (stored != m_stored.cend())
                m_memory.forget(row.oid);
            for (const RefreshEvent &event : m_storedEvents.value(row.name))
                learnFrom(view, event);
            seeFirst(view, now);
        } else {
            view.baseline = *stored;
            view.lastRefresh = stored->lastRefresh;
            view.lastChangedAt = stored->lastChangedAt;
            if (stored->xmin != row.xmin) {
                Instant from = stored->seenAt.value_or(now);
                const auto &reading = stored->sources.lastReading;
                if (reading && stored->sources.ofXmin != row.xmin)
                    from = std::max(from, reading->at);
                beginChange(view, row, {from, now});
                judge(view, now);
            }
            for (const RefreshEvent &event : m_storedEvents.value(row.name))
                learnFrom(view, event);
        }
        read(view);
        m_stored.remove(row.oid);
    }
}

void FreshnessLedger::observeDetails(const pg::ResultSet &rows, Instant now)
{
    const auto oid = rows.column("oid");
    const auto pages = rows.column("relpages");
    const auto estimate = rows.column("reltuples");
    const auto inserted = rows.column("tuples_inserted");
    const auto deleted = rows.column("tuples_deleted");
    const auto scans = rows.column("scans");
    const auto unusable = rows.column("unusable_index");
    for (int row = 0; row < rows.rowCount(); ++row) {
        const auto known = m_views.find(rows.oid(row, oid));
        if (known == m_views.end())
            continue;
        View &view = known->second;
        view.row.pages = rows.int32(row, pages);
        view.row.rowsEstimate = rows.real(row, estimate);
        view.row.tuplesInserted = rows.int64(row, inserted);
        view.row.tuplesDeleted = rows.int64(row, deleted);
        view.row.scans = rows.int64(row, scans);
        view.row.unusableIndex = rows.isNull(row, unusable) ? std::nullopt : std::optional(rows.int32(row, unusable));
        read(view);
        if (view.change && !view.change->closed)
            judge(view, now);
    }
}

void FreshnessLedger::read(View &view)
{
    const MatviewRow &row = view.row;
    if (view.readings.empty() || view.readings.back().tick != m_tick)
        view.readings.push_back({m_tick, {}});
    view.readings.back().traces = {row.scans, row.rowsEstimate, row.toast};
    if (view.readings.size() > 3)
        view.readings.erase(view.readings.begin());
    const bool moved = row.tuplesInserted != view.baseline.tuplesInserted
                       || row.tuplesDeleted != view.baseline.tuplesDeleted;
    if (moved && !view.countersMovedIn && row.xmin == view.baseline.xmin)
        view.countersMovedIn = m_tick;
}

void FreshnessLedger::remove(quint32 oid)
{
    m_views.erase(oid);
    m_stored.remove(oid);
    m_memory.forget(oid);
}

void FreshnessLedger::seeFirst(View &view, Instant now)
{
    const MatviewRow &row = view.row;
    Change change;
    change.closed = true;
    change.notAfter = 2 * m_tick + (row.isOfTheFeed ? 0 : 1);
    change.verdict = classifyFirstSight(row);
    const auto assigned = m_clock.bracket(row.xmin);
    change.poll = {assigned ? assigned->from : now, now};

    const bool filled = change.verdict.verdict == RefreshVerdict::Created ? row.populated
                                                                          : isRefresh(change.verdict.verdict);
    const bool timeIsKnown = row.committedAt || assigned;
    if (filled && timeIsKnown) {
        view.lastRefresh = refreshTime(row, change.verdict, change.poll, {});
        const bool isNewContent = change.verdict.verdict == RefreshVerdict::Created
                                  || change.verdict.verdict == RefreshVerdict::PlainRefresh;
        if (isNewContent && !change.verdict.probable)
            view.lastChangedAt = view.lastRefresh.at;
    } else if ((row.populated || change.verdict.verdict != RefreshVerdict::Created)
               && (view.lastRefresh.confidence == Confidence::Unknown
                   || view.lastRefresh.confidence == Confidence::AtLeast)) {
        // Its newest transaction was no refresh, or one of unknown time: the last refresh lies before it.
        view.lastRefresh = {Confidence::AtLeast,
                            row.committedAt ? RefreshSource::CommitTimestamp : RefreshSource::None,
                            row.committedAt.value_or(now),
                            {},
                            false};
    }
    view.change = std::move(change);
    view.baseline = baselineOf(view);
    view.baseline.seenAt = now;
    view.baseline.firstSeenAt = now;
    if (filled && row.committedAt && !view.change->verdict.probable)
        tellOf(view);
    m_memory.keep(view.baseline);
}

void FreshnessLedger::beginChange(View &view, const MatviewRow &row, TimeRange poll)
{
    view.countersMovedIn.reset();
    // What the feed of a tick does not show was committed after it, and so after the looks of the tick before.
    const qint64 notBefore = 2 * m_tick - (row.isOfTheFeed ? 3 : 1);
    const qint64 notAfter = 2 * m_tick + (row.isOfTheFeed ? 0 : 1);
    if (view.change && !view.change->closed) {
        if (!view.change->verdict.certain) {
            // Two events within the time that statistics take: only together can they be judged.
            view.change->poll.to = poll.to;
            view.change->notAfter = notAfter;
            view.change->newestNotBefore = notBefore;
            return;
        }
        close(view, poll.to);
    }
    Change change;
    change.before = view.baseline;
    change.poll = poll;
    change.notBefore = change.newestNotBefore = notBefore;
    change.notAfter = notAfter;
    change.evidence.serverMajor = m_serverMajor;
    for (const Reading &reading : view.readings) {
        if (!change.evidence.before || reading.tick < m_tick - 1)
            change.evidence.before = reading.traces;
    }
    view.change = std::move(change);
    view.row = row;
}

void FreshnessLedger::judge(View &view, Instant now)
{
    Change &change = *view.change;
    change.evidence.countersWork = m_countersWork;
    const Instant happenedBy = std::min(view.row.committedAt.value_or(change.poll.to), change.poll.to);
    change.evidence.countersSettled = millisBetween(happenedBy, now) >= countersComeWithin;
    change.evidence.countersReset = m_statsResetAt && change.before.seenAt && *m_statsResetAt > *change.before.seenAt;
    change.verdict = classifyChange(change.before, view.row, change.evidence);

    if (isRefresh(change.verdict.verdict)) {
        view.lastRefresh = refreshTime(view.row, change.verdict, change.poll, change.run);
        if (change.verdict.contentChanged)
            view.lastChangedAt = view.lastRefresh.at;
        if (change.verdict.certain && !change.told) {
            tellRefreshed(view, now);
            tellOf(view);
        }
    } else {
        view.lastRefresh = change.before.lastRefresh;
        view.lastChangedAt = change.before.lastChangedAt;
    }
    if (change.verdict.settled)
        close(view, now);
}

void FreshnessLedger::tellRefreshed(const View &view, Instant now)
{
    const Change &change = *view.change;
    // Of several transactions only a new TOAST table tells that the newest is the refresh.
    const bool isOne = change.newestNotBefore == change.notBefore;
    const bool isKnown = change.verdict.isNewest && (isOne || view.row.hasNewToast);
    // Its counters, and those of its whole transaction, come after the commit.
    const Instant committedBy = view.row.committedAt.value_or(std::max(change.poll.to, now));
    m_refreshed.push_back({view.row.oid, committedBy, isKnown ? view.row.xmin : 0,
                           isKnown ? change.newestNotBefore : change.notBefore, change.notAfter});
}

void FreshnessLedger::close(View &view, Instant now)
{
    Change &change = *view.change;
    change.closed = true;
    view.baseline = baselineOf(view);
    view.baseline.seenAt = now;
    if (isRefresh(change.verdict.verdict))
        view.baseline.firstSeenAt = change.poll.to;
    m_memory.keep(view.baseline);
    if (isRefresh(change.verdict.verdict))
        tellOf(view); // again, for the number of rows is known now
}

void FreshnessLedger::takeLateCounters(View &view, Instant now)
{
    const qint64 inserted = view.row.tuplesInserted - view.baseline.tuplesInserted;
    const qint64 deleted = view.row.tuplesDeleted - view.baseline.tuplesDeleted;
    if (inserted == 0 && deleted == 0)
        return;
    const bool grew = inserted >= 0 && deleted >= 0;
    if (grew && view.change && view.change->before.oid != 0) {
        if (!isRefresh(view.change->verdict.verdict) || view.change->verdict.probable) {
            // It passed for a rewrite, DDL or a mere probability because nothing had been counted yet.
            judge(view, now);
            return;
        }
        view.lastChangedAt = view.lastRefresh.at;
        view.change->verdict.contentChanged = true;
        view.change->verdict.rowsWritten = inserted;
        tellOf(view);
    }
    const auto firstSeen = view.baseline.firstSeenAt;
    view.baseline = baselineOf(view);
    view.baseline.seenAt = now;
    view.baseline.firstSeenAt = firstSeen;
    m_memory.keep(view.baseline);
}

LastRefresh FreshnessLedger::refreshTime(const MatviewRow &row, const RefreshClassification &verdict, TimeRange poll,
                                         const std::optional<SampledRun> &run) const
{
    LastRefresh when;
    when.probable = verdict.probable;
    if (m_clockRole == XidClockRole::OwnOnly && !(verdict.isNewest && row.committedAt)) {
        // A standby shows it once it was replayed, however long after the commit that is.
        when.confidence = Confidence::AtLeast;
        when.source = row.committedAt ? RefreshSource::CommitTimestamp : RefreshSource::XidClock;
        when.at = row.committedAt.value_or(poll.to);
        return when;
    }
    if (verdict.isNewest && row.committedAt) {
        when.confidence = Confidence::Commit;
        when.source = RefreshSource::CommitTimestamp;
        when.at = row.committedAt;
        return when;
    }
    // The id was given out before the commit, so it bounds the commit from below; from above only a poll does, or the
    // commit of what came after.
    if (verdict.isNewest) {
        if (const auto assigned = m_clock.bracket(row.xmin))
            poll.from = std::max(poll.from, assigned->from);
    } else if (row.committedAt) {
        poll.to = std::clamp(*row.committedAt, poll.from, poll.to);
    }
    when.source = RefreshSource::XidClock;
    if (run) {
        when.source = RefreshSource::Sampling;
        poll.from = std::clamp(run->lastSeenAt, poll.from, poll.to);
    }
    when.confidence = Confidence::Bracketed;
    when.bracket = poll;
    when.at = poll.to;
    return when;
}

std::vector<quint32> FreshnessLedger::undecided() const
{
    std::vector<quint32> oids;
    for (const auto &[oid, view] : m_views) {
        if (view.change && !view.change->closed)
            oids.push_back(oid);
    }
    return oids;
}

std::vector<FreshnessLedger::Refreshed> FreshnessLedger::takeRefreshed()
{
    return std::exchange(m_refreshed, {});
}

void FreshnessLedger::setSources(quint32 oid, const SourceBase &sources)
{
    const auto known = m_views.find(oid);
    if (known == m_views.end() || known->second.baseline.sources == sources)
        return;
    known->second.baseline.sources = sources;
    m_memory.keep(known->second.baseline);
}

void FreshnessLedger::tellOf(View &view)
{
    Change &change = *view.change;
    change.told = true;
    if (view.lastRefresh.confidence == Confidence::AtLeast)
        return; // an event without a time would stand in the history at a wrong one
    RefreshEvent event;
    event.name = view.row.name;
    event.finishedAt = view.lastRefresh.at;
    event.finishedBracket = view.lastRefresh.bracket;
    event.confidence = view.lastRefresh.confidence;
    event.source = view.lastRefresh.source == RefreshSource::Sampling ? RefreshSource::XidClock
                                                                      : view.lastRefresh.source;
    event.xid = change.verdict.isNewest ? view.row.xmin : 0;
    event.rows = change.verdict.rowsWritten;
    event.concurrently = change.verdict.verdict == RefreshVerdict::ConcurrentRefresh;
    event.probable = change.verdict.probable;
    if (change.verdict.verdict == RefreshVerdict::Created)
        event.sourceDetail = QStringLiteral("CREATE MATERIALIZED VIEW");
    else if (change.verdict.verdict == RefreshVerdict::RefreshWithNoData)
        event.sourceDetail = QStringLiteral("WITH NO DATA");
    m_memory.tell(event);

    if (!change.run)
        return;
    const SampledRun &run = *change.run;
    event.source = RefreshSource::Sampling;
    event.probable = change.verdict.probable && !run.fromText;
    event.startedAt = run.startedAt;
    event.user = run.user;
    event.sourceDetail = run.applicationName;
    event.duration = millisBetween(run.startedAt, view.lastRefresh.at.value_or(run.lastSeenAt));
    m_memory.tell(event);
}

void FreshnessLedger::tell(const RefreshEvent &event)
{
    m_memory.tell(event);
    m_learnedAt.reset();
}

void FreshnessLedger::settle(Instant now)
{
    matchRuns(now);
    for (auto &[oid, view] : m_views) {
        if (view.change && !view.change->closed) {
            judge(view, now);
        } else if (view.countersMovedIn && *view.countersMovedIn < m_tick) {
            // The feed of this tick is younger than that reading: it was no refresh still to be noticed.
            view.countersMovedIn.reset();
            takeLateCounters(view, now);
        }
    }
    m_memory.flushEvents();
    learn(now);
}

void FreshnessLedger::save(Instant now)
{
    // A refresh and the counters that it began with are kept together, or the next start would count from those before.
    if (!m_refreshed.empty())
        return;
    m_memory.flush();
    if (!m_savedAt || millisBetween(*m_savedAt, now) >= saveEvery) {
        if (m_savedAt)
            saveAll();
        m_savedAt = now;
    }
}

void FreshnessLedger::allObserved()
{
    for (auto stored = m_stored.cbegin(); stored != m_stored.cend(); ++stored)
        m_memory.forget(stored.key());
    m_stored.clear();
    m_storedEvents.clear();
}

void FreshnessLedger::saveAll()
{
    for (auto &[oid, view] : m_views)
        m_memory.keep(view.baseline);
    m_memory.flush();
}

void FreshnessLedger::matchRuns(Instant now)
{
    const auto matched = [&](EndedRun &ended) {
        const auto known = m_views.find(ended.run.oid);
        if (known == m_views.end())
            return true;
        View &view = known->second;
        Change *change = view.change ? &*view.change : nullptr;
        const bool leftATrace = change && change->before.oid != 0 && !change->run
                                && change->poll.to >= ended.run.startedAt;
        if (leftATrace) {
            change->run = ended.run;
            if (ended.run.fromText)
                change->evidence.seenRefreshing = ended.run.concurrently;
            judge(view, now);
            if (change->told)
                tellOf(view);
            return true;
        }
        if (--ended.ticksLeft > 0)
            return false;
        if (ended.run.fromText)
            tellFailure(ended.run, now);
        return true;
    };
    m_endedRuns.erase(std::remove_if(m_endedRuns.begin(), m_endedRuns.end(), matched), m_endedRuns.end());
}

void FreshnessLedger::tellFailure(const SampledRun &run, Instant now)
{
    RefreshEvent event;
    event.name = m_views[run.oid].row.name;
    event.startedAt = run.startedAt;
    event.finishedBracket = TimeRange{run.lastSeenAt, now};
    event.finishedAt = now;
    event.duration = millisBetween(run.startedAt, run.lastSeenAt);
    event.succeeded = false;
    event.error = Words::tr("ended without a commit: it failed, was cancelled or rolled back");
    event.user = run.user;
    event.concurrently = run.concurrently;
    event.confidence = Confidence::Bracketed;
    event.source = RefreshSource::Sampling;
    event.sourceDetail = run.applicationName;
    m_memory.tell(event);
}

void FreshnessLedger::learn(Instant now)
{
    if (m_learnedAt && millisBetween(*m_learnedAt, now) < learnEvery)
        return;
    m_learnedAt = now;
    const int limit = m_learned++ % everythingEach == 0 ? storedEventsAtStart : newsAtATime;
    QHash<pg::QualifiedName, View *> byName;
    for (auto &[oid, view] : m_views)
        byName.insert(view.row.name, &view);
    for (const RefreshEvent &event : m_memory.refreshes({}, limit)) {
        View *view = byName.value(event.name);
        if (view == nullptr)
            continue;
        const LastRefresh before = view->lastRefresh;
        learnFrom(*view, event);
        if (view->lastRefresh == before || (view->change && !view->change->closed))
            continue;
        view->baseline.lastRefresh = view->lastRefresh;
        m_memory.keep(view->baseline);
    }
}

void FreshnessLedger::learnFrom(View &view, const RefreshEvent &event) const
{
    if (!event.succeeded || !event.finishedAt)
        return;
    if (event.duration) {
        view.durations.insert_or_assign(*event.finishedAt, *event.duration);
        if (view.durations.size() > mostDurations)
            view.durations.erase(view.durations.begin());
    }

    // What happened on another timeline may have been undone by the recovery that began this one.
    if (event.timeline != 0 && event.timeline != m_timeline)
        return;
    LastRefresh &last = view.lastRefresh;
    const bool tellsOfTheRow = event.xid != 0 && event.xid == view.row.xmin;
    const bool wroteItDown = event.source == RefreshSource::OwnRun || event.source == RefreshSource::EventTrigger;
    const bool knownToBeARefresh = view.change && isRefresh(view.change->verdict.verdict);
    const bool confirmed = wroteItDown || event.source == RefreshSource::JobHistory;
    if (last.probable && confirmed && last.at && event.startedAt && *event.startedAt <= *last.at
        && *last.at <= *event.finishedAt)
        last.probable = false;
    bool better = false;
    if (tellsOfTheRow)
        better = wroteItDown || (knownToBeARefresh && event.source <= last.source);
    else if (last.confidence == Confidence::Unknown || last.confidence == Confidence::AtLeast)
        better = !last.at || *event.finishedAt <= *last.at;
    else if (last.bracket)
        better = event.source < last.source && *event.finishedAt >= last.bracket->from
                 && *event.finishedAt <= last.bracket->to;
    if (!better)
        return;
    const bool tellsOfTheSame = tellsOfTheRow || last.bracket;
    last = {event.confidence, event.source, event.finishedAt, event.finishedBracket,
            (tellsOfTheSame ? last.probable : event.probable) && !confirmed};
}

} // namespace tidemark
