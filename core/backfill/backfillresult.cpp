// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backfill/backfillresult.h"

#include <algorithm>

namespace tidemark::backfill {

BackfillResult backfillResultOf(const RunLook &look)
{
    BackfillResult result;
    const auto recordOf = [&look](const char *name) -> const StepRecord * {
        const auto found = std::find_if(look.steps.begin(), look.steps.end(),
                                        [name](const StepRecord &step) { return step.name == QLatin1String(name); });
        return found == look.steps.end() ? nullptr : &*found;
    };
    const auto isDone = [&](const char *name) {
        const StepRecord *record = recordOf(name);
        return record != nullptr && record->state == StepState::Done;
    };
    if (const StepRecord *fill = recordOf("fill")) {
        result.filled = fill->rowsDone;
        if (fill->startedAt && fill->finishedAt && fill->state == StepState::Done)
            result.fillTook = millisBetween(*fill->startedAt, *fill->finishedAt);
        if (fill->outcome.contains(QStringLiteral("passes")))
            result.passes = fill->outcome.value(QStringLiteral("passes")).toInteger();
    }
    result.proven = isDone("verify");
    result.isDeclaredNotNull = isDone("declare_not_null");
    result.isLetGo = isDone("finish");
    result.keepsUp = isDone("keep_up") && !result.isLetGo;
    result.canBeUndone = isDone("keep") && !result.isLetGo;
    if (const StepRecord *finish = recordOf("finish"))
        result.waits = finish->state == StepState::Waiting;
    return result;
}

} // namespace tidemark::backfill
