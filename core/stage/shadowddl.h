// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stage/shadowspec.h"

namespace tidemark::stage {

/// The SQL that makes the shadow: the table that will take over, built beside the old one without a lock on it. Each function
/// gives exact statements in order, without final semicolons, for a session with an empty search_path. Pure.
///
/// Everything whose name a schema has but once gets a name of its own until the swap (identifiers.h). What would act on
/// production before the swap (foreign keys, triggers, row security) or names the table in its definition (policies, rules) waits
/// for the swap.

/// One transaction: the table with its columns, checks and identity sequences; of Native the partitions too, apart from it, each
/// with a CHECK that states its bounds, so that ATTACH reads no row. No index yet.
[[nodiscard]] QStringList createShadow(const TableInventory &source, const ShadowSpec &spec);

/// What rows are copied into: the partitions (the default last), or the shadow itself.
[[nodiscard]] std::vector<pg::QualifiedName> copyTargets(const TableInventory &source, const ShadowSpec &spec);

/// The indexes of one copy target; those of different targets may be built at the same time. Each is a transaction of its own.
struct IndexBuild
{
    pg::QualifiedName target;
    QStringList statements;
};
/// CREATE INDEX on each target after the copy, then what hangs on indexes: keys, clustering, replica identity, targets.
[[nodiscard]] std::vector<IndexBuild> buildIndexes(const TableInventory &source, const ShadowSpec &spec);

/// One transaction, before or after the copy: the partitions attached and their bound checks dropped. Attached, they get their rows
/// by the server's own routing. Empty but for Native.
[[nodiscard]] QStringList attachPartitions(const TableInventory &source, const ShadowSpec &spec);

/// One transaction, once partitions are attached and have their indexes: the parent's indexes and keys made of theirs, one by one
/// and by name. Empty but for Native.
[[nodiscard]] QStringList parentIndexes(const TableInventory &source, const ShadowSpec &spec);

/// One transaction: grants, comments, statistics objects, replica identity, security labels.
[[nodiscard]] QStringList finishShadow(const TableInventory &source, const ShadowSpec &spec);

/// ANALYZE, so that nobody meets a table without statistics.
[[nodiscard]] QStringList analyzeShadow(const TableInventory &source, const ShadowSpec &spec);

/// One transaction, before the swap only: nothing is left of the shadow.
[[nodiscard]] QStringList dropShadow(const TableInventory &source, const ShadowSpec &spec);

} // namespace tidemark::stage
