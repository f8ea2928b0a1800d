// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stage/shadowspec.h"

namespace tidemark::stage {

/// A lock that the swap takes, for the helper that waits for it without queueing.
struct SwapLock
{
    pg::QualifiedName relation;
    QString mode; ///< "ACCESS EXCLUSIVE", "SHARE ROW EXCLUSIVE"
    friend bool operator==(const SwapLock &, const SwapLock &) = default;
};

/// The moment names change hands, as exact statements without final semicolons. Pure. The inventory must be of the moment: a
/// view changed since would be put back. Everything reads and means the name, so after the swap every catalogue object under the
/// original names belongs to the new table and the old one has names ending in _tidemark_old.

/// What the swap, either way, locks beside the two tables themselves; views for CREATE OR REPLACE. Without duplicates, the
/// source and then the shadow first.
[[nodiscard]] std::vector<SwapLock> swapLocks(const TableInventory &source, const ShadowSpec &spec);

/// One transaction, with both tables locked and all captured changes applied. Foreign keys come back NOT VALID: they hold for new rows
/// at once. Those of the old table go, because its rows are kept after the fact from now on and would fail deletes elsewhere.
[[nodiscard]] QStringList swap(const TableInventory &source, const ShadowSpec &spec);
/// After it, each a transaction of its own: VALIDATE of what was valid, and below 18 the partitions' foreign keys made the parent's.
/// Below 18 the server goes on marking what each partition has of an inbound key as not validated; nothing reads that mark.
[[nodiscard]] QStringList finishSwap(const TableInventory &source, const ShadowSpec &spec);

/// The inverse, with the same preconditions; the new table gets the shadow's name again and could be swapped in once more.
[[nodiscard]] QStringList swapBack(const TableInventory &source, const ShadowSpec &spec);
[[nodiscard]] QStringList finishSwapBack(const TableInventory &source, const ShadowSpec &spec);

/// When there is no way back any more: each a transaction of its own, no CASCADE, so that what still depends on the old table stops it.
[[nodiscard]] QStringList retire(const TableInventory &source, const ShadowSpec &spec);

} // namespace tidemark::stage
