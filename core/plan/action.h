// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/journal.h"
#include "core/plan/runcontrol.h"

#include <QHash>

#include <functional>
#include <memory>

namespace tidemark {

/// What an action works with while it carries out or takes back one step. Lives on the run's working thread.
class StepContext
{
public:
    using Tell = std::function<void(const RunEvent &)>;

    StepContext(const Plan &plan, int ordinal, const Journal &journal, RunControl &control, pg::Session &session,
                std::function<Result<pg::Session>()> openSession, Tell tell);

    [[nodiscard]] const Plan &plan() const { return m_plan; }
    [[nodiscard]] const Step &step() const { return m_plan.steps.at(static_cast<size_t>(m_ordinal) - 1); }
    [[nodiscard]] int ordinal() const { return m_ordinal; }
    [[nodiscard]] const Journal &journal() const { return m_journal; }
    [[nodiscard]] RunControl &control() { return m_control; }
    [[nodiscard]] std::stop_token stop() const { return m_control.stop(); }

    /// The run's own session. A statement may take as long as it takes: see call().
    [[nodiscard]] pg::Session &session() { return m_session; }
    /// One more, for a worker thread.
    [[nodiscard]] Result<pg::Session> openSession() const { return m_openSession(); }
    [[nodiscard]] pg::CallOptions call() const { return patientCall(stop()); }
    /// For a statement of a plan, which may take hours: what ends it is the run's stop token or the broken connection.
    [[nodiscard]] static pg::CallOptions patientCall(std::stop_token stop);

    /// A transaction behind the fence that holds these locks, come by the careful way. What waits is told and journaled.
    [[nodiscard]] Result<pg::Transaction> begin(const std::vector<StepLock> &locks);

    /// The same way to the locks, with another patience than the run's; the transaction is not behind the fence yet.
    [[nodiscard]] Result<LockedTransaction> lock(const std::vector<StepLock> &locks, const LockPatience &patience,
                                                 const LockGate::Ready &ready = {});

    /// Into the journal, and to whoever watches this driver.
    void tell(const QString &kind, const QString &text, const QJsonObject &detail = {});

    /// Records that the step is done in the very transaction that did it.
    [[nodiscard]] Status done(pg::Transaction &transaction, const StepOutcome &outcome);
    [[nodiscard]] Status undone(pg::Transaction &transaction);
    /// Whether one of these was called: the runner records it otherwise.
    [[nodiscard]] bool isRecorded() const { return m_recorded; }

private:
    const Plan &m_plan;
    int m_ordinal;
    Journal m_journal;
    RunControl &m_control;
    pg::Session &m_session;
    std::function<Result<pg::Session>()> m_openSession;
    Tell m_tell;
    bool m_recorded = false;
};

/// Carries out steps of one kind. Stateless: all it knows is in the step and in the database, so that any driver on any
/// machine can go on where another was killed. An action that fails leaves what resuming and undoing can deal with.
class Action
{
public:
    virtual ~Action() = default;
    [[nodiscard]] virtual Result<StepOutcome> execute(StepContext &context) const = 0;
    [[nodiscard]] virtual Status undo(StepContext &context) const = 0;
    /// Called about every second while a step with `hold` waits for a person's word.
    [[nodiscard]] virtual Status whileHeld(StepContext &context) const;
};

/// The actions a driver knows, by the name in Step::action.
using Actions = QHash<QString, std::shared_ptr<const Action>>;

/// Those of the engine itself: "sql" and "parallel".
[[nodiscard]] Actions basicActions();

} // namespace tidemark
