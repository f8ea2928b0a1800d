// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "ui/charts/chart.h"
#include "ui/models/roles.h"

#include <optional>
#include <vector>

class QCPGraph;
class QCPItemLine;
class QCustomPlot;

namespace tidemark::ui {

enum class ChartUnit { Count, Bytes, Duration, Percent };

struct ChartPoint
{
    Instant at;
    double value = 0;    ///< NaN breaks the line: a gap is drawn as a gap. Durations in ms, bytes in bytes
    bool marked = false; ///< drawn as a failure
};

struct ChartSeries
{
    enum class Style { Line, Area, Steps, Dots };
    QString name;
    Style style = Style::Line;
    std::optional<Severity> severity{}; ///< its colour; without it the series' own by position
    std::vector<ChartPoint> points{};
};

/// A level to hold something against, such as a target.
struct ChartLevel
{
    double value = 0;
    QString name;
    Severity severity = Severity::Warning;
};

/// A span of time to colour, such as a time of throttling.
struct ChartBand
{
    TimeRange range;
    Severity severity = Severity::Notice;
    QString name;
};

/// Values over time. Follows the palette; hovering tells the values, dragging or the arrow keys pick a moment.
class TimeChart : public Chart
{
    Q_OBJECT

public:
    TimeChart(const QString &title, ChartUnit unit, QWidget *parent = nullptr);

    void setRange(const TimeRange &range);
    void setSeries(std::vector<ChartSeries> series);
    void setLevels(std::vector<ChartLevel> levels);
    void setBands(std::vector<ChartBand> bands);
    /// A vertical line at the moment that is replayed.
    void setCursor(std::optional<Instant> at);
    void setPickable(bool pickable);

    [[nodiscard]] ChartTable table() const override;
    void render(QPainter &painter, const QSize &size) override;
    [[nodiscard]] QCustomPlot *plot() const { return m_plot; }

Q_SIGNALS:
    void timePicked(tidemark::Instant at);

protected:
    void changeEvent(QEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void rebuild();
    void applyPalette();
    void showValuesAt(const QPoint &position);
    void pick(double seconds);
    [[nodiscard]] QColor colorOf(size_t index) const;
    [[nodiscard]] QString valueText(double value) const;

    ChartUnit m_unit;
    TimeRange m_range{};
    std::vector<ChartSeries> m_series;
    std::vector<ChartLevel> m_levels;
    std::vector<ChartBand> m_bands;
    std::optional<Instant> m_cursor;
    bool m_pickable = false;
    bool m_picking = false;
    QCustomPlot *m_plot;
};

/// A value with its unit, as the axis and the tool tips write it.
[[nodiscard]] QString chartValue(double value, ChartUnit unit);

} // namespace tidemark::ui
