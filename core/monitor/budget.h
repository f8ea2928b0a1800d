// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/snapshot.h"

#include <vector>

namespace tidemark {

/// Shares a server's overhead budget among the collectors of all its databases: who costs little runs with every tick, the
/// costly ones first are run less often, each as rarely as its share asks. Urgent ones (who waits for locks) always run;
/// what they cost is taken off first, but never more than four fifths. Sets `every` of each, at most `rarest`. Pure.
///
/// The shares are max-min fair: nobody gets less than another unless it asks for less.
void shareBudget(std::vector<CollectorCost> &costs, Millis interval, double msPerSecond);

/// Beyond this the picture is too old to be called live; the meter then shows that the budget is not kept.
inline constexpr int rarest = 30;

/// "freshness of plays every 20 s instead of 2 s: a run costs 35.2 ms of the server"; empty for one that is not stretched.
[[nodiscard]] QString stretchText(const CollectorCost &cost, Millis interval);

} // namespace tidemark
