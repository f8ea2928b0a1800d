// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/schedule/schedule.h"

namespace tidemark::schedule {

enum class CronKind {
    Crontab, ///< crontab(5): five fields, no seconds, no last day of the month
    PgCron,  ///< pg_cron 1.5: "30 seconds" and "$" as well
};

/// The five fields that mean the same. Errors: Unsupported where cron cannot say it, naming what.
[[nodiscard]] Result<QString> cronExpression(const Timing &timing, CronKind kind);

/// Lines for a crontab: of each schedule a comment and a line that calls the command line, or a comment that says why it cannot be
/// exported. `connection` is what -d gets; without a password. Pure.
[[nodiscard]] QString crontab(const std::vector<Schedule> &schedules, const QString &connection);

} // namespace tidemark::schedule
