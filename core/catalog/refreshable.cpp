// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/refreshable.h"

#include <algorithm>
#include <array>

namespace tidemark {

namespace {

template<typename Enum>
struct Word
{
    Enum value;
    const char *text;
};

constexpr std::array kindWords{
    Word<RefreshableKind>{RefreshableKind::MaterializedView, "materialized_view"},
    Word<RefreshableKind>{RefreshableKind::ContinuousAggregate, "continuous_aggregate"},
    Word<RefreshableKind>{RefreshableKind::RollupTable, "rollup_table"},
    Word<RefreshableKind>{RefreshableKind::ManagedTable, "managed_table"},
    Word<RefreshableKind>{RefreshableKind::PgIvmTable, "pg_ivm_table"},
};

constexpr std::array confidenceWords{
    Word<Confidence>{Confidence::Exact, "exact"},         Word<Confidence>{Confidence::Commit, "commit"},
    Word<Confidence>{Confidence::Bracketed, "bracketed"}, Word<Confidence>{Confidence::AtLeast, "at_least"},
    Word<Confidence>{Confidence::Unknown, "unknown"},
};

constexpr std::array sourceWords{
    Word<RefreshSource>{RefreshSource::OwnRun, "own_run"},
    Word<RefreshSource>{RefreshSource::EventTrigger, "event_trigger"},
    Word<RefreshSource>{RefreshSource::CommitTimestamp, "commit_timestamp"},
    Word<RefreshSource>{RefreshSource::JobHistory, "job_history"},
    Word<RefreshSource>{RefreshSource::Sampling, "sampling"},
    Word<RefreshSource>{RefreshSource::XidClock, "xid_clock"},
    Word<RefreshSource>{RefreshSource::Counters, "counters"},
    Word<RefreshSource>{RefreshSource::None, "none"},
};

constexpr std::array statusWords{
    Word<FreshnessStatus>{FreshnessStatus::Breached, "breached"},
    Word<FreshnessStatus>{FreshnessStatus::NotPopulated, "not_populated"},
    Word<FreshnessStatus>{FreshnessStatus::Late, "late"},
    Word<FreshnessStatus>{FreshnessStatus::Unknown, "unknown"},
    Word<FreshnessStatus>{FreshnessStatus::Stale, "stale"},
    Word<FreshnessStatus>{FreshnessStatus::Fresh, "fresh"},
};

template<typename Words, typename Enum>
QString wordOf(const Words &words, Enum value)
{
    const auto found = std::find_if(words.begin(), words.end(), [&](const auto &word) { return word.value == value; });
    return found == words.end() ? QString() : QString::fromLatin1(found->text);
}

template<typename Enum, typename Words>
std::optional<Enum> valueOf(const Words &words, const QString &text)
{
    const auto found = std::find_if(words.begin(), words.end(),
                                    [&](const auto &word) { return text == QLatin1String(word.text); });
    if (found == words.end())
        return std::nullopt;
    return found->value;
}

// What is certain: a time that is only bounded from above cannot be younger than that bound.
std::optional<Millis> ageAtLeast(const Refreshable &refreshable, Instant now)
{
    if (!refreshable.lastRefresh.at)
        return std::nullopt;
    return millisBetween(*refreshable.lastRefresh.at, now);
}

} // namespace

std::optional<bool> isBreached(const Refreshable &refreshable, Instant now)
{
    const auto age = ageAtLeast(refreshable, now);
    if (!refreshable.target || !age)
        return std::nullopt;
    if (*age > *refreshable.target)
        return true;
    if (refreshable.lastRefresh.confidence == Confidence::AtLeast)
        return std::nullopt;
    return false;
}

FreshnessStatus freshnessStatus(const Refreshable &refreshable, Instant now)
{
    const auto breached = isBreached(refreshable, now);
    if (breached.value_or(false))
        return FreshnessStatus::Breached;
    if (!refreshable.populated)
        return FreshnessStatus::NotPopulated;
    if (breached) {
        const auto age = ageAtLeast(refreshable, now);
        return age && age->count() * 5 > refreshable.target->count() * 4 ? FreshnessStatus::Late
                                                                         : FreshnessStatus::Fresh;
    }
    if (!refreshable.target && refreshable.sourceChanges.value_or(0) > 0)
        return FreshnessStatus::Stale;
    const bool timeKnown = refreshable.lastRefresh.at && refreshable.lastRefresh.confidence != Confidence::AtLeast;
    const bool judged = refreshable.sourceChanges && refreshable.notJudgedBecause.isEmpty();
    return timeKnown && judged ? FreshnessStatus::Fresh : FreshnessStatus::Unknown;
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
    return valueOf<RefreshSource>(sourceWords, word);
}

std::optional<Confidence> confidenceOf(const QString &word)
{
    return valueOf<Confidence>(confidenceWords, word);
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
