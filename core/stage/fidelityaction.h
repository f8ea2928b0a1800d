// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/action.h"

namespace tidemark::stage {

/// "stage.fidelity": the gate before the swap, and the proof after it. Before: the table and all around it is still what the
/// plan was made from, and the new table has all of it. After: what now bears the name has all that the old one had.
/// Whatever was not waived by name fails the step, each difference in the journal.
///
/// Parameters: "inventory" of the moment of planning, "shadow" the ShadowSpec, "waivers", "after_swap", and "added": names of
/// the constraints and indexes that the plan's own steps put on the table.
class FidelityAction final : public Action
{
public:
    [[nodiscard]] Result<StepOutcome> execute(StepContext &context) const override;
    [[nodiscard]] Status undo(StepContext &context) const override;
};

} // namespace tidemark::stage
