// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/partitionblocks.h"

#include <algorithm>
#include <cmath>

namespace tidemark::ui {

namespace {

/// So that what holds nothing, or little beside its neighbours, is still there to be seen and pointed at.
constexpr double leastHeight = 5;

} // namespace

BlockLook lookOf(PartitionState state, const Theme &theme)
{
    const auto filled = [](const QColor &color) { return BlockLook{QBrush(color), Qt::NoPen}; };
    switch (state) {
    case PartitionState::Default:
        return filled(theme.of(Severity::Warning));
    case PartitionState::DetachPending:
        return filled(theme.of(Severity::Critical));
    case PartitionState::Foreign:
        return filled(theme.series(3));
    case PartitionState::Frozen:
        return filled(theme.series(5));
    case PartitionState::Compressed:
        return filled(theme.series(2));
    case PartitionState::Premade:
        return {Qt::NoBrush, QPen(theme.accent, 1)};
    case PartitionState::Empty:
        return {Qt::NoBrush, QPen(theme.muted, 1)};
    case PartitionState::Plain:
        break;
    }
    return filled(theme.series(0));
}

QBrush gapBrush(const Theme &theme)
{
    return {theme.of(Severity::Warning), Qt::BDiagPattern};
}

PartitionBlocks::PartitionBlocks(QCPAxis *keyAxis, QCPAxis *valueAxis)
    : QCPAbstractPlottable(keyAxis, valueAxis)
{
}

void PartitionBlocks::setData(std::shared_ptr<const StripData> data)
{
    m_data = std::move(data);
    m_selected = m_hovered = -1;
}

QRectF PartitionBlocks::placeOf(const StripColumn &column, const QRectF &area) const
{
    const double base = mValueAxis->coordToPixel(0);
    const double top = std::min(mValueAxis->coordToPixel(static_cast<double>(column.bytes)), base - leastHeight);
    const double width = column.lastPixel - column.firstPixel + 1;
    return {area.left() + column.firstPixel, top, width > 3 ? width - 1 : width, base - top};
}

QRectF PartitionBlocks::placeOf(int block, const QRectF &area) const
{
    const StripBlock &it = m_data->blocks[static_cast<std::size_t>(block)];
    const double left = std::clamp(mKeyAxis->coordToPixel(std::max(it.from, mKeyAxis->range().lower)), area.left(),
                                   area.right());
    const double right = std::clamp(mKeyAxis->coordToPixel(std::min(it.to, mKeyAxis->range().upper)), left,
                                    area.right());
    const double base = mValueAxis->coordToPixel(0);
    const double top = std::min(mValueAxis->coordToPixel(static_cast<double>(it.bytes)), base - leastHeight);
    return QRectF(left, top, std::max(right - left, 2.0), base - top);
}

void PartitionBlocks::drawGaps(QCPPainter *painter, const QRectF &area) const
{
    painter->setPen(Qt::NoPen);
    painter->setBrush(gapBrush(*m_theme));
    const QCPRange range = mKeyAxis->range();
    double drawnTo = -1;
    for (const StripSpan &gap : m_data->gaps) {
        if (gap.to <= range.lower || gap.from >= range.upper)
            continue;
        const double left = std::max(mKeyAxis->coordToPixel(std::max(gap.from, range.lower)), drawnTo);
        const double right = mKeyAxis->coordToPixel(std::min(gap.to, range.upper));
        if (right < drawnTo)
            continue;
        const double shown = std::max(right, left + 2);
        painter->drawRect(QRectF(left, area.top(), shown - left, area.height()));
        drawnTo = shown;
    }
}

void PartitionBlocks::draw(QCPPainter *painter)
{
    if (!m_data)
        return;
    const QRectF area = mKeyAxis->axisRect()->rect();
    drawGaps(painter, area);
    painter->setAntialiasing(false);
    const QCPRange range = mKeyAxis->range();
    for (const StripColumn &column :
         visibleColumns(*m_data, range.lower, range.upper, static_cast<int>(std::lround(area.width())))) {
        const BlockLook look = lookOf(column.state, *m_theme);
        QRectF place = placeOf(column, area);
        if (look.outline.style() != Qt::NoPen && place.width() > 2)
            place.adjust(0, 0, -1, -1);
        painter->setPen(look.outline);
        painter->setBrush(look.fill);
        painter->drawRect(place);
    }
    for (const auto &[block, strong] : {std::pair(m_hovered, false), std::pair(m_selected, true)}) {
        if (block < 0)
            continue;
        const StripBlock &it = m_data->blocks[static_cast<std::size_t>(block)];
        if (it.to <= range.lower || it.from >= range.upper)
            continue;
        const QRectF place = placeOf(block, area);
        QColor wash = m_theme->text;
        wash.setAlphaF(strong ? 0.10F : 0.06F);
        painter->fillRect(QRectF(place.left(), area.top(), place.width(), area.height()), wash);
        painter->setPen(QPen(m_theme->text, strong ? 2 : 1));
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(place.adjusted(0, 0, -1, -1));
    }
}

void PartitionBlocks::drawLegendIcon(QCPPainter *painter, const QRectF &place) const
{
    painter->fillRect(place, lookOf(PartitionState::Plain, *m_theme).fill);
}

double PartitionBlocks::selectTest(const QPointF &, bool, QVariant *) const
{
    return -1; // The strip finds blocks itself, by place.
}

QCPRange PartitionBlocks::getKeyRange(bool &found, QCP::SignDomain) const
{
    found = m_data && !m_data->blocks.empty();
    return found ? QCPRange(m_data->from, m_data->to) : QCPRange();
}

QCPRange PartitionBlocks::getValueRange(bool &found, QCP::SignDomain, const QCPRange &) const
{
    found = m_data && m_data->largestBytes > 0;
    return found ? QCPRange(0, static_cast<double>(m_data->largestBytes)) : QCPRange();
}

} // namespace tidemark::ui
