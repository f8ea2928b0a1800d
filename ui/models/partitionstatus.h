// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/partition.h"

namespace tidemark::ui {

/// What one block of the strip and one row of the partition table say of themselves; of several the most telling one.
enum class PartitionState { Default, DetachPending, Foreign, Frozen, Compressed, Premade, Empty, Plain };

/// How much a parent wants looking at; the order is how urgent it is.
enum class PartitionHealth { RanOut, DefaultFills, Broken, RunsShort, Gaps, Unread, Good };

/// What takes a walk over all partitions: computed once for each published table, never once a tick.
struct PartitionFacts
{
    std::optional<Millis> usualWidth; ///< median width of the bounded first-level partitions, by time
    bool detachPending = false;
    friend bool operator==(const PartitionFacts &, const PartitionFacts &) = default;
};
[[nodiscard]] PartitionFacts factsOf(const PartitionedTable &table);

/// A table runs short when fewer than two usual widths of partition lie ahead of now.
[[nodiscard]] PartitionHealth partitionHealth(const PartitionedTable &table, const PartitionFacts &facts, Instant now);
[[nodiscard]] PartitionState partitionState(const Partition &partition, Instant now);
/// Nothing was ever counted in it. Its size does not tell: the indexes of an empty partition take a page each.
[[nodiscard]] bool isEmpty(const Partition &partition);
/// Empty, and its range begins after now.
[[nodiscard]] bool isPremade(const Partition &partition, Instant now);

[[nodiscard]] QString healthWord(PartitionHealth health); ///< translated: "Ran out", "Good"
[[nodiscard]] QString stateWord(PartitionState state);    ///< translated: "compressed"
/// A whole sentence on what is wrong and what comes of it; empty when nothing is.
[[nodiscard]] QString healthReason(const PartitionedTable &table, const PartitionFacts &facts, Instant now);

} // namespace tidemark::ui
