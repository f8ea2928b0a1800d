// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/wantedname.h"
#include "core/monitor/snapshot.h"

namespace tidemark::cli {

/// The partitioned tables of a database that fit the name, and the partitions that fit it and are partitioned themselves: each
/// as a tree of its own.
[[nodiscard]] std::vector<std::shared_ptr<const PartitionedTable>> treesOf(const DatabaseSnapshot &database,
                                                                           const WantedName &wanted);

} // namespace tidemark::cli
