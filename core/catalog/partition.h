// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "core/catalog/hashgaps.h"
#include "core/pg/qualifiedname.h"

#include <QStringList>

#include <memory>
#include <optional>
#include <vector>

namespace tidemark {

enum class PartitioningKind { Native, Inheritance, Hypertable };
enum class PartitionStrategy { Range, List, Hash, None };

/// What a range key counts, so that bounds can stand on an axis.
enum class BoundUnit { Time, Integer, Text };

/// One end of a range; of a key of several columns its place on the axis is that of the first. `axis` is microseconds since 1970 for Time, the number itself for Integer.
struct Bound
{
    enum class Kind { Value, MinValue, MaxValue, None } kind = Kind::None;
    QString text; ///< as PostgreSQL prints it
    std::optional<qint64> axis;
    std::vector<Bound> rest{}; ///< of a key of several columns: the values of those after the first
    friend bool operator==(const Bound &, const Bound &) = default;
};

/// A partition of a native or inheritance tree, or a chunk.
struct Partition
{
    quint32 oid = 0;
    quint32 parentOid = 0;
    pg::QualifiedName name;
    int level = 1; ///< below the root
    bool isLeaf = true;
    PartitionStrategy strategy = PartitionStrategy::None; ///< of its own partitions, where it has any
    BoundUnit unit = BoundUnit::Text;                     ///< of its own partitions' bounds
    QString keyText;                                      ///< of its own partitions: "RANGE (created_at)"
    bool isDefault = false;
    bool detachPending = false;
    bool isForeign = false;
    bool compressed = false;
    bool frozen = false;
    Bound from;        ///< inclusive
    Bound to;          ///< exclusive
    QString boundText; ///< the whole bound as PostgreSQL prints it: all columns, list values, modulus
    /// Heap, TOAST and indexes from relpages; compressed chunks: with the stored compressed size. -1 is not known: neither
    /// VACUUM nor ANALYZE has been there yet.
    qint64 bytesEstimate = 0;
    std::optional<qint64> uncompressedBytes;
    qint64 rowsEstimate = -1; ///< -1 is not known
    qint64 treeBytes = -1;    ///< with all partitions below it, as far as they are known: by rollUp()
    qint64 treeRows = -1;
    qint64 modifications = 0;                  ///< inserted + updated + deleted since statistics began
    std::optional<Instant> lastModifiedSeenAt; ///< when a poll saw the counter move
    friend bool operator==(const Partition &, const Partition &) = default;
};

/// Rows that no partition takes: a stretch between two ranges, or remainders of a hash key.
struct PartitionGap
{
    Bound from; ///< nothing for a hash key
    Bound to;
    quint32 parentOid = 0; ///< whose partitions leave it: the root or a sub-partitioned partition
    std::optional<HashGap> hash{};
    friend bool operator==(const PartitionGap &, const PartitionGap &) = default;
};

struct PartitionOverlap
{
    quint32 first = 0;
    quint32 second = 0;
    friend bool operator==(const PartitionOverlap &, const PartitionOverlap &) = default;
};

/// A partitioned table, inheritance parent or hypertable with all below it, rolled up exactly at the root.
struct PartitionedTable
{
    quint32 oid = 0;
    pg::QualifiedName name;
    PartitioningKind kind = PartitioningKind::Native;
    PartitionStrategy strategy = PartitionStrategy::None;
    QString keyText; ///< "RANGE (created_at)"
    BoundUnit unit = BoundUnit::Text;
    QString managedBy;                 ///< "pg_partman", "timescaledb"; empty when by hand
    QString intervalText;              ///< the chunk or partman interval, or the usual width of the partitions
    std::vector<Partition> partitions; ///< sorted by level, then range start, default last
    std::optional<int> premake;        ///< how many pg_partman keeps ahead
    qint64 ownBytes = 0;               ///< of the root's own heap: an inheritance parent may hold rows itself
    qint64 ownRows = 0;                ///< -1 is not known
    int leafCount = 0; ///< the tables without partitions of their own: parents that hold rows are not among them
    /// Rows that stand in the root or in other tables with children, which only inheritance allows: in rowsEstimate too. -1
    /// is not known.
    std::optional<qint64> parentRows;
    qint64 totalBytes = 0; ///< of those whose size is known; -1 where none is
    int unknownSizes = 0;  ///< leaves whose size is not known
    std::optional<qint64> totalUncompressedBytes;
    qint64 rowsEstimate = 0; ///< of those that are known; -1 where none is
    std::optional<qint64>
        defaultRows; ///< rows estimated in default partitions, -1 not known; nothing without a default
    std::vector<PartitionGap> gaps;
    std::vector<PartitionOverlap> overlaps; ///< inheritance only: native partitions cannot overlap
    bool runsOut = false;                   ///< range by time, no MAXVALUE end, new rows will need new partitions
    /// Where the contiguous partitions from now on end: inserts beyond fail or land in the default. In the past when now
    /// has no partition already; nothing when no partition lies before now.
    std::optional<Instant> runwayUntil;
    bool detachPending = false; ///< of some partition
    int compressedCount = 0;
    std::optional<Millis> retention; ///< a policy's drop_after; horizon for the strip
    std::optional<Millis> compressAfter;
    QString problem; ///< why part of this could not be read; empty when all was
    friend bool operator==(const PartitionedTable &, const PartitionedTable &) = default;
};

/// All partitioned tables of one database at one moment. A table that did not change is the same object as before.
struct PartitionSnapshot
{
    std::vector<std::shared_ptr<const PartitionedTable>> tables; ///< sorted by oid
};

[[nodiscard]] QString toWord(PartitioningKind kind);      ///< "native", "inheritance", "hypertable"
[[nodiscard]] QString toWord(PartitionStrategy strategy); ///< "range", "list", "hash", "none"

/// Sorts the partitions and fills in what each has with those below it, leafCount, totals, gaps, overlaps, default rows, rows in parents, pending detaches, usual interval (where none is given)
/// and runway from them, as of `now` on the server's clock. Every partition of the tree counts once, however deep, so that
/// the totals are exact at the root. Gaps are judged among the partitions of one parent: ranges by all columns of the key, text keys
/// by adjacency alone, since their order is the collation's; hash keys by the remainders that are covered. Pure.
void rollUp(PartitionedTable &table, Instant now);

/// The part of a tree that stands below one of its partitions which is partitioned itself, rolled up as if that were the root.
/// Nothing where the partition is a leaf or not of the table. Pure.
[[nodiscard]] std::optional<PartitionedTable> treeBelow(const PartitionedTable &table, quint32 partition, Instant now);

/// As the error messages of PostgreSQL have it: "2026-01-01", or "(2026-01-01, 5)" of a key of several columns. Pure.
[[nodiscard]] QString boundDisplay(const Bound &bound);

/// What is left of a runway, as alerts, cards and tables all judge it.
enum class RunwayState { Endless, Ample, Short, RanOut };
inline constexpr Millis usualShortRunway = std::chrono::hours(72);
/// Short: less than `shortRunway` is left, where there is such a limit. Pure.
[[nodiscard]] RunwayState runwayState(const PartitionedTable &table, std::optional<Millis> shortRunway, Instant now);

/// The runway alone, for a table that did not change while time went on. Pure.
[[nodiscard]] std::optional<Instant> runwayUntil(const PartitionedTable &table, Instant now);

} // namespace tidemark
