// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/partitionstatus.h"

#include "core/base/units.h"
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

PartitionHealth partitionHealth(const PartitionedTable &table, std::optional<Millis> shortRunway, Instant now)
{
    const RunwayState runway = runwayState(table, shortRunway, now);
    if (runway == RunwayState::RanOut)
        return PartitionHealth::RanOut;
    if (!table.overlaps.empty() || table.detachPending)
        return PartitionHealth::Broken;
    if (table.defaultRows.value_or(0) > 0)
        return PartitionHealth::DefaultFills;
    if (runway == RunwayState::Short)
        return PartitionHealth::RunsShort;
    if (!table.problem.isEmpty())
        return PartitionHealth::Unread;
    return table.gaps.empty() ? PartitionHealth::Good : PartitionHealth::Gaps;
}

Severity severityOf(PartitionHealth health)
{
    switch (health) {
    case PartitionHealth::RanOut:
    case PartitionHealth::Broken:
        return Severity::Critical;
    case PartitionHealth::DefaultFills:
    case PartitionHealth::RunsShort:
        return Severity::Warning;
    case PartitionHealth::Gaps:
        return Severity::Notice;
    case PartitionHealth::Unread:
        return Severity::Unknown;
    case PartitionHealth::Good:
        break;
    }
    return Severity::Ok;
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

QString healthReason(const PartitionedTable &table, std::optional<Millis> shortRunway, Instant now)
{
    switch (partitionHealth(table, shortRunway, now)) {
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
        return Words::tr("It runs out of partitions soon (%1; the limit is %2).")
            .arg(texts::runway(table, now), units::duration(shortRunway.value_or(Millis(0))));
    case PartitionHealth::Gaps:
        if (std::any_of(table.gaps.begin(), table.gaps.end(),
                        [](const PartitionGap &gap) { return gap.hash.has_value(); }))
            return Words::tr("Some remainders of the hash key have no partition: inserts of their rows fail.");
        return Words::tr("%n range(s) between the partitions have none.", nullptr, static_cast<int>(table.gaps.size()));
    case PartitionHealth::Unread:
        return table.problem;
    case PartitionHealth::Good:
        break;
    }
    return {};
}

} // namespace tidemark::ui
