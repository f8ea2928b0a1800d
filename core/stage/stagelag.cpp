// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/stagelag.h"

#include "core/stage/reconcileactions.h"

namespace tidemark::stage {

namespace {

/// The step that swaps, and whether it has; nothing where the plan has none.
struct Swap
{
    const Step *step = nullptr;
    bool isDone = false;
};

Swap swapOf(const RunLook &look)
{
    const std::vector<Step> &steps = look.plan->steps;
    for (const StepRecord &record : look.steps) {
        const auto index = static_cast<size_t>(record.ordinal) - 1;
        if (index < steps.size() && steps[index].action == QLatin1String("stage.swap"))
            return {&steps[index], record.state == StepState::Done};
    }
    return {};
}

} // namespace

std::optional<CaptureLag> lagOf(pg::Session &session, const RunLook &look, const pg::CallOptions &call)
{
    if (!look.plan || look.record.isOver())
        return std::nullopt;
    const Swap swap = swapOf(look);
    if (swap.step == nullptr)
        return std::nullopt;
    const auto spec = reconcileSpecOf(*swap.step,
                                      swap.isDone ? QStringLiteral("reconcile_back") : QStringLiteral("reconcile"));
    if (!spec)
        return std::nullopt;
    // Before it is installed and after it is gone there is no log, which is an error of the server's and no news.
    const auto lag = Reconciler(session, *spec).lag(call);
    return lag ? std::optional(*lag) : std::nullopt;
}

} // namespace tidemark::stage
