// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/driver.h"

#include "core/base/pause.h"
#include "core/base/units.h"

namespace tidemark {

namespace {

constexpr Millis wordInterval{1'000};
constexpr Millis firstBackoff{200};

/// Only a new attachment helps: the session is gone, or the outcome is known to the server alone, or another drives.
bool endsAttachment(const Error &error)
{
    const bool isFence = error.kind == ErrorKind::Conflict && error.sqlState.isEmpty();
    return error.poisonsSession || error.kind == ErrorKind::InDoubt || error.kind == ErrorKind::Connection || isFence;
}

bool mayPass(const Error &error)
{
    return error.kind == ErrorKind::Conflict || error.kind == ErrorKind::LockTimeout;
}

} // namespace

const StepRecord *standsBehind(const Plan &plan, const std::vector<StepRecord> &steps)
{
    for (const StepRecord &record : steps) {
        if (record.state == StepState::Done && plan.steps.at(static_cast<size_t>(record.ordinal) - 1).pointOfNoReturn)
            return &record;
    }
    return nullptr;
}

Driver::Driver(const RunDetail &run, const Journal &journal, RunControl &control, pg::Session session,
               const Actions &actions, std::function<Result<pg::Session>()> openSession, StepContext::Tell tell)
    : m_plan(run.plan)
    , m_steps(run.steps)
    , m_journal(journal)
    , m_control(control)
    , m_session(std::move(session))
    , m_actions(actions)
    , m_openSession(std::move(openSession))
    , m_tell(std::move(tell))
{
}

Result<RunResult> Driver::forwards()
{
    TIDEMARK_CHECK(m_journal.setState(m_session, RunState::Running));
    for (const StepRecord &record : m_steps) {
        if (record.state == StepState::Done)
            continue;
        if (m_control.asked() != Asked::Nothing)
            return ended(StepEnd::Asked);
        TIDEMARK_TRY(const StepEnd how, carryOut(record.ordinal));
        if (how != StepEnd::Done)
            return ended(how);
    }
    return setEnd(RunState::Succeeded, RunEnd::Succeeded);
}

Result<RunResult> Driver::backwards()
{
    TIDEMARK_CHECK(m_journal.setState(m_session, RunState::Undoing));
    for (auto record = m_steps.rbegin(); record != m_steps.rend(); ++record) {
        if (record->state == StepState::Pending || record->state == StepState::Undone)
            continue;
        if (m_control.asked() != Asked::Nothing)
            return ended(StepEnd::Asked);
        TIDEMARK_TRY(const StepEnd how, takeBack(record->ordinal));
        if (how != StepEnd::Done)
            return ended(how);
    }
    return setEnd(RunState::Undone, RunEnd::Undone);
}

Result<Driver::StepEnd> Driver::carryOut(int ordinal)
{
    const Step &step = m_plan.steps.at(static_cast<size_t>(ordinal) - 1);
    const StepRecord &record = m_steps.at(static_cast<size_t>(ordinal) - 1);
    TIDEMARK_TRY(const auto action, actionOf(step));
    bool mayBegin = !step.hold || record.state == StepState::Running;
    if (!mayBegin && record.state == StepState::Waiting) {
        TIDEMARK_TRY(mayBegin, m_journal.hasWord(m_session, ordinal));
    }
    if (!mayBegin) {
        TIDEMARK_TRY(const StepEnd how, waitForWord(ordinal, *action));
        if (how != StepEnd::Done)
            return how;
    }
    const bool wasBegun = record.attempts > 0;
    Millis backoff = firstBackoff;
    for (int attempt = 1;; ++attempt) {
        if (wasBegun || attempt > 1) {
            TIDEMARK_TRY(const bool satisfied, isSatisfied(step));
            if (satisfied) {
                TIDEMARK_CHECK(m_journal.stepDone(m_session, ordinal, {}));
                tell(QStringLiteral("step"), QStringLiteral("%1: found done").arg(step.title), ordinal);
                return StepEnd::Done;
            }
            if (const auto cleaned = cleanUp(step); !cleaned)
                return failedStep(ordinal,
                                  cleaned.error().within(QStringLiteral("cleaning up before another attempt")));
        }
        TIDEMARK_CHECK(m_journal.stepStarted(m_session, ordinal));
        tell(QStringLiteral("step"), step.title, ordinal);
        StepContext context = contextOf(ordinal);
        const auto outcome = action->execute(context);
        if (outcome) {
            if (!context.isRecorded())
                TIDEMARK_CHECK(m_journal.stepDone(m_session, ordinal, *outcome));
            return StepEnd::Done;
        }
        const Error &error = outcome.error();
        if (m_control.asked() != Asked::Nothing || endsAttachment(error) || !mayPass(error) || attempt >= step.attempts)
            return failedStep(ordinal, error);
        tell(QStringLiteral("note"), QStringLiteral("again in %1: %2").arg(units::duration(backoff), error.summary()),
             ordinal);
        static_cast<void>(pauseFor(backoff, m_control.stop()));
        backoff *= 2;
    }
}

Result<Driver::StepEnd> Driver::waitForWord(int ordinal, const Action &action)
{
    TIDEMARK_CHECK(m_journal.stepWaits(m_session, ordinal));
    StepContext context = contextOf(ordinal);
    tell(QStringLiteral("step"), QStringLiteral("%1: waits for your word").arg(context.step().title), ordinal);
    while (!m_control.waitForWord(wordInterval, ordinal)) {
        if (m_control.asked() != Asked::Nothing)
            return StepEnd::Asked;
        if (const auto kept = action.whileHeld(context); !kept)
            return failedStep(ordinal, kept.error());
    }
    return StepEnd::Done;
}

Result<bool> Driver::isSatisfied(const Step &step)
{
    if (step.satisfied.isEmpty())
        return false;
    TIDEMARK_TRY(const auto answer, m_session.exec(step.satisfied.toUtf8()));
    return !answer.isEmpty() && !answer.isNull(0, 0) && answer.boolean(0, 0);
}

Status Driver::cleanUp(const Step &step)
{
    const pg::CallOptions call = StepContext::patientCall(m_control.stop());
    for (const QString &statement : step.cleanup) {
        TIDEMARK_TRY([[maybe_unused]] const auto done, m_session.exec(statement.toUtf8(), {}, call));
    }
    return {};
}

Result<Driver::StepEnd> Driver::takeBack(int ordinal)
{
    const Step &step = m_plan.steps.at(static_cast<size_t>(ordinal) - 1);
    const StepRecord &record = m_steps.at(static_cast<size_t>(ordinal) - 1);
    TIDEMARK_TRY(const auto action, actionOf(step));
    // In one transaction it happened or it did not; otherwise a part of it may have.
    const bool nothingHappened = record.state == StepState::Waiting
                                 || (record.state != StepState::Done && step.transaction == StepTransaction::One);
    if (nothingHappened) {
        TIDEMARK_CHECK(m_journal.stepUndone(m_session, ordinal));
        return StepEnd::Done;
    }
    tell(QStringLiteral("step"), QStringLiteral("undoing: %1").arg(step.title), ordinal);
    Millis backoff = firstBackoff;
    for (int attempt = 1;; ++attempt) {
        StepContext context = contextOf(ordinal);
        auto undone = record.state == StepState::Done ? Status() : cleanUp(step);
        if (undone)
            undone = action->undo(context);
        if (undone) {
            if (!context.isRecorded())
                TIDEMARK_CHECK(m_journal.stepUndone(m_session, ordinal));
            return StepEnd::Done;
        }
        if (m_control.asked() != Asked::Nothing || endsAttachment(undone.error()) || !mayPass(undone.error())
            || attempt >= step.attempts)
            return failedStep(ordinal, undone.error());
        static_cast<void>(pauseFor(backoff, m_control.stop()));
        backoff *= 2;
    }
}

Result<Driver::StepEnd> Driver::failedStep(int ordinal, const Error &error)
{
    if (endsAttachment(error))
        return fail(error);
    if (m_control.asked() != Asked::Nothing)
        return StepEnd::Asked;
    m_failure = error.within(m_plan.steps.at(static_cast<size_t>(ordinal) - 1).title);
    // A step that could not be taken back is still done.
    if (m_steps.at(static_cast<size_t>(ordinal) - 1).state != StepState::Done)
        TIDEMARK_CHECK(m_journal.stepFailed(m_session, ordinal, error));
    tell(QStringLiteral("error"), m_failure->summary(), ordinal);
    return StepEnd::Failed;
}

Result<RunResult> Driver::ended(StepEnd how)
{
    if (how == StepEnd::Failed) {
        TIDEMARK_CHECK(m_journal.setState(m_session, RunState::Failed, m_failure));
        return RunResult{RunEnd::Failed, m_failure};
    }
    switch (m_control.asked()) {
    case Asked::Pause:
        return setEnd(RunState::Paused, RunEnd::Paused);
    case Asked::Cancel:
        return setEnd(RunState::Cancelled, RunEnd::Cancelled);
    case Asked::Detach:
        return setEnd(RunState::Paused, RunEnd::Detached);
    case Asked::Undo:
        return setEnd(RunState::Undoing, RunEnd::Paused);
    case Asked::Lost:
    case Asked::Nothing:
        break;
    }
    Error error = Error::input(QStringLiteral("the connection that holds the run's advisory lock broke"));
    error.kind = ErrorKind::Connection;
    return fail(error);
}

Result<RunResult> Driver::setEnd(RunState state, RunEnd end)
{
    TIDEMARK_TRY([[maybe_unused]] const auto durable, m_session.exec("SET synchronous_commit TO DEFAULT"));
    TIDEMARK_CHECK(m_journal.setState(m_session, state));
    tell(QStringLiteral("state"), runStateName(state));
    return RunResult{end, {}};
}

Result<std::shared_ptr<const Action>> Driver::actionOf(const Step &step) const
{
    const auto action = m_actions.value(step.action);
    if (!action) {
        return fail(Error::input(
            QStringLiteral("step %1 needs an action “%2” that this Tidemark does not know").arg(step.name, step.action),
            QStringLiteral("It was planned by a later Tidemark: update this one.")));
    }
    return action;
}

StepContext Driver::contextOf(int ordinal)
{
    return {m_plan, ordinal, m_journal, m_control, m_session, m_openSession, m_tell};
}

void Driver::tell(const QString &kind, const QString &text, std::optional<int> step)
{
    static_cast<void>(m_journal.event(m_session, step, kind, text));
    if (m_tell)
        m_tell({0, step, {}, kind, text, {}});
}

} // namespace tidemark
