// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/target.h"
#include "app/cli/wantedname.h"

namespace tidemark::cli {

/// Prints the server's statistics of every partition of the tables of this name, asked on a session of its own: exact sizes
/// wait for locks, up to three seconds. Missing where the look found no such table.
[[nodiscard]] ExitCode printPartitionStatistics(const Context &context, const Look &look, const WantedName &wanted);

} // namespace tidemark::cli
