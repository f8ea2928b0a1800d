// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stage/shadowspec.h"

namespace tidemark::stage {

/// A table becomes the first partition of a new one that takes its name, with all its rows where they are: the exact
/// statements without final semicolons, for a ShadowSpec with `attach`. Pure.
///
/// What reads the table happens before, without an exclusive lock: a CHECK of the bounds is validated, and what unique
/// keys gain is indexed CONCURRENTLY. Then ATTACH finds a proof and all its indexes and only writes to the catalogue.

/// A unique index that the table must have besides its own, because its successor's key contains the partition key.
struct KeyIndex
{
    pg::QualifiedName name;
    QString create; ///< outside a transaction, as is the drop
    QString drop;
    QString ready; ///< SELECT of one boolean
};
[[nodiscard]] std::vector<KeyIndex> keyIndexes(const TableInventory &source, const ShadowSpec &spec);

/// The name of the check that proves the bounds; the tool's own, and gone after the exchange.
[[nodiscard]] QString boundsCheckName();
/// From here on the table refuses what belongs to later partitions; ACCESS EXCLUSIVE, and reads nothing.
[[nodiscard]] QString addBoundsCheck(const TableInventory &source, const ShadowSpec &spec);
[[nodiscard]] QString dropBoundsCheck(const TableInventory &source);
/// Reads the table once, SHARE UPDATE EXCLUSIVE.
[[nodiscard]] QString validateBoundsCheck(const TableInventory &source);
/// SELECT of one boolean: ATTACH will not read the table.
[[nodiscard]] QString boundsAreProven(const TableInventory &source);

/// One transaction, with swapLocks() held: the old table steps aside, gives up what the parent has for it, and is attached.
[[nodiscard]] QStringList attachTable(const TableInventory &source, const ShadowSpec &spec);
/// After it, each a transaction of its own: VALIDATE of inbound foreign keys.
[[nodiscard]] QStringList finishAttach(const TableInventory &source, const ShadowSpec &spec);

/// Before detachTable(), outside a transaction: the primary key that the table had, built again beside that which it has.
[[nodiscard]] QStringList rebuildKey(const TableInventory &source, const ShadowSpec &spec);
/// The inverse of attachTable(): what later partitions hold by then moves into the table.
[[nodiscard]] QStringList detachTable(const TableInventory &source, const ShadowSpec &spec);
[[nodiscard]] QStringList finishDetach(const TableInventory &source, const ShadowSpec &spec);

/// When there is no way back any more, each a transaction of its own: unique keys of the old partition alone.
[[nodiscard]] QStringList dropOldKeys(const TableInventory &source, const ShadowSpec &spec);

} // namespace tidemark::stage
