// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/changing.h"
#include "app/cli/json.h"
#include "app/cli/refreshoptions.h"
#include "app/cli/texttable.h"
#include "app/cli/verbs.h"
#include "core/base/printable.h"
#include "core/base/units.h"
#include "core/refresh/refreshplan.h"
#include "core/schedule/pgcron.h"
#include "core/schedule/scheduleexport.h"
#include "core/schedule/schedulestore.h"
#include "core/schedule/timetable.h"

#include <QTimeZone>

namespace tidemark::cli {

namespace {

using namespace schedule;
using Align = TextTable::Align;

QString option(const Context &context, const char *name)
{
    return context.options.value(QString::fromLatin1(name));
}

bool isSet(const Context &context, const char *name)
{
    return context.options.isSet(QString::fromLatin1(name));
}

Status readTiming(const Context &context, Timing &timing)
{
    if (isSet(context, "preset")) {
        QStringList names;
        for (const Preset &preset : presets()) {
            if (preset.name == option(context, "preset"))
                timing = preset.timing;
            names << preset.name;
        }
        if (!names.contains(option(context, "preset")))
            return fail(Error::input(QStringLiteral("there is no preset '%1'").arg(option(context, "preset")),
                                     QStringLiteral("There are: %1.").arg(names.join(QStringLiteral(", ")))));
    }
    if (isSet(context, "cron") && isSet(context, "every"))
        return fail(Error::input(QStringLiteral("--cron and --every at once")));
    if (isSet(context, "cron")) {
        timing.cron = option(context, "cron");
        timing.every.reset();
    }
    TIDEMARK_TRY(const auto every, durationOption(context, "every"));
    if (every)
        timing.every = every;
    timing.onChange = isSet(context, "on-change");
    if (isSet(context, "hours")) {
        TIDEMARK_TRY(timing.hours, parseHours(option(context, "hours")));
    }
    if (isSet(context, "time-zone"))
        timing.timeZone = option(context, "time-zone");
    else if (const QByteArray own = QTimeZone::systemTimeZoneId(); !own.isEmpty())
        timing.timeZone = QString::fromUtf8(own);
    TIDEMARK_TRY(const auto jitter, durationOption(context, "jitter"));
    timing.jitter = jitter.value_or(Millis(0));
    return {};
}

Result<Schedule> scheduleOf(const Context &context, Instant now)
{
    Schedule schedule;
    schedule.name = context.arguments.value(1);
    for (const QString &text : context.arguments.mid(2)) {
        const auto name = pg::QualifiedName::parse(text);
        if (!name || name->schema.isEmpty())
            return fail(Error::input(QStringLiteral("'%1' is not the name of a relation with its schema").arg(text),
                                     QStringLiteral("Write SCHEMA.NAME, in double quotes where psql needs them.")));
        schedule.refresh.names.push_back(*name);
    }
    if (schedule.refresh.names.empty() != isSet(context, "all"))
        return fail(Error::input(QStringLiteral("what is to be refreshed is not said"),
                                 QStringLiteral("Name relations, or give --all; one of the two.")));
    TIDEMARK_CHECK(readTiming(context, schedule.timing));
    TIDEMARK_CHECK(readRefreshOptions(context, schedule.refresh));
    if (isSet(context, "overlap")) {
        TIDEMARK_TRY(schedule.overlap, overlapOf(option(context, "overlap")));
    }
    if (isSet(context, "catch-up")) {
        TIDEMARK_TRY(schedule.catchUp, catchUpOf(option(context, "catch-up")));
    }
    bool isNumber = true;
    if (isSet(context, "priority"))
        schedule.priority = option(context, "priority").toInt(&isNumber);
    if (!isNumber)
        return fail(Error::input(QStringLiteral("--priority takes a whole number")));
    schedule.enabled = !isSet(context, "disabled");
    schedule.since = now;
    TIDEMARK_CHECK(validate(schedule));
    return schedule;
}

QJsonObject jsonOf(const ScheduleRun &run)
{
    return {{QStringLiteral("schedule"), run.name},
            {QStringLiteral("due_at"), toIso8601(run.dueAt)},
            {QStringLiteral("cause"), toWord(run.cause)},
            {QStringLiteral("state"), toWord(run.state)},
            {QStringLiteral("missed"), run.missed},
            {QStringLiteral("started_at"), cli::jsonOf(run.startedAt)},
            {QStringLiteral("finished_at"), cli::jsonOf(run.finishedAt)},
            {QStringLiteral("agent"), run.agent},
            {QStringLiteral("error"), run.error.isEmpty() ? QJsonValue() : QJsonValue(run.error)},
            {QStringLiteral("results"), run.results}};
}

QString lastCell(const ScheduleLook &look, Instant now)
{
    if (!look.newest)
        return QStringLiteral("-");
    QString text = toWord(look.newest->state);
    if (look.newest->startedAt)
        text += QLatin1Char(' ') + units::age(*look.newest->startedAt, now);
    if (look.newest->startedAt && look.newest->finishedAt)
        text += QStringLiteral(", %1").arg(
            units::duration(millisBetween(*look.newest->startedAt, *look.newest->finishedAt)));
    return text;
}

QString nextCell(const ScheduleLook &look, const SchedulesLook &all)
{
    if (!look.schedule.enabled)
        return QStringLiteral("disabled");
    if (all.pause)
        return QStringLiteral("paused");
    if (look.schedule.timing.onChange && look.next && *look.next <= all.now)
        return QStringLiteral("with a change");
    return look.next ? units::age(*look.next, all.now) : QStringLiteral("never");
}

Result<ExitCode> list(const Context &context, pg::Session &session)
{
    const auto look = readSchedules(session);
    // Where nobody ever made one there is nothing to list, and nothing wrong.
    const bool isAbsent = !look && look.error().kind == ErrorKind::Missing;
    if (!look && !isAbsent)
        return fail(look.error());
    const SchedulesLook all = look.value_or(SchedulesLook());
    if (context.json) {
        QJsonArray rows;
        for (const ScheduleLook &one : all.schedules) {
            QJsonObject row = one.schedule.toJson();
            row.insert(QStringLiteral("unreadable_because"),
                       one.unreadable ? QJsonValue(one.unreadable->summary()) : QJsonValue());
            row.insert(QStringLiteral("next_at"), cli::jsonOf(one.next));
            row.insert(QStringLiteral("last_run"), one.newest ? QJsonValue(jsonOf(*one.newest)) : QJsonValue());
            rows.append(row);
        }
        context.print({{QStringLiteral("database"), session.database()},
                       {QStringLiteral("schedules"), rows},
                       {QStringLiteral("paused_at"), all.pause ? QJsonValue(toIso8601(all.pause->at)) : QJsonValue()},
                       {QStringLiteral("agent"), all.agent.isEmpty() ? QJsonValue() : QJsonValue(all.agent)}});
        return ExitCode::Done;
    }
    TextTable table({{QStringLiteral("NAME")},
                     {QStringLiteral("WHEN")},
                     {QStringLiteral("REFRESHES")},
                     {QStringLiteral("NEXT"), Align::Right},
                     {QStringLiteral("LAST")},
                     {QStringLiteral("ERROR")}});
    for (const ScheduleLook &one : all.schedules) {
        table.add({one.schedule.name, one.schedule.timingText(), one.schedule.relationsText(), nextCell(one, all),
                   lastCell(one, all.now),
                   one.unreadable ? one.unreadable->summary()
                   : one.newest   ? one.newest->error.simplified()
                                  : QString()});
    }
    if (table.isEmpty())
        context.err << "No schedules in database " << printable(session.database())
                    << ". 'tidemarkctl schedule add' makes one." << Qt::endl;
    else
        table.print(context.out);
    if (all.pause)
        context.err << "All are paused since " << toUtcSeconds(all.pause->at) << " by " << printable(all.pause->by)
                    << (all.pause->reason.isEmpty() ? QString() : QStringLiteral(": ") + printable(all.pause->reason))
                    << Qt::endl;
    if (!all.schedules.empty() && all.agent.isEmpty())
        context.err << "Nobody executes them now: start 'tidemarkctl agent'." << Qt::endl;
    return ExitCode::Done;
}

Result<ExitCode> runs(const Context &context, pg::Session &session)
{
    TIDEMARK_TRY(const auto since, durationOption(context, "since"));
    TIDEMARK_TRY(const auto rows,
                 readScheduleRuns(session, context.clock.now() - since.value_or(std::chrono::hours(24)), 500));
    if (context.json) {
        QJsonArray json;
        for (const ScheduleRun &run : rows)
            json.append(jsonOf(run));
        context.print({{QStringLiteral("runs"), json}});
        return ExitCode::Done;
    }
    TextTable table({{QStringLiteral("DUE")},
                     {QStringLiteral("SCHEDULE")},
                     {QStringLiteral("STATE")},
                     {QStringLiteral("CAUSE")},
                     {QStringLiteral("MISSED"), Align::Right},
                     {QStringLiteral("DURATION"), Align::Right},
                     {QStringLiteral("AGENT")},
                     {QStringLiteral("ERROR")}});
    for (const ScheduleRun &run : rows) {
        table.add({toUtcSeconds(run.dueAt), run.name, toWord(run.state),
                   toWord(run.cause).replace(QLatin1Char('_'), QLatin1Char(' ')),
                   run.missed > 0 ? QString::number(run.missed) : QStringLiteral("-"),
                   run.startedAt && run.finishedAt ? units::duration(millisBetween(*run.startedAt, *run.finishedAt))
                                                   : QStringLiteral("-"),
                   run.agent, run.error.simplified()});
    }
    if (table.isEmpty())
        context.err << "Nothing was due in that time." << Qt::endl;
    else
        table.print(context.out);
    return ExitCode::Done;
}

Result<ExitCode> exportCrontab(const Context &context, const ChangeTarget &target, pg::Session &session)
{
    TIDEMARK_TRY(const SchedulesLook look, readSchedules(session));
    std::vector<Schedule> all;
    for (const ScheduleLook &one : look.schedules)
        all.push_back(one.schedule);
    const QString connection = target.server.withDatabase(session.database()).withoutPassword();
    const QString text = crontab(all, connection);
    if (context.json)
        context.print({{QStringLiteral("crontab"), text}});
    else
        context.out << text << Qt::flush;
    return ExitCode::Done;
}

/// What pg_cron would execute; with --create it does from now on, and no agent any more.
Result<ExitCode> exportPgCron(const Context &context, const ChangeTarget &target, pg::Session &session)
{
    TIDEMARK_TRY(const SchedulesLook look, readSchedules(session));
    TIDEMARK_TRY(const PgCron pgCron, readPgCron(session));
    std::vector<std::pair<QString, PgCronJob>> jobs;
    QJsonArray json;
    ExitCode exitCode = ExitCode::Done;
    for (const ScheduleLook &one : look.schedules) {
        if (!one.schedule.enabled)
            continue;
        const auto job = [&]() -> Result<PgCronJob> {
            TIDEMARK_TRY(const auto plan, refresh::planRefresh(session, one.schedule.refresh));
            return pgCronJob(one.schedule, plan, pgCron);
        }();
        if (!job) {
            exitCode = context.fail(job.error().within(one.schedule.name));
            continue;
        }
        jobs.emplace_back(one.schedule.name, *job);
        json.append(QJsonObject{{QStringLiteral("schedule"), one.schedule.name},
                                {QStringLiteral("statement"), job->statement()}});
    }
    if (context.json) {
        context.print({{QStringLiteral("database"), pgCron.database}, {QStringLiteral("jobs"), json}});
    } else if (!jobs.empty()) {
        context.out << "-- In database " << printable(pgCron.database) << ", where pg_cron keeps its jobs.\n";
        for (const auto &[name, job] : jobs)
            context.out << printable(job.statement()) << ";\n";
        context.out.flush();
    }
    if (!isSet(context, "create") || jobs.empty())
        return exitCode;
    TIDEMARK_CHECK(askConsent(context, target,
                              QStringLiteral("Make these jobs of pg_cron, and switch the schedules off for agents"),
                              session.database()));
    ChangeTarget cron = target;
    cron.server = target.server.withDatabase(pgCron.database);
    TIDEMARK_TRY(pg::Session there, openForChange(cron));
    for (const auto &[name, job] : jobs) {
        const auto made = there.exec(job.statement().toUtf8());
        audit(context, cron, job.statement(), made ? QStringLiteral("done") : made.error().summary());
        if (!made)
            return fail(made.error().within(name));
        TIDEMARK_CHECK(setScheduleEnabled(session, name, false));
    }
    return exitCode;
}

Result<ExitCode> exported(const Context &context, const ChangeTarget &target, pg::Session &session)
{
    const QString what = context.arguments.value(1);
    if (what == QLatin1String("cron"))
        return exportCrontab(context, target, session);
    if (what == QLatin1String("pg_cron"))
        return exportPgCron(context, target, session);
    return fail(Error::input(QStringLiteral("schedules cannot be exported to '%1'").arg(what),
                             QStringLiteral("They can to: cron, pg_cron.")));
}

/// Nobody is there to accept a lock when the agent is at it.
Status checkLocks(pg::Session &session, const Schedule &schedule)
{
    TIDEMARK_TRY(const refresh::RefreshPlan plan, refresh::planRefresh(session, schedule.refresh));
    QStringList names;
    for (const int place : plan.toBeAccepted())
        names << plan.items.at(static_cast<std::size_t>(place)).name.display();
    if (names.isEmpty())
        return {};
    return fail(Error::safety(
        QStringLiteral("whoever reads %1 would wait until each refresh is done: PostgreSQL refreshes concurrently only "
                       "with a unique index on plain columns")
            .arg(names.join(QStringLiteral(", "))),
        QStringLiteral("Accept it with --accept-lock, or make such an index.")));
}

Result<ExitCode> change(const Context &context, const ChangeTarget &target, pg::Session &session, const QString &verb)
{
    const QString name = context.arguments.value(1);
    const QString database = session.database();
    Status done;
    QString what;
    if (verb == QLatin1String("add")) {
        TIDEMARK_TRY(const Schedule schedule, scheduleOf(context, context.clock.now()));
        TIDEMARK_CHECK(checkLocks(session, schedule));
        what = QStringLiteral("Add schedule %1 (%2: %3)")
                   .arg(schedule.name, schedule.timingText(), schedule.relationsText());
        TIDEMARK_CHECK(askConsent(context, target, QStringLiteral("%1 to database %2").arg(what, database), database));
        const auto added = addSchedule(session, schedule);
        done = added ? Status() : Status(fail(added.error()));
    } else {
        what = verb + QStringLiteral(" schedule ") + name;
        TIDEMARK_CHECK(askConsent(context, target, QStringLiteral("%1 in database %2").arg(what, database), database));
        done = verb == QLatin1String("remove") ? removeSchedule(session, name)
               : verb == QLatin1String("pause")
                   ? setSchedulesPaused(session, true, context.arguments.mid(1).join(QLatin1Char(' ')))
               : verb == QLatin1String("resume") ? setSchedulesPaused(session, false, {})
                                                 : setScheduleEnabled(session, name, verb == QLatin1String("enable"));
    }
    audit(context, target, QStringLiteral("-- schedule: %1").arg(what),
          done ? QStringLiteral("done") : done.error().summary());
    TIDEMARK_CHECK(done);
    return ExitCode::Done;
}

Result<ExitCode> scheduleCommand(const Context &context)
{
    const QString verb = context.arguments.value(0, QStringLiteral("list"));
    static const QStringList named{QStringLiteral("add"), QStringLiteral("remove"), QStringLiteral("enable"),
                                   QStringLiteral("disable")};
    static const QStringList whole{QStringLiteral("pause"), QStringLiteral("resume")};
    static const QStringList reading{QStringLiteral("list"), QStringLiteral("runs"), QStringLiteral("export")};
    if (!(named + whole + reading).contains(verb))
        return fail(
            Error::input(QStringLiteral("schedules cannot '%1'").arg(verb),
                         QStringLiteral("They can: %1.").arg((reading + named + whole).join(QStringLiteral(", ")))));
    if (named.contains(verb) && context.arguments.value(1).isEmpty())
        return fail(Error::input(QStringLiteral("which schedule to %1 is not said").arg(verb),
                                 QStringLiteral("Write it as: schedule %1 NAME").arg(verb)));
    const bool takesAny = verb == QLatin1String("add") || verb == QLatin1String("pause");
    const qsizetype most = named.contains(verb) || verb == QLatin1String("export") ? 2 : 1;
    if (!takesAny && context.arguments.size() > most)
        return fail(Error::input(QStringLiteral("unexpected argument '%1'").arg(context.arguments.at(most))));
    if (verb == QLatin1String("add")) {
        TIDEMARK_CHECK(scheduleOf(context, context.clock.now())); // before anybody is connected to
    }
    TIDEMARK_TRY(const ChangeTarget target, changeTarget(context));
    TIDEMARK_TRY(pg::Session session, openForChange(target));
    if (verb == QLatin1String("list"))
        return list(context, session);
    if (verb == QLatin1String("runs"))
        return runs(context, session);
    if (verb == QLatin1String("export"))
        return exported(context, target, session);
    return change(context, target, session, verb);
}

ExitCode schedules(const Context &context)
{
    const auto done = scheduleCommand(context);
    return done ? *done : context.fail(done.error());
}

} // namespace

Verb scheduleVerb()
{
    const auto text = [](const char *words) { return QString::fromUtf8(words); };
    QList<QCommandLineOption> options = refreshOptions() + consentOptions();
    options
        << QCommandLineOption(text("cron"), text("Due by this cron expression: \"*/2 6-22 * * *\"."), text("FIELDS"))
        << QCommandLineOption(text("every"), text("Due every so often."), text("DURATION"))
        << QCommandLineOption(text("preset"), text("Due as in: development, production, off-hours."), text("NAME"))
        << QCommandLineOption(text("on-change"),
                              text("Only where the sources changed; --every is then the least distance."))
        << QCommandLineOption(text("hours"), text("Begin in these hours of the day only: 06:00-22:00."), text("HOURS"))
        << QCommandLineOption(text("time-zone"), text("Of --cron and --hours; this machine's where it is not given."),
                              text("ZONE"))
        << QCommandLineOption(text("jitter"), text("Begin up to so much later, always the same for a due time."),
                              text("DURATION"))
        << QCommandLineOption(text("priority"), text("Of several that are due the highest begins first."), text("N"))
        << QCommandLineOption(text("overlap"), text("A run that is due while the one before goes on: skip or wait."),
                              text("WHAT"))
        << QCommandLineOption(text("catch-up"), text("Runs that nobody was there for: none or once."), text("WHAT"))
        << QCommandLineOption(text("disabled"), text("Add it switched off."))
        << QCommandLineOption(text("create"), text("With export pg_cron: make the jobs, and switch the schedules off."))
        << QCommandLineOption(text("since"), text("With runs: how far back (default 24h)."), text("DURATION"));
    return {QStringLiteral("schedule"),
            QStringLiteral(
                "when what is refreshed: list, runs, add, remove, enable, disable, pause, resume, export cron|pg_cron"),
            QStringLiteral("[list | runs | add NAME RELATION… | remove NAME | …]"),
            options,
            schedules,
            100};
}

} // namespace tidemark::cli
