// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stage/stagespec.h"

namespace tidemark::stage {

/// What a plan needs beside the table and writes on the way.
struct Needs
{
    qint64 disk = 0; ///< bytes at the same time as the table has its own
    qint64 wal = 0;  ///< bytes, about
};

/// Looks at the server as it is now for what a migration of this table would meet: room on the disk, old snapshots, prepared
/// transactions, slots, statements that the new unique keys break. Changes nothing; what this role may not see is not
/// found. Errors are the session's.
[[nodiscard]] Result<std::vector<Finding>> findRisks(pg::Session &session, const StageSpec &spec,
                                                     const TableInventory &source, const Needs &needs,
                                                     const pg::CallOptions &call);

/// The obstacle of a disk that was told to be too small; nothing where it was not told, or is large enough.
[[nodiscard]] std::optional<Obstacle> diskObstacle(const StageSpec &spec, const Needs &needs);

} // namespace tidemark::stage
