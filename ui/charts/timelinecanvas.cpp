// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/timelinecanvas.h"

#include "ui/charts/timeaxis.h"
#include "ui/services/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace tidemark::ui {

TimelineCanvas::TimelineCanvas(QWidget *parent)
    : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setBackgroundRole(QPalette::Base);
}

void TimelineCanvas::setContent(const TimeRange &range, std::vector<TimelineLane> lanes,
                                std::vector<TimelineItem> items)
{
    m_range = range;
    m_lanes = std::move(lanes);
    m_items = std::move(items);
    std::erase_if(m_items, [this](const TimelineItem &item) {
        return item.lane < 0 || static_cast<size_t>(item.lane) >= m_lanes.size()
               || item.to.value_or(item.from) < m_range.from || item.from > m_range.to;
    });
    std::stable_sort(m_items.begin(), m_items.end(), [](const auto &a, const auto &b) { return a.from < b.from; });
    updateGeometry();
    update();
}

void TimelineCanvas::setCurrent(const QString &key)
{
    m_current = key;
    update();
}

QRect TimelineCanvas::currentRect() const
{
    const auto found = std::find_if(m_items.begin(), m_items.end(),
                                    [this](const auto &item) { return item.key == m_current; });
    return found == m_items.end() ? QRect() : rectOf(*found, plotRect(rect())).toAlignedRect();
}

int TimelineCanvas::leastRowHeight() const
{
    return fontMetrics().height() * 6 / 4;
}

int TimelineCanvas::rowHeight(const QRect &plot) const
{
    const int most = fontMetrics().height() * 16 / 4;
    return m_lanes.empty() ? most
                           : std::clamp(plot.height() / static_cast<int>(m_lanes.size()), leastRowHeight(), most);
}

int TimelineCanvas::groupWidth() const
{
    int widest = 0;
    for (const TimelineLane &lane : m_lanes)
        widest = std::max(widest, fontMetrics().horizontalAdvance(lane.group));
    return widest > 0 ? widest + spacing(this, 4) : 0;
}

int TimelineCanvas::nameWidth(int width) const
{
    int widest = 0;
    for (const TimelineLane &lane : m_lanes)
        widest = std::max(widest, fontMetrics().horizontalAdvance(lane.name));
    return std::min(groupWidth() + widest + spacing(this, 4), width / 3);
}

QRect TimelineCanvas::plotRect(const QRect &area) const
{
    return area.adjusted(nameWidth(area.width()), 0, -spacing(this, 2), -fontMetrics().height() * 6 / 4);
}

QRectF TimelineCanvas::rectOf(const TimelineItem &item, const QRect &plot) const
{
    const double span = std::max(1.0, static_cast<double>((m_range.to - m_range.from).count()));
    const auto x = [&](Instant at) {
        return plot.left() + static_cast<double>((at - m_range.from).count()) / span * plot.width();
    };
    const int row = rowHeight(plot);
    const double thickness = std::min(row * 0.56, fontMetrics().height() * 1.25);
    const double y = plot.top() + item.lane * row + (row - thickness) / 2;
    const double left = std::max<double>(plot.left(), x(item.from));
    const double right = std::min<double>(plot.right(), item.running ? plot.right() : x(item.to.value_or(item.from)));
    return {left, y, std::max(3.0, right - left), thickness};
}

QSize TimelineCanvas::sizeHint() const
{
    return {fontMetrics().averageCharWidth() * 60,
            static_cast<int>(m_lanes.size()) * leastRowHeight() + fontMetrics().height() * 7 / 4};
}

QSize TimelineCanvas::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * 30, sizeHint().height()};
}

