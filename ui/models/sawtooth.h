// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/refreshevent.h"

#include <vector>

namespace tidemark::ui {

/// A corner of the age curve.
struct AgePoint
{
    Instant at;
    Millis age{0};
    friend bool operator==(const AgePoint &, const AgePoint &) = default;
};

/// How old a refreshable was over time: the age climbs with time and falls to nothing at each refresh that succeeded; a
/// bracketed one counts from its later end. Nothing is told of the time before the first known refresh. Pure; any thread.
[[nodiscard]] std::vector<AgePoint> sawtooth(const std::vector<RefreshEvent> &events, const TimeRange &shown,
                                             Instant now);

} // namespace tidemark::ui
