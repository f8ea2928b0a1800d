// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/sawtooth.h"

#include "ui/models/refreshhistorymodel.h"

#include <algorithm>

namespace tidemark::ui {

std::vector<AgePoint> sawtooth(const std::vector<RefreshEvent> &events, const TimeRange &shown, Instant now)
{
    const Instant end = std::min(shown.to, now);
    std::vector<Instant> refreshed;
    for (const RefreshEvent &event : events) {
        const auto at = momentOf(event);
        if (event.succeeded && at && *at <= end)
            refreshed.push_back(*at);
    }
    std::sort(refreshed.begin(), refreshed.end());
    std::vector<AgePoint> points;
    for (std::size_t index = 0; index < refreshed.size(); ++index) {
        const Instant start = refreshed[index];
        const Instant next = index + 1 < refreshed.size() ? refreshed[index + 1] : end;
        if (next < shown.from)
            continue;
        const Instant left = std::max(start, shown.from);
        points.push_back({left, millisBetween(start, left)});
        points.push_back({next, millisBetween(start, next)});
    }
    return points;
}

} // namespace tidemark::ui
