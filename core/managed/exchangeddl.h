// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/managed/viewchain.h"
#include "core/plan/step.h"

namespace tidemark::managed {

/// The statements by which views become tables, as exact text without final semicolons. All pure. As in a staged migration
/// no definition's text is ever rewritten: what names a view runs when the table has the name, and so means that; the definitions
/// of the chain itself likewise read the tables below them.

/// One transaction: makes the table under a name of its own and fills it.
[[nodiscard]] QStringList fill(const ViewChain &chain, const ChainView &view);
[[nodiscard]] QStringList drop(const ChainView &view);
/// Each may be built beside the others. The names are those for good.
[[nodiscard]] QStringList buildIndexes(const ViewChain &chain, const ChainView &view);
/// Owner, grants, comments. Nobody but the owner may write: what others wrote, the next refresh would take back.
[[nodiscard]] QStringList dress(const ViewChain &chain, const ChainView &view);

/// One short transaction: the views step aside, the tables take their names, what depends on them follows.
[[nodiscard]] QStringList exchange(const ViewChain &chain);
[[nodiscard]] QStringList exchangeBack(const ViewChain &chain);
[[nodiscard]] std::vector<StepLock> exchangeLocks(const ViewChain &chain);
[[nodiscard]] std::vector<StepLock> exchangeBackLocks(const ViewChain &chain);
/// That each view still is what was planned with, and each filled table was not emptied by a crash.
[[nodiscard]] std::vector<Check> exchangeChecks(const ViewChain &chain);

/// What is left of the old: functions of the views' row types.
[[nodiscard]] QStringList dropLeftovers(const ViewChain &chain);

} // namespace tidemark::managed
