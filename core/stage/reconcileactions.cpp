// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/reconcileactions.h"

#include "core/base/pause.h"
#include "core/base/units.h"
#include "core/capture/capturejson.h"

namespace tidemark::stage {

namespace {

constexpr qint64 batchEntries = 20'000;
constexpr qint64 handful = 32;
constexpr std::chrono::minutes tellInterval{1};
constexpr int mostConflicts = 20;
constexpr Millis conflictPause{250};

Result<ReconcileCount> stepThrough(StepContext &context, Reconciler &reconciler)
{
    for (int conflict = 0;; ++conflict) {
        auto count = reconciler.step(batchEntries, context.call());
        if (count || !count.error().retryable || conflict == mostConflicts)
            return count;
        TIDEMARK_CHECK(context.control().checkpoint());
        static_cast<void>(pauseFor(conflictPause, context.stop()));
    }
}

} // namespace

Result<ReconcileSpec> reconcileSpecOf(const Step &step, const QString &key)
{
    auto spec = reconcileSpecFromJson(step.parameters.value(key).toObject());
    if (!spec)
        return fail(spec.error().within(QStringLiteral("step %1").arg(step.name)));
    return spec;
}

Result<CatchUp> catchUp(StepContext &context, Reconciler &reconciler, Millis goal)
{
    CatchUp result;
    auto told = std::chrono::steady_clock::now();
    for (;;) {
        TIDEMARK_CHECK(context.control().checkpoint());
        TIDEMARK_TRY(const ReconcileCount count, stepThrough(context, reconciler));
        result.entries += count.entries;
        TIDEMARK_TRY(const CaptureLag lag, reconciler.lag(context.call()));
        result.predicted = reconciler.predictedDrain(lag.pending).value_or(std::chrono::microseconds(0));
        // A handful costs what any statement costs on this server now: waiting makes that no less.
        if (lag.truncations == 0 && (result.predicted <= goal || lag.pending <= handful))
            return result;
        if (std::chrono::steady_clock::now() - told >= tellInterval) {
            told = std::chrono::steady_clock::now();
            context.tell(QStringLiteral("note"),
                         QStringLiteral("%1 changes wait, the oldest for %2")
                             .arg(units::count(lag.pending), units::duration(lag.oldest.value_or(Millis(0)))));
        }
    }
}

Result<StepOutcome> CatchUpAction::execute(StepContext &context) const
{
    TIDEMARK_TRY(const ReconcileSpec spec, reconcileSpecOf(context.step(), QStringLiteral("reconcile")));
    Reconciler reconciler(context.session(), spec);
    TIDEMARK_TRY(const CatchUp caught, catchUp(context, reconciler, context.control().settings().stallBudget / 2));
    return StepOutcome{caught.entries, {}};
}

Status CatchUpAction::undo(StepContext &) const
{
    return {};
}

} // namespace tidemark::stage
