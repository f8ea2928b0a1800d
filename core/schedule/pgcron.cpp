// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/schedule/pgcron.h"

#include "core/schedule/scheduleexport.h"

#include <QCoreApplication>

namespace tidemark::schedule {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Schedules)
};

Error unsupported(const QString &what, const QString &hint)
{
    Error error = Error::input(what, hint);
    error.kind = ErrorKind::Unsupported;
    return error;
}

/// Names of one and the same clock, as far as it matters here.
bool isSameClock(const QString &left, const QString &right)
{
    static const QStringList utc{QStringLiteral("UTC"), QStringLiteral("GMT"), QStringLiteral("Etc/UTC"),
                                 QStringLiteral("Etc/GMT")};
    return left == right || (utc.contains(left) && utc.contains(right));
}

} // namespace

QString PgCronJob::statement() const
{
    return QStringLiteral("SELECT cron.schedule_in_database(%1, %2, %3, %4)")
        .arg(pg::quoteLiteral(name), pg::quoteLiteral(schedule), pg::quoteLiteral(command), pg::quoteLiteral(database));
}

Result<PgCron> readPgCron(pg::Session &session)
{
    TIDEMARK_TRY(const auto settings,
                 session.exec("SELECT pg_catalog.current_setting('cron.database_name', true), "
                              "coalesce(pg_catalog.current_setting('cron.timezone', true), 'GMT')"));
    if (settings.isNull(0, 0)) {
        return fail(
            Error::missing(Words::tr("this server has no pg_cron loaded"),
                           Words::tr("Add it to shared_preload_libraries, or let an agent execute the schedules.")));
    }
    return PgCron{settings.text(0, 0), settings.text(0, 1)};
}

Result<PgCronJob> pgCronJob(const Schedule &schedule, const refresh::RefreshPlan &plan, const PgCron &pgCron)
{
    TIDEMARK_TRY(const QString cron, cronExpression(schedule.timing, CronKind::PgCron));
    const bool isByTheClock = schedule.timing.hours || !schedule.timing.every;
    if (isByTheClock && !isSameClock(schedule.timing.timeZone, pgCron.timeZone)) {
        return fail(unsupported(
            Words::tr("the clock of pg_cron is that of %1, not of %2").arg(pgCron.timeZone, schedule.timing.timeZone),
            Words::tr("Set cron.timezone on the server, or let an agent execute it.")));
    }
    if (schedule.timing.jitter > Millis(0)) {
        return fail(
            unsupported(Words::tr("pg_cron knows no jitter"), Words::tr("Leave it out, or let an agent execute it.")));
    }
    QStringList statements{
        QStringLiteral("SET lock_timeout = %1").arg(static_cast<qint64>(schedule.refresh.lockPatience.count()))};
    if (schedule.refresh.statementTimeout) {
        statements << QStringLiteral("SET statement_timeout = %1")
                          .arg(static_cast<qint64>(schedule.refresh.statementTimeout->count()));
    }
    for (const refresh::RefreshItem &item : plan.items) {
        if (!item.choice.obstacle.isEmpty())
            return fail(unsupported(
                Words::tr("%1 cannot be refreshed: %2").arg(item.name.display(), item.choice.obstacle), {}));
        const bool locksReadersOut = item.choice.method == refresh::Method::Plain
                                     || item.choice.method == refresh::Method::Ivm;
        if (locksReadersOut && plan.items.size() > 1) {
            return fail(
                unsupported(Words::tr("a job of pg_cron is one transaction: readers of %1 would wait for all of it")
                                .arg(item.name.display()),
                            Words::tr("Give each a schedule of its own, or let an agent execute it.")));
        }
        if (item.choice.method == refresh::Method::Delta) {
            return fail(unsupported(
                Words::tr("%1 is a table that Tidemark keeps, which pg_cron cannot refresh").arg(item.name.display()),
                Words::tr("Let an agent execute it.")));
        }
        if (item.choice.method == refresh::Method::Range) {
            return fail(
                unsupported(Words::tr("a continuous aggregate such as %1 cannot be refreshed among other statements")
                                .arg(item.name.display()),
                            Words::tr("Give it a refresh policy of TimescaleDB.")));
        }
        statements << item.statement;
    }
    return PgCronJob{QStringLiteral("tidemark: %1").arg(schedule.name), cron, statements.join(QStringLiteral("; ")),
                     plan.target.database};
}

} // namespace tidemark::schedule
