// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/partitionstatus.h"

#include "ui/models/texts.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace tidemark::ui {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(tidemark::ui::PartitionStatus)
};

} // namespace

bool isEmpty(const Partition &partition)
{
    return partition.isLeaf && !partition.isForeign && partition.rowsEstimate <= 0 && partition.modifications == 0;
}

bool isPremade(const Partition &partition, Instant now)
{
    return isEmpty(partition) && !partition.isDefault && partition.from.axis
           && *partition.from.axis > toEpochMicros(now);
}

PartitionState partitionState(const Partition &partition, Instant now)
{
    if (partition.isDefault)
        return PartitionState::Default;
    if (partition.detachPending)
        return PartitionState::DetachPending;
    if (partition.isForeign)
        return PartitionState::Foreign;
    if (partition.compressed)
        return PartitionState::Compressed;
    if (partition.frozen)
        return PartitionState::Frozen;
    if (isPremade(partition, now))
        return PartitionState::Premade;
    return isEmpty(partition) ? PartitionState::Empty : PartitionState::Plain;
}

PartitionFacts factsOf(const PartitionedTable &table)
{
    PartitionFacts facts;
    std::vector<qint64> widths;
    for (const Partition &partition : table.partitions) {
        facts.detachPending = facts.detachPending || partition.detachPending;
        if (table.unit == BoundUnit::Time && partition.level == 1 && partition.from.axis && partition.to.axis)
            widths.push_back(*partition.to.axis - *partition.from.axis);
    }
    if (!widths.empty()) {
        const auto middle = widths.begin() + static_cast<std::ptrdiff_t>(widths.size() / 2);
        std::nth_element(widths.begin(), middle, widths.end());
        facts.usualWidth = std::chrono::duration_cast<Millis>(std::chrono::microseconds(*middle));
    }
    return facts;
}

PartitionHealth partitionHealth(const PartitionedTable &table, const PartitionFacts &facts, Instant now)
{
    if (table.runsOut && (!table.runwayUntil || *table.runwayUntil <= now))
        return PartitionHealth::RanOut;
    if (table.defaultRows.value_or(0) > 0)
        return PartitionHealth::DefaultFills;
    if (!table.overlaps.empty() || facts.detachPending)
        return PartitionHealth::Broken;
    if (table.runsOut && facts.usualWidth && millisBetween(now, *table.runwayUntil) < 2 * *facts.usualWidth)
        return PartitionHealth::RunsShort;
    if (!table.gaps.empty())
        return PartitionHealth::Gaps;
    return table.problem.isEmpty() ? PartitionHealth::Good : PartitionHealth::Unread;
}

QString healthWord(PartitionHealth health)
{
    switch (health) {
    case PartitionHealth::RanOut:
        return Words::tr("Ran out", "partition health");
    case PartitionHealth::DefaultFills:
        return Words::tr("Rows in default", "partition health");
    case PartitionHealth::Broken:
        return Words::tr("Needs repair", "partition health: overlaps or a pending detach");
    case PartitionHealth::RunsShort:
        return Words::tr("Runs short", "partition health: little runway");
    case PartitionHealth::Gaps:
        return Words::tr("Gaps", "partition health");
    case PartitionHealth::Unread:
        return Words::tr("Partly read", "partition health: some of it could not be read");
    case PartitionHealth::Good:
        return Words::tr("Good", "partition health");
    }
    return {};
}

QString stateWord(PartitionState state)
{
    switch (state) {
    case PartitionState::Default:
        return Words::tr("default", "partition state");
    case PartitionState::DetachPending:
        return Words::tr("detach pending", "partition state");
    case PartitionState::Foreign:
        return Words::tr("foreign", "partition state");
    case PartitionState::Frozen:
        return Words::tr("frozen", "partition state");
    case PartitionState::Compressed:
        return Words::tr("compressed", "partition state");
    case PartitionState::Premade:
        return Words::tr("premade", "partition state");
    case PartitionState::Empty:
        return Words::tr("empty", "partition state");
    case PartitionState::Plain:
        return Words::tr("plain", "partition state");
    }
    return {};
}

QString healthReason(const PartitionedTable &table, const PartitionFacts &facts, Instant now)
{
    switch (partitionHealth(table, facts, now)) {
    case PartitionHealth::RanOut:
        return table.defaultRows ? Words::tr("No partition takes the rows of now: they go to the default partition.")
                                 : Words::tr("No partition takes the rows of now: inserts of current rows fail.");
    case PartitionHealth::DefaultFills:
        return Words::tr(
                   "About %1 rows lie in the default partition. A new partition for their range cannot be attached "
                   "before they are moved.")
            .arg(QLocale().toString(*table.defaultRows));
    case PartitionHealth::Broken:
        return table.overlaps.empty()
                   ? Words::tr("A detach did not finish. ALTER TABLE … DETACH PARTITION … FINALIZE ends it.")
                   : Words::tr("%n pair(s) of partitions overlap: a row may stand in either.", nullptr,
                               static_cast<int>(table.overlaps.size()));
    case PartitionHealth::RunsShort:
        return Words::tr("Fewer than two partitions lie ahead (%1).").arg(texts::runway(table, now));
    case PartitionHealth::Gaps:
        return Words::tr("%n range(s) between the partitions have none.", nullptr, static_cast<int>(table.gaps.size()));
    case PartitionHealth::Unread:
        return table.problem;
    case PartitionHealth::Good:
        break;
    }
    return {};
}

} // namespace tidemark::ui
