// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"
#include "core/pg/qualifiedname.h"

#include <QString>

#include <optional>
#include <vector>

namespace tidemark {

enum class JobScheduler { PgCron, TimescaleDb, PgPartman, Agent };

/// A scheduled job of the server, of whatever scheduler.
struct Job
{
    JobScheduler scheduler = JobScheduler::PgCron;
    qint64 id = 0;
    QString name;
    QString schedule; ///< cron expression or interval
    QString command;  ///< SQL, or "policy_refresh_continuous_aggregate on plays_hourly"
    QString database;
    QString user;
    bool active = true;
    bool running = false;
    std::optional<Instant> lastStartedAt;
    std::optional<Instant> lastFinishedAt;
    std::optional<bool> lastSucceeded;
    QString lastMessage;
    std::optional<Instant> nextStart;
    qint64 totalRuns = 0; ///< that ended, as far as the scheduler keeps or counts them
    qint64 totalFailures = 0;
    std::vector<pg::QualifiedName> refreshes; ///< views that its command refreshes, itself or by a function it calls
    friend bool operator==(const Job &, const Job &) = default;
};

[[nodiscard]] QString toWord(JobScheduler scheduler); ///< "pg_cron", "timescaledb", "pg_partman", "agent"

} // namespace tidemark
