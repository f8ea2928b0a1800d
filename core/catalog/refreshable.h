// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "core/pg/qualifiedname.h"

#include <QStringList>

#include <memory>
#include <optional>
#include <vector>

namespace tidemark {

/// A session reports what it changed within this time of its commit (PGSTAT_IDLE_INTERVAL and a poll). It is later where
/// the session goes on in a long transaction or statement, and before 15 where it stays idle.
inline constexpr Millis countersComeWithin{12'000};

/// Anything derived that can be brought up to date. All kinds share one row model.
enum class RefreshableKind { MaterializedView, ContinuousAggregate, RollupTable, ManagedTable, PgIvmTable };

/// How sure a time is. A bracket is never shown as a point.
enum class Confidence {
    Exact,     ///< written down when it happened: own run, event trigger, job history
    Commit,    ///< commit timestamp of the transaction that refreshed it
    Bracketed, ///< between bracketFrom and bracketTo
    AtLeast,   ///< it is at least this long ago: `at` is the newest it can be
    Unknown,
};

/// Who told. The local store keeps the numbers; 6 was given away once.
enum class RefreshSource { OwnRun, EventTrigger, CommitTimestamp, JobHistory, Sampling, XidClock, None = 7 };

struct LastRefresh
{
    Confidence confidence = Confidence::Unknown;
    RefreshSource source = RefreshSource::None;
    std::optional<Instant> at; ///< the best single point: exact, commit, or the bracket's later end
    std::optional<TimeRange> bracket;
    bool probable = false; ///< told from a trace that something else could leave too (a plain refresh of 0 rows)
    friend bool operator==(const LastRefresh &, const LastRefresh &) = default;
};

/// Whether REFRESH … CONCURRENTLY would be accepted, by the rule of matview.c (is_usable_unique_index).
struct ConcurrentEligibility
{
    bool eligible = false;
    QString reason; ///< why not, for people; empty when eligible
    friend bool operator==(const ConcurrentEligibility &, const ConcurrentEligibility &) = default;
};

/// `unusableIndex`: why the best unique index does not serve: 0 it does, 1 not valid, 2 deferrable, 3 partial, 4 on an
/// expression, 5 not a btree; nothing where there is none.
[[nodiscard]] ConcurrentEligibility concurrentEligibility(bool populated, const std::optional<int> &unusableIndex);

struct RunningRefresh
{
    std::optional<int> pid; ///< nothing where a job's own record tells of the run
    Instant startedAt;
    bool concurrently = false;
    QString user;
    QString applicationName;
    std::optional<Millis> expected; ///< the median of earlier durations, the base of the ETA
    friend bool operator==(const RunningRefresh &, const RunningRefresh &) = default;
};

/// A continuous aggregate's own clockwork (TimescaleDB). Times are those of the bucketed dimension.
struct ContinuousAggregateState
{
    struct Range
    {
        Instant from;
        Instant to;
        int pid = 0; ///< running ranges only
        friend bool operator==(const Range &, const Range &) = default;
    };
    QString hypertable;
    std::optional<Instant> watermark;
    std::optional<Millis> tailLag; ///< newest source row minus watermark
    std::vector<Range> invalidRanges;
    std::vector<Range> runningRanges;
    bool materializedOnly = false;
    bool finalized = true;
    QString policy; ///< "every 1 h, from 6 h to 1 h before now"; empty without one
    /// How far behind the newest row a policy that runs leaves the watermark at most: its end offset, its interval and a
    /// bucket. Nothing without one.
    std::optional<Millis> policyLag;
    friend bool operator==(const ContinuousAggregateState &, const ContinuousAggregateState &) = default;
};

struct Refreshable
{
    quint32 oid = 0;
    pg::QualifiedName name;
    RefreshableKind kind = RefreshableKind::MaterializedView;
    QString owner;

    LastRefresh lastRefresh;
    std::optional<Instant> lastChangedAt; ///< when its content last moved; a refresh that changed nothing leaves it
    std::optional<Millis> lastDuration;
    std::vector<Millis> recentDurations; ///< oldest first, at most 20: the trend

    /// Rows changed in the sources since the last refresh, through the whole dependency closure.
    std::optional<qint64> sourceChanges;
    QString notJudgedBecause;        ///< the named blind spot; empty when judged
    std::vector<quint32> sources;    ///< direct and through plain views: tables and nested refreshables
    std::vector<quint32> dependents; ///< refreshables that read this one

    bool populated = true;
    ConcurrentEligibility concurrently;
    std::optional<RunningRefresh> running;
    std::optional<Instant> nextScheduled;
    QString schedule; ///< "pg_cron: */2 6-22 * * *"; empty when nothing is known to refresh it

    /// Heap, from relpages: exact sizes are asked for in detail only. -1 is not known: a REFRESH leaves relpages at zero
    /// until VACUUM, ANALYZE or the build of an index counts.
    qint64 bytesEstimate = 0;
    qint64 rowsEstimate = -1; ///< -1 is not known

    std::optional<Millis> target; ///< the SLO it is held to
    std::optional<ContinuousAggregateState> aggregate;

    friend bool operator==(const Refreshable &, const Refreshable &) = default;
};

/// Takes up relpages and reltuples. A server before 14 knows no "not counted": there it is zero pages.
void setEstimates(Refreshable &refreshable, qint64 pages, double rows, int blockSize, int serverMajor);

/// Age against the target; nothing where either is not known, or the age may be
/// higher. What holds no data fails every target.
[[nodiscard]] std::optional<bool> isBreached(const Refreshable &refreshable, Instant now);

/// What a row says of itself in one word; the order is how urgent it is.
enum class FreshnessStatus { Breached, NotPopulated, Late, Unknown, Stale, Fresh };
/// Late: over 80 % of its target. Stale: sources changed since the refresh, no target set; of a continuous aggregate, ranges
/// are invalid or the tail is longer than its policy leaves it. Unknown: no time is known or there is neither a target nor
/// sources that can be counted to judge it by.
[[nodiscard]] FreshnessStatus freshnessStatus(const Refreshable &refreshable, Instant now);

/// Why nobody can say whether its sources changed since its last refresh; empty where it is known. Pure.
[[nodiscard]] QString whyNotJudged(const Refreshable &refreshable);

/// What was committed by then has been counted, sessions that go on in one transaction apart. Nothing where it is not judged
/// by counters, and before 15, where idle sessions hold theirs back.
[[nodiscard]] std::optional<Instant> judgedUpTo(const Refreshable &refreshable, int serverMajor, Instant takenAt);

// Stable words for JSON, SQLite and tests; people see translated ones.
[[nodiscard]] QString toWord(RefreshableKind kind);  ///< "materialized_view", "continuous_aggregate", …
[[nodiscard]] QString toWord(Confidence confidence); ///< "exact", "commit", "bracketed", "at_least", "unknown"
[[nodiscard]] QString
toWord(RefreshSource source); ///< "own_run", "event_trigger", "commit_timestamp", "job_history", …
[[nodiscard]] QString
toWord(FreshnessStatus status); ///< "breached", "not_populated", "late", "unknown", "stale", "fresh"
[[nodiscard]] std::optional<RefreshSource> refreshSourceOf(const QString &word);
[[nodiscard]] std::optional<Confidence> confidenceOf(const QString &word);

/// One relation of the dependency graph around the refreshables: what they read, however indirectly.
struct SourceRelation
{
    quint32 oid = 0;
    pg::QualifiedName name;
    char relkind = 'r';
    std::vector<quint32> readBy; ///< refreshables that read it directly or through plain views
    qint64 modifications = 0;    ///< inserted + updated + deleted since statistics began
    friend bool operator==(const SourceRelation &, const SourceRelation &) = default;
};

/// Everything about derived data in one database at one moment. Immutable once published.
struct FreshnessSnapshot
{
    std::vector<Refreshable> refreshables; ///< sorted by oid
    std::vector<SourceRelation> sources;   ///< sorted by oid; plain tables, foreign tables, partitioned roots
};

/// Puts what another collector knows (continuous aggregates, rollup tables) on the same board: by oid, replacing what is
/// there; readers of a source already known are joined.
void mergeRefreshables(FreshnessSnapshot &snapshot, const std::vector<Refreshable> &extra,
                       const std::vector<SourceRelation> &sources = {});

} // namespace tidemark
