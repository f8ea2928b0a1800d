// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"

#include <QString>

#include <vector>

namespace tidemark::ui {

struct TimeTick
{
    Instant at;
    QString label;
    bool newDay = false; ///< the label names the day
};

/// Marks on round local times, at most `most` of them, with labels as short as tells them apart. Pure but for the time
/// zone of this workstation.
[[nodiscard]] std::vector<TimeTick> timeTicks(const TimeRange &range, int most);

} // namespace tidemark::ui
