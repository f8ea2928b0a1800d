// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stage/shadowspec.h"

namespace tidemark::stage {

/// Pieces of DDL that a new table and a table that is attached to one have in common. All pure; without final semicolons.

/// Whether the new table's unique key must have the partition key added to this one.
[[nodiscard]] bool gainsKey(const TableIndex &index, const ShadowSpec &spec);
/// The constraint that the index backs, or nothing.
[[nodiscard]] const TableConstraint *constraintOf(const TableInventory &source, const TableIndex &index);
/// " DEFERRABLE INITIALLY DEFERRED", or as much of it as there is.
[[nodiscard]] QString deferrableText(const TableConstraint &constraint);

/// How an index is made again.
struct IndexMaking
{
    QString name;
    QString target; ///< quoted
    bool isParent = false;
    bool concurrently = false;
    bool asItWas = false; ///< without what unique keys gain
};
[[nodiscard]] QString createIndex(const TableIndex &index, const ShadowSpec &spec, const IndexMaking &making);

/// "INCREMENT BY 1 MINVALUE …"
[[nodiscard]] QString sequenceOptions(const OwnedSequence &sequence);
/// The condition that rows of the partition fulfil, NULL not among them.
[[nodiscard]] QString boundCondition(const TableColumn &key, const ShadowPartition &partition);

} // namespace tidemark::stage
