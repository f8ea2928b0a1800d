// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/ddl/steps.h"
#include "core/stage/swapddl.h"

#include <QSet>

namespace tidemark::pg {
class Session;
struct CallOptions;
} // namespace tidemark::pg

namespace tidemark::stage {

/// What the plans of the different strategies have in common.

using ddl::actionStep;
using ddl::sqlStep;

[[nodiscard]] std::vector<StepLock> stepLocks(const std::vector<SwapLock> &locks);

/// The gate before the swap, or the proof after it. `added` are constraints and indexes that earlier steps put on the table.
[[nodiscard]] Step fidelityStep(const TableInventory &source, const ShadowSpec &shadow, const QSet<QString> &waivers,
                                bool afterSwap, const QStringList &added = {});
/// Nothing to do forwards; backwards it comes right after the names are back.
void addSettlingBack(std::vector<Step> &steps, const QStringList &validation, const TableInventory &source);
/// Each statement a step from which there is no way back.
void addDrops(std::vector<Step> &steps, const QStringList &statements);

/// Smallest and largest value of the column, as text; nothing for an empty table.
[[nodiscard]] Result<std::pair<QString, QString>> readExtremes(pg::Session &session, const pg::QualifiedName &table,
                                                               const QString &column, const pg::CallOptions &call);

} // namespace tidemark::stage
