// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/refreshable.h"

#include "core/base/words.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace tidemark {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Freshness)
};

constexpr std::array kindWords{
    Word{RefreshableKind::MaterializedView, "materialized_view"},
    Word{RefreshableKind::ContinuousAggregate, "continuous_aggregate"},
    Word{RefreshableKind::RollupTable, "rollup_table"},
    Word{RefreshableKind::ManagedTable, "managed_table"},
    Word{RefreshableKind::PgIvmTable, "pg_ivm_table"},
};

constexpr std::array confidenceWords{
    Word{Confidence::Exact, "exact"},         Word{Confidence::Commit, "commit"},
    Word{Confidence::Bracketed, "bracketed"}, Word{Confidence::AtLeast, "at_least"},
    Word{Confidence::Unknown, "unknown"},
};

constexpr std::array sourceWords{
    Word{RefreshSource::OwnRun, "own_run"},
    Word{RefreshSource::EventTrigger, "event_trigger"},
    Word{RefreshSource::CommitTimestamp, "commit_timestamp"},
    Word{RefreshSource::JobHistory, "job_history"},
    Word{RefreshSource::Sampling, "sampling"},
    Word{RefreshSource::XidClock, "xid_clock"},
    Word{RefreshSource::None, "none"},
};

constexpr std::array statusWords{
    Word{FreshnessStatus::Breached, "breached"}, Word{FreshnessStatus::NotPopulated, "not_populated"},
    Word{FreshnessStatus::Late, "late"},         Word{FreshnessStatus::Unknown, "unknown"},
    Word{FreshnessStatus::Stale, "stale"},       Word{FreshnessStatus::Fresh, "fresh"},
};

// What is certain: a time that is only bounded from above cannot be younger than that bound.
std::optional<Millis> ageAtLeast(const Refreshable &refreshable, Instant now)
{
    if (!refreshable.lastRefresh.at)
        return std::nullopt;
    return millisBetween(*refreshable.lastRefresh.at, now);
}

/// By its own clockwork; its watermark is known.
FreshnessStatus statusOf(const ContinuousAggregateState &aggregate)
{
    if (!aggregate.invalidRanges.empty())
        return FreshnessStatus::Stale;
    if (!aggregate.tailLag)
        return FreshnessStatus::Unknown;
    return *aggregate.tailLag > aggregate.policyLag.value_or(Millis(0)) ? FreshnessStatus::Stale
                                                                        : FreshnessStatus::Fresh;
}

} // namespace

ConcurrentEligibility concurrentEligibility(bool populated, const std::optional<int> &unusableIndex)
{
    if (!populated)
        return {false, Words::tr("it holds no data yet, so the next REFRESH must be a plain one")};
    switch (unusableIndex.value_or(-1)) {
    case 0:
        return {true, {}};
    case 1:
        return {false, Words::tr("its unique index is not valid")};
    case 2:
        return {false, Words::tr("its unique index is deferrable")};
    case 3:
        return {false, Words::tr("its unique index is partial (has a WHERE clause)")};
    case 4:
        return {false, Words::tr("its unique index is on an expression, not on plain columns")};
    case 5:
        return {false, Words::tr("its unique index is not a btree")};
    default:
        return {false, Words::tr("it has no unique index")};
    }
}

void setEstimates(Refreshable &refreshable, qint64 pages, double rows, int blockSize, int serverMajor)
{
    const bool isCounted = pages > 0 || (serverMajor >= 14 && rows >= 0);
    const bool isKnown = isCounted || !refreshable.populated;
    refreshable.bytesEstimate = isKnown ? pages * blockSize : -1;
    refreshable.rowsEstimate = isCounted ? static_cast<qint64>(rows) : -1;
}

