// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/lockgate.h"
#include "core/plan/plan.h"

namespace tidemark {

/// A lock that a step will take, and how it would fare if it came for it now.
struct StepWait
{
    QString step; ///< its name
    QString title;
    StepLock lock;
    std::vector<LockHolder> holders; ///< it would wait for these

    /// Who would stand behind it in the queue meanwhile: "everybody who reads or writes it", "everybody who writes it".
    [[nodiscard]] QString behind() const;
    /// "swap: ACCESS EXCLUSIVE on public.plays: would wait for …; everybody who … it queues behind, at most 50 ms at a time"
    [[nodiscard]] QString text(const LockPatience &patience) const;
};

/// What the steps of a plan would wait for now and who would queue behind them. Locks on what an earlier step makes are left
/// out. Takes no lock itself; errors are the session's.
[[nodiscard]] Result<std::vector<StepWait>> whatStepsWaitFor(pg::Session &session, const Plan &plan,
                                                             std::stop_token stop = {});

} // namespace tidemark
