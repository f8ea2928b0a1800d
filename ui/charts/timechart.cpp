// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/timechart.h"

#include "core/base/printable.h"
#include "core/base/units.h"
#include "ui/charts/plotsupport.h"
#include "ui/charts/timeaxis.h"
#include "ui/services/theme.h"
#include "ui/widgets/agelabel.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace tidemark::ui {

namespace {

Instant instantOf(double seconds)
{
    return fromEpochMicros(static_cast<qint64>(seconds * 1e6));
}

/// Round local times with the labels of timeTicks().
class TimeTicker final : public QCPAxisTicker
{
public:
    explicit TimeTicker(int most)
        : m_most(most)
    {
    }
    void generate(const QCPRange &range, const QLocale &, QChar, int, QVector<double> &ticks, QVector<double> *subTicks,
                  QVector<QString> *labels) override
    {
        ticks.clear();
        if (subTicks)
            subTicks->clear();
        if (labels)
            labels->clear();
        for (const TimeTick &tick : timeTicks({instantOf(range.lower), instantOf(range.upper)}, m_most)) {
            ticks.append(toEpochSeconds(tick.at));
            if (labels)
                labels->append(tick.label);
        }
    }

private:
    int m_most;
};

/// Steps that are round in the unit: powers of two for bytes, clock steps for durations.
class UnitTicker final : public QCPAxisTicker
{
public:
    explicit UnitTicker(ChartUnit unit)
        : m_unit(unit)
    {
        setTickCount(4);
    }

protected:
    double getTickStep(const QCPRange &range) override
    {
        const double wanted = range.size() / 4;
        if (m_unit == ChartUnit::Bytes)
            return byteStep(wanted);
        if (m_unit == ChartUnit::Duration) {
            static constexpr double steps[] = {
                1,    2,    5,     10,    20,    50,    100,    200,    500,    1e3,     2e3,     5e3,     10e3,   15e3,
                30e3, 60e3, 120e3, 300e3, 600e3, 900e3, 1800e3, 3600e3, 7200e3, 10800e3, 21600e3, 43200e3, 86400e3};
            const auto *step = std::find_if(std::begin(steps), std::end(steps),
                                            [wanted](double s) { return s >= wanted; });
            return step != std::end(steps) ? *step : cleanMantissa(wanted);
        }
        const double step = cleanMantissa(wanted);
        return m_unit == ChartUnit::Count ? std::max(1.0, step) : step;
    }
    int getSubTickCount(double) override { return 0; }
    QString getTickLabel(double tick, const QLocale &, QChar, int) override
    {
        return tick == 0 ? QStringLiteral("0") : chartValue(tick, m_unit);
    }

private:
    ChartUnit m_unit;
};

} // namespace

QString chartValue(double value, ChartUnit unit)
{
    switch (unit) {
    case ChartUnit::Bytes:
        return units::bytes(std::llround(value));
    case ChartUnit::Duration:
        return units::duration(Millis(std::llround(value)));
    case ChartUnit::Percent:
        return QStringLiteral("%1 %").arg(QLocale().toString(value, 'g', 3));
    case ChartUnit::Count:
        break;
    }
    return std::abs(value) < 10 && value != std::floor(value) ? QLocale().toString(value, 'f', 1)
                                                              : units::roughCount(std::llround(value));
}

TimeChart::TimeChart(const QString &title, ChartUnit unit, QWidget *parent)
    : Chart(title, parent)
    , m_unit(unit)
    , m_plot(new QCustomPlot(this))
{
    setPlot(m_plot);
    m_plot->setFocusPolicy(Qt::StrongFocus);
    m_plot->setMinimumHeight(fontMetrics().height() * 5);
    m_plot->installEventFilter(this);
    m_plot->setMouseTracking(true);
    m_plot->addLayer(QStringLiteral("levels"), m_plot->layer(QStringLiteral("main")), QCustomPlot::limAbove);
    m_plot->yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new UnitTicker(unit)));
    applyPalette();
}

void TimeChart::setRange(const TimeRange &range)
{
    if (m_range == range)
        return;
    m_range = range;
    rebuild();
}

void TimeChart::setSeries(std::vector<ChartSeries> series)
{
    m_series = std::move(series);
    rebuild();
    dataChanged();
}

void TimeChart::setLevels(std::vector<ChartLevel> levels)
{
    m_levels = std::move(levels);
    rebuild();
}

void TimeChart::setBands(std::vector<ChartBand> bands)
{
    m_bands = std::move(bands);
    rebuild();
}

void TimeChart::setCursor(std::optional<Instant> at)
{
    m_cursor = at;
    rebuild();
}

