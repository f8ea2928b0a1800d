// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/swapaction.h"

#include "core/base/pause.h"
#include "core/base/units.h"
#include "core/plan/sqlaction.h"

namespace tidemark::stage {

namespace {

using Steady = std::chrono::steady_clock;

constexpr int mostAttempts = 10;
constexpr qint64 heldBatch = 20'000;
constexpr Millis snapshotPause{50};

Millis since(Steady::time_point start)
{
    return std::chrono::ceil<Millis>(Steady::now() - start);
}

/// One direction of the swap.
struct Exchange
{
    QString reconcile; ///< empty where nothing has to be reconciled
    const std::vector<StepLock> &locks;
    const QStringList &statements;
    bool back = false;
};

/// What the locked part did within its time.
struct Held
{
    bool isDone = false;   ///< false: it took too long and was rolled back
    bool wasEarly = false; ///< … or somebody with an old snapshot had come in between
    Millis drained{0};     ///< so long took what had been captured
    Millis total{0};
};

/// Transactions of this database that keep a snapshot from statement to statement, as those at REPEATABLE READ do. One that
/// is in a statement cannot be told from READ COMMITTED.
Result<QStringList> oldSnapshots(pg::Session &session, const pg::CallOptions &call)
{
    TIDEMARK_TRY(
        const auto rows,
        session.exec("SELECT pg_catalog.format('pid %s (%s, %s), %s for %s s', a.pid, a.application_name, a.usename, "
                     "a.state, extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::int) "
                     "FROM pg_catalog.pg_stat_activity AS a "
                     "WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid() "
                     "AND a.backend_type = 'client backend' AND a.backend_xmin IS NOT NULL "
                     "AND a.state LIKE 'idle in transaction%' "
                     "AND a.application_name NOT LIKE 'tidemark run %'",
                     {}, call));
    QStringList texts;
    for (int row = 0; row < rows.rowCount(); ++row)
        texts << rows.text(row, 0);
    return texts;
}

Status waitForOldSnapshots(StepContext &context)
{
    QStringList told;
    for (;;) {
        TIDEMARK_TRY(const QStringList old, oldSnapshots(context.session(), context.call()));
        if (old.isEmpty())
            return {};
        if (told.isEmpty()) {
            context.tell(
                QStringLiteral("lock"),
                QStringLiteral("waiting for snapshots older than the swap: %1").arg(old.join(QLatin1String("; "))));
            told = old;
        }
        TIDEMARK_CHECK(context.control().checkpoint());
        static_cast<void>(pauseFor(snapshotPause, context.stop()));
    }
}

/// An error that only says that the time was up.
bool isOutOfTime(const Error &error)
{
    return error.kind == ErrorKind::Timeout || error.kind == ErrorKind::LockTimeout;
}

/// The locked part: the drain, and all statements in one message.
Result<Held> exchange(StepContext &context, const Exchange &what, Reconciler *reconciler, LockedTransaction locked,
                      Millis budget)
{
    const auto begun = Steady::now();
    pg::Transaction transaction = std::move(locked.transaction);
    // What is left of the budget must do for taking it back as well.
    const auto callWithin = [&] {
        pg::CallOptions call = context.call();
        call.deadline = std::max(Millis(1), budget * 4 / 5 - since(begun));
        return call;
    };
    Held held;
    const auto within = [&]() -> Status {
        TIDEMARK_CHECK(context.journal().guard(transaction));
        if (!what.back)
            TIDEMARK_CHECK(SqlAction::ask(transaction, context.step().checks, callWithin()));
        ReconcileCount drained;
        if (reconciler) {
            TIDEMARK_TRY(const QStringList old, oldSnapshots(context.session(), callWithin()));
            if (!old.isEmpty()) {
                held.wasEarly = true;
                return {};
            }
            TIDEMARK_TRY(drained, reconciler->drain(transaction, callWithin()));
            held.drained = since(begun);
        }
        TIDEMARK_TRY([[maybe_unused]] const auto done,
                     context.session().execScript(what.statements.join(QStringLiteral(";\n")).toUtf8(), callWithin()));
        if (!what.back)
            TIDEMARK_CHECK(SqlAction::ask(transaction, context.step().verify, callWithin()));
        StepOutcome outcome;
        outcome.detail = {{QStringLiteral("drained"), drained.entries},
                          {QStringLiteral("drained_ms"), qint64(held.drained.count())},
                          {QStringLiteral("lock_attempts"), locked.acquisition.attempts},
                          {QStringLiteral("lock_waited_ms"), qint64(locked.acquisition.waited.count())},
                          {QStringLiteral("queued_ms"), qint64(locked.acquisition.lastQueued.count())},
                          {QStringLiteral("held_ms"), qint64(since(begun).count())}};
        return what.back ? context.undone(transaction) : context.done(transaction, outcome);
    }();
    held.total = since(begun);
    if (!within && !isOutOfTime(within.error()))
        return fail(within.error());
    if (!within || held.wasEarly || held.total > budget * 4 / 5)
        return held;
    TIDEMARK_CHECK(transaction.commit());
    held.isDone = true;
    held.total = since(begun);
    return held;
}

Status swapUnderBudget(StepContext &context, const Exchange &what)
{
    std::optional<Reconciler> reconciler;
    if (!what.reconcile.isEmpty()) {
        TIDEMARK_TRY(const ReconcileSpec spec, reconcileSpecOf(context.step(), what.reconcile));
        reconciler.emplace(context.session(), spec);
    }
    for (int attempt = 1; attempt <= mostAttempts;) {
        const RunSettings settings = context.control().settings();
        // Right before each attempt: while somebody else holds the tables for long, changes go on coming in.
        const auto ready = [&]() -> Status {
            if (!reconciler)
                return {};
            TIDEMARK_CHECK(waitForOldSnapshots(context));
            return catchUp(context, *reconciler, settings.stallBudget / 4).map([](const CatchUp &) {});
        };
        LockPatience patience = settings.patience;
        patience.attempt = std::min(patience.attempt, Millis(settings.stallBudget / 2));
        TIDEMARK_TRY(LockedTransaction locked, context.lock(what.locks, patience, ready));
        const Millis queued = locked.acquisition.lastQueued;
        TIDEMARK_TRY(const Held held, exchange(context, what, reconciler ? &*reconciler : nullptr, std::move(locked),
                                               settings.stallBudget - queued));
        if (held.isDone) {
            context.tell(QStringLiteral("note"),
                         QStringLiteral("nobody waited longer than %1 (budget %2)")
                             .arg(units::duration(queued + held.total), units::duration(settings.stallBudget)));
            return {};
        }
        context.tell(
            QStringLiteral("note"),
            QStringLiteral("not within the stall budget of %1, rolled back (attempt %2 of %3): the locks took %4, "
                           "what was captured %5, the rest until then %6")
                .arg(units::duration(settings.stallBudget))
                .arg(attempt)
                .arg(mostAttempts)
                .arg(units::duration(queued), units::duration(held.drained),
                     units::duration(held.total - held.drained)));
        ++attempt;
        static_cast<void>(pauseFor(settings.patience.pause, context.stop()));
    }
    return fail(Error::input(QStringLiteral("the swap cannot be done within the stall budget of %1")
                                 .arg(units::duration(context.control().settings().stallBudget)),
                             QStringLiteral("Raise it (stall_budget_ms), or resume when fewer changes come in.")));
}

QString parameterIfThere(const StepContext &context, const char *key)
{
    return context.step().parameters.contains(QLatin1String(key)) ? QString(QLatin1String(key)) : QString();
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
        context, {parameterIfThere(context, "reconcile"), context.step().locks, context.step().statements, false}));
    return StepOutcome{};
}

Status SwapAction::undo(StepContext &context) const
{
    return swapUnderBudget(
        context, {parameterIfThere(context, "reconcile_back"), context.step().undoLocks, context.step().undo, true});
}

Status SwapAction::whileHeld(StepContext &context) const
{
    const QString reconcile = parameterIfThere(context, "reconcile");
    return reconcile.isEmpty() ? Status() : keepUp(context, reconcile);
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
