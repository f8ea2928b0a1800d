// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/action.h"

#include "core/plan/parallelaction.h"
#include "core/plan/sqlaction.h"

namespace tidemark {

namespace {

constexpr Millis untilItEnds{std::chrono::hours(24 * 365)};

} // namespace

StepContext::StepContext(const Plan &plan, int ordinal, const Journal &journal, RunControl &control,
                         pg::Session &session, std::function<Result<pg::Session>()> openSession, Tell tell)
    : m_plan(plan)
    , m_ordinal(ordinal)
    , m_journal(journal)
    , m_control(control)
    , m_session(session)
    , m_openSession(std::move(openSession))
    , m_tell(std::move(tell))
{
}

pg::CallOptions StepContext::patientCall(std::stop_token stop)
{
    return {.deadline = untilItEnds, .stop = std::move(stop)};
}

Result<pg::Transaction> StepContext::begin(const std::vector<StepLock> &locks)
{
    if (locks.empty()) {
        TIDEMARK_TRY(pg::Transaction transaction, pg::Transaction::begin(m_session));
        TIDEMARK_CHECK(m_journal.guard(transaction));
        return transaction;
    }
    TIDEMARK_TRY(LockedTransaction locked, lock(locks, m_control.settings().patience));
    TIDEMARK_CHECK(m_journal.guard(locked.transaction));
    return std::move(locked.transaction);
}

Result<LockedTransaction> StepContext::lock(const std::vector<StepLock> &locks, const LockPatience &patience,
                                            const LockGate::Ready &ready)
{
    const auto waiting = [this](const std::vector<LockHolder> &holders, Millis) {
        QStringList texts;
        for (const LockHolder &holder : holders)
            texts << holder.text();
        if (!texts.isEmpty())
            tell(QStringLiteral("lock"), QStringLiteral("waiting for %1").arg(texts.join(QLatin1String("; "))));
    };
    const LockGate gate(patience, waiting, ready);
    return gate.open(m_session, locks, stop());
}

void StepContext::tell(const QString &kind, const QString &text, const QJsonObject &detail)
{
    // A line of the journal that cannot be written is no reason to fail the step; a broken session fails it by itself.
    static_cast<void>(m_journal.event(m_session, m_ordinal, kind, text, detail));
    if (m_tell)
        m_tell({0, m_ordinal, {}, kind, text, detail});
}

Status StepContext::done(pg::Transaction &transaction, const StepOutcome &outcome)
{
    if (m_control.settings().recordLocks)
        TIDEMARK_CHECK(m_journal.recordLocks(transaction, m_ordinal));
    TIDEMARK_CHECK(m_journal.stepDone(transaction, m_ordinal, outcome));
    m_recorded = true;
    return {};
}

Status StepContext::undone(pg::Transaction &transaction)
{
    TIDEMARK_CHECK(m_journal.stepUndone(transaction, m_ordinal));
    m_recorded = true;
    return {};
}

Status Action::whileHeld(StepContext &) const
{
    return {};
}

Actions basicActions()
{
    return {{QStringLiteral("sql"), std::make_shared<SqlAction>()},
            {QStringLiteral("parallel"), std::make_shared<ParallelAction>()}};
}

} // namespace tidemark
