// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "core/base/result.h"

#include <QString>
#include <QTimeZone>

#include <bitset>

namespace tidemark {

/// A cron schedule as pg_cron and crontab(5) read it: five fields (minute, hour, day of month, month, day of week) of
/// numbers, names, ranges, lists and steps; `$` for the month's last day; @hourly and its kin; "30 seconds". As in cron, a
/// day matches when either of its two fields does, if both are restricted. A value; pure.
class Cron
{
public:
    /// An Input error that names the field at fault.
    [[nodiscard]] static Result<Cron> parse(const QString &text);

    /// The first run strictly after `after` by the wall clock of `zone`. A time that the clock skips in spring does not
    /// run; one that it shows twice in autumn runs once. Nothing when no day within eight years fits (30 February).
    /// For "N seconds", which counts from the run before, `after` is that run.
    [[nodiscard]] std::optional<Instant> next(Instant after, const QTimeZone &zone) const;

    friend bool operator==(const Cron &, const Cron &) = default;

private:
    [[nodiscard]] bool matches(const QDate &date) const;

    std::bitset<60> m_minutes;
    std::bitset<24> m_hours;
    std::bitset<32> m_days;    // 1 to 31
    std::bitset<13> m_months;  // 1 to 12
    std::bitset<7> m_weekdays; // 0 is Sunday
    bool m_lastDay = false;
    bool m_anyDay = false;
    bool m_anyWeekday = false;
    int m_seconds = 0; // 0: the fields count
};

} // namespace tidemark
