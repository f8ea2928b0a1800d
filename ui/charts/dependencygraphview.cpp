// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/dependencygraphview.h"

#include "ui/models/severity.h"
#include "ui/models/texts.h"
#include "ui/services/icons.h"
#include "ui/services/theme.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>

namespace tidemark::ui {

DependencyCanvas::DependencyCanvas(QWidget *parent)
    : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Dependencies"));
}

void DependencyCanvas::setGraph(DependencyGraph graph, Instant now)
{
    const quint32 before = m_current >= 0 ? m_graph.nodes[static_cast<std::size_t>(m_current)].oid() : 0;
    const quint32 focusBefore = m_graph.focus >= 0 ? m_graph.nodes[static_cast<std::size_t>(m_graph.focus)].oid() : 0;
    m_graph = std::move(graph);
    m_now = now;
    m_current = m_graph.focus;
    const quint32 focusNow = m_graph.focus >= 0 ? m_graph.nodes[static_cast<std::size_t>(m_graph.focus)].oid() : 0;
    for (std::size_t index = 0; focusBefore == focusNow && index < m_graph.nodes.size(); ++index) {
        if (m_graph.nodes[index].oid() == before)
            m_current = static_cast<int>(index);
    }
    layOut();
}

void DependencyCanvas::layOut()
{
    m_places.clear();
    const int gap = spacing(this, 2);
    const int rise = spacing(this, 7);
    const int height = fontMetrics().height() * 5 / 2 + gap;
    int widest = 1;
    for (const GraphNode &node : m_graph.nodes)
        widest = std::max(widest, node.order + 1);
    const QWidget *viewport = parentWidget() ? parentWidget() : this;
    const int available = viewport->width() - 2;
    const int character = fontMetrics().averageCharWidth();
    const int boxWidth = std::clamp((available - gap * (widest - 1)) / widest, character * 19, character * 36);
    int x = 0;
    int y = 1;
    std::optional<int> layer;
    std::vector<int> layerWidths;
    for (const GraphNode &node : m_graph.nodes) {
        if (layer && *layer != node.layer) {
            y += height + rise;
            x = 0;
        }
        layer = node.layer;
        m_places.emplace_back(x + 1, y, boxWidth, height);
        x += boxWidth + gap;
    }
    // Narrow layers stand in the middle of the widest.
    int total = 0;
    for (const QRect &place : m_places)
        total = std::max(total, place.right() + 2);
    total = std::max(total, available);
    for (std::size_t begin = 0; begin < m_places.size();) {
        std::size_t end = begin;
        while (end < m_places.size() && m_places[end].top() == m_places[begin].top())
            ++end;
        const int shift = (total - m_places[end - 1].right() - 1) / 2;
        for (std::size_t index = begin; index < end; ++index)
            m_places[index].translate(shift, 0);
        begin = end;
    }
    m_size = m_places.empty() ? QSize(0, 0) : QSize(total, m_places.back().bottom() + 2);
    setMinimumSize(m_size);
    updateGeometry();
    update();
}

QSize DependencyCanvas::sizeHint() const
{
    return m_size;
}

QRect DependencyCanvas::placeOf(int node) const
{
    return node >= 0 && node < static_cast<int>(m_places.size()) ? m_places[static_cast<std::size_t>(node)] : QRect();
}

