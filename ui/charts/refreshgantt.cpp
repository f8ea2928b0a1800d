// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/refreshgantt.h"

#include "core/base/units.h"
#include "ui/charts/ganttbars.h"
#include "ui/charts/legendrow.h"
#include "ui/charts/plotsupport.h"
#include "ui/models/severity.h"
#include "ui/models/texts.h"

#include <QAccessible>
#include <QCoreApplication>
#include <QGridLayout>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QScrollBar>
#include <QToolTip>

#include <cmath>
#include <map>
#include <set>

namespace tidemark::ui {

namespace {

Instant instantOf(double seconds)
{
    return fromEpochMicros(static_cast<qint64>(seconds * 1e6));
}

} // namespace

RefreshGantt::RefreshGantt(QWidget *parent)
    : Chart(tr("Refreshes by object over time"), parent)
    , m_plot(new QCustomPlot(this))
    , m_scroll(new QScrollBar(Qt::Vertical, this))
    , m_legend(new LegendRow(this))
{
    auto *area = new QWidget(this);
    auto *grid = new QGridLayout(area);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(spacing(this, 1));
    grid->addWidget(m_legend, 0, 0, 1, 2);
    grid->addWidget(m_plot, 1, 0);
    grid->addWidget(m_scroll, 1, 1);
    grid->setRowStretch(1, 1);
    grid->setColumnStretch(0, 1);
    setPlot(area);

    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_plot->setAccessibleName(title());
    m_plot->setFocusPolicy(Qt::StrongFocus);
    m_plot->setMinimumHeight(fontMetrics().height() * 6);
    m_plot->installEventFilter(this);
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->axisRect()->setRangeDrag(Qt::Horizontal);
    m_plot->axisRect()->setRangeZoom(Qt::Horizontal);
    m_plot->xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new MomentTicker(m_plot->xAxis)));
    m_bars = new GanttBars(m_plot->xAxis, m_plot->yAxis); // the plot owns it
    connect(m_scroll, &QScrollBar::valueChanged, this, &RefreshGantt::updateRows);
    applyPalette();
}

void RefreshGantt::applyPalette()
{
    const Theme &theme = Theme::of(palette());
    applyTheme(*m_plot, theme, m_plot->hasFocus());
    m_plot->yAxis->setTickLabelColor(theme.text);
    m_bars->setTheme(theme);
    updateLegend();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void RefreshGantt::setLanes(std::vector<GanttLane> lanes, const TimeRange &shown)
{
    const GanttPlace selected = m_selected;
    std::optional<std::tuple<QString, QString, qint64>> event;
    if (selected.lane >= 0 && selected.bar >= 0) {
        const GanttLane &lane = m_lanes[static_cast<std::size_t>(selected.lane)];
        event = {lane.server, lane.database, lane.bars[static_cast<std::size_t>(selected.bar)].event};
    }
    m_lanes = std::move(lanes);
    m_bars->setLanes(&m_lanes);

    m_plot->yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new NameTicker(laneNames(), true)));

    const QCPRange before = m_plot->xAxis->range();
    const bool sameHours = shown.to - shown.from == m_shown.to - m_shown.from;
    const double moved = toEpochSeconds(shown.to) - toEpochSeconds(m_shown.to);
    m_shown = shown;
    if (sameHours)
        m_plot->xAxis->setRange(before.lower + moved, before.upper + moved);
    else
        m_plot->xAxis->setRange(toEpochSeconds(shown.from), toEpochSeconds(shown.to));

    m_selected = {};
    m_bars->setSelected(m_selected);
    if (event)
        select(std::get<0>(*event), std::get<1>(*event), std::get<2>(*event));
    updateLegend();
    updateRows();
    setSummary(tr("%n object(s) between %1 and %2", nullptr, static_cast<int>(m_lanes.size()))
                   .arg(texts::absolute(shown.from), texts::absolute(shown.to)));
    dataChanged();
}

QStringList RefreshGantt::laneNames() const
{
    using Database = std::pair<QString, QString>;
    std::set<Database> databases;
    std::map<std::pair<Database, QString>, int> schemas; // of one bare name
    std::map<QString, std::set<QString>> servers;        // of one database name
    for (const GanttLane &lane : m_lanes) {
        const Database database(lane.server, lane.database);
        databases.insert(database);
        ++schemas[{database, lane.name.name}];
        servers[lane.database].insert(lane.server);
    }
    QStringList names;
    const int widest = fontMetrics().averageCharWidth() * 34;
    for (const GanttLane &lane : m_lanes) {
        const bool unique = schemas[{{lane.server, lane.database}, lane.name.name}] == 1;
        QString name = unique ? lane.name.name : lane.name.display();
        if (servers[lane.database].size() > 1)
            name = tr("%1 / %2: %3", "server / database: object").arg(lane.server, lane.database, name);
        else if (databases.size() > 1)
            name = tr("%1: %2", "database: object").arg(lane.database, name);
        names << fontMetrics().elidedText(name, Qt::ElideMiddle, widest);
    }
    return names;
}

