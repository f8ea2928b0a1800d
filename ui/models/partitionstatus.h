// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/partition.h"
#include "ui/models/roles.h"

namespace tidemark::ui {

/// What one block of the strip and one row of the partition table say of themselves; of several the most telling one.
enum class PartitionState { Default, DetachPending, Foreign, Frozen, Compressed, Premade, Empty, Plain };

/// How much a parent wants looking at; the order is how urgent it is, and so never against that of its severity.
enum class PartitionHealth { RanOut, Broken, DefaultFills, RunsShort, Unread, Gaps, Good };

/// `shortRunway` is the limit of the server's alerts (ServerSnapshot).
[[nodiscard]] PartitionHealth partitionHealth(const PartitionedTable &table, std::optional<Millis> shortRunway,
                                              Instant now);
[[nodiscard]] Severity severityOf(PartitionHealth health);
[[nodiscard]] PartitionState partitionState(const Partition &partition, Instant now);
/// Nothing was ever counted in it. Its size does not tell: the indexes of an empty partition take a page each.
[[nodiscard]] bool isEmpty(const Partition &partition);
/// Empty, and its range begins after now.
[[nodiscard]] bool isPremade(const Partition &partition, Instant now);

[[nodiscard]] QString healthWord(PartitionHealth health); ///< translated: "Ran out", "Good"
[[nodiscard]] QString stateWord(PartitionState state);    ///< translated: "compressed"
/// A whole sentence on what is wrong and what comes of it; empty when nothing is.
[[nodiscard]] QString healthReason(const PartitionedTable &table, std::optional<Millis> shortRunway, Instant now);

} // namespace tidemark::ui
