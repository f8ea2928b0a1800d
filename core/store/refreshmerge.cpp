// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/refreshmerge.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

namespace tidemark {

namespace {

using std::chrono::microseconds;

/// What the clocks of one source may differ by when it tells the same twice.
constexpr microseconds sameSourceSlack = std::chrono::milliseconds(1);
/// Transaction numbers come round again, but not within a day.
constexpr microseconds xidLifetime = std::chrono::hours(24);

microseconds apart(Instant one, Instant other)
{
    return one > other ? one - other : other - one;
}

bool isReadFromXmin(const RefreshEvent &account)
{
    return account.source == RefreshSource::CommitTimestamp || account.source == RefreshSource::XidClock;
}

bool knowsOutcome(const RefreshEvent &account)
{
    return account.source != RefreshSource::Sampling;
}

/// A job may do more than the one refresh: its start is only the earliest that the refresh can have begun.
bool knowsStart(const RefreshEvent &account)
{
    return account.startedAt && account.source != RefreshSource::JobHistory;
}

bool isPoint(const RefreshEvent &account)
{
    return account.finishedAt && !account.finishedBracket && account.source != RefreshSource::JobHistory;
}

/// When the refresh can have ended by this account.
std::optional<TimeRange> finishWindow(const RefreshEvent &account)
{
    if (account.finishedBracket)
        return account.finishedBracket;
    // A continuous aggregate's refresh commits more than once: what was seen of it lies between its start and its end.
    const bool isRange = account.source == RefreshSource::JobHistory
                         || (account.source == RefreshSource::OwnRun
                             && account.kind == RefreshableKind::ContinuousAggregate);
    if (account.finishedAt && account.startedAt && isRange)
        return TimeRange{*account.startedAt, *account.finishedAt};
    if (account.finishedAt)
        return TimeRange{*account.finishedAt, *account.finishedAt};
    if (account.startedAt && account.duration)
        return TimeRange{*account.startedAt + *account.duration, *account.startedAt + *account.duration};
    if (account.startedAt)
        return TimeRange{*account.startedAt, *account.startedAt};
    return std::nullopt;
}

microseconds gapBetween(const TimeRange &one, const TimeRange &other)
{
    return std::max({one.from - other.to, other.from - one.to, microseconds(0)});
}

std::optional<Agreement> agreementOfOneSource(const RefreshEvent &one, const RefreshEvent &other)
{
    const Agreement identical{Agreement::Reason::Identical, microseconds(0)};
    // A scheduler starts many jobs on the stroke of the minute.
    if (one.source == RefreshSource::JobHistory && one.sourceDetail != other.sourceDetail)
        return std::nullopt;
    if (one.startedAt && other.startedAt)
        return apart(*one.startedAt, *other.startedAt) <= sameSourceSlack
                       && (!isPoint(one) || !isPoint(other)
                           || apart(*one.finishedAt, *other.finishedAt) <= sameSourceSlack)
                   ? std::optional(identical)
                   : std::nullopt;
    const auto window = finishWindow(one);
    const auto otherWindow = finishWindow(other);
    if (!window || !otherWindow)
        return std::nullopt;
    if (one.finishedBracket && other.finishedBracket)
        return std::min(window->to, otherWindow->to) > std::max(window->from, otherWindow->from)
                       || *window == *otherWindow
                   ? std::optional(identical)
                   : std::nullopt;
    return gapBetween(*window, *otherWindow) <= sameSourceSlack ? std::optional(identical) : std::nullopt;
}

/// The accounts in the order of trust, those equal in it in the order they came.
std::vector<const RefreshEvent *> byTrust(std::span<const RefreshEvent> accounts)
{
    std::vector<const RefreshEvent *> sorted;
    for (const RefreshEvent &account : accounts)
        sorted.push_back(&account);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const RefreshEvent *one, const RefreshEvent *other) { return one->source < other->source; });
    return sorted;
}

bool hasMeasuredFinish(const RefreshEvent &account)
{
    return account.finishedAt && (account.confidence == Confidence::Exact || account.confidence == Confidence::Commit);
}

