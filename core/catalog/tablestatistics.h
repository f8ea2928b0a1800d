// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "core/base/result.h"
#include "core/pg/qualifiedname.h"

#include <optional>
#include <vector>

namespace tidemark::pg {
class Session;
struct CallOptions;
} // namespace tidemark::pg

namespace tidemark {

/// Blocks asked for since statistics began, and how many of them were in shared buffers.
struct CacheUse
{
    qint64 blocksRead = 0; ///< from outside shared buffers: the kernel's cache or the disk
    qint64 blocksHit = 0;
    /// Nothing when nothing was asked for.
    [[nodiscard]] std::optional<double> hitRatio() const;
    friend bool operator==(const CacheUse &, const CacheUse &) = default;
};

struct IndexStatistics
{
    quint32 oid = 0;
    pg::QualifiedName name;
    qint64 bytes = 0;
    qint64 scans = 0;
    qint64 rowsRead = 0;
    CacheUse cache;
    bool isUnique = false;
    bool isValid = true;
    friend bool operator==(const IndexStatistics &, const IndexStatistics &) = default;
};

/// One table in figures. Sizes are exact, in bytes; counters run since countedSince (nothing: since the cluster was made).
struct TableStatistics
{
    quint32 oid = 0;
    pg::QualifiedName name;
    char kind = 'r'; ///< pg_class.relkind
    qint64 heapBytes = 0;
    qint64 toastBytes = 0; ///< with its index
    qint64 indexBytes = 0;
    qint64 totalBytes = 0;
    qint64 rowEstimate = -1; ///< of the last ANALYZE or VACUUM; -1 never
    qint64 liveRows = 0;
    qint64 deadRows = 0;
    qint64 modifiedSinceAnalyze = 0;
    qint64 inserted = 0;
    qint64 updated = 0;
    qint64 hotUpdated = 0;
    qint64 deleted = 0;
    qint64 sequentialScans = 0;
    qint64 sequentialRows = 0;
    qint64 indexScans = 0;
    CacheUse heapCache;
    CacheUse indexCache;
    CacheUse toastCache;
    std::optional<Instant> lastVacuum;
    std::optional<Instant> lastAutovacuum;
    std::optional<Instant> lastAnalyze;
    std::optional<Instant> lastAutoanalyze;
    qint64 vacuums = 0; ///< by hand and automatic
    qint64 analyzes = 0;
    std::optional<qint64>
        frozenAge; ///< transactions since relfrozenxid; autovacuum freezes at autovacuum_freeze_max_age
    std::optional<Instant> countedSince;
    std::vector<IndexStatistics> indexes; ///< largest first
    friend bool operator==(const TableStatistics &, const TableStatistics &) = default;
};

/// One relation that holds rows below a partitioned table, inheritance parent or hypertable.
struct PartitionStatistics
{
    quint32 oid = 0;
    pg::QualifiedName name;
    qint64 tableBytes = 0; ///< heap, TOAST and maps
    qint64 indexBytes = 0;
    qint64 liveRows = 0;
    qint64 deadRows = 0;
    qint64 scans = 0;
    CacheUse cache;
    std::optional<Instant> lastVacuumed;
    std::optional<Instant> lastAnalyzed;
    friend bool operator==(const PartitionStatistics &, const PartitionStatistics &) = default;
};

/// Reads all of one table. Exact sizes take an ACCESS SHARE lock: call it when a person asks, on a session apart from the
/// polling one, with a lock_timeout. A LockTimeout error names the table and says who to look for; Missing when it is gone.
[[nodiscard]] Result<TableStatistics> readTableStatistics(pg::Session &session, quint32 oid,
                                                          const pg::CallOptions &call);

/// Reads every leaf below a parent, the parent itself included where it may hold rows; same rules.
[[nodiscard]] Result<std::vector<PartitionStatistics>> readPartitionStatistics(pg::Session &session, quint32 parent,
                                                                               const pg::CallOptions &call);

} // namespace tidemark
