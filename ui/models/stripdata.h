// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/partition.h"
#include "ui/models/partitionstatus.h"

#include <limits>
#include <vector>

namespace tidemark::ui {

/// What stands on the x axis of the strip: seconds since 1970, the number of the key, or just one place after another.
enum class StripAxis { Time, Number, Ordinal };

/// A first-level partition with all below it. Unbounded ends are infinite.
struct StripBlock
{
    double from = 0;
    double to = 0;
    qint64 bytes = 0;
    PartitionState state = PartitionState::Plain;
    int partition = 0; ///< index into PartitionedTable::partitions
    friend bool operator==(const StripBlock &, const StripBlock &) = default;
};

struct StripSpan
{
    double from = 0;
    double to = 0;
    friend bool operator==(const StripSpan &, const StripSpan &) = default;
};

/// A partitioned table laid out along its range key; list, hash and text keys by size, largest first. Built once for each
/// published table; drawing then costs by the pixel, not by the partition. Pure; any thread.
struct StripData
{
    StripAxis axis = StripAxis::Ordinal;
    std::vector<StripBlock> blocks; ///< by `from`; default partitions are apart
    std::vector<StripSpan> gaps;
    std::vector<int> defaults; ///< indexes of default partitions
    qint64 defaultBytes = 0;
    double from = 0; ///< of the bounded ends: what the whole axis shows
    double to = 1;
    qint64 largestBytes = 0;    ///< of one block or the defaults
    double widest = 0;          ///< of the bounded blocks: how far back a search for what covers a point must look
    std::vector<int> unbounded; ///< blocks with an infinite end, which that search would miss
};

[[nodiscard]] StripData stripData(const PartitionedTable &table, Instant now);

/// What stands in one run of pixels: a block, or several too narrow to tell apart.
struct StripColumn
{
    int firstPixel = 0;
    int lastPixel = 0;                            ///< inclusive
    qint64 bytes = 0;                             ///< of the largest block in it
    PartitionState state = PartitionState::Plain; ///< of the largest
    int block = 0;                                ///< index into StripData::blocks, the largest
    int blocks = 1;
    friend bool operator==(const StripColumn &, const StripColumn &) = default;
};

/// The visible part, [from, to) over `pixels`: at most one column a pixel, however many partitions there are.
[[nodiscard]] std::vector<StripColumn> visibleColumns(const StripData &data, double from, double to, int pixels);

/// The block at a place of the axis, -1 where there is none.
[[nodiscard]] int blockAt(const StripData &data, double place);

} // namespace tidemark::ui
