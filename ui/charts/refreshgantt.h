// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/chart.h"
#include "ui/models/ganttdata.h"

class QCustomPlot;
class QScrollBar;

namespace tidemark::ui {

class GanttBars;
class LegendRow;

/// Refreshes by object over time: a bar where the time it took is known, a mark where only its moment is, hatched where
/// only a bracket is; coloured by who told, crossed where it failed.
///
/// Mouse: hover tells, click selects, wheel zooms time, drag moves it. Keys: Up and Down go through the objects, Left and
/// Right through the refreshes of one, + and - zoom, 0 shows the chosen hours again.
class RefreshGantt : public Chart
{
    Q_OBJECT

public:
    explicit RefreshGantt(QWidget *parent = nullptr);

    /// `shown` is what 0 goes back to. The range on screen is kept while `shown` only moved on with time.
    void setLanes(std::vector<GanttLane> lanes, const TimeRange &shown);
    /// Selects without emitting; an event of 0 selects the lane alone.
    void select(const QString &server, const QString &database, qint64 event);
    [[nodiscard]] const std::vector<GanttLane> &lanes() const { return m_lanes; }
    [[nodiscard]] ChartTable table() const override;
    void render(QPainter &painter, const QSize &size) override;
    [[nodiscard]] QWidget *plot() const; ///< what takes the keyboard

Q_SIGNALS:
    /// Somebody chose a refresh; `event` is its id in the store of that server and database.
    void eventSelected(const QString &server, const QString &database, qint64 event);

protected:
    void changeEvent(QEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void applyPalette();
    void updateLegend();
    void updateRows();
    void choose(GanttPlace place);
    void show(GanttPlace place);
    [[nodiscard]] bool handleKey(int key);
    void zoom(double factor);
    [[nodiscard]] QStringList laneNames() const;
    [[nodiscard]] int visibleRows() const;
    [[nodiscard]] QString describe(GanttPlace place) const;

    QCustomPlot *m_plot;
    QScrollBar *m_scroll;
    LegendRow *m_legend;
    GanttBars *m_bars = nullptr;
    std::vector<GanttLane> m_lanes;
    TimeRange m_shown;
    GanttPlace m_selected;
};

} // namespace tidemark::ui
