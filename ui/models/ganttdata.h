// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/refreshhistorymodel.h"

#include <vector>

namespace tidemark::ui {

/// One refresh on the time axis, in seconds since 1970.
struct GanttBar
{
    double from = 0;
    double to = 0;          ///< equal to `from` where only one moment is known
    bool uncertain = false; ///< a bracket: it ended somewhere in between
    bool failed = false;
    bool running = false;
    RefreshSource source = RefreshSource::None;
    qint64 event = 0; ///< id in the store; 0 for one that still runs
    friend bool operator==(const GanttBar &, const GanttBar &) = default;
};

/// One object's line.
struct GanttLane
{
    QString server;
    QString database;
    pg::QualifiedName name;
    std::vector<GanttBar> bars; ///< by `from`
    double longest = 0;         ///< seconds of the longest bar: how far back a search must look
};

/// Which bar of which lane; -1 is none.
struct GanttPlace
{
    int lane = -1;
    int bar = -1;
    friend bool operator==(const GanttPlace &, const GanttPlace &) = default;
};

/// A refresh that runs now, to be drawn up to the present.
struct RunningBar
{
    QString server;
    QString database;
    pg::QualifiedName name;
    Instant startedAt;
    Instant now;
};

/// Lanes by server, database and name; rows whose time nobody knows have no bar. Pure; any thread.
[[nodiscard]] std::vector<GanttLane> ganttLanes(const std::vector<RefreshRow> &rows,
                                                const std::vector<RunningBar> &running);

} // namespace tidemark::ui