void DependencyCanvas::paintEdge(QPainter &painter, const GraphEdge &edge) const
{
    const Theme &theme = Theme::of(palette());
    const QRect from = placeOf(edge.from);
    const QRect to = placeOf(edge.to);
    const QPointF start(from.center().x() + 0.5, from.bottom() + 1);
    const QPointF end(to.center().x() + 0.5, to.top());
    const double bend = (end.y() - start.y()) / 2;
    QPainterPath path(start);
    path.cubicTo(start + QPointF(0, bend), end - QPointF(0, bend), end);
    const bool touched = m_current == edge.from || m_current == edge.to;
    painter.setPen(QPen(touched ? theme.accent : theme.muted, touched ? 1.6 : 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
    const double arm = fontMetrics().height() * 0.28;
    painter.setBrush(touched ? theme.accent : theme.muted);
    painter.drawPolygon(QPolygonF({end, end + QPointF(-arm * 0.7, -arm), end + QPointF(arm * 0.7, -arm)}));
}

void DependencyCanvas::paintNode(QPainter &painter, int node) const
{
    const Theme &theme = Theme::of(palette());
    const GraphNode &it = m_graph.nodes[static_cast<std::size_t>(node)];
    const QRect place = placeOf(node);
    const Severity severity = it.refreshable ? severityOf(freshnessStatus(*it.refreshable, m_now)) : Severity::Unknown;
    const bool current = node == m_current;
    painter.setPen(QPen(current && hasFocus() ? theme.accent : theme.border, current && hasFocus() ? 2 : 1));
    painter.setBrush(node == m_graph.focus ? theme.hover : theme.raised);
    const double radius = spacing(this, 1);
    painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);

    const int margin = spacing(this, 2);
    const int icon = fontMetrics().height();
    const QRect inner = place.adjusted(margin, margin / 2, -margin, -margin / 2);
    const QRect top(inner.left(), inner.top(), inner.width(), inner.height() / 2);
    const QRect bottom(inner.left(), top.bottom() + 1, inner.width(), inner.height() - top.height());
    painter.setPen(theme.text);
    painter.drawText(top, Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(it.name().display(), Qt::ElideMiddle, top.width()));
    QRect caption = bottom;
    const QString iconName = it.refreshable ? iconOf(severity) : QStringLiteral("table");
    const QColor color = it.refreshable ? theme.of(severity) : theme.muted;
    const QRect iconPlace(bottom.left(), bottom.center().y() - icon / 2, icon, icon);
    painter.drawPixmap(iconPlace, iconPixmap(iconName, color, icon, painter.device()->devicePixelRatioF()));
    caption.setLeft(iconPlace.right() + margin);
    painter.setPen(color);
    painter.drawText(caption, Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(nodeCaption(it, m_now), Qt::ElideRight, caption.width()));
}

void DependencyCanvas::paintAll(QPainter &painter) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    for (const GraphEdge &edge : m_graph.edges)
        paintEdge(painter, edge);
    painter.setFont(tabularFont(font()));
    for (std::size_t node = 0; node < m_graph.nodes.size(); ++node)
        paintNode(painter, static_cast<int>(node));
}

void DependencyCanvas::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintAll(painter);
}

int DependencyCanvas::nodeAt(const QPoint &position) const
{
    const auto found = std::find_if(m_places.begin(), m_places.end(),
                                    [&](const QRect &place) { return place.contains(position); });
    return found == m_places.end() ? -1 : static_cast<int>(found - m_places.begin());
}

int DependencyCanvas::neighbour(int layerStep, int orderStep) const
{
    if (m_current < 0)
        return m_graph.nodes.empty() ? -1 : 0;
    if (orderStep != 0) {
        const int next = m_current + orderStep;
        const bool exists = next >= 0 && next < static_cast<int>(m_places.size());
        return exists && placeOf(next).top() == placeOf(m_current).top() ? next : m_current;
    }
    // The nearest box of the next layer that there is in that direction.
    int best = m_current;
    int bestDistance = 0;
    for (int node = 0; node < static_cast<int>(m_places.size()); ++node) {
        const int rows = (placeOf(node).top() - placeOf(m_current).top()) * layerStep;
        if (rows <= 0)
            continue;
        const int distance = rows * 1000 + std::abs(placeOf(node).center().x() - placeOf(m_current).center().x());
        if (best == m_current || distance < bestDistance) {
            best = node;
            bestDistance = distance;
        }
    }
    return best;
}

void DependencyCanvas::setCurrent(int node)
{
    if (node < 0 || node == m_current)
        return;
    m_current = node;
    setAccessibleDescription(toolTipOf(node));
    QAccessibleEvent change(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&change);
    update();
    Q_EMIT currentChanged(placeOf(node));
}

QString DependencyCanvas::toolTipOf(int node) const
{
    const GraphNode &it = m_graph.nodes[static_cast<std::size_t>(node)];
    QStringList lines{it.name().display(), nodeCaption(it, m_now)};
    if (it.refreshable)
        lines << texts::explained(it.refreshable->lastRefresh)
              << tr("Changed since: %1").arg(texts::changes(*it.refreshable));
    return lines.join(QLatin1Char('\n'));
}

