// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/action.h"

namespace tidemark::managed {

/// The steps of a materialization that are more than their statements. None has anything to take back.

/// "managed.gate": the views and all around them still are what the plan was made from. Parameters: "inventories".
class GateAction final : public Action
{
public:
    [[nodiscard]] Result<StepOutcome> execute(StepContext &context) const override;
    [[nodiscard]] Status undo(StepContext &context) const override;
};

/// "managed.settle": waits for the transactions of the database that hold a snapshot when the step begins, until they have let go
/// of it. One at REPEATABLE READ whose snapshot is older than the filling would find the table empty, and say nothing. Transactions
/// with an xid and without a snapshot are not waited for, nor are prepared ones: what they read next they read with a new one.
class SettleAction final : public Action
{
public:
    [[nodiscard]] Result<StepOutcome> execute(StepContext &context) const override;
    [[nodiscard]] Status undo(StepContext &context) const override;
};

/// "managed.bring_up": refreshes the tables in full, in one transaction, and proves on its snapshot that each is what its
/// definition says. Watches meanwhile who waits for it. Parameters: "tables".
class BringUpAction final : public Action
{
public:
    [[nodiscard]] Result<StepOutcome> execute(StepContext &context) const override;
    [[nodiscard]] Status undo(StepContext &context) const override;
};

/// "managed.timings": runs queries, each in a transaction that can only read, and tells how long they took. Parameters:
/// "queries", and "before": the step that timed them first.
class TimingsAction final : public Action
{
public:
    [[nodiscard]] Result<StepOutcome> execute(StepContext &context) const override;
    [[nodiscard]] Status undo(StepContext &context) const override;
};

} // namespace tidemark::managed