std::optional<bool> isBreached(const Refreshable &refreshable, Instant now)
{
    if (refreshable.target && !refreshable.populated)
        return true;
    const auto age = ageAtLeast(refreshable, now);
    if (!refreshable.target || !age)
        return std::nullopt;
    if (*age > *refreshable.target)
        return true;
    if (refreshable.lastRefresh.confidence == Confidence::AtLeast || refreshable.lastRefresh.probable)
        return std::nullopt; // it may be older
    return false;
}

FreshnessStatus freshnessStatus(const Refreshable &refreshable, Instant now)
{
    if (!refreshable.populated)
        return FreshnessStatus::NotPopulated;
    const auto breached = isBreached(refreshable, now);
    if (breached.value_or(false))
        return FreshnessStatus::Breached;
    if (breached) {
        const auto age = ageAtLeast(refreshable, now);
        return age && age->count() * 5 > refreshable.target->count() * 4 ? FreshnessStatus::Late
                                                                         : FreshnessStatus::Fresh;
    }
    if (!refreshable.target && refreshable.aggregate && refreshable.aggregate->watermark)
        return statusOf(*refreshable.aggregate);
    if (!refreshable.target && refreshable.sourceChanges.value_or(0) > 0)
        return FreshnessStatus::Stale;
    const bool timeKnown = refreshable.lastRefresh.at && refreshable.lastRefresh.confidence != Confidence::AtLeast;
    return timeKnown && whyNotJudged(refreshable).isEmpty() ? FreshnessStatus::Fresh : FreshnessStatus::Unknown;
}

QString whyNotJudged(const Refreshable &refreshable)
{
    if (!refreshable.notJudgedBecause.isEmpty() || refreshable.sourceChanges)
        return refreshable.notJudgedBecause;
    if (refreshable.aggregate)
        return Words::tr("of a continuous aggregate its watermark and its invalid ranges tell");
    return Words::tr("its sources were not watched when it was refreshed last");
}

std::optional<Instant> judgedUpTo(const Refreshable &refreshable, int serverMajor, Instant takenAt)
{
    const bool isJudged = refreshable.kind == RefreshableKind::MaterializedView && refreshable.sourceChanges
                          && refreshable.notJudgedBecause.isEmpty();
    return isJudged && serverMajor >= 15 ? std::optional(takenAt - countersComeWithin) : std::nullopt;
}

QString toWord(RefreshableKind kind)
{
    return wordOf(kindWords, kind);
}

QString toWord(Confidence confidence)
{
    return wordOf(confidenceWords, confidence);
}

QString toWord(RefreshSource source)
{
    return wordOf(sourceWords, source);
}

QString toWord(FreshnessStatus status)
{
    return wordOf(statusWords, status);
}

std::optional<RefreshSource> refreshSourceOf(const QString &word)
{
    return valueOf(sourceWords, word);
}

std::optional<Confidence> confidenceOf(const QString &word)
{
    return valueOf(confidenceWords, word);
}

void mergeRefreshables(FreshnessSnapshot &snapshot, const std::vector<Refreshable> &extra,
                       const std::vector<SourceRelation> &sources)
{
    const auto merge = [](auto &into, const auto &more) {
        for (const auto &item : more) {
            const auto at = std::lower_bound(into.begin(), into.end(), item.oid,
                                             [](const auto &known, quint32 oid) { return known.oid < oid; });
            if (at != into.end() && at->oid == item.oid)
                *at = item;
            else
                into.insert(at, item);
        }
    };
    merge(snapshot.refreshables, extra);
    for (const SourceRelation &source : sources) {
        const auto known = std::find_if(snapshot.sources.begin(), snapshot.sources.end(),
                                        [&](const SourceRelation &relation) { return relation.oid == source.oid; });
        if (known == snapshot.sources.end()) {
            merge(snapshot.sources, std::vector{source});
            continue;
        }
        for (const quint32 reader : source.readBy) {
            if (std::find(known->readBy.begin(), known->readBy.end(), reader) == known->readBy.end())
                known->readBy.push_back(reader);
        }
    }
}

} // namespace tidemark
