// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/partitionstrip.h"

#include "core/base/units.h"
#include "ui/charts/legendrow.h"
#include "ui/charts/partitionblocks.h"
#include "ui/charts/plotsupport.h"
#include "ui/models/texts.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QToolTip>
#include <QVBoxLayout>

#include <cmath>
#include <set>

namespace tidemark::ui {

namespace {

constexpr double zoomStep = 1.5;

/// More names than this would not be read under an axis.
constexpr std::size_t mostNames = 12;

} // namespace

PartitionStrip::PartitionStrip(QWidget *parent)
    : Chart(tr("Partitions along their range"), parent)
    , m_plot(new QCustomPlot(this))
    , m_legend(new LegendRow(this))
{
    auto *area = new QWidget(this);
    auto *layout = new QVBoxLayout(area);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing(this, 1));
    layout->addWidget(m_legend);
    layout->addWidget(m_plot, 1);
    setPlot(area);
    m_plot->setAccessibleName(title());
    m_plot->setMinimumHeight(fontMetrics().height() * 6);
    buildPlot();
    applyPalette();
}

PartitionStrip::~PartitionStrip() = default;

void PartitionStrip::buildPlot()
{
    m_plot->setFocusPolicy(Qt::StrongFocus);
    m_plot->setMouseTracking(true);
    m_plot->installEventFilter(this);
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->axisRect()->setRangeDrag(Qt::Horizontal);
    m_plot->axisRect()->setRangeZoom(Qt::Horizontal);
    m_plot->yAxis->setTicker(QSharedPointer<ByteTicker>::create());
    m_plot->xAxis->setNumberFormat(QStringLiteral("f"));
    m_plot->xAxis->setNumberPrecision(0);
    connect(m_plot->xAxis, qOverload<const QCPRange &>(&QCPAxis::rangeChanged), this, &PartitionStrip::keepInside);

    m_blocks = new PartitionBlocks(m_plot->xAxis, m_plot->yAxis); // the plot owns it
    m_blocks->setAntialiased(false);

    m_defaultRect = new QCPAxisRect(m_plot, false);
    QCPAxis *left = m_defaultRect->addAxis(QCPAxis::atLeft);
    QCPAxis *bottom = m_defaultRect->addAxis(QCPAxis::atBottom);
    left->setVisible(false);
    bottom->setRange(-1, 1);
    bottom->setTicker(QSharedPointer<NameTicker>::create(QStringList()));
    bottom->setLabel(tr("default"));
    m_defaultBar = new QCPBars(bottom, left);
    m_defaultBar->setWidth(1.2);

    for (Line *line : {&m_now, &m_retention, &m_compression}) {
        line->line = new QCPItemLine(m_plot);
        line->line->start->setTypeY(QCPItemPosition::ptAxisRectRatio);
        line->line->end->setTypeY(QCPItemPosition::ptAxisRectRatio);
        line->label = new QCPItemText(m_plot);
        line->label->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
        line->label->setPadding(QMargins(spacing(this, 1), 0, spacing(this, 1), 0));
        line->label->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
    }
    m_now.label->setText(tr("now"));
    m_retention.label->setText(tr("retention"));
    m_compression.label->setText(tr("compression"));
}

