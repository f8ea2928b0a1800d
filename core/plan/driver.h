// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/runner.h"

namespace tidemark {

/// One attachment of a Runner to a run, from attaching until it ends or a connection breaks. Made and used by Runner.
class Driver
{
public:
    Driver(const RunDetail &run, const Journal &journal, RunControl &control, pg::Session session,
           const Actions &actions, std::function<Result<pg::Session>()> openSession, StepContext::Tell tell);

    /// Errors are those after which only a new attachment helps: a broken connection, or another driver.
    [[nodiscard]] Result<RunResult> forwards();
    [[nodiscard]] Result<RunResult> backwards();

private:
    enum class StepEnd { Done, Asked, Failed };

    [[nodiscard]] Result<StepEnd> carryOut(int ordinal);
    [[nodiscard]] Result<StepEnd> waitForWord(int ordinal, const Action &action);
    [[nodiscard]] Result<bool> isSatisfied(const Step &step);
    [[nodiscard]] Result<StepEnd> takeBack(int ordinal);
    [[nodiscard]] Status cleanUp(const Step &step);
    [[nodiscard]] Result<StepEnd> failedStep(int ordinal, const Error &error);
    [[nodiscard]] Result<RunResult> ended(StepEnd how);
    [[nodiscard]] Result<RunResult> setEnd(RunState state, RunEnd end);
    [[nodiscard]] Result<std::shared_ptr<const Action>> actionOf(const Step &step) const;
    [[nodiscard]] StepContext contextOf(int ordinal);
    void tell(const QString &kind, const QString &text, std::optional<int> step = {});

    const Plan &m_plan;
    std::vector<StepRecord> m_steps;
    Journal m_journal;
    RunControl &m_control;
    pg::Session m_session;
    const Actions &m_actions;
    std::function<Result<pg::Session>()> m_openSession;
    StepContext::Tell m_tell;
    std::optional<Error> m_failure;
};

/// The first step that is done and cannot be taken back, or nothing.
[[nodiscard]] const StepRecord *standsBehind(const Plan &plan, const std::vector<StepRecord> &steps);

} // namespace tidemark
