// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stage/reconcileactions.h"

namespace tidemark::stage {

/// "stage.swap": names change hands. Step::statements run in one transaction that holds Step::locks, after everything
/// captured was drained in it. Undo is the same the other way round: Step::undo, Step::undoLocks and the capture of what
/// was written since.
///
/// The stall budget bounds what anybody waits: the locks are tried for at most half of it, and a transaction that has not
/// come to its end within it is rolled back, the changes caught up with, and the swap tried again. When the budget cannot
/// be kept, ten attempts end in an error that says what took how long.
///
/// A reader at REPEATABLE READ whose snapshot is older than the swap would see the new table without what was reconciled
/// last. The swap waits for transactions that hold a snapshot between their statements, and looks again once it has the
/// locks. What it cannot see is a reader of that kind in the middle of a statement; writers are kept out (snapshotfence.h).
///
/// Parameters: "reconcile", from the old to the new table, and "reconcile_back". Without them nothing follows anything: the
/// table is attached to its successor with its rows. Then there is nothing to drain, and whoever has an old snapshot sees by the
/// new name what they saw by the old one.
class SwapAction final : public Action
{
public:
    [[nodiscard]] Result<StepOutcome> execute(StepContext &context) const override;
    [[nodiscard]] Status undo(StepContext &context) const override;
    [[nodiscard]] Status whileHeld(StepContext &context) const override;
};

/// "stage.retire": holds, keeping the old table in step with the new one, until the old one may go.
/// Parameters: "reconcile_back".
class RetireAction final : public Action
{
public:
    [[nodiscard]] Result<StepOutcome> execute(StepContext &context) const override;
    [[nodiscard]] Status undo(StepContext &context) const override;
    [[nodiscard]] Status whileHeld(StepContext &context) const override;
};

} // namespace tidemark::stage
