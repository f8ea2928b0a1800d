// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/ganttdata.h"

#include <algorithm>
#include <map>

namespace tidemark::ui {

namespace {

std::optional<GanttBar> barOf(const RefreshEvent &event)
{
    const auto end = momentOf(event);
    if (!end)
        return std::nullopt;
    GanttBar bar;
    bar.to = toEpochSeconds(*end);
    bar.from = bar.to;
    if (event.startedAt && event.startedAt <= end)
        bar.from = toEpochSeconds(*event.startedAt);
    else if (event.duration)
        bar.from = bar.to - static_cast<double>(event.duration->count()) / 1000.0;
    if (event.startedAt && !event.finishedAt && !event.finishedBracket && event.duration)
        bar.to = bar.from + static_cast<double>(event.duration->count()) / 1000.0;
    if (event.confidence == Confidence::Bracketed && event.finishedBracket) {
        bar.uncertain = true;
        bar.from = std::min(bar.from, toEpochSeconds(event.finishedBracket->from));
    }
    bar.failed = !event.succeeded;
    bar.source = event.source;
    bar.event = event.id;
    return bar;
}

} // namespace

std::vector<GanttLane> ganttLanes(const std::vector<RefreshRow> &rows, const std::vector<RunningBar> &running)
{
    std::map<std::tuple<QString, QString, pg::QualifiedName>, GanttLane> byName;
    const auto laneOf = [&byName](const QString &server, const QString &database,
                                  const pg::QualifiedName &name) -> GanttLane & {
        GanttLane &lane = byName[{server, database, name}];
        lane.server = server;
        lane.database = database;
        lane.name = name;
        return lane;
    };
    for (const RefreshRow &row : rows) {
        if (const auto bar = barOf(row.event))
            laneOf(row.server, row.database, row.event.name).bars.push_back(*bar);
    }
    for (const RunningBar &run : running) {
        GanttBar bar;
        bar.from = toEpochSeconds(run.startedAt);
        bar.to = std::max(bar.from, toEpochSeconds(run.now));
        bar.running = true;
        laneOf(run.server, run.database, run.name).bars.push_back(bar);
    }
    std::vector<GanttLane> lanes;
    lanes.reserve(byName.size());
    for (auto &[key, lane] : byName) {
        std::sort(lane.bars.begin(), lane.bars.end(),
                  [](const GanttBar &left, const GanttBar &right) { return left.from < right.from; });
        for (const GanttBar &bar : lane.bars)
            lane.longest = std::max(lane.longest, bar.to - bar.from);
        lanes.push_back(std::move(lane));
    }
    return lanes;
}

} // namespace tidemark::ui