int RefreshGantt::visibleRows() const
{
    const int row = fontMetrics().height() * 3 / 2;
    return std::max(1, m_plot->axisRect()->height() / std::max(1, row));
}

void RefreshGantt::updateRows()
{
    const int rows = visibleRows();
    const int count = static_cast<int>(m_lanes.size());
    m_scroll->setPageStep(rows);
    m_scroll->setRange(0, std::max(0, count - rows));
    m_scroll->setVisible(count > rows);
    const double top = 1 - m_scroll->value();
    // Few objects keep rows of a normal height instead of being blown up to fill the chart.
    m_plot->yAxis->setRange(top - std::max(rows, 1), top);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void RefreshGantt::updateLegend()
{
    const Theme &theme = Theme::of(palette());
    std::set<RefreshSource> sources;
    bool failed = false;
    bool uncertain = false;
    bool running = false;
    for (const GanttLane &lane : m_lanes) {
        for (const GanttBar &bar : lane.bars) {
            failed = failed || bar.failed;
            uncertain = uncertain || bar.uncertain;
            running = running || bar.running;
            if (!bar.failed && !bar.running)
                sources.insert(bar.source);
        }
    }
    std::vector<LegendRow::Entry> entries;
    for (const RefreshSource source : sources)
        entries.push_back({sourceText(source), colorOf(source, theme)});
    if (running)
        entries.push_back({tr("running"), QBrush(theme.accent, Qt::Dense5Pattern)});
    if (uncertain)
        entries.push_back({tr("somewhere in between"), QBrush(theme.muted, Qt::Dense5Pattern), QPen(theme.muted, 1)});
    if (failed)
        entries.push_back({tr("failed"), Qt::NoBrush, QPen(theme.of(Severity::Critical), 2), true});
    m_legend->setEntries(std::move(entries));
}

void RefreshGantt::select(const QString &server, const QString &database, qint64 event)
{
    GanttPlace found;
    for (std::size_t lane = 0; lane < m_lanes.size() && found.lane < 0; ++lane) {
        if (m_lanes[lane].server != server || m_lanes[lane].database != database)
            continue;
        for (std::size_t bar = 0; bar < m_lanes[lane].bars.size(); ++bar) {
            if (event != 0 && m_lanes[lane].bars[bar].event == event)
                found = {static_cast<int>(lane), static_cast<int>(bar)};
        }
    }
    show(found);
}

void RefreshGantt::show(GanttPlace place)
{
    m_selected = place;
    m_bars->setSelected(place);
    if (place.lane >= 0) {
        const int rows = visibleRows();
        if (place.lane < m_scroll->value())
            m_scroll->setValue(place.lane);
        else if (place.lane >= m_scroll->value() + rows)
            m_scroll->setValue(place.lane - rows + 1);
    }
    if (place.lane >= 0 && place.bar >= 0) {
        const GanttBar &bar = m_lanes[static_cast<std::size_t>(place.lane)].bars[static_cast<std::size_t>(place.bar)];
        const QCPRange range = m_plot->xAxis->range();
        if (bar.to < range.lower || bar.from > range.upper)
            m_plot->xAxis->moveRange((bar.from + bar.to) / 2 - range.center());
    }
    m_plot->setAccessibleDescription(describe(place));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void RefreshGantt::choose(GanttPlace place)
{
    show(place);
    QAccessibleEvent change(m_plot, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&change);
    if (place.lane < 0 || place.bar < 0)
        return;
    const GanttLane &lane = m_lanes[static_cast<std::size_t>(place.lane)];
    Q_EMIT eventSelected(lane.server, lane.database, lane.bars[static_cast<std::size_t>(place.bar)].event);
}

QString RefreshGantt::describe(GanttPlace place) const
{
    if (place.lane < 0)
        return {};
    const GanttLane &lane = m_lanes[static_cast<std::size_t>(place.lane)];
    QStringList lines{lane.name.display()};
    if (place.bar >= 0) {
        const GanttBar &bar = lane.bars[static_cast<std::size_t>(place.bar)];
        const Millis length(static_cast<qint64>(std::llround((bar.to - bar.from) * 1000)));
        if (bar.running)
            lines << tr("running since %1").arg(texts::absolute(instantOf(bar.from)));
        else if (bar.uncertain)
            lines << tr("between %1 and %2")
                         .arg(texts::absolute(instantOf(bar.from)), texts::absolute(instantOf(bar.to)));
        else if (length.count() > 0)
            lines << tr("%1, took %2").arg(texts::absolute(instantOf(bar.from)), units::duration(length));
        else
            lines << texts::absolute(instantOf(bar.to));
        if (bar.failed)
            lines << tr("failed");
        if (!bar.running)
            lines << tr("told by: %1").arg(sourceText(bar.source));
    }
    return lines.join(QLatin1Char('\n'));
}

bool RefreshGantt::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_plot)
        return Chart::eventFilter(watched, event);
    const double reach = fontMetrics().height() / 2.0;
    switch (event->type()) {
    case QEvent::MouseButtonPress: {
        const GanttPlace place = m_bars->placeAt(static_cast<QMouseEvent *>(event)->position(), reach);
        if (place.bar >= 0)
            choose(place);
        return false;
    }
    case QEvent::ToolTip: {
        const auto *help = static_cast<QHelpEvent *>(event);
        const GanttPlace place = m_bars->placeAt(help->pos(), reach);
        if (place.bar >= 0)
            QToolTip::showText(help->globalPos(), describe(place), m_plot);
        else
            QToolTip::hideText();
        return true;
    }
    case QEvent::Wheel:
        // As in every list the wheel moves through the rows; with Ctrl it zooms time.
        if (static_cast<QWheelEvent *>(event)->modifiers() == Qt::NoModifier && m_scroll->isVisible())
            return QCoreApplication::sendEvent(m_scroll, event);
        return false;
    case QEvent::KeyPress:
        return handleKey(static_cast<QKeyEvent *>(event)->key());
    case QEvent::Resize:
        QMetaObject::invokeMethod(this, &RefreshGantt::updateRows, Qt::QueuedConnection);
        return false;
    case QEvent::FocusIn:
    case QEvent::FocusOut:
        applyTheme(*m_plot, Theme::of(palette()), event->type() == QEvent::FocusIn);
        m_plot->yAxis->setTickLabelColor(Theme::of(palette()).text);
        m_plot->replot(QCustomPlot::rpQueuedReplot);
        return false;
    default:
        return false;
    }
}

