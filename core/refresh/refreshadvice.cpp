// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/refresh/refreshadvice.h"

#include "core/base/units.h"
#include "core/base/words.h"

#include <algorithm>
#include <array>

namespace tidemark::refresh {

namespace {

constexpr std::array kinds{Word{AdviceKind::IndexForConcurrently, "index_for_concurrently"},
                           Word{AdviceKind::NobodyReads, "nobody_reads"},
                           Word{AdviceKind::SourcesStandStill, "sources_stand_still"},
                           Word{AdviceKind::NothingChanged, "nothing_changed"}, Word{AdviceKind::Interval, "interval"}};

// Less says nothing about a habit.
constexpr Millis longEnough{std::chrono::hours(24)};
constexpr std::size_t fewestRefreshes = 5;
/// A view that is refreshed for more of the time than this is refreshed too often.
constexpr int leastIntervalInDurations = 10;

std::vector<RefreshEvent> successesOf(const AdviceFacts &facts)
{
    std::vector<RefreshEvent> successes;
    std::copy_if(facts.refreshes.begin(), facts.refreshes.end(), std::back_inserter(successes),
                 [](const RefreshEvent &event) { return event.succeeded && event.finishedAt; });
    return successes;
}

std::optional<Millis> middleOf(std::vector<Millis> lengths)
{
    if (lengths.empty())
        return std::nullopt;
    const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
    std::nth_element(lengths.begin(), middle, lengths.end());
    return *middle;
}

std::optional<Millis> countedFor(const AdviceFacts &facts)
{
    if (!facts.countedSince || *facts.countedSince >= facts.now)
        return std::nullopt;
    return millisBetween(*facts.countedSince, facts.now);
}

/// A length that a person would choose, not below the given one.
Millis roundedUp(Millis length)
{
    using namespace std::chrono_literals;
    constexpr std::array<Millis, 16> usual{10s,   15s,   30s, 1min, 2min, 5min, 10min, 15min,
                                           20min, 30min, 1h,  2h,   4h,   6h,   12h,   24h};
    const auto found = std::find_if(usual.begin(), usual.end(), [length](Millis value) { return value >= length; });
    return found == usual.end() ? Millis((length / 24h + 1) * 24h) : *found;
}

std::optional<Advice> adviseIndex(const AdviceFacts &facts)
{
    if (!facts.populated || facts.concurrently.eligible)
        return std::nullopt;
    const auto serves = std::find_if(facts.keys.begin(), facts.keys.end(), [](const KeyCandidate &key) {
        return key.verdict == KeyCandidate::Verdict::Unique || key.verdict == KeyCandidate::Verdict::WithNulls;
    });
    if (serves == facts.keys.end())
        return std::nullopt;
    QStringList quoted;
    for (const QString &column : serves->columns)
        quoted << pg::quoteIdentifier(column);
    Advice advice;
    advice.kind = AdviceKind::IndexForConcurrently;
    advice.name = facts.name;
    advice.what = QStringLiteral("with a unique index on (%1) it can be refreshed while it is read")
                      .arg(serves->columns.join(QLatin1String(", ")));
    advice.because =
        QStringLiteral("%1; no two of its rows are the same in these columns").arg(facts.concurrently.reason);
    if (serves->verdict == KeyCandidate::Verdict::WithNulls)
        advice.because += QStringLiteral(", but some are NULL, and such rows are written anew by each refresh");
    advice.sql = QStringLiteral("CREATE UNIQUE INDEX CONCURRENTLY ON %1 (%2)")
                     .arg(facts.name.quoted(), quoted.join(QLatin1String(", ")));
    return advice;
}

/// A view that is refreshed concurrently is read by that, so what is never read is never refreshed so either.
std::optional<Advice> adviseUnread(const AdviceFacts &facts)
{
    const auto counted = countedFor(facts);
    if (facts.scans != 0 || !counted || *counted < longEnough)
        return std::nullopt;
    const auto successes = successesOf(facts);
    Advice advice;
    advice.kind = AdviceKind::NobodyReads;
    advice.name = facts.name;
    advice.what = successes.empty() ? QStringLiteral("ask who needs it")
                                    : QStringLiteral("ask who needs it before it is refreshed again");
    advice.because =
        QStringLiteral("nobody has read it for %1, since when reads are counted").arg(units::duration(*counted));
    return advice;
}

std::optional<Advice> adviseStill(const AdviceFacts &facts, const std::vector<RefreshEvent> &successes)
{
    const auto counted = countedFor(facts);
    if (facts.sourceModifications != 0 || !counted || *counted < longEnough)
        return std::nullopt;
    const auto since = std::count_if(successes.begin(), successes.end(), [&facts](const RefreshEvent &event) {
        return *event.finishedAt > *facts.countedSince;
    });
    if (since == 0)
        return std::nullopt;
    Advice advice;
    advice.kind = AdviceKind::SourcesStandStill;
    advice.name = facts.name;
    advice.what = QStringLiteral("refresh it when its sources change");
    advice.because = QStringLiteral(
                         "no row of a table that it reads has changed for %1, in which it was refreshed %2 times")
                         .arg(units::duration(*counted))
                         .arg(since);
    return advice;
}

std::optional<Advice> adviseUnchanged(const AdviceFacts &facts, const std::vector<RefreshEvent> &successes)
{
    // A plain refresh writes all rows, whether they differ or not.
    std::size_t known = 0;
    std::size_t idle = 0;
    for (const RefreshEvent &event : successes) {
        if (!event.concurrently || !event.rows)
            continue;
        ++known;
        idle += *event.rows == 0 ? 1 : 0;
    }
    if (known < fewestRefreshes || idle * 5 < known * 4)
        return std::nullopt;
    Advice advice;
    advice.kind = AdviceKind::NothingChanged;
    advice.name = facts.name;
    advice.what = QStringLiteral("refresh it less often, or when its sources change");
    advice.because = QStringLiteral("%1 of its last %2 refreshes wrote no row").arg(idle).arg(known);
    return advice;
}

std::optional<Advice> adviseInterval(const AdviceFacts &facts, const std::vector<RefreshEvent> &successes)
{
    if (successes.size() < fewestRefreshes)
        return std::nullopt;
    std::vector<Millis> durations;
    std::vector<Millis> intervals;
    for (std::size_t place = 0; place < successes.size(); ++place) {
        if (successes[place].duration)
            durations.push_back(*successes[place].duration);
        if (place > 0)
            intervals.push_back(millisBetween(*successes[place].finishedAt, *successes[place - 1].finishedAt));
    }
    const auto interval = middleOf(intervals);
    const auto duration = middleOf(durations);
    if (!interval || !duration || *interval <= Millis(0))
        return std::nullopt;
    Millis needed = leastIntervalInDurations * *duration;
    QStringList reasons{QStringLiteral("it is refreshed every %1 and takes %2, %3 % of the time")
                            .arg(units::duration(*interval), units::duration(*duration))
                            .arg(qRound(100.0 * double(duration->count()) / double(interval->count())))};
    const auto counted = countedFor(facts);
    if (counted && *counted >= longEnough && facts.scans && *facts.scans > 0) {
        const Millis between = *counted / *facts.scans;
        needed = std::max(needed, between);
        reasons << QStringLiteral("it is read every %1 on average").arg(units::duration(between));
    }
    if (counted && *counted >= longEnough && facts.sourceModifications && *facts.sourceModifications > 0) {
        const Millis between = *counted / *facts.sourceModifications;
        needed = std::max(needed, between);
        reasons << QStringLiteral("a row of its sources changes every %1 on average").arg(units::duration(between));
    }
    if (*interval * 3 / 2 >= needed)
        return std::nullopt;
    Advice advice;
    advice.kind = AdviceKind::Interval;
    advice.name = facts.name;
    advice.what = QStringLiteral("every %1 is often enough").arg(units::duration(roundedUp(needed)));
    advice.because = reasons.join(QStringLiteral("; "));
    return advice;
}

} // namespace

QString toWord(AdviceKind kind)
{
    return wordOf(kinds, kind);
}

std::vector<Advice> adviseOn(const AdviceFacts &facts)
{
    const auto successes = successesOf(facts);
    std::vector<Advice> all;
    const auto add = [&all](std::optional<Advice> advice) {
        if (advice)
            all.push_back(std::move(*advice));
        return advice.has_value();
    };
    add(adviseIndex(facts));
    // Of how often, the strongest word is enough.
    if (!add(adviseUnread(facts)) && !add(adviseStill(facts, successes)) && !add(adviseUnchanged(facts, successes)))
        add(adviseInterval(facts, successes));
    return all;
}

} // namespace tidemark::refresh