void takeFinish(RefreshEvent &refresh, const RefreshEvent &account)
{
    refresh.finishedAt = account.finishedAt;
    refresh.finishedBracket = account.finishedBracket;
    refresh.confidence = account.confidence;
    refresh.source = account.source;
}

void mergeFinish(RefreshEvent &refresh, const std::vector<const RefreshEvent *> &accounts)
{
    const auto measured = std::find_if(accounts.begin(), accounts.end(),
                                       [](const RefreshEvent *account) { return hasMeasuredFinish(*account); });
    if (measured != accounts.end()) {
        takeFinish(refresh, **measured);
        return;
    }
    const RefreshEvent *narrowest = nullptr;
    std::optional<TimeRange> common;
    for (const RefreshEvent *account : accounts) {
        if (!account->finishedBracket)
            continue;
        const TimeRange &bracket = *account->finishedBracket;
        if (narrowest == nullptr
            || bracket.to - bracket.from < narrowest->finishedBracket->to - narrowest->finishedBracket->from)
            narrowest = account;
        common = common ? TimeRange{std::max(common->from, bracket.from), std::min(common->to, bracket.to)} : bracket;
    }
    if (narrowest != nullptr) {
        takeFinish(refresh, *narrowest);
        // Brackets that only meet within the slack have nothing in common; the narrowest then stands as it is.
        if (common->from < common->to) {
            refresh.finishedBracket = common;
            refresh.finishedAt = common->to;
        }
        return;
    }
    const auto best = std::min_element(
        accounts.begin(), accounts.end(), [](const RefreshEvent *one, const RefreshEvent *other) {
            return std::pair(!one->finishedAt, one->confidence) < std::pair(!other->finishedAt, other->confidence);
        });
    takeFinish(refresh, **best);
}

const RefreshEvent *startAccount(const std::vector<const RefreshEvent *> &accounts)
{
    const RefreshEvent *best = nullptr;
    for (const RefreshEvent *account : accounts) {
        if (account->startedAt && (best == nullptr || (!knowsStart(*best) && knowsStart(*account))))
            best = account;
    }
    return best;
}

std::optional<Millis> mergedDuration(const RefreshEvent &refresh, const RefreshEvent *start,
                                     const std::vector<const RefreshEvent *> &accounts)
{
    for (const RefreshEvent *account : accounts) {
        if (account->duration
            && (account->source == RefreshSource::OwnRun || account->source == RefreshSource::EventTrigger))
            return account->duration;
    }
    const bool endsAreKnown = start != nullptr && knowsStart(*start) && hasMeasuredFinish(refresh)
                              && refresh.source != RefreshSource::JobHistory
                              && *refresh.finishedAt >= *start->startedAt;
    if (endsAreKnown)
        return millisBetween(*start->startedAt, *refresh.finishedAt);
    for (const RefreshEvent *account : accounts) {
        if (account->duration)
            return account->duration;
    }
    return std::nullopt;
}

template<typename Field, typename Known>
void takeFirst(RefreshEvent &refresh, const std::vector<const RefreshEvent *> &accounts, Field RefreshEvent::*field,
               Known known)
{
    for (const RefreshEvent *account : accounts) {
        if (known(account->*field)) {
            refresh.*field = account->*field;
            return;
        }
    }
}

} // namespace

std::optional<TimeRange> spanOf(const RefreshEvent &account)
{
    std::optional<TimeRange> span;
    const auto reach = [&](Instant moment) {
        span = span ? TimeRange{std::min(span->from, moment), std::max(span->to, moment)} : TimeRange{moment, moment};
    };
    if (account.startedAt)
        reach(*account.startedAt);
    if (account.finishedAt)
        reach(*account.finishedAt);
    else if (account.startedAt && account.duration)
        reach(*account.startedAt + *account.duration);
    if (account.finishedBracket) {
        reach(account.finishedBracket->from);
        reach(account.finishedBracket->to);
    }
    return span;
}

