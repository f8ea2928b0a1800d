// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/refresh/refreshplan.h"
#include "core/schedule/schedule.h"

namespace tidemark::schedule {

/// Where a server's pg_cron keeps its jobs, and what its clock is.
struct PgCron
{
    QString database; ///< the one that has the extension
    QString timeZone; ///< cron.timezone
};

/// A job of pg_cron that does what a schedule says.
struct PgCronJob
{
    QString name;
    QString schedule;
    QString command;
    QString database; ///< where it runs

    /// What makes it, or changes it, in pg_cron's own database.
    [[nodiscard]] QString statement() const;
};

/// Error: Missing where the server does not have it loaded.
[[nodiscard]] Result<PgCron> readPgCron(pg::Session &session);

/// `plan` is of the schedule's refresh. Errors: Unsupported for what pg_cron cannot say or do, naming it. Pure.
[[nodiscard]] Result<PgCronJob> pgCronJob(const Schedule &schedule, const refresh::RefreshPlan &plan,
                                          const PgCron &pgCron);

} // namespace tidemark::schedule