void TimelineCanvas::paintAll(QPainter &painter, const QRect &area) const
{
    const Theme &theme = Theme::of(palette());
    const QRect plot = plotRect(area);
    const int row = rowHeight(plot);
    const int bottom = std::min(plot.bottom(), plot.top() + static_cast<int>(m_lanes.size()) * row);
    painter.setFont(tabularFont(font()));
    QString group;
    const int groups = std::min(groupWidth(), plot.left() - area.left());
    for (size_t i = 0; i < m_lanes.size(); ++i) {
        const int top = plot.top() + static_cast<int>(i) * row;
        const bool newGroup = m_lanes[i].group != group;
        painter.setPen(newGroup && i > 0 ? theme.border : theme.grid);
        painter.drawLine(newGroup ? area.left() : area.left() + groups, top, plot.right(), top);
        if (newGroup) {
            painter.setPen(theme.muted);
            painter.drawText(
                QRect(area.left() + spacing(this, 1), top, groups - spacing(this, 2), row),
                Qt::AlignLeft | Qt::AlignVCenter,
                painter.fontMetrics().elidedText(m_lanes[i].group, Qt::ElideRight, groups - spacing(this, 2)));
        }
        group = m_lanes[i].group;
        const QRect name(area.left() + groups, top, plot.left() - area.left() - groups - spacing(this, 3), row);
        painter.setPen(theme.text);
        painter.drawText(name, Qt::AlignLeft | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(m_lanes[i].name, Qt::ElideMiddle, name.width()));
    }
    painter.setPen(theme.border);
    painter.drawLine(plot.left(), bottom, plot.right(), bottom);
    const double span = std::max(1.0, static_cast<double>((m_range.to - m_range.from).count()));
    const int labelWidth = fontMetrics().horizontalAdvance(QStringLiteral("00:00:00")) * 2;
    for (const TimeTick &tick : timeTicks(m_range, std::max(2, plot.width() / labelWidth))) {
        const int x = plot.left()
                      + static_cast<int>(static_cast<double>((tick.at - m_range.from).count()) / span * plot.width());
        painter.setPen(tick.newDay ? theme.border : theme.grid);
        painter.drawLine(x, plot.top(), x, bottom);
        const int width = painter.fontMetrics().horizontalAdvance(tick.label);
        const int left = std::clamp(x - width / 2, plot.left(), std::max(plot.left(), area.right() - width));
        painter.setPen(theme.muted);
        painter.drawText(QRect(left, bottom, width + 1, fontMetrics().height() * 6 / 4), Qt::AlignCenter, tick.label);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    for (const TimelineItem &item : m_items)
        paintItem(painter, item, plot);
}

void TimelineCanvas::paintItem(QPainter &painter, const TimelineItem &item, const QRect &plot) const
{
    const Theme &theme = Theme::of(palette());
    const QColor color = theme.of(item.severity);
    const QRectF place = rectOf(item, plot);
    const double radius = std::min(3.0, place.width() / 2);
    painter.setPen(item.uncertain ? QPen(color, 1) : QPen(Qt::NoPen));
    painter.setBrush(item.uncertain ? QBrush(color, Qt::BDiagPattern) : QBrush(color));
    painter.drawRoundedRect(place, radius, radius);
    if (item.running) {
        painter.setBrush(theme.raised);
        painter.setPen(QPen(color, 2));
        painter.drawEllipse(QPointF(place.right(), place.center().y()), place.height() / 3, place.height() / 3);
    }
    if (!m_current.isEmpty() && item.key == m_current) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme.text, 1.5));
        painter.drawRoundedRect(place.adjusted(-2, -2, 2, 2), radius + 2, radius + 2);
    }
}

void TimelineCanvas::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), palette().color(QPalette::Base));
    paintAll(painter, rect());
    if (hasFocus() && m_current.isEmpty()) {
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(Theme::of(palette()).accent, 1));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

std::optional<size_t> TimelineCanvas::itemAt(const QPoint &position) const
{
    const QRect plot = plotRect(rect());
    for (size_t i = m_items.size(); i-- > 0;) {
        if (rectOf(m_items[i], plot).adjusted(-3, -3, 3, 3).contains(position))
            return i;
    }
    return std::nullopt;
}

void TimelineCanvas::select(size_t index)
{
    m_current = m_items[index].key;
    setAccessibleDescription(m_items[index].text);
    update();
    Q_EMIT itemSelected(m_current);
}

void TimelineCanvas::mousePressEvent(QMouseEvent *event)
{
    if (const auto index = itemAt(event->position().toPoint()))
        select(*index);
}

void TimelineCanvas::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (const auto index = itemAt(event->position().toPoint()))
        Q_EMIT itemActivated(m_items[*index].key, m_items[*index].object);
}

void TimelineCanvas::mouseMoveEvent(QMouseEvent *event)
{
    setCursor(itemAt(event->position().toPoint()) ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void TimelineCanvas::keyPressEvent(QKeyEvent *event)
{
    const auto found = std::find_if(m_items.begin(), m_items.end(),
                                    [this](const auto &item) { return item.key == m_current; });
    const bool any = found != m_items.end();
    const size_t current = static_cast<size_t>(found - m_items.begin());
    if (m_items.empty())
        QWidget::keyPressEvent(event);
    else if (event->key() == Qt::Key_Left)
        select(!any ? m_items.size() - 1 : current > 0 ? current - 1 : 0);
    else if (event->key() == Qt::Key_Right)
        select(!any ? 0 : std::min(current + 1, m_items.size() - 1));
    else if (event->key() == Qt::Key_Home)
        select(0);
    else if (event->key() == Qt::Key_End)
        select(m_items.size() - 1);
    else if (any && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter))
        Q_EMIT itemActivated(found->key, found->object);
    else
        QWidget::keyPressEvent(event);
}

bool TimelineCanvas::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        auto *help = static_cast<QHelpEvent *>(event);
        if (const auto index = itemAt(help->pos()))
            QToolTip::showText(help->globalPos(), m_items[*index].text, this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

} // namespace tidemark::ui
