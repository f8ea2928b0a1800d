// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/job.h"

namespace tidemark {

QString toWord(JobScheduler scheduler)
{
    switch (scheduler) {
    case JobScheduler::PgCron:
        return QStringLiteral("pg_cron");
    case JobScheduler::TimescaleDb:
        return QStringLiteral("timescaledb");
    case JobScheduler::PgPartman:
        return QStringLiteral("pg_partman");
    case JobScheduler::Agent:
        return QStringLiteral("agent");
    }
    return {};
}

} // namespace tidemark
