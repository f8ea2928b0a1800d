// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/action.h"

namespace tidemark {

/// Runs a step's own statements, checks before and after, in one transaction or outside one, and its undo likewise. A step
/// that commits by itself needs an action of its own.
class SqlAction final : public Action
{
public:
    [[nodiscard]] Result<StepOutcome> execute(StepContext &context) const override;
    [[nodiscard]] Status undo(StepContext &context) const override;

    /// Asks each check; a failed one is an Input error with its words. Used by preflight too.
    template<typename Executor>
    [[nodiscard]] static Status ask(Executor &executor, const std::vector<Check> &checks, const pg::CallOptions &call);
};

} // namespace tidemark
