// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/stripdata.h"

#include <algorithm>
#include <cmath>

namespace tidemark::ui {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double place(const Bound &bound, StripAxis axis, double unbounded)
{
    if (!bound.axis)
        return unbounded;
    return axis == StripAxis::Time ? static_cast<double>(*bound.axis) / 1e6 : static_cast<double>(*bound.axis);
}

void layOutByRange(StripData &data)
{
    std::sort(data.blocks.begin(), data.blocks.end(),
              [](const StripBlock &left, const StripBlock &right) { return left.from < right.from; });
    double from = infinity;
    double to = -infinity;
    for (std::size_t index = 0; index < data.blocks.size(); ++index) {
        const StripBlock &block = data.blocks[index];
        for (const double end : {block.from, block.to}) {
            if (std::isfinite(end)) {
                from = std::min(from, end);
                to = std::max(to, end);
            }
        }
        if (std::isfinite(block.from) && std::isfinite(block.to))
            data.widest = std::max(data.widest, block.to - block.from);
        else
            data.unbounded.push_back(static_cast<int>(index));
    }
    data.from = std::isfinite(from) ? from : 0;
    data.to = std::isfinite(to) && to > data.from ? to : data.from + 1;
}

void layOutBySize(StripData &data)
{
    std::stable_sort(data.blocks.begin(), data.blocks.end(),
                     [](const StripBlock &left, const StripBlock &right) { return left.bytes > right.bytes; });
    for (std::size_t index = 0; index < data.blocks.size(); ++index) {
        data.blocks[index].from = static_cast<double>(index);
        data.blocks[index].to = static_cast<double>(index + 1);
    }
    data.from = 0;
    data.to = std::max<double>(1, static_cast<double>(data.blocks.size()));
    data.widest = 1;
}

/// The first bounded block that may reach to or beyond `at`.
std::size_t firstCandidate(const StripData &data, double at)
{
    const auto found = std::lower_bound(data.blocks.begin(), data.blocks.end(), at - data.widest,
                                        [](const StripBlock &block, double value) { return block.from < value; });
    return static_cast<std::size_t>(found - data.blocks.begin());
}

template<typename Visit>
void eachBlockOver(const StripData &data, double from, double to, const Visit &visit)
{
    const std::size_t first = firstCandidate(data, from);
    for (const int index : data.unbounded) {
        if (static_cast<std::size_t>(index) < first && data.blocks[static_cast<std::size_t>(index)].to > from)
            visit(index);
    }
    for (std::size_t index = first; index < data.blocks.size() && data.blocks[index].from < to; ++index) {
        if (data.blocks[index].to > from)
            visit(static_cast<int>(index));
    }
}

} // namespace

StripData stripData(const PartitionedTable &table, Instant now)
{
    StripData data;
    const bool ranged = table.strategy == PartitionStrategy::Range || table.kind != PartitioningKind::Native;
    const bool onAxis = std::any_of(table.partitions.begin(), table.partitions.end(), [](const Partition &partition) {
        return partition.level == 1 && (partition.from.axis || partition.to.axis);
    });
    if (ranged && onAxis && table.unit != BoundUnit::Text)
        data.axis = table.unit == BoundUnit::Time ? StripAxis::Time : StripAxis::Number;

    for (std::size_t index = 0; index < table.partitions.size(); ++index) {
        const Partition &partition = table.partitions[index];
        if (partition.level != 1)
            continue;
        const qint64 bytes = std::max<qint64>(partition.treeBytes, 0);
        data.largestBytes = std::max(data.largestBytes, bytes);
        const bool hasPlace = data.axis == StripAxis::Ordinal || partition.from.axis || partition.to.axis;
        if (partition.isDefault || !hasPlace) {
            data.defaults.push_back(static_cast<int>(index));
            data.defaultBytes += bytes;
            data.largestBytes = std::max(data.largestBytes, data.defaultBytes);
            continue;
        }
        StripBlock block;
        block.from = place(partition.from, data.axis, -infinity);
        block.to = place(partition.to, data.axis, infinity);
        block.bytes = bytes;
        block.state = tidemark::ui::partitionState(partition, now);
        block.partition = static_cast<int>(index);
        data.blocks.push_back(block);
    }
    if (data.axis == StripAxis::Ordinal)
        layOutBySize(data);
    else
        layOutByRange(data);
    for (const PartitionGap &gap : table.gaps) {
        if (data.axis != StripAxis::Ordinal && gap.from.axis && gap.to.axis)
            data.gaps.push_back({place(gap.from, data.axis, 0), place(gap.to, data.axis, 0)});
    }
    return data;
}

std::vector<StripColumn> visibleColumns(const StripData &data, double from, double to, int pixels)
{
    std::vector<StripColumn> columns;
    if (pixels <= 0 || !(to > from))
        return columns;
    const double perPixel = (to - from) / pixels;
    // The edge nearest to a place, so that neighbours meet on an edge and share no pixel.
    const auto edgeOf = [&](double place) {
        return static_cast<int>(std::clamp(std::round((place - from) / perPixel), 0.0, static_cast<double>(pixels)));
    };
    eachBlockOver(data, from, to, [&](int index) {
        const StripBlock &block = data.blocks[static_cast<std::size_t>(index)];
        const int first = std::min(edgeOf(block.from), pixels - 1);
        const int last = std::max(first, edgeOf(block.to) - 1);
        if (!columns.empty() && first == last && columns.back().firstPixel == first
            && columns.back().lastPixel == last) {
            StripColumn &column = columns.back();
            ++column.blocks;
            if (block.bytes > column.bytes) {
                column.bytes = block.bytes;
                column.state = block.state;
                column.block = index;
            }
            return;
        }
        columns.push_back({first, last, block.bytes, block.state, index, 1});
    });
    return columns;
}

int blockAt(const StripData &data, double place)
{
    int found = -1;
    eachBlockOver(data, place, std::nextafter(place, infinity), [&](int index) {
        const StripBlock &block = data.blocks[static_cast<std::size_t>(index)];
        if (block.from <= place && place < block.to && found < 0)
            found = index;
    });
    return found;
}

} // namespace tidemark::ui