void TimeChart::setPickable(bool pickable)
{
    m_pickable = pickable;
    m_plot->setCursor(pickable ? Qt::CrossCursor : Qt::ArrowCursor);
}

QColor TimeChart::colorOf(size_t index) const
{
    const Theme &theme = Theme::of(palette());
    const ChartSeries &series = m_series[index];
    return series.severity ? theme.of(*series.severity) : theme.series(static_cast<int>(index));
}

QString TimeChart::valueText(double value) const
{
    return std::isfinite(value) ? chartValue(value, m_unit) : QString(QChar(0x2013));
}

void TimeChart::rebuild()
{
    const Theme &theme = Theme::of(palette());
    m_plot->clearGraphs();
    m_plot->clearItems();
    double top = 0;
    QStringList legend;
    for (size_t i = 0; i < m_series.size(); ++i) {
        const ChartSeries &series = m_series[i];
        const QColor color = colorOf(i);
        QCPGraph *graph = m_plot->addGraph();
        QCPGraph *failures = nullptr;
        QVector<QCPGraphData> data;
        QVector<QCPGraphData> marked;
        data.reserve(static_cast<qsizetype>(series.points.size()));
        for (const ChartPoint &point : series.points) {
            (point.marked ? marked : data).append({toEpochSeconds(point.at), point.value});
            if (std::isfinite(point.value) && point.at >= m_range.from && point.at <= m_range.to)
                top = std::max(top, point.value);
        }
        graph->data()->set(data);
        graph->setPen(QPen(color, 1.6));
        graph->setAntialiasedFill(false);
        const double dot = fontMetrics().height() * 0.4;
        if (series.style == ChartSeries::Style::Dots) {
            graph->setLineStyle(QCPGraph::lsNone);
            graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, color, color, dot));
        } else {
            graph->setLineStyle(series.style == ChartSeries::Style::Steps ? QCPGraph::lsStepLeft : QCPGraph::lsLine);
            if (series.style == ChartSeries::Style::Area) {
                QColor fill = color;
                fill.setAlphaF(theme.dark ? 0.24F : 0.14F);
                graph->setBrush(fill);
            }
        }
        if (!marked.isEmpty()) {
            failures = m_plot->addGraph();
            failures->data()->set(marked);
            failures->setLineStyle(QCPGraph::lsNone);
            failures->setScatterStyle(
                QCPScatterStyle(QCPScatterStyle::ssCross, QPen(theme.of(Severity::Critical), 2), Qt::NoBrush, dot));
        }
        if (m_series.size() > 1)
            legend << QStringLiteral("<span style='color:%1'>&#9632;</span> %2")
                          .arg(color.name(), printable(series.name).toHtmlEscaped());
    }
    for (const ChartLevel &level : m_levels) {
        auto *line = new QCPItemStraightLine(m_plot);
        line->setLayer(QStringLiteral("levels"));
        line->point1->setCoords(toEpochSeconds(m_range.from), level.value);
        line->point2->setCoords(toEpochSeconds(m_range.to), level.value);
        line->setPen(QPen(theme.of(level.severity), 1.2, Qt::DashLine));
        auto *label = new QCPItemText(m_plot);
        label->setLayer(QStringLiteral("levels"));
        label->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
        label->position->setCoords(1, level.value);
        label->setPositionAlignment(Qt::AlignRight | Qt::AlignBottom);
        label->setText(level.name);
        label->setFont(font());
        label->setColor(theme.of(level.severity));
        top = std::max(top, level.value);
    }
    for (const ChartBand &band : m_bands) {
        auto *rect = new QCPItemRect(m_plot);
        rect->setLayer(QStringLiteral("background"));
        rect->topLeft->setTypeY(QCPItemPosition::ptAxisRectRatio);
        rect->bottomRight->setTypeY(QCPItemPosition::ptAxisRectRatio);
        rect->topLeft->setCoords(toEpochSeconds(band.range.from), 0);
        rect->bottomRight->setCoords(toEpochSeconds(band.range.to), 1);
        rect->setPen(Qt::NoPen);
        rect->setBrush(theme.washOf(band.severity));
    }
    if (m_cursor) {
        auto *line = new QCPItemStraightLine(m_plot);
        line->setLayer(QStringLiteral("levels"));
        line->point1->setCoords(toEpochSeconds(*m_cursor), 0);
        line->point2->setCoords(toEpochSeconds(*m_cursor), 1);
        line->setPen(QPen(theme.accent, 2));
    }
    setLegend(legend.join(QStringLiteral("&nbsp;&nbsp; ")));
    m_plot->xAxis->setRange(toEpochSeconds(m_range.from), toEpochSeconds(m_range.to));
    m_plot->yAxis->setRange(0, top > 0 ? top * 1.12 : 1);
    const int labelWidth = fontMetrics().horizontalAdvance(QStringLiteral("00:00:00")) * 3 / 2;
    m_plot->xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new TimeTicker(std::max(2, m_plot->width() / labelWidth))));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void TimeChart::applyPalette()
{
    const Theme &theme = Theme::of(palette());
    m_plot->setBackground(palette().color(QPalette::Base));
    for (QCPAxis *axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setBasePen(axis == m_plot->yAxis ? QPen(Qt::NoPen) : QPen(theme.border, 1));
        axis->setTickPen(Qt::NoPen);
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelColor(theme.muted);
        axis->setTickLabelFont(tabularFont(font()));
        axis->grid()->setPen(QPen(theme.grid, 1));
        axis->grid()->setZeroLinePen(Qt::NoPen);
        axis->grid()->setVisible(axis == m_plot->yAxis);
    }
    rebuild();
}