std::optional<Agreement> agreementOf(const RefreshEvent &one, const RefreshEvent &other)
{
    const auto window = finishWindow(one);
    const auto otherWindow = finishWindow(other);
    if (!window || !otherWindow)
        return std::nullopt;
    const microseconds gap = gapBetween(*window, *otherWindow);

    if (one.xid != 0 && other.xid != 0) {
        if (one.xid == other.xid && gap <= xidLifetime)
            return Agreement{Agreement::Reason::Identical, microseconds(0)};
        if (isReadFromXmin(one) && isReadFromXmin(other))
            return std::nullopt;
    }
    if (one.succeeded != other.succeeded && knowsOutcome(one) && knowsOutcome(other))
        return std::nullopt;
    if (one.source == other.source)
        return agreementOfOneSource(one, other);

    if (knowsStart(one) && knowsStart(other)) {
        const microseconds startGap = apart(*one.startedAt, *other.startedAt);
        if (startGap > accountSlack || (isPoint(one) && isPoint(other) && gap > accountSlack))
            return std::nullopt;
        return Agreement{Agreement::Reason::Started, startGap};
    }
    const auto isBeforeJob = [](const RefreshEvent &account, const TimeRange &finish, const RefreshEvent &job) {
        return job.source == RefreshSource::JobHistory && job.startedAt
               && (finish.to < *job.startedAt
                   || (knowsStart(account) && *account.startedAt + accountSlack < *job.startedAt));
    };
    if (isBeforeJob(one, *window, other) || isBeforeJob(other, *otherWindow, one) || gap > accountSlack)
        return std::nullopt;
    // A refresh is what a job ends with: of two jobs around it, the one that ended next.
    if (one.source == RefreshSource::JobHistory || other.source == RefreshSource::JobHistory)
        return Agreement{Agreement::Reason::Finished, apart(window->to, otherWindow->to)};
    return Agreement{Agreement::Reason::Finished, gap};
}

const KnownRefresh *refreshOf(const RefreshEvent &account, std::span<const KnownRefresh> known)
{
    using Rank = std::tuple<Agreement::Reason, microseconds, microseconds>;
    const KnownRefresh *best = nullptr;
    Rank bestRank;
    for (const KnownRefresh &refresh : known) {
        std::optional<Agreement> whole;
        for (const RefreshEvent &told : refresh.accounts) {
            const auto agreement = agreementOf(account, told);
            if (!agreement) {
                whole.reset();
                break;
            }
            whole = whole ? Agreement{std::min(whole->reason, agreement->reason), std::max(whole->gap, agreement->gap)}
                          : *agreement;
        }
        if (!whole)
            continue;
        const auto finish = finishWindow(mergedRefresh(refresh.accounts));
        const Rank rank{whole->reason, whole->gap, -finish->to.time_since_epoch()};
        if (best == nullptr || rank < bestRank) {
            best = &refresh;
            bestRank = rank;
        }
    }
    return best;
}

RefreshEvent mergedRefresh(std::span<const RefreshEvent> accounts)
{
    const auto trusted = byTrust(accounts);
    RefreshEvent refresh = *trusted.front();
    mergeFinish(refresh, trusted);

    const RefreshEvent *start = startAccount(trusted);
    refresh.startedAt = start != nullptr ? start->startedAt : std::nullopt;
    refresh.duration = mergedDuration(refresh, start, trusted);

    const auto isSet = [](const auto &value) { return value.has_value(); };
    const auto isSaid = [](const QString &text) { return !text.isEmpty(); };
    takeFirst(refresh, trusted, &RefreshEvent::rows, isSet);
    takeFirst(refresh, trusted, &RefreshEvent::error, isSaid);
    takeFirst(refresh, trusted, &RefreshEvent::user, isSaid);
    takeFirst(refresh, trusted, &RefreshEvent::sourceDetail, isSaid);
    takeFirst(refresh, trusted, &RefreshEvent::concurrently, [](bool concurrently) { return concurrently; });
    takeFirst(refresh, trusted, &RefreshEvent::xid, [](quint32 xid) { return xid != 0; });

    const auto knowing = std::find_if(trusted.begin(), trusted.end(),
                                      [](const RefreshEvent *account) { return knowsOutcome(*account); });
    refresh.probable = std::all_of(trusted.begin(), trusted.end(),
                                   [](const RefreshEvent *account) { return account->probable; });
    refresh.succeeded = knowing != trusted.end() ? (*knowing)->succeeded : trusted.front()->succeeded;
    return refresh;
}

} // namespace tidemark
