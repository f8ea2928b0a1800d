// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cron.h"
#include "core/schedule/schedule.h"

namespace tidemark::schedule {

/// What an agent has to do about a schedule now.
struct DueRun
{
    Instant dueAt;       ///< the due time it runs for: its place in the history
    int missed = 0;      ///< due times before it that passed
    bool isLate = false; ///< so late that it runs to catch up, or is missed itself
};

/// The due times of a timing. A value; pure: the same times on every machine.
///
/// Cron keeps the wall clock of its zone: a time that the clock skips in spring is not due, one that it shows twice in
/// autumn is due once. "Every" counts from the due time before, not from when its run ended, so that it does not drift; outside
/// its hours it is due when they begin.
class Timetable
{
public:
    /// Error: Input.
    [[nodiscard]] static Result<Timetable> of(const Timing &timing);

    /// The first due time after `last`, which is a due time or the moment it all began. Nothing when there is none any more.
    [[nodiscard]] std::optional<Instant> next(Instant last) const;

    /// When the run for that due time begins: later by a part of the jitter that depends on nothing but the two.
    [[nodiscard]] Instant beginOf(Instant dueAt, qint64 schedule) const;

    /// The latest due time after `last` whose run should have begun by now, or nothing. Of a long absence not every due time is
    /// counted: `missed` stays at mostCounted.
    [[nodiscard]] std::optional<DueRun> due(Instant last, Instant now, qint64 schedule) const;

    static constexpr int mostCounted = 10'000;
    /// Who begins later than this after the planned moment was not there.
    static constexpr Millis grace{60'000};

private:
    [[nodiscard]] bool isWithinHours(Instant at) const;
    [[nodiscard]] Instant beginOfHours(Instant after) const;
    [[nodiscard]] std::optional<Instant> latestUntil(Instant now) const;

    Timing m_timing;
    std::optional<Cron> m_cron;
    QTimeZone m_zone;
};

} // namespace tidemark::schedule
