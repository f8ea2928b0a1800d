// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/job.h"
#include "core/catalog/partition.h"
#include "core/catalog/refreshable.h"

#include <QString>

/// How the boards write what they know: a time that is not a point, how sure it is, what a runway is. One place, so that
/// table, detail panel, hover and export say the same. Translated. May be called from any thread. Single words of kinds,
/// statuses and sources are in severity.h.
namespace tidemark::ui::texts {

[[nodiscard]] QString scheduler(JobScheduler scheduler);
[[nodiscard]] QString kind(PartitioningKind kind); ///< "Partitioned table"

/// A length of time in its two largest units, whole seconds: what an age or a schedule reads as.
[[nodiscard]] QString span(Millis length);

/// The hour where `at` is on the day of `now` on this workstation's calendar, else with the day. Seconds on demand.
[[nodiscard]] QString clockTime(Instant at, Instant now, bool seconds = false);
/// Date, time and zone of this workstation, and UTC after it: the hover of every relative time.
[[nodiscard]] QString absolute(Instant at);

/// How long ago: "4 min 10 s ago", "2–4 min ago" for a bracket, "≥ 3 h ago", "unknown".
[[nodiscard]] QString age(const LastRefresh &refresh, Instant now);
/// How sure: "exact", "commit", "commit?" where it was only probably a refresh, "≈ 12:01–12:03", "≥ 3 h", "unknown".
[[nodiscard]] QString badge(const LastRefresh &refresh, Instant now);
/// Both, with the absolute times and who told, over several lines.
[[nodiscard]] QString explained(const LastRefresh &refresh);
/// What the question mark of a probable refresh means, in a sentence.
[[nodiscard]] QString doubt();

/// "1,204", "≥ 1,204" where more may have changed than is counted, "none", or "not judged".
[[nodiscard]] QString changes(const Refreshable &refreshable);
/// What the number of changes means, or why there is none.
[[nodiscard]] QString changesReason(const Refreshable &refreshable);
/// One sentence on why the status is what it is.
[[nodiscard]] QString statusReason(const Refreshable &refreshable, Instant now);
/// Share of the target that the age has used: 0.5 is half; nothing where either is unknown.
[[nodiscard]] std::optional<double> targetUsed(const Refreshable &refreshable, Instant now);
/// The time a running refresh still needs, from earlier ones: "running 12 s, about 30 s left"; "running 12 s" without.
[[nodiscard]] QString progress(const RunningRefresh &running, Instant now);
/// 0..1 of the expected time, at most 0.99; nothing where no earlier refresh was timed.
[[nodiscard]] std::optional<double> progressShare(const RunningRefresh &running, Instant now);

/// "empty", "compressed", "default" … the state words of a partition, joined; "plain" has none.
[[nodiscard]] QString partitionState(const Partition &partition, Instant now);
/// "2026-03-01 to 2026-03-02", or the whole bound where it is not a range.
[[nodiscard]] QString boundText(const Partition &partition);
/// When a schedule fires next: "in 9 min", "overdue 17 min".
[[nodiscard]] QString due(Instant next, Instant now);
/// Until when inserts have a partition: "runs out in 3 d", "ran out 2 h ago", "no end".
[[nodiscard]] QString runway(const PartitionedTable &table, Instant now);

/// Whole or with one digit, for columns whose header names the unit: "14.2", "<0.1".
[[nodiscard]] QString megabytes(qint64 bytes);
/// Two digits after the point: "0.04", "12.40".
[[nodiscard]] QString seconds(Millis length);
/// "12,000"; "not counted yet" below 0.
[[nodiscard]] QString rows(qint64 estimate);
/// The same for a column of numbers: "–" below 0.
[[nodiscard]] QString rowsShort(qint64 estimate);

} // namespace tidemark::ui::texts