void RefreshGantt::zoom(double factor)
{
    m_plot->xAxis->scaleRange(1 / factor, m_plot->xAxis->range().center());
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

bool RefreshGantt::handleKey(int key)
{
    const int lastLane = static_cast<int>(m_lanes.size()) - 1;
    if (lastLane < 0)
        return false;
    const auto lastBar = [this](int lane) {
        return static_cast<int>(m_lanes[static_cast<std::size_t>(lane)].bars.size()) - 1;
    };
    const int lane = std::max(m_selected.lane, 0);
    switch (key) {
    case Qt::Key_Up:
    case Qt::Key_Down: {
        const int next = m_selected.lane < 0 ? 0 : std::clamp(lane + (key == Qt::Key_Up ? -1 : 1), 0, lastLane);
        choose({next, lastBar(next)});
        return true;
    }
    case Qt::Key_Left:
        choose({lane, m_selected.bar < 0 ? lastBar(lane) : std::max(m_selected.bar - 1, 0)});
        return true;
    case Qt::Key_Right:
        choose({lane, m_selected.bar < 0 ? 0 : std::min(m_selected.bar + 1, lastBar(lane))});
        return true;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoom(1.5);
        return true;
    case Qt::Key_Minus:
        zoom(1 / 1.5);
        return true;
    case Qt::Key_0:
        m_plot->xAxis->setRange(toEpochSeconds(m_shown.from), toEpochSeconds(m_shown.to));
        m_plot->replot(QCustomPlot::rpQueuedReplot);
        return true;
    default:
        return false;
    }
}

ChartTable RefreshGantt::table() const
{
    ChartTable result;
    result.headers << tr("Object") << tr("From") << tr("To") << tr("Result") << tr("Told by");
    for (const GanttLane &lane : m_lanes) {
        for (const GanttBar &bar : lane.bars)
            result.rows << QVariantList{lane.name.display(), toIso8601(instantOf(bar.from)),
                                        toIso8601(instantOf(bar.to)),
                                        bar.running  ? tr("running")
                                        : bar.failed ? tr("failed")
                                                     : tr("done"),
                                        bar.running ? QString() : sourceText(bar.source)};
    }
    return result;
}

QWidget *RefreshGantt::plot() const
{
    return m_plot;
}

void RefreshGantt::render(QPainter &painter, const QSize &size)
{
    renderPlot(*m_plot, painter, size);
}

void RefreshGantt::changeEvent(QEvent *event)
{
    Chart::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        applyPalette();
}

} // namespace tidemark::ui
