// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/action.h"

namespace tidemark {

/// "parallel": a step whose statements do not depend on each other, such as the indexes of many partitions. The run's
/// workers carry them out, each entry of Step::statements, which may be several statements, a transaction and a chunk of
/// its own.
class ParallelAction final : public Action
{
public:
    [[nodiscard]] Result<StepOutcome> execute(StepContext &context) const override;
    /// Runs the step's undo, as "sql" does.
    [[nodiscard]] Status undo(StepContext &context) const override;
};

} // namespace tidemark
