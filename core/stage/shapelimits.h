// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stage/shadowspec.h"

namespace tidemark::stage {

/// What a table of another shape can no longer have. Pure.

/// Whether the new table can have the foreign key: it still has a unique key on exactly what an inbound one refers to, and a
/// hypertable refers to no hypertable.
[[nodiscard]] bool canHave(const TableInventory &source, const ShadowSpec &spec, const ForeignKey &key);
/// Whether the table's own foreign key waits for finishSwap: all where the spec says so, and below 18 always one that refers to
/// its own table, because there each partition's key is kept for each partition, 10 000 for 100 (15 s measured with 102).
[[nodiscard]] bool comesAfterSwap(const TableInventory &source, const ShadowSpec &spec, const ForeignKey &key);
/// Whether the new table can have the trigger: the limits of partitioned tables and hypertables.
[[nodiscard]] bool canHave(const TableInventory &source, const ShadowSpec &spec, const Trigger &trigger);
/// Rewrite rules of its own; TimescaleDB has none on hypertables.
[[nodiscard]] bool canHaveRules(const ShadowSpec &spec);

} // namespace tidemark::stage