void TimeChart::changeEvent(QEvent *event)
{
    Chart::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        applyPalette();
}

bool TimeChart::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_plot)
        return Chart::eventFilter(watched, event);
    if (event->type() == QEvent::Resize) {
        QMetaObject::invokeMethod(this, &TimeChart::rebuild, Qt::QueuedConnection);
    } else if (event->type() == QEvent::MouseMove) {
        const QPoint position = static_cast<QMouseEvent *>(event)->pos();
        showValuesAt(position);
        if (m_picking)
            pick(m_plot->xAxis->pixelToCoord(position.x()));
    } else if (m_pickable && event->type() == QEvent::MouseButtonPress
               && static_cast<QMouseEvent *>(event)->button() == Qt::LeftButton) {
        m_picking = true;
        pick(m_plot->xAxis->pixelToCoord(static_cast<QMouseEvent *>(event)->pos().x()));
    } else if (event->type() == QEvent::MouseButtonRelease) {
        m_picking = false;
    } else if (m_pickable && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Left || key == Qt::Key_Right) {
            const double step = (toEpochSeconds(m_range.to) - toEpochSeconds(m_range.from)) / 100;
            pick(toEpochSeconds(m_cursor.value_or(m_range.to)) + (key == Qt::Key_Left ? -step : step));
            return true;
        }
    }
    return false;
}

void TimeChart::pick(double seconds)
{
    const Instant at = std::clamp(instantOf(seconds), m_range.from, m_range.to);
    setCursor(at);
    Q_EMIT timePicked(at);
}

void TimeChart::showValuesAt(const QPoint &position)
{
    if (m_series.empty() || !m_plot->axisRect()->rect().contains(position)) {
        QToolTip::hideText();
        return;
    }
    const Instant at = instantOf(m_plot->xAxis->pixelToCoord(position.x()));
    QStringList lines;
    std::optional<Instant> shown;
    for (const ChartSeries &series : m_series) {
        const auto nearest = std::min_element(
            series.points.begin(), series.points.end(),
            [at](const auto &a, const auto &b) { return std::chrono::abs(a.at - at) < std::chrono::abs(b.at - at); });
        if (nearest == series.points.end())
            continue;
        shown = nearest->at;
        lines << QStringLiteral("%1: %2").arg(series.name, valueText(nearest->value));
    }
    if (shown)
        QToolTip::showText(m_plot->mapToGlobal(position),
                           absoluteTime(*shown) + QLatin1Char('\n') + lines.join(QLatin1Char('\n')), m_plot);
}

ChartTable TimeChart::table() const
{
    ChartTable result;
    result.headers << tr("Time");
    std::map<Instant, QVariantList> rows;
    for (size_t i = 0; i < m_series.size(); ++i) {
        result.headers << m_series[i].name;
        for (const ChartPoint &point : m_series[i].points) {
            QVariantList &row = rows[point.at];
            row.resize(static_cast<qsizetype>(m_series.size()));
            if (std::isfinite(point.value))
                row[static_cast<qsizetype>(i)] = point.value;
        }
    }
    for (auto &[at, row] : rows)
        result.rows << (QVariantList{toIso8601(at)} + row);
    return result;
}

void TimeChart::render(QPainter &painter, const QSize &size)
{
    QCPPainter own;
    // QCustomPlot draws through its own painter; a picture carries the drawing to any device, vectors kept.
    QPicture picture;
    own.begin(&picture);
    own.setMode(QCPPainter::pmVectorized);
    m_plot->toPainter(&own, size.width(), size.height());
    own.end();
    painter.drawPicture(0, 0, picture);
}

} // namespace tidemark::ui
