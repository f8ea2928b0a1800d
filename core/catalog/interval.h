// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"

namespace tidemark {

/// Reads an interval as PostgreSQL prints it under any of its styles but sql_standard: "1 mon", "7 days", "@ 1 hour",
/// "1 day 02:00:00", "P1DT2H". A month counts 30 days and a year 365, as for a horizon on a chart; nothing where it is not
/// an interval. Pure.
[[nodiscard]] std::optional<Millis> parseInterval(const QString &text);

} // namespace tidemark