void DependencyCanvas::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Left:
        setCurrent(neighbour(0, -1));
        break;
    case Qt::Key_Right:
        setCurrent(neighbour(0, 1));
        break;
    case Qt::Key_Up:
        setCurrent(neighbour(-1, 0));
        break;
    case Qt::Key_Down:
        setCurrent(neighbour(1, 0));
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current >= 0)
            Q_EMIT nodeActivated(m_current);
        break;
    default:
        QWidget::keyPressEvent(event);
    }
}

void DependencyCanvas::mousePressEvent(QMouseEvent *event)
{
    setCurrent(nodeAt(event->pos()));
}

void DependencyCanvas::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (const int node = nodeAt(event->pos()); node >= 0)
        Q_EMIT nodeActivated(node);
}

void DependencyCanvas::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    update();
}

void DependencyCanvas::focusOutEvent(QFocusEvent *event)
{
    QWidget::focusOutEvent(event);
    update();
}

void DependencyCanvas::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    update();
}

void DependencyCanvas::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        layOut();
    update();
}

bool DependencyCanvas::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const int node = nodeAt(help->pos());
        if (node >= 0)
            QToolTip::showText(help->globalPos(), toolTipOf(node), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

DependencyGraphView::DependencyGraphView(QWidget *parent)
    : Chart(tr("Dependencies"), parent)
    , m_scroll(new QScrollArea(this))
    , m_canvas(new DependencyCanvas)
{
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setBackgroundRole(QPalette::Base);
    m_scroll->viewport()->setBackgroundRole(QPalette::Base);
    m_scroll->setWidget(m_canvas);
    m_scroll->viewport()->installEventFilter(this);
    setPlot(m_scroll);
    connect(m_canvas, &DependencyCanvas::currentChanged, this, [this](const QRect &place) {
        m_scroll->ensureVisible(place.center().x(), place.center().y(), place.width() / 2, place.height() / 2);
    });
    connect(m_canvas, &DependencyCanvas::nodeActivated, this, [this](int node) {
        const GraphNode &it = m_canvas->graph().nodes[static_cast<std::size_t>(node)];
        if (it.refreshable && node != m_canvas->graph().focus)
            Q_EMIT refreshableActivated(it.oid());
    });
}

void DependencyGraphView::setGraph(DependencyGraph graph, Instant now)
{
    m_now = now;
    m_canvas->setGraph(std::move(graph), now);
    const QStringList lines = graphLines(m_canvas->graph(), now);
    setSummary(lines.join(QStringLiteral("; ")));
    const int most = fontMetrics().height() * 22;
    m_scroll->setFixedHeight(std::clamp(m_canvas->sizeHint().height() + 4, fontMetrics().height() * 4, most));
    dataChanged();
}

void DependencyGraphView::setNow(Instant now)
{
    // Laid out and told anew only where what stands in a box has another word.
    if (graphLines(m_canvas->graph(), now) != graphLines(m_canvas->graph(), m_now))
        setGraph(m_canvas->graph(), now);
}

ChartTable DependencyGraphView::table() const
{
    ChartTable result;
    result.headers << tr("Relation") << tr("State") << tr("Steps away");
    for (const GraphNode &node : m_canvas->graph().nodes)
        result.rows << QVariantList{node.name().display(), nodeCaption(node, m_now), node.layer};
    return result;
}

void DependencyGraphView::render(QPainter &painter, const QSize &size)
{
    const QSize own = m_canvas->sizeHint();
    if (own.isEmpty())
        return;
    const double scale = std::min(
        {1.0, static_cast<double>(size.width()) / own.width(), static_cast<double>(size.height()) / own.height()});
    painter.save();
    painter.scale(scale, scale);
    m_canvas->paintAll(painter);
    painter.restore();
}

bool DependencyGraphView::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_scroll->viewport() && event->type() == QEvent::Resize && m_canvas->graph().focus >= 0)
        QMetaObject::invokeMethod(
            this, [this]() { m_canvas->setGraph(m_canvas->graph(), m_now); }, Qt::QueuedConnection);
    return Chart::eventFilter(watched, event);
}

} // namespace tidemark::ui
