// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/partition.h"

#include "core/catalog/partitionbound.h"

#include <QDate>
#include <QHash>
#include <QSet>

#include <algorithm>
#include <compare>
#include <map>

namespace tidemark {

namespace {

using Siblings = std::vector<const Partition *>;

/// The partitions of each parent, in the order of the table: by range start, default last.
std::map<quint32, Siblings> siblingsOf(const PartitionedTable &table)
{
    std::map<quint32, Siblings> groups;
    for (const Partition &partition : table.partitions)
        groups[partition.parentOid].push_back(&partition);
    return groups;
}

int rank(Bound::Kind kind)
{
    switch (kind) {
    case Bound::Kind::MinValue:
        return 0;
    case Bound::Kind::Value:
        return 1;
    case Bound::Kind::MaxValue:
        return 2;
    case Bound::Kind::None:
        break;
    }
    return 3;
}

/// Of one column of the key.
std::strong_ordering compareValues(const Bound &left, const Bound &right)
{
    if (left.kind != right.kind)
        return rank(left.kind) <=> rank(right.kind);
    if (left.kind != Bound::Kind::Value)
        return std::strong_ordering::equal;
    if (left.axis && right.axis)
        return *left.axis <=> *right.axis;
    if (left.axis || right.axis)
        return right.axis.has_value() <=> left.axis.has_value();
    return left.text.compare(right.text) <=> 0;
}

bool isBefore(const Bound &left, const Bound &right)
{
    if (const auto order = compareValues(left, right); order != std::strong_ordering::equal)
        return order == std::strong_ordering::less;
    for (std::size_t column = 0; column < std::min(left.rest.size(), right.rest.size()); ++column) {
        const auto order = compareValues(left.rest[column], right.rest[column]);
        if (order != std::strong_ordering::equal)
            return order == std::strong_ordering::less;
    }
    return false;
}

bool sortsBefore(const Partition &left, const Partition &right)
{
    if (left.level != right.level)
        return left.level < right.level;
    if (left.isDefault != right.isDefault)
        return right.isDefault;
    if (isBefore(left.from, right.from))
        return true;
    if (isBefore(right.from, left.from))
        return false;
    if (isBefore(left.to, right.to))
        return true;
    if (isBefore(right.to, left.to))
        return false;
    return left.name < right.name;
}

bool isRange(const Partition &partition)
{
    return partition.from.kind != Bound::Kind::None && partition.to.kind != Bound::Kind::None;
}

bool standsOnAxis(const Siblings &siblings)
{
    const auto isPlace = [](const Bound &bound) { return bound.kind != Bound::Kind::Value || bound.axis; };
    const auto stands = [&](const Bound &bound) {
        return isPlace(bound) && std::all_of(bound.rest.begin(), bound.rest.end(), isPlace);
    };
    return std::all_of(siblings.begin(), siblings.end(),
                       [&](const Partition *partition) { return stands(partition->from) && stands(partition->to); });
}

/// 20240132, the exclusive end of a month kept as an integer date, meets 20240201: no day lies between.
bool meetAsIntegerDates(const Bound &to, const Bound &from)
{
    if (!to.axis || !from.axis || !to.rest.empty() || !from.rest.empty())
        return false;
    const auto dateOf = [](qint64 number) {
        return QDate(static_cast<int>(number / 10000), static_cast<int>(number / 100 % 100),
                     static_cast<int>(number % 100));
    };
    const auto plausible = [](qint64 number) { return number > 1900'01'01 && number < 2200'12'31; };
    if (!plausible(*to.axis - 1) || !plausible(*from.axis))
        return false;
    const QDate last = dateOf(*to.axis - 1);
    const QDate first = dateOf(*from.axis);
    return last.isValid() && first.isValid() && last.addDays(1) == first;
}

void findGaps(const Siblings &siblings, BoundUnit unit, quint32 parent, std::vector<PartitionGap> &gaps)
{
    Siblings ranges;
    std::copy_if(siblings.begin(), siblings.end(), std::back_inserter(ranges),
                 [](const Partition *partition) { return isRange(*partition); });
    if (ranges.size() < 2)
        return;
    if (!standsOnAxis(ranges)) {
        // In a collation's order we cannot sort, but where one stretch ends another must begin, save after the last.
        QSet<QString> begins;
        QSet<QString> ends;
        for (const Partition *partition : ranges) {
            begins.insert(boundDisplay(partition->from));
            ends.insert(boundDisplay(partition->to));
        }
        std::vector<Bound> loose;
        std::vector<Bound> resumed;
        for (const Partition *partition : ranges) {
            if (!begins.contains(boundDisplay(partition->to)))
                loose.push_back(partition->to);
            if (!ends.contains(boundDisplay(partition->from)))
                resumed.push_back(partition->from);
        }
        std::sort(loose.begin(), loose.end(), isBefore);
        std::sort(resumed.begin(), resumed.end(), isBefore);
        for (std::size_t i = 0; i + 1 < std::min(loose.size(), resumed.size()); ++i)
            gaps.push_back({loose[i], resumed[i + 1], parent});
        return;
    }
    Bound reached = ranges.front()->to;
    for (std::size_t i = 1; i < ranges.size(); ++i) {
        const Partition &next = *ranges[i];
        if (isBefore(reached, next.from) && !(unit == BoundUnit::Integer && meetAsIntegerDates(reached, next.from)))
            gaps.push_back({reached, next.from, parent});
        if (isBefore(reached, next.to))
            reached = next.to;
    }
}

void findOverlaps(const Siblings &siblings, std::vector<PartitionOverlap> &overlaps)
{
    const Partition *furthest = nullptr;
    for (const Partition *partition : siblings) {
        if (!isRange(*partition))
            continue;
        if (furthest && isBefore(partition->from, furthest->to))
            overlaps.push_back({furthest->oid, partition->oid});
        if (!furthest || isBefore(furthest->to, partition->to))
            furthest = partition;
    }
}

struct Runway
{
    bool runsOut = false;
    std::optional<Instant> until;
};

Runway runwayOfRanges(const Siblings &siblings, Instant now)
{
    const qint64 at = toEpochMicros(now);
    Runway runway{true, std::nullopt};
    std::optional<qint64> reached; // where the contiguous stretch that now or the past stands in ends
    for (const Partition *partition : siblings) {
        if (!isRange(*partition))
            continue;
        if (partition->to.kind == Bound::Kind::MaxValue)
            return {};
        if (!partition->to.axis)
            continue;
        const bool open = partition->from.kind == Bound::Kind::MinValue;
        const qint64 from = partition->from.axis.value_or(*partition->to.axis);
        const bool continues = reached && (open || from <= *reached);
        if (continues || open || from <= at)
            reached = continues ? std::max(*reached, *partition->to.axis) : *partition->to.axis;
    }
    if (reached)
        runway.until = fromEpochMicros(*reached);
    return runway;
}

Runway runwayBelow(const PartitionedTable &table, const std::map<quint32, Siblings> &groups, quint32 parent,
                   PartitionStrategy strategy, BoundUnit unit, Instant now)
{
    const auto group = groups.find(parent);
    if (strategy == PartitionStrategy::Range) {
        if (unit != BoundUnit::Time)
            return {};
        return group == groups.end() ? Runway{true, {}} : runwayOfRanges(group->second, now);
    }
    // Below list and hash partitions each part has a runway of its own: the shortest counts.
    Runway shortest;
    if (group == groups.end())
        return shortest;
    for (const Partition *partition : group->second) {
        if (partition->isLeaf || partition->isDefault)
            continue;
        const Runway part = runwayBelow(table, groups, partition->oid, partition->strategy, partition->unit, now);
        if (!part.runsOut)
            continue;
        if (!shortest.runsOut || !part.until || (shortest.until && *part.until < *shortest.until))
            shortest.until = part.until;
        shortest.runsOut = true;
    }
    return shortest;
}

Runway runwayOf(const PartitionedTable &table, const std::map<quint32, Siblings> &groups, Instant now)
{
    if (table.kind == PartitioningKind::Hypertable) // makes its chunks itself
        return {};
    return runwayBelow(table, groups, table.oid, table.strategy, table.unit, now);
}

/// The width most of the newest partitions have.
QString usualWidth(const Siblings &siblings, BoundUnit unit)
{
    constexpr std::size_t judged = 50;
    QHash<QString, int> votes;
    QString usual;
    std::size_t seen = 0;
    for (auto partition = siblings.rbegin(); partition != siblings.rend() && seen < judged; ++partition) {
        const QString width = widthText((*partition)->from, (*partition)->to, unit);
        if (width.isEmpty())
            continue;
        ++seen;
        if (++votes[width] > votes.value(usual))
            usual = width;
    }
    return usual;
}

void findHashGaps(const Siblings &siblings, quint32 parent, std::vector<PartitionGap> &gaps)
{
    std::vector<HashClass> classes;
    for (const Partition *partition : siblings) {
        const auto covered = hashClassOf(partition->boundText);
        if (!covered)
            return; // what it covers cannot be told, and so neither what is missing
        classes.push_back(*covered);
    }
    for (const HashGap &missing : missingRemainders(classes))
        gaps.push_back({{}, {}, parent, missing});
}

/// What is known of several figures, added up: -1 where one is not known, unless another has something.
struct KnownSum
{
    qint64 sum = 0;
    bool isPart = false;
    void add(qint64 figure)
    {
        sum += std::max<qint64>(figure, 0);
        isPart = isPart || figure < 0;
    }
    [[nodiscard]] qint64 value() const { return isPart && sum == 0 ? -1 : sum; }
};

/// Sorted by level: from the end every partition adds to its parent before the parent is read.
void addUpTrees(std::vector<Partition> &partitions)
{
    struct Below
    {
        KnownSum bytes;
        KnownSum rows;
    };
    QHash<quint32, Below> sums;
    for (auto partition = partitions.rbegin(); partition != partitions.rend(); ++partition) {
        Below own = partition->isLeaf ? Below() : sums.value(partition->oid);
        own.bytes.add(partition->bytesEstimate);
        own.rows.add(partition->rowsEstimate);
        partition->treeBytes = own.bytes.value();
        partition->treeRows = own.rows.value();
        if (partition->level > 1) {
            sums[partition->parentOid].bytes.add(partition->treeBytes);
            sums[partition->parentOid].rows.add(partition->treeRows);
        }
    }
}

void addUp(PartitionedTable &table)
{
    addUpTrees(table.partitions);
    table.leafCount = 0;
    table.totalBytes = table.ownBytes;
    table.totalUncompressedBytes.reset();
    table.rowsEstimate = std::max<qint64>(table.ownRows, 0);
    KnownSum defaultRows;
    bool hasDefault = false;
    KnownSum parentRows;
    parentRows.add(table.ownRows);
    table.detachPending = false;
    table.compressedCount = 0;
    table.unknownSizes = 0;
    qint64 uncompressed = 0;
    int unknownRows = 0;
    for (const Partition &partition : table.partitions) {
        const qint64 bytes = std::max<qint64>(partition.bytesEstimate, 0);
        table.totalBytes += bytes;
        table.rowsEstimate += std::max<qint64>(partition.rowsEstimate, 0);
        uncompressed += partition.uncompressedBytes.value_or(bytes);
        table.compressedCount += partition.compressed ? 1 : 0;
        table.detachPending = table.detachPending || partition.detachPending;
        if (!partition.isLeaf) {
            parentRows.add(partition.rowsEstimate);
            continue;
        }
        ++table.leafCount;
        table.unknownSizes += partition.bytesEstimate < 0 ? 1 : 0;
        unknownRows += partition.rowsEstimate < 0 ? 1 : 0;
        if (partition.isDefault) {
            hasDefault = true;
            defaultRows.add(partition.rowsEstimate);
        }
    }
    table.defaultRows = hasDefault ? std::optional(defaultRows.value()) : std::nullopt;
    table.parentRows = table.kind == PartitioningKind::Inheritance ? std::optional(parentRows.value()) : std::nullopt;
    if (table.leafCount > 0 && table.unknownSizes == table.leafCount && table.totalBytes == 0)
        table.totalBytes = -1;
    if (table.leafCount > 0 && unknownRows == table.leafCount && table.rowsEstimate == 0)
        table.rowsEstimate = -1;
    if (table.compressedCount > 0)
        table.totalUncompressedBytes = table.ownBytes + uncompressed;
}

} // namespace

QString toWord(PartitioningKind kind)
{
    switch (kind) {
    case PartitioningKind::Native:
        return QStringLiteral("native");
    case PartitioningKind::Inheritance:
        return QStringLiteral("inheritance");
    case PartitioningKind::Hypertable:
        return QStringLiteral("hypertable");
    }
    return {};
}

QString toWord(PartitionStrategy strategy)
{
    switch (strategy) {
    case PartitionStrategy::Range:
        return QStringLiteral("range");
    case PartitionStrategy::List:
        return QStringLiteral("list");
    case PartitionStrategy::Hash:
        return QStringLiteral("hash");
    case PartitionStrategy::None:
        return QStringLiteral("none");
    }
    return {};
}

void rollUp(PartitionedTable &table, Instant now)
{
    if (!std::is_sorted(table.partitions.begin(), table.partitions.end(), sortsBefore))
        std::sort(table.partitions.begin(), table.partitions.end(), sortsBefore);
    addUp(table);

    const auto groups = siblingsOf(table);
    table.gaps.clear();
    table.overlaps.clear();
    // Chunks are made when rows arrive: a hypertable has holes, not gaps.
    if (table.kind != PartitioningKind::Hypertable) {
        QHash<quint32, std::pair<PartitionStrategy, BoundUnit>> keys{{table.oid, {table.strategy, table.unit}}};
        for (const Partition &partition : table.partitions) {
            if (!partition.isLeaf)
                keys.insert(partition.oid, {partition.strategy, partition.unit});
        }
        if (table.strategy == PartitionStrategy::Hash && !groups.contains(table.oid))
            findHashGaps({}, table.oid, table.gaps);
        for (const auto &[parent, siblings] : groups) {
            const auto [strategy, unit] = keys.value(parent, {PartitionStrategy::None, BoundUnit::Text});
            if (strategy == PartitionStrategy::Hash)
                findHashGaps(siblings, parent, table.gaps);
            if (strategy != PartitionStrategy::Range)
                continue;
            findGaps(siblings, unit, parent, table.gaps);
            if (table.kind == PartitioningKind::Inheritance)
                findOverlaps(siblings, table.overlaps);
        }
        if (const auto top = groups.find(table.oid); table.intervalText.isEmpty() && top != groups.end())
            table.intervalText = usualWidth(top->second, table.unit);
    }
    const Runway runway = runwayOf(table, groups, now);
    table.runsOut = runway.runsOut;
    table.runwayUntil = runway.until;
}

std::optional<PartitionedTable> treeBelow(const PartitionedTable &table, quint32 partition, Instant now)
{
    const auto top = std::find_if(table.partitions.begin(), table.partitions.end(),
                                  [partition](const Partition &each) { return each.oid == partition; });
    if (top == table.partitions.end() || top->isLeaf)
        return std::nullopt;
    PartitionedTable tree;
    tree.oid = top->oid;
    tree.name = top->name;
    tree.kind = table.kind;
    tree.strategy = top->strategy;
    tree.keyText = top->keyText;
    tree.unit = top->unit;
    if (table.kind == PartitioningKind::Inheritance) {
        tree.ownBytes = std::max<qint64>(top->bytesEstimate, 0);
        tree.ownRows = top->rowsEstimate;
    }
    QSet<quint32> inside{partition};
    for (const Partition &each : table.partitions) { // a level after the other
        if (!inside.contains(each.parentOid))
            continue;
        inside.insert(each.oid);
        tree.partitions.push_back(each);
        tree.partitions.back().level -= top->level;
    }
    rollUp(tree, now);
    return tree;
}

QString boundDisplay(const Bound &bound)
{
    if (bound.rest.empty())
        return bound.text;
    QStringList values{bound.text};
    for (const Bound &value : bound.rest)
        values << value.text;
    return QLatin1Char('(') + values.join(QStringLiteral(", ")) + QLatin1Char(')');
}

RunwayState runwayState(const PartitionedTable &table, std::optional<Millis> shortRunway, Instant now)
{
    if (!table.runsOut)
        return RunwayState::Endless;
    if (!table.runwayUntil || *table.runwayUntil <= now)
        return RunwayState::RanOut;
    return shortRunway && millisBetween(now, *table.runwayUntil) < *shortRunway ? RunwayState::Short
                                                                                : RunwayState::Ample;
}

std::optional<Instant> runwayUntil(const PartitionedTable &table, Instant now)
{
    return runwayOf(table, siblingsOf(table), now).until;
}

} // namespace tidemark
