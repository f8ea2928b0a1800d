// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/swapaction.h"

#include "core/base/units.h"
#include "core/plan/sqlaction.h"

namespace tidemark::stage {

namespace {

using Steady = std::chrono::steady_clock;

constexpr int mostAttempts = 10;
constexpr qint64 heldBatch = 20'000;

Millis since(Steady::time_point start)
{
    return std::chrono::ceil<Millis>(Steady::now() - start);
}

/// One direction of the swap.
struct Exchange
{
    QString reconcile;
    const std::vector<StepLock> &locks;
    const QStringList &statements;
    bool back = false;
};

struct Held
{
    Millis drained{0};
    Millis total{0};
};

/// The locked part. Nothing in the Result's Held: it took too long and was rolled back.
Result<std::optional<Held>> exchange(StepContext &context, const Exchange &what, Reconciler &reconciler,
                                     LockedTransaction locked, Millis budget)
{
    const auto begun = Steady::now();
    pg::Transaction transaction = std::move(locked.transaction);
    TIDEMARK_CHECK(context.journal().guard(transaction));
    TIDEMARK_CHECK(SqlAction::ask(transaction, context.step().checks, context.call()));
    TIDEMARK_TRY(const ReconcileCount drained, reconciler.drain(transaction, context.call()));
    const Millis drainedAfter = since(begun);
    for (const QString &statement : what.statements) {
        if (since(begun) > budget)
            return std::optional<Held>();
        TIDEMARK_TRY([[maybe_unused]] const auto done, transaction.exec(statement.toUtf8(), {}, context.call()));
    }
    if (!what.back)
        TIDEMARK_CHECK(SqlAction::ask(transaction, context.step().verify, context.call()));
    if (since(begun) > budget)
        return std::optional<Held>();
    StepOutcome outcome;
    outcome.detail = {{QStringLiteral("drained"), drained.entries},
                      {QStringLiteral("drained_ms"), qint64(drainedAfter.count())},
                      {QStringLiteral("lock_attempts"), locked.acquisition.attempts},
                      {QStringLiteral("lock_waited_ms"), qint64(locked.acquisition.waited.count())},
                      {QStringLiteral("held_ms"), qint64(since(begun).count())}};
    TIDEMARK_CHECK(what.back ? context.undone(transaction) : context.done(transaction, outcome));
    TIDEMARK_CHECK(transaction.commit());
    return std::optional(Held{drainedAfter, since(begun)});
}

Status swapUnderBudget(StepContext &context, const Exchange &what)
{
    TIDEMARK_TRY(const ReconcileSpec spec, reconcileSpecOf(context.step(), what.reconcile));
    Reconciler reconciler(context.session(), spec);
    for (int attempt = 1; attempt <= mostAttempts; ++attempt) {
        const RunSettings settings = context.control().settings();
        TIDEMARK_CHECK(catchUp(context, reconciler, settings.stallBudget / 4));
        LockPatience patience = settings.patience;
        patience.attempt = std::min(patience.attempt, Millis(settings.stallBudget / 2));
        TIDEMARK_TRY(LockedTransaction locked, context.lock(what.locks, patience));
        const Millis left = settings.stallBudget - locked.acquisition.lastQueued;
        TIDEMARK_TRY(const auto held, exchange(context, what, reconciler, std::move(locked), left));
        if (held) {
            context.tell(QStringLiteral("note"), QStringLiteral("nobody waited longer than %1 (budget %2)")
                                                     .arg(units::duration(held->total + settings.stallBudget - left),
                                                          units::duration(settings.stallBudget)));
            return {};
        }
        context.tell(QStringLiteral("note"),
                     QStringLiteral("the swap was not done within the stall budget of %1 and was "
                                    "rolled back (attempt %2 of %3)")
                         .arg(units::duration(settings.stallBudget))
                         .arg(attempt)
                         .arg(mostAttempts));
    }
    return fail(Error::input(QStringLiteral("the swap cannot be done within the stall budget of %1")
                                 .arg(units::duration(context.control().settings().stallBudget)),
                             QStringLiteral("Raise it (stall_budget_ms), or resume when fewer changes come in.")));
}

Status keepUp(StepContext &context, const QString &key)
{
    TIDEMARK_TRY(const ReconcileSpec spec, reconcileSpecOf(context.step(), key));
    Reconciler reconciler(context.session(), spec);
    for (;;) {
        const auto count = reconciler.step(heldBatch, context.call());
        if (!count)
            return count.error().retryable ? Status() : fail(count.error());
        if (count->entries < heldBatch)
            return {};
        TIDEMARK_CHECK(context.control().checkpoint());
    }
}

} // namespace

Result<StepOutcome> SwapAction::execute(StepContext &context) const
{
    TIDEMARK_CHECK(swapUnderBudget(
        context, {QStringLiteral("reconcile"), context.step().locks, context.step().statements, false}));
    return StepOutcome{};
}

Status SwapAction::undo(StepContext &context) const
{
    return swapUnderBudget(context,
                           {QStringLiteral("reconcile_back"), context.step().undoLocks, context.step().undo, true});
}

Status SwapAction::whileHeld(StepContext &context) const
{
    return keepUp(context, QStringLiteral("reconcile"));
}

Result<StepOutcome> RetireAction::execute(StepContext &context) const
{
    return SqlAction().execute(context);
}

Status RetireAction::undo(StepContext &context) const
{
    return SqlAction().undo(context);
}

Status RetireAction::whileHeld(StepContext &context) const
{
    return keepUp(context, QStringLiteral("reconcile_back"));
}

} // namespace tidemark::stage
