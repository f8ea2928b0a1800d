// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "ui/charts/chart.h"
#include "ui/models/roles.h"

#include <optional>
#include <vector>

class QScrollArea;

namespace tidemark::ui {

/// A bar (from … to) or, without an end, a tick on a lane.
struct TimelineItem
{
    int lane = 0;
    Instant from;
    std::optional<Instant> to{};
    Severity severity = Severity::Notice;
    bool uncertain = false; ///< between these times, not during them: hatched
    bool running = false;   ///< open at its right end
    QString text{};         ///< for tool tip, table and assistive technology
    QString key{};
    ObjectRef object{};
};

struct TimelineLane
{
    QString name;
    QString group{}; ///< lanes of one group stand together under its name
};

class TimelineCanvas;

/// Things that happen, on lanes over a common time axis: refreshes, lock episodes, runs. Arrow keys walk the items,
/// Enter opens one.
class TimelineChart : public Chart
{
    Q_OBJECT

public:
    explicit TimelineChart(const QString &title, QWidget *parent = nullptr);

    void setContent(const TimeRange &range, std::vector<TimelineLane> lanes, std::vector<TimelineItem> items);
    void setCurrent(const QString &key);
    [[nodiscard]] ChartTable table() const override;
    void render(QPainter &painter, const QSize &size) override;

Q_SIGNALS:
    void itemSelected(const QString &key);
    void itemActivated(const QString &key, const tidemark::ui::ObjectRef &object);

private:
    QScrollArea *m_scroll;
    TimelineCanvas *m_canvas;
};

} // namespace tidemark::ui
