// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <chrono>
#include <optional>

namespace tidemark {

using Millis = std::chrono::milliseconds;

/// A point in time with PostgreSQL's own resolution, always UTC.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;

/// Both ends or neither; `from` is the earlier.
struct TimeRange
{
    Instant from;
    Instant to;
    friend bool operator==(const TimeRange &, const TimeRange &) = default;
};

[[nodiscard]] inline Millis millisBetween(Instant from, Instant to)
{
    return std::chrono::duration_cast<Millis>(to - from);
}

[[nodiscard]] inline qint64 toEpochMicros(Instant instant)
{
    return instant.time_since_epoch().count();
}

[[nodiscard]] inline Instant fromEpochMicros(qint64 micros)
{
    return Instant(std::chrono::microseconds(micros));
}

/// Seconds since 1970 as a plot axis wants them.
[[nodiscard]] inline double toEpochSeconds(Instant instant)
{
    return static_cast<double>(instant.time_since_epoch().count()) / 1e6;
}

/// ISO 8601 in UTC with the needed fraction: "2026-03-01T12:00:00.123456Z". The form of every timestamp in JSON. Years
/// before 0 and after 9999 carry a sign, as the standard has it; year 0 is 1 BC.
[[nodiscard]] QString toIso8601(Instant instant);

/// For people, in tables and messages: "2026-03-01 12:00:00 UTC", to the second, which is the one the instant lies in.
[[nodiscard]] QString toUtcSeconds(Instant instant);

/// What PostgreSQL takes and prints for a timestamptz: "2026-03-01 12:00:00.5+00", "0044-03-15 12:00:00+00 BC".
[[nodiscard]] QString toPostgres(Instant instant);

/// Reads what PostgreSQL prints for timestamptz, timestamp and date under DateStyle ISO ("2026-03-01 12:00:00.5+00",
/// "2026-03-01"), and ISO 8601 itself. A value without a zone is taken as UTC. BC and years up to 32767 (the calendar's
/// end in C++) are read; a later, an infinite or a malformed value is nothing.
[[nodiscard]] std::optional<Instant> parseTimestamp(QStringView text);

} // namespace tidemark
