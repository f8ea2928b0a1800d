// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/ganttbars.h"

#include <algorithm>
#include <cmath>

namespace tidemark::ui {

namespace {
constexpr double leastWidth = 3;
}

QColor colorOf(RefreshSource source, const Theme &theme)
{
    switch (source) {
    case RefreshSource::OwnRun:
        return theme.series(0);
    case RefreshSource::EventTrigger:
        return theme.series(2);
    case RefreshSource::JobHistory:
        return theme.series(5);
    case RefreshSource::CommitTimestamp:
        return theme.series(3);
    case RefreshSource::Sampling:
        return theme.series(4);
    case RefreshSource::XidClock:
    case RefreshSource::None:
        break;
    }
    return theme.series(7);
}

QBrush brushOf(const GanttBar &bar, const Theme &theme)
{
    const QColor color = bar.failed    ? theme.of(Severity::Critical)
                         : bar.running ? theme.accent
                                       : colorOf(bar.source, theme);
    return bar.uncertain || bar.running ? QBrush(color, Qt::Dense5Pattern) : QBrush(color);
}

GanttBars::GanttBars(QCPAxis *keyAxis, QCPAxis *valueAxis)
    : QCPAbstractPlottable(keyAxis, valueAxis)
{
}

QRectF GanttBars::placeOf(int lane, const GanttBar &bar) const
{
    const QRectF area = mKeyAxis->axisRect()->rect();
    const double left = std::max(mKeyAxis->coordToPixel(bar.from), area.left() - leastWidth);
    const double right = std::min(mKeyAxis->coordToPixel(bar.to), area.right() + leastWidth);
    const double width = std::max(right - left, leastWidth);
    const double rowHeight = std::abs(mValueAxis->coordToPixel(1) - mValueAxis->coordToPixel(0));
    const double height = std::max(4.0, std::round(rowHeight * 0.55));
    const double middle = mValueAxis->coordToPixel(middleOf(lane));
    // A moment stands centred on its time, a length where it began.
    const double start = right - left < leastWidth ? (left + right) / 2 - width / 2 : left;
    return {start, std::round(middle - height / 2), width, height};
}

std::size_t GanttBars::firstVisible(const GanttLane &lane) const
{
    const double from = mKeyAxis->range().lower - lane.longest;
    const auto found = std::lower_bound(lane.bars.begin(), lane.bars.end(), from,
                                        [](const GanttBar &bar, double value) { return bar.from < value; });
    return static_cast<std::size_t>(found - lane.bars.begin());
}

void GanttBars::drawBar(QCPPainter *painter, const QRectF &place, const GanttBar &bar) const
{
    painter->setPen(bar.uncertain ? QPen(brushOf(bar, *m_theme).color(), 1) : QPen(Qt::NoPen));
    painter->setBrush(brushOf(bar, *m_theme));
    painter->drawRect(place);
    if (!bar.failed)
        return;
    // Not by colour alone: a failure also carries a cross over its end.
    const double arm = place.height() * 0.35;
    const QPointF center(place.right(), place.center().y());
    painter->setPen(QPen(m_theme->of(Severity::Critical), 2));
    painter->drawLine(QLineF(center - QPointF(arm, arm), center + QPointF(arm, arm)));
    painter->drawLine(QLineF(center - QPointF(arm, -arm), center + QPointF(arm, -arm)));
}

void GanttBars::draw(QCPPainter *painter)
{
    if (!m_lanes)
        return;
    const QCPRange rows = mValueAxis->range();
    const int first = std::max(0, static_cast<int>(std::floor(1 - rows.upper)));
    const int last = std::min(static_cast<int>(m_lanes->size()) - 1, static_cast<int>(std::ceil(1 - rows.lower)));
    painter->setAntialiasing(false);
    for (int lane = first; lane <= last; ++lane) {
        const GanttLane &it = (*m_lanes)[static_cast<std::size_t>(lane)];
        double drawnTo = -1e18;
        bool drawnFailed = false;
        for (std::size_t index = firstVisible(it);
             index < it.bars.size() && it.bars[index].from <= mKeyAxis->range().upper; ++index) {
            const GanttBar &bar = it.bars[index];
            if (bar.to < mKeyAxis->range().lower)
                continue;
            const QRectF place = placeOf(lane, bar);
            const bool hidden = place.right() <= drawnTo && (!bar.failed || drawnFailed);
            if (hidden)
                continue;
            drawBar(painter, place, bar);
            drawnFailed = bar.failed;
            drawnTo = std::max(drawnTo, place.right());
        }
    }
    if (m_selected.lane < 0 || m_selected.lane >= static_cast<int>(m_lanes->size()))
        return;
    const GanttLane &lane = (*m_lanes)[static_cast<std::size_t>(m_selected.lane)];
    const QRectF area = mKeyAxis->axisRect()->rect();
    const double top = mValueAxis->coordToPixel(1 - m_selected.lane);
    const double bottom = mValueAxis->coordToPixel(-m_selected.lane);
    QColor wash = m_theme->text;
    wash.setAlphaF(0.06F);
    painter->fillRect(QRectF(area.left(), top, area.width(), bottom - top), wash);
    if (m_selected.bar >= 0 && m_selected.bar < static_cast<int>(lane.bars.size())) {
        painter->setPen(QPen(m_theme->text, 2));
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(
            placeOf(m_selected.lane, lane.bars[static_cast<std::size_t>(m_selected.bar)]).adjusted(-2, -2, 1, 1));
    }
}

GanttPlace GanttBars::placeAt(const QPointF &position, double reach) const
{
    GanttPlace found;
    if (!m_lanes || !mKeyAxis->axisRect()->rect().contains(position.toPoint()))
        return found;
    const int lane = static_cast<int>(std::floor(1 - mValueAxis->pixelToCoord(position.y())));
    if (lane < 0 || lane >= static_cast<int>(m_lanes->size()))
        return found;
    found.lane = lane;
    const GanttLane &it = (*m_lanes)[static_cast<std::size_t>(lane)];
    double nearest = reach;
    for (std::size_t index = firstVisible(it); index < it.bars.size() && it.bars[index].from <= mKeyAxis->range().upper;
         ++index) {
        const QRectF place = placeOf(lane, it.bars[index]);
        const double distance = std::max({place.left() - position.x(), position.x() - place.right(), 0.0});
        if (distance < nearest) {
            nearest = distance;
            found.bar = static_cast<int>(index);
        }
    }
    return found;
}

void GanttBars::drawLegendIcon(QCPPainter *painter, const QRectF &place) const
{
    painter->fillRect(place, m_theme->series(0));
}

double GanttBars::selectTest(const QPointF &, bool, QVariant *) const
{
    return -1; // The gantt finds bars itself, by lane and time.
}

QCPRange GanttBars::getKeyRange(bool &found, QCP::SignDomain) const
{
    QCPRange range;
    found = false;
    if (!m_lanes)
        return range;
    for (const GanttLane &lane : *m_lanes) {
        if (lane.bars.empty())
            continue;
        const QCPRange own(lane.bars.front().from, lane.bars.back().from + lane.longest);
        range = found ? range.expanded(own) : own;
        found = true;
    }
    return range;
}

QCPRange GanttBars::getValueRange(bool &found, QCP::SignDomain, const QCPRange &) const
{
    found = m_lanes && !m_lanes->empty();
    return found ? QCPRange(1 - static_cast<double>(m_lanes->size()), 1) : QCPRange();
}

} // namespace tidemark::ui
