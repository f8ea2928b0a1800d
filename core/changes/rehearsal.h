// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/changes/scratchcopy.h"
#include "core/plan/run.h"

namespace tidemark {

/// What a plan's step did when it was rehearsed.
struct RehearsedStep
{
    StepRecord record;
    std::vector<StepLock> locks; ///< the strongest on each relation that was there before, catalogues left out
    int locksOnItsOwn = 0;       ///< on relations that the plan made, which nobody else uses yet
};

struct Rehearsal
{
    RunState end = RunState::Succeeded;
    std::vector<RehearsedStep> steps;
    QStringList notes; ///< of the copy
    QString error;
    QString database; ///< where it was, while it is kept

    [[nodiscard]] QJsonObject toJson() const;
};

/// Runs the identical plan on a scratch copy of its database, to its end, and tells what each step took. Words that a step waits
/// for are given; the original is only read. Blocks; call it on a thread of its own. `onEvent` is called with what the run
/// journals. Errors: those of making the copy; what the plan itself meets is in the result.
[[nodiscard]] Result<Rehearsal> rehearse(const Plan &plan, const ScratchCopy::Wish &wish,
                                         const std::function<void(const RunEvent &)> &onEvent, std::stop_token stop);

/// The tables whose rows a plan of this spec is about.
[[nodiscard]] QList<pg::QualifiedName> tablesOf(const Plan &plan);

} // namespace tidemark
