// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/capture/reconciler.h"
#include "core/plan/action.h"

namespace tidemark::stage {

// The steps that make the target follow the source, with a ReconcileSpec in Step::parameters["reconcile"]. None has
// anything to take back: what they wrote goes with the target.

/// "stage.catch_up": applies what was captured until what still waits would be drained within half the stall budget.
class CatchUpAction final : public Action
{
public:
    [[nodiscard]] Result<StepOutcome> execute(StepContext &context) const override;
    [[nodiscard]] Status undo(StepContext &context) const override;
};

/// The ReconcileSpec of a step, under that key of its parameters.
[[nodiscard]] Result<ReconcileSpec> reconcileSpecOf(const Step &step, const QString &key);

/// Reconciles until what waits would be drained within `goal`. Writers that never let it come to that are told of once a
/// minute.
struct CatchUp
{
    qint64 entries = 0;
    std::chrono::microseconds predicted{0}; ///< to drain what is left
};
[[nodiscard]] Result<CatchUp> catchUp(StepContext &context, Reconciler &reconciler, Millis goal);

} // namespace tidemark::stage
