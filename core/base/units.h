// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"

#include <QLocale>
#include <QString>

namespace tidemark::units {

/// Sizes in binary steps as PostgreSQL's pg_size_pretty counts them: "512 bytes", "8.0 kB", "14.2 GB".
[[nodiscard]] QString bytes(qint64 bytes, const QLocale &locale = QLocale::c());
/// The same for an estimate, in which a negative one is not known: a dash.
[[nodiscard]] QString knownBytes(qint64 bytes, const QLocale &locale = QLocale::c());

/// A length of time with at most two units: "340 ms", "12 s", "4 min 10 s", "3 h 05 min", "2 d 04 h".
[[nodiscard]] QString duration(Millis duration);

/// How long ago, from the viewpoint of now: "12 s ago", "in 3 h". What lies within a second is "now".
[[nodiscard]] QString age(Instant then, Instant now);

/// A whole number with the locale's group separators.
[[nodiscard]] QString count(qint64 value, const QLocale &locale = QLocale::c());

/// A number with its magnitude, for tight places: "950", "1.2 k", "20.0 M".
[[nodiscard]] QString roughCount(qint64 value, const QLocale &locale = QLocale::c());

/// Reads "90s", "5 min", "1h30m", "2 d", "250ms"; a number alone is seconds. Nothing where it is not a duration.
[[nodiscard]] std::optional<Millis> parseDuration(const QString &text);

} // namespace tidemark::units
