// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/historyreplay.h"

namespace tidemark::ui {

HistoryReplay::HistoryReplay(std::shared_ptr<const HistoryStore> history)
    : m_reader(std::move(history))
{
}

Result<ServerSnapshotPtr> HistoryReplay::at(const ServerSnapshot &live, Instant moment) const
{
    // The bar is drawn on this workstation's clock, the history kept on the server's.
    TIDEMARK_TRY(ServerSnapshot past,
                 m_reader.snapshotAt(live.name, live.environment, systemIdentifierOf(live), moment + live.clockOffset));
    return std::make_shared<const ServerSnapshot>(std::move(past));
}

Result<std::vector<TimelineMark>> HistoryReplay::marks(const ServerSnapshot &live, const TimeRange &range) const
{
    TIDEMARK_TRY(std::vector<TimelineMark> marks,
                 m_reader.timelineEvents(systemIdentifierOf(live),
                                         {range.from + live.clockOffset, range.to + live.clockOffset}));
    for (TimelineMark &mark : marks) {
        mark.from -= live.clockOffset;
        mark.to -= live.clockOffset;
    }
    return marks;
}

} // namespace tidemark::ui
