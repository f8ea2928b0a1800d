// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

namespace SQLite {
class Database;
}

namespace tidemark {

/// One upgrade of the local store's schema, from `version` - 1. A step that was released is never changed again: what it
/// got wrong is mended by the next one.
struct SchemaStep
{
    int version;
    const char *sql;
};

/// All steps, oldest first, without a gap.
[[nodiscard]] std::span<const SchemaStep> schemaSteps();

/// "Tide" in ASCII: how a file says that it is a store of ours (PRAGMA application_id).
inline constexpr int storeApplicationId = 0x54696465;

/// Takes the steps the file lacks, each in one transaction of its own. Two programs may do it at once: the second finds it
/// done. Throws SQLite::Exception; the file then stands at the last step that went through.
void upgradeSchema(SQLite::Database &database, std::span<const SchemaStep> steps);

} // namespace tidemark
