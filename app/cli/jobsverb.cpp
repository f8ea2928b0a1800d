// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/json.h"
#include "app/cli/target.h"
#include "app/cli/texttable.h"
#include "app/cli/verbs.h"
#include "core/base/units.h"

namespace tidemark::cli {

namespace {

QString resultOf(const Job &job)
{
    if (job.running)
        return QStringLiteral("running");
    if (!job.lastSucceeded)
        return job.lastStartedAt || job.lastFinishedAt || job.scheduler == JobScheduler::PgPartman
                   ? QStringLiteral("not told")
                   : QStringLiteral("never ran");
    return *job.lastSucceeded ? QStringLiteral("succeeded")
                              : QStringLiteral("failed: %1").arg(job.lastMessage.simplified().left(60));
}

ExitCode jobs(const Context &context)
{
    const Look look = lookAtAll(context);
    if (context.json) {
        look.print(context, QStringLiteral("jobs"), jobsJson(look.servers));
        return look.exitCode;
    }
    TextTable table({{QStringLiteral("SERVER"), TextTable::Align::Left, look.servers.size() > 1},
                     {QStringLiteral("DATABASE")},
                     {QStringLiteral("SCHEDULER")},
                     {QStringLiteral("ID"), TextTable::Align::Right},
                     {QStringLiteral("NAME")},
                     {QStringLiteral("SCHEDULE")},
                     {QStringLiteral("LAST RUN")},
                     {QStringLiteral("RESULT")},
                     {QStringLiteral("NEXT")},
                     {QStringLiteral("COMMAND")}});
    for (const auto &server : look.servers) {
        for (const auto &[name, database] : server->databases) {
            if (!database->jobs)
                continue;
            const Instant now = database->takenAt;
            for (const Job &job : *database->jobs) {
                table.add({server->name, job.database.isEmpty() ? name : job.database, toWord(job.scheduler),
                           QString::number(job.id), job.name,
                           job.active ? job.schedule : job.schedule + QStringLiteral(" (inactive)"),
                           job.lastStartedAt ? units::age(*job.lastStartedAt, now) : QStringLiteral("-"), resultOf(job),
                           job.nextStart ? units::age(*job.nextStart, now) : QStringLiteral("-"),
                           job.command.simplified().left(60)});
            }
        }
    }
    if (!table.isEmpty())
        table.print(context.out);
    else if (look.reachedAny())
        context.err << "No jobs of pg_cron or TimescaleDB in what was looked at." << Qt::endl;
    return look.exitCode;
}

} // namespace

Verb jobsVerb()
{
    return {
        QStringLiteral("jobs"), QStringLiteral("jobs of pg_cron and TimescaleDB with their last result"), {}, {}, jobs};
}

} // namespace tidemark::cli