void PartitionStrip::applyPalette()
{
    const Theme &theme = Theme::of(palette());
    applyTheme(*m_plot, theme, m_plot->hasFocus());
    m_blocks->setTheme(theme);
    m_defaultBar->setBrush(theme.of(Severity::Warning));
    m_defaultBar->setPen(Qt::NoPen);
    const auto paint = [&](Line &line, const QColor &color, Qt::PenStyle style) {
        line.line->setPen(QPen(color, 1, style));
        line.label->setColor(color);
        line.label->setFont(font());
        QColor behind = theme.raised;
        behind.setAlphaF(0.8F);
        line.label->setBrush(behind);
        line.label->setPen(Qt::NoPen);
    };
    paint(m_now, theme.text, Qt::SolidLine);
    paint(m_retention, theme.of(Severity::Critical), Qt::DashLine);
    paint(m_compression, theme.series(2), Qt::DashLine);
    updateLegend();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PartitionStrip::setTable(const std::shared_ptr<const PartitionedTable> &table, Instant now)
{
    m_time = now;
    if (table == m_table) {
        updateLines();
        return;
    }
    const bool sameTable = table && m_table && table->oid == m_table->oid;
    const quint32 selected = sameTable ? selectedPartition() : 0;
    const bool showedAll = !m_data
                           || (m_plot->xAxis->range().lower <= m_data->from
                               && m_plot->xAxis->range().upper >= m_data->to);
    m_table = table;
    m_data = table ? std::make_shared<const StripData>(stripData(*table, now)) : nullptr;
    m_selected = -1;
    m_defaultSelected = false;
    m_blocks->setData(m_data);
    if (!m_data) {
        m_plot->replot(QCustomPlot::rpQueuedReplot);
        updateLegend();
        return;
    }

    setUpAxes();
    setUpDefault();
    updateLegend();
    if (!sameTable || showedAll)
        showAll();
    updateLines();
    if (selected != 0)
        selectPartition(selected);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
    setSummary(tr("%1, %n partition(s)", nullptr, table->leafCount).arg(table->name.display()));
    dataChanged();
}

void PartitionStrip::setUpAxes()
{
    QSharedPointer<QCPAxisTicker> ticker(new QCPAxisTicker);
    QString label;
    if (m_data->axis == StripAxis::Time) {
        ticker.reset(new MomentTicker(m_plot->xAxis));
    } else if (m_data->axis == StripAxis::Ordinal) {
        QStringList names;
        if (m_data->blocks.size() <= mostNames) {
            for (const StripBlock &block : m_data->blocks)
                names << m_table->partitions[static_cast<std::size_t>(block.partition)].name.name;
        } else {
            label = tr("%n partition(s), largest first", nullptr, static_cast<int>(m_data->blocks.size()));
        }
        ticker.reset(new NameTicker(names, false, m_plot->xAxis));
    }
    m_plot->xAxis->setTicker(ticker);
    m_plot->xAxis->setLabel(label);
    m_plot->yAxis->setRange(0, std::max(1.0, static_cast<double>(m_data->largestBytes)) * 1.12);
}

void PartitionStrip::setUpDefault()
{
    const bool shown = !m_data->defaults.empty();
    m_defaultRect->setVisible(shown);
    if (shown && !m_defaultRect->layout()) {
        m_plot->plotLayout()->addElement(0, 1, m_defaultRect);
        applyTheme(*m_plot, Theme::of(palette()), m_plot->hasFocus());
    } else if (!shown && m_defaultRect->layout()) {
        m_plot->plotLayout()->take(m_defaultRect);
        m_plot->plotLayout()->simplify();
    }
    const int slot = fontMetrics().horizontalAdvance(tr("default")) * 3 / 2;
    m_defaultRect->setMinimumSize(slot, 0);
    m_defaultRect->setMaximumSize(slot, QWIDGETSIZE_MAX);
    // Never so low that it would not be seen.
    const double least = m_plot->yAxis->range().upper * 0.03;
    m_defaultBar->setData({0.0}, {std::max(static_cast<double>(m_data->defaultBytes), least)});
    m_defaultBar->valueAxis()->setRange(m_plot->yAxis->range());
}

void PartitionStrip::updateLegend()
{
    std::vector<LegendRow::Entry> entries;
    if (m_data) {
        const Theme &theme = Theme::of(palette());
        std::set<PartitionState> states;
        for (const StripBlock &block : m_data->blocks)
            states.insert(block.state);
        if (!m_data->defaults.empty())
            states.insert(PartitionState::Default);
        for (const PartitionState state : states) {
            const BlockLook look = lookOf(state, theme);
            entries.push_back({stateWord(state), look.fill, look.outline});
        }
        if (!m_data->gaps.empty())
            entries.push_back({tr("gap"), gapBrush(theme)});
    }
    m_legend->setEntries(std::move(entries));
}

void PartitionStrip::updateLines()
{
    const bool byTime = m_data && m_data->axis == StripAxis::Time;
    const auto place = [&](Line &line, std::optional<Instant> at, double height) {
        const bool shown = byTime && at;
        line.line->setVisible(shown);
        line.label->setVisible(shown);
        if (!shown)
            return;
        const double x = toEpochSeconds(*at);
        line.line->start->setCoords(x, 0);
        line.line->end->setCoords(x, 1);
        line.label->position->setCoords(x, height);
        const QCPRange range = m_plot->xAxis->range();
        const bool nearEnd = x > range.lower + range.size() * 0.85;
        line.label->setPositionAlignment((nearEnd ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignTop);
    };
    const auto before = [this](const std::optional<Millis> &length) -> std::optional<Instant> {
        return length ? std::optional(m_time - *length) : std::nullopt;
    };
    place(m_now, m_time, 0.0);
    place(m_retention, m_table ? before(m_table->retention) : std::nullopt, 0.09);
    place(m_compression, m_table ? before(m_table->compressAfter) : std::nullopt, 0.18);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PartitionStrip::showAll()
{
    if (!m_data)
        return;
    double from = m_data->from;
    double to = m_data->to;
    if (m_data->axis == StripAxis::Time) {
        // Now belongs into the picture, unless the partitions are of another age altogether.
        const double now = toEpochSeconds(m_time);
        const double width = to - from;
        if (now > to - 2 * width && now < to + width)
            to = std::max(to, now);
    }
    const double margin = (to - from) * 0.015;
    m_plot->xAxis->setRange(from - margin, to + margin);
}

void PartitionStrip::keepInside()
{
    if (!m_data)
        return;
    const double width = std::max(m_data->to - m_data->from, 1e-9);
    const QCPRange wished = m_plot->xAxis->range();
    const QCPRange bounded = wished.bounded(m_data->from - width, m_data->to + width);
    if (wished.lower < m_data->from - width || wished.upper > m_data->to + width)
        m_plot->xAxis->setRange(bounded);
}

void PartitionStrip::zoom(double factor, double around)
{
    m_plot->xAxis->scaleRange(1 / factor, around);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

quint32 PartitionStrip::selectedPartition() const
{
    if (!m_table || !m_data)
        return 0;
    if (m_defaultSelected)
        return m_table->partitions[static_cast<std::size_t>(m_data->defaults.front())].oid;
    if (m_selected < 0)
        return 0;
    const StripBlock &block = m_data->blocks[static_cast<std::size_t>(m_selected)];
    return m_table->partitions[static_cast<std::size_t>(block.partition)].oid;
}

void PartitionStrip::selectPartition(quint32 oid)
{
    int found = -1;
    m_defaultSelected = false;
    if (m_data && oid != 0) {
        const auto &partitions = m_table->partitions;
        for (std::size_t index = 0; index < m_data->blocks.size() && found < 0; ++index) {
            if (partitions[static_cast<std::size_t>(m_data->blocks[index].partition)].oid == oid)
                found = static_cast<int>(index);
        }
        for (const int index : m_data->defaults)
            m_defaultSelected = m_defaultSelected || partitions[static_cast<std::size_t>(index)].oid == oid;
    }
    m_selected = found;
    m_blocks->setSelectedBlock(found);
    if (found >= 0) {
        const StripBlock &block = m_data->blocks[static_cast<std::size_t>(found)];
        const QCPRange range = m_plot->xAxis->range();
        if (block.to <= range.lower)
            m_plot->xAxis->moveRange(std::max(block.from, m_data->from) - range.lower);
        else if (block.from >= range.upper)
            m_plot->xAxis->moveRange(std::min(block.to, m_data->to) - range.upper);
    }
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PartitionStrip::selectBlock(int block)
{
    if (!m_data || block < 0 || block >= static_cast<int>(m_data->blocks.size()))
        return;
    const auto index = static_cast<std::size_t>(m_data->blocks[static_cast<std::size_t>(block)].partition);
    selectPartition(m_table->partitions[index].oid);
    announce();
    Q_EMIT partitionSelected(selectedPartition());
}

void PartitionStrip::announce()
{
    if (m_selected < 0)
        return;
    m_plot->setAccessibleDescription(describe(m_data->blocks[static_cast<std::size_t>(m_selected)].partition));
    QAccessibleEvent event(m_plot, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&event);
}

QString PartitionStrip::describe(int partition) const
{
    const Partition &it = m_table->partitions[static_cast<std::size_t>(partition)];
    QStringList lines{it.name.display(), it.boundText};
    lines << tr("%1 rows, %2, %3")
                 .arg(texts::rows(it.treeRows), units::knownBytes(it.treeBytes, QLocale()),
                      texts::partitionState(it, m_time));
    lines << (it.lastModifiedSeenAt
                  ? tr("last write seen %1, %2")
                        .arg(units::age(*it.lastModifiedSeenAt, m_time), texts::absolute(*it.lastModifiedSeenAt))
                  : tr("no write seen since it is watched"));
    return lines.join(QLatin1Char('\n'));
}

int PartitionStrip::blockUnder(const QPoint &position) const
{
    if (!m_data || !m_plot->axisRect()->rect().contains(position))
        return -1;
    return blockAt(*m_data, m_plot->xAxis->pixelToCoord(position.x()));
}

bool PartitionStrip::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_plot)
        return Chart::eventFilter(watched, event);
    switch (event->type()) {
    case QEvent::MouseMove:
        m_blocks->setHoveredBlock(blockUnder(static_cast<QMouseEvent *>(event)->pos()));
        m_plot->replot(QCustomPlot::rpQueuedReplot);
        break;
    case QEvent::Leave:
        m_blocks->setHoveredBlock(-1);
        m_plot->replot(QCustomPlot::rpQueuedReplot);
        break;
    case QEvent::MouseButtonPress:
        selectBlock(blockUnder(static_cast<QMouseEvent *>(event)->pos()));
        break;
    case QEvent::ToolTip:
        return showToolTip(static_cast<QHelpEvent *>(event)->pos(), static_cast<QHelpEvent *>(event)->globalPos());
    case QEvent::KeyPress:
        return handleKey(static_cast<QKeyEvent *>(event)->key());
    case QEvent::FocusIn:
    case QEvent::FocusOut:
        applyTheme(*m_plot, Theme::of(palette()), event->type() == QEvent::FocusIn);
        m_plot->replot(QCustomPlot::rpQueuedReplot);
        break;
    default:
        break;
    }
    return false;
}

bool PartitionStrip::showToolTip(const QPoint &position, const QPoint &global)
{
    const int block = blockUnder(position);
    if (block >= 0)
        QToolTip::showText(global, describe(m_data->blocks[static_cast<std::size_t>(block)].partition), m_plot);
    else if (m_data && !m_data->defaults.empty() && m_defaultRect->outerRect().contains(position))
        QToolTip::showText(global, describe(m_data->defaults.front()), m_plot);
    else
        QToolTip::hideText();
    return true;
}

bool PartitionStrip::handleKey(int key)
{
    if (!m_data)
        return false;
    const int last = static_cast<int>(m_data->blocks.size()) - 1;
    switch (key) {
    case Qt::Key_Left:
        selectBlock(m_selected < 0 ? last : std::max(m_selected - 1, 0));
        return true;
    case Qt::Key_Right:
        selectBlock(m_selected < 0 ? 0 : std::min(m_selected + 1, last));
        return true;
    case Qt::Key_Home:
        selectBlock(0);
        return true;
    case Qt::Key_End:
        selectBlock(last);
        return true;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
    case Qt::Key_Minus: {
        double around = m_plot->xAxis->range().center();
        if (m_selected >= 0) {
            const StripBlock &block = m_data->blocks[static_cast<std::size_t>(m_selected)];
            if (std::isfinite(block.from) && std::isfinite(block.to))
                around = (block.from + block.to) / 2;
        }
        zoom(key == Qt::Key_Minus ? 1 / zoomStep : zoomStep, around);
        return true;
    }
    case Qt::Key_0:
        showAll();
        m_plot->replot(QCustomPlot::rpQueuedReplot);
        return true;
    default:
        return false;
    }
}

ChartTable PartitionStrip::table() const
{
    ChartTable result;
    result.headers << tr("Partition") << tr("Bounds") << tr("Size, bytes") << tr("State");
    if (!m_data)
        return result;
    const auto add = [&](int index, qint64 bytes) {
        const Partition &partition = m_table->partitions[static_cast<std::size_t>(index)];
        result.rows << QVariantList{partition.name.display(), partition.boundText, bytes,
                                    texts::partitionState(partition, m_time)};
    };
    for (const StripBlock &block : m_data->blocks)
        add(block.partition, block.bytes);
    for (const int index : m_data->defaults)
        add(index, m_table->partitions[static_cast<std::size_t>(index)].treeBytes);
    return result;
}

QWidget *PartitionStrip::plot() const
{
    return m_plot;
}

void PartitionStrip::render(QPainter &painter, const QSize &size)
{
    renderPlot(*m_plot, painter, size);
}

void PartitionStrip::changeEvent(QEvent *event)
{
    Chart::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        applyPalette();
}

} // namespace tidemark::ui
