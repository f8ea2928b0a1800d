// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/tableinventory.h"

namespace tidemark::ddl {

/// `base` and `suffix`, at most 63 bytes of UTF-8. Where it would be longer the base is cut between characters and six digits of
/// its hash keep two long names apart. Pure, and the same every time.
[[nodiscard]] QString madeName(const QString &base, const QString &suffix);

/// What an index, sequence, statistics object or constraint of the new table is called until the swap gives it its name.
[[nodiscard]] QString nameBefore(const QString &name);
/// What the old table's is called from the swap on.
[[nodiscard]] QString nameAfter(const QString &name);
/// An index or statistics object of one partition.
[[nodiscard]] QString nameOnPartition(const QString &partition, const QString &name);
/// What the function bound to the old row type is called from the swap on; alone of its name, so that it needs no signature.
[[nodiscard]] QString nameAfter(const BoundFunction &function);

} // namespace tidemark::ddl
