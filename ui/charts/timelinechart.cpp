// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/timelinechart.h"

#include "ui/charts/timelinecanvas.h"

#include <QScrollArea>

namespace tidemark::ui {

TimelineChart::TimelineChart(const QString &title, QWidget *parent)
    : Chart(title, parent)
    , m_scroll(new QScrollArea(this))
    , m_canvas(new TimelineCanvas)
{
    m_scroll->setWidget(m_canvas);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setBackgroundRole(QPalette::Base);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_canvas->setAccessibleName(title);
    setPlot(m_scroll);
    connect(m_canvas, &TimelineCanvas::itemSelected, this, &TimelineChart::itemSelected);
    connect(m_canvas, &TimelineCanvas::itemActivated, this, &TimelineChart::itemActivated);
    connect(m_canvas, &TimelineCanvas::itemSelected, this, [this](const QString &) {
        const QRect place = m_canvas->currentRect();
        m_scroll->ensureVisible(place.center().x(), place.center().y(), 0, place.height());
    });
}

void TimelineChart::setContent(const TimeRange &range, std::vector<TimelineLane> lanes, std::vector<TimelineItem> items)
{
    m_canvas->setContent(range, std::move(lanes), std::move(items));
    dataChanged();
}

void TimelineChart::setCurrent(const QString &key)
{
    m_canvas->setCurrent(key);
}

ChartTable TimelineChart::table() const
{
    ChartTable result;
    result.headers = {tr("Lane"), tr("From"), tr("To"), tr("What")};
    for (const TimelineItem &item : m_canvas->items()) {
        const TimelineLane &lane = m_canvas->lanes()[static_cast<size_t>(item.lane)];
        result.rows << QVariantList{lane.group.isEmpty() ? lane.name
                                                         : QString(lane.group + QStringLiteral(" / ") + lane.name),
                                    toIso8601(item.from), item.to ? toIso8601(*item.to) : QString(), item.text};
    }
    return result;
}

void TimelineChart::render(QPainter &painter, const QSize &size)
{
    m_canvas->paintAll(painter, QRect(QPoint(), size));
}

} // namespace tidemark::ui
