// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/resultset.h"
#include "core/store/historystore.h"

namespace tidemark {

/// A materialized view as one poll read it (freshness/matviews).
struct MatviewRow
{
    quint32 oid = 0;
    pg::QualifiedName name;
    QString owner;
    quint32 xmin = 0;
    std::optional<Instant> committedAt; ///< of xmin, where the server tracks it
    quint32 relfilenode = 0;
    bool populated = true;
    qint64 attributes = 0; ///< fingerprint of name, schema, owner, acl, options, tablespace, access method
    int pages = 0;
    double rowsEstimate = -1;
    qint64 tuplesInserted = 0;
    qint64 tuplesDeleted = 0;
    qint64 scans = 0;  ///< sequential and index scans since statistics began
    quint32 toast = 0; ///< 0 without a TOAST table
    // Other rows written by the very transaction that wrote this row last:
    bool isCreated = false;
    bool hasNewToast = false;
    std::optional<bool> hasNewIndexes; ///< nothing without any index
    bool isRenamed = false;
    bool isRegranted = false;
    std::optional<int> unusableIndex; ///< 0: CONCURRENTLY has the index it needs; see the query
    Instant readAt;                   ///< server clock
    bool isOfTheFeed = true;          ///< the reading that opened the tick saw this row; else one after it

    [[nodiscard]] static std::vector<MatviewRow> read(const pg::ResultSet &rows);
    /// The fingerprint as a baseline keeps it.
    [[nodiscard]] QByteArray attributesText() const { return QByteArray::number(attributes); }
};

enum class RefreshVerdict {
    None, ///< nothing happened
    Created,
    PlainRefresh,
    ConcurrentRefresh,
    RefreshWithNoData,
    ProbableRefresh, ///< a refresh that yields no rows leaves the same as VACUUM FULL of an empty view
    Rewrite,         ///< VACUUM FULL, CLUSTER, REPACK, SET ACCESS METHOD
    Ddl,             ///< GRANT, ALTER …
};

[[nodiscard]] bool isRefresh(RefreshVerdict verdict);
[[nodiscard]] QString toWord(RefreshVerdict verdict); ///< "plain_refresh", for logs and tests

/// What an earlier poll of this session read and a baseline does not keep.
struct MatviewTraces
{
    qint64 scans = 0;
    double rowsEstimate = -1;
    quint32 toast = 0;
};

/// What is known besides the two states of the view.
struct RefreshEvidence
{
    int serverMajor = 15;
    bool countersWork = true;            ///< track_counts
    bool countersSettled = false;        ///< so much time passed that the counters of the change have arrived
    bool countersReset = false;          ///< the database's statistics were reset since the first state
    std::optional<MatviewTraces> before; ///< of the first state; nothing right after a start
    std::optional<bool> seenRefreshing;  ///< a REFRESH of it was seen running; true: CONCURRENTLY
};

struct RefreshClassification
{
    RefreshVerdict verdict = RefreshVerdict::None;
    /// More readings of the counters cannot turn it into another verdict.
    bool certain = false;
    /// Certain, and the counters of the change are in as well.
    bool settled = false;
    bool probable = false;       ///< something else could have left the same traces
    bool contentChanged = false; ///< rows were written or removed
    /// The row's newest transaction is the refresh, so its commit time is the refresh's.
    bool isNewest = true;
    std::optional<qint64> rowsWritten;
    friend bool operator==(const RefreshClassification &, const RefreshClassification &) = default;
};

/// Tells what happened to a materialized view between two polls, from the traces that each event leaves (plain REFRESH,
/// CONCURRENTLY, WITH NO DATA, VACUUM FULL and its kin, GRANT and ALTER; PostgreSQL 12 to 18). Several events may lie between the polls: a
/// refresh wins over all others. Statistics arrive late (up to ten seconds after the commit), so a verdict may stay open
/// until RefreshEvidence::countersSettled. Pure.
[[nodiscard]] RefreshClassification classifyChange(const RefreshableBaseline &before, const MatviewRow &now,
                                                   const RefreshEvidence &evidence);

/// The same for a view never seen before, from the traces of its newest transaction alone: only a creation and a new TOAST
/// table prove anything, other refreshes are probable at best. Pure.
[[nodiscard]] RefreshClassification classifyFirstSight(const MatviewRow &now);

} // namespace tidemark
