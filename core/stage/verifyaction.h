// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/action.h"

namespace tidemark::stage {

/// "stage.verify": proves that the target has the source's content, on one snapshot while writers go on. Keys that differ
/// without waiting in the capture's log are named in the journal, put there and reconciled, and the proof is done again.
/// Fails when they still differ: the swap, a later step, stays closed.
///
/// Parameters: "reconcile".
class VerifyAction final : public Action
{
public:
    [[nodiscard]] Result<StepOutcome> execute(StepContext &context) const override;
    [[nodiscard]] Status undo(StepContext &context) const override;
};

} // namespace tidemark::stage
