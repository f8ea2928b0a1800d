// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "core/base/result.h"
#include "core/stage/shadowspec.h"

#include <QTimeZone>

namespace tidemark::stage {

/// How wide a partition is. Calendar steps are for timestamptz, timestamp and date keys, Integer for numbers.
enum class StepUnit { Hour, Day, Week, Month, Quarter, Year, Integer };

struct PartitionStep
{
    StepUnit unit = StepUnit::Month;
    qint64 count = 1; ///< how many of the unit; for Integer the width itself
};

/// What partitions are to be made.
struct PartitionPlan
{
    QString keyType; ///< as format_type prints it: "timestamp with time zone", "date", "bigint" …
    PartitionStep step;
    QString lowest;  ///< smallest and largest value there is, as PostgreSQL prints them under DateStyle ISO in UTC;
    QString highest; ///< both empty for an empty table
    Instant now;     ///< time keys: partitions reach at least to the one that holds now …
    int premake = 0; ///< … and this many more; for integers this many past the highest value
    QTimeZone zone =
        QTimeZone::utc(); ///< whose midnights bound the partitions of a timestamptz; other keys have no zone
    QString tableName;    ///< partitions are named after it
    bool withDefault = true;
};

/// The partitions from the lowest value to the last premade one, without gap or overlap, and the default last.
/// Days, weeks (from Monday), months, quarters and years begin at midnight of the zone, or at the first moment of that day where a
/// clock change skips midnight; hours are hours of UTC, so that none is doubled or lost. Bounds of a timestamptz are written in
/// UTC with their offset and mean the same under any TimeZone setting. Counted steps are aligned to 1970 (weeks to Monday
/// 1970-01-05, integers to 0). Input errors: a type and step that do not go together, a count below 1, unreadable values, more
/// than 10 000 partitions. Pure.
[[nodiscard]] Result<std::vector<ShadowPartition>> planPartitions(const PartitionPlan &plan);

/// "one a month, from midnight in Europe/Oslo", for people.
[[nodiscard]] QString describe(const PartitionPlan &plan);

} // namespace tidemark::stage
