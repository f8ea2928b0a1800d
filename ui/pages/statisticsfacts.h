// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/tablestatistics.h"
#include "ui/widgets/detailpanel.h"

namespace tidemark::ui {

/// What the statistics of one table say, for the detail panel: exact sizes, rows, use, vacuum and its indexes.
[[nodiscard]] QList<Fact> factsOf(const TableStatistics &table, Instant now);

/// The sums over all relations that hold rows below a partitioned table, and the one least lately looked after.
[[nodiscard]] QList<Fact> factsOf(const std::vector<PartitionStatistics> &partitions, Instant now);

} // namespace tidemark::ui
