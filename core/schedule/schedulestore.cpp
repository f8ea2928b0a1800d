// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/schedule/schedulestore.h"

#include "core/base/words.h"
#include "core/plan/toolkit.h"
#include "core/schedule/timetable.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>

#include <array>

namespace tidemark::schedule {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Schedules)
};

const QString part = QStringLiteral("schedules");

constexpr std::array stateWords{Word{RunState::Running, "running"}, Word{RunState::Succeeded, "succeeded"},
                                Word{RunState::Failed, "failed"}, Word{RunState::Skipped, "skipped"},
                                Word{RunState::Missed, "missed"}};
constexpr std::array causeWords{Word{Cause::Due, "due"}, Word{Cause::CatchUp, "catch_up"},
                                Word{Cause::Change, "change"}};

QByteArray compact(const QJsonArray &json)
{
    return QJsonDocument(json).toJson(QJsonDocument::Compact);
}

pg::Param milliseconds(const std::optional<Millis> &time)
{
    return time ? pg::Param(static_cast<qint64>(time->count())) : pg::Param(nullptr);
}

pg::Param clock(const std::optional<DayHours> &hours, QTime DayHours::*end)
{
    return hours ? pg::Param(((*hours).*end).toString(QStringLiteral("HH:mm"))) : pg::Param(nullptr);
}

pg::Param textOrNull(const QString &text)
{
    return text.isEmpty() ? pg::Param(nullptr) : pg::Param(text);
}

Status checkInstalled(pg::Session &session)
{
    TIDEMARK_TRY(const QStringList installed, installedToolkit(session));
    if (installed.contains(part))
        return {};
    return fail(Error::missing(Words::tr("database %1 has no schedules").arg(session.database()),
                               Words::tr("The first “tidemarkctl schedule add” makes the place for them.")));
}

Schedule scheduleOf(const pg::ResultSet &rows, int row, std::optional<Error> &unreadable)
{
    const auto text = [&](const char *column) { return rows.text(row, rows.column(column)); };
    const auto millis = [&](const char *column) -> std::optional<Millis> {
        const auto value = rows.optionalInt64(row, rows.column(column));
        return value ? std::optional(Millis(*value)) : std::nullopt;
    };
    Schedule schedule;
    schedule.id = rows.int64(row, rows.column("id"));
    schedule.name = text("name");
    const auto refresh = refresh::RefreshSpec::fromJson(
        QJsonDocument::fromJson(rows.bytes(row, rows.column("refresh"))).object());
    // A spec without names would be every refreshable: what is not understood is not executed.
    if (refresh)
        schedule.refresh = *refresh;
    else
        unreadable = refresh.error();
    schedule.timing.cron = text("cron");
    schedule.timing.every = millis("every_ms");
    schedule.timing.onChange = rows.boolean(row, rows.column("on_change"));
    if (const QString from = text("hours_from"); !from.isEmpty()) {
        const auto time = [](const QString &printed) {
            return QTime::fromString(printed.left(5), QStringLiteral("HH:mm"));
        };
        schedule.timing.hours = DayHours{time(from), time(text("hours_to"))};
    }
    schedule.timing.timeZone = text("time_zone");
    schedule.timing.jitter = millis("jitter_ms").value_or(Millis(0));
    schedule.priority = rows.int32(row, rows.column("priority"));
    schedule.overlap = overlapOf(text("overlap")).value_or(Overlap::Skip);
    schedule.catchUp = catchUpOf(text("catch_up")).value_or(CatchUp::Once);
    schedule.mark = text("mark");
    schedule.enabled = rows.boolean(row, rows.column("enabled"));
    schedule.since = rows.instant(row, rows.column("since")).value_or(Instant());
    schedule.createdBy = text("created_by");
    return schedule;
}

ScheduleRun runOf(const pg::ResultSet &rows, int row)
{
    ScheduleRun run;
    run.id = rows.int64(row, rows.column("run"));
    run.schedule = rows.int64(row, rows.column("schedule"));
    run.name = rows.text(row, rows.column("schedule_name"));
    run.dueAt = rows.instant(row, rows.column("due_at")).value_or(Instant());
    run.cause = valueOf(causeWords, rows.text(row, rows.column("cause"))).value_or(Cause::Due);
    run.state = valueOf(stateWords, rows.text(row, rows.column("state"))).value_or(RunState::Failed);
    run.missed = rows.int32(row, rows.column("missed"));
    run.startedAt = rows.instant(row, rows.column("started_at"));
    run.finishedAt = rows.instant(row, rows.column("finished_at"));
    run.agent = rows.text(row, rows.column("agent"));
    run.error = rows.text(row, rows.column("error"));
    run.results = QJsonDocument::fromJson(rows.bytes(row, rows.column("results"))).array();
    return run;
}

constexpr char runColumns[] = "r.id AS run, r.schedule, s.name AS schedule_name, r.due_at, r.cause, r.state, r.missed, "
                              "r.started_at, r.finished_at, r.agent, r.error, r.results ";

Error noSuchSchedule(pg::Session &session, const QString &name)
{
    QStringList names;
    if (const auto rows = session.exec("SELECT name FROM tidemark.schedule ORDER BY name LIMIT 20")) {
        for (int row = 0; row < rows->rowCount(); ++row)
            names << rows->text(row, 0);
    }
    return Error::missing(Words::tr("there is no schedule %1 in database %2").arg(name, session.database()),
                          names.isEmpty() ? Words::tr("There is none at all.")
                                          : Words::tr("There are: %1.").arg(names.join(QStringLiteral(", "))));
}

} // namespace

QString toWord(RunState state)
{
    return wordOf(stateWords, state);
}

QString toWord(Cause cause)
{
    return wordOf(causeWords, cause);
}

Result<SchedulesLook> readSchedules(pg::Session &session, std::stop_token stop)
{
    TIDEMARK_CHECK(checkInstalled(session));
    const pg::CallOptions call{.stop = stop};
    TIDEMARK_TRY(
        const auto rows,
        session.exec("SELECT id, name, refresh, mark, cron, on_change, hours_from::text, hours_to::text, "
                     "time_zone, priority, overlap, catch_up, enabled, since, next_at, created_by, "
                     "(extract(epoch FROM every) * 1000)::bigint AS every_ms, "
                     "(extract(epoch FROM jitter) * 1000)::bigint AS jitter_ms, "
                     "(SELECT max(r.due_at) FROM tidemark.schedule_run AS r WHERE r.schedule = s.id) AS last_due "
                     "FROM tidemark.schedule AS s ORDER BY name COLLATE \"C\"",
                     {}, call));
    TIDEMARK_TRY(const auto runs,
                 session.exec(QByteArray("SELECT ") + runColumns
                                  + "FROM tidemark.schedule AS s CROSS JOIN LATERAL ("
                                    "SELECT * FROM tidemark.schedule_run AS r WHERE r.schedule = s.id "
                                    "AND r.started_at IS NOT NULL ORDER BY r.due_at DESC LIMIT 1) AS r",
                              {}, call));
    TIDEMARK_TRY(const auto others,
                 session.exec("SELECT clock_timestamp(), "
                              "(SELECT a.application_name || ', backend ' || a.pid FROM pg_catalog.pg_locks AS l "
                              " JOIN pg_catalog.pg_stat_activity AS a USING (pid) "
                              " WHERE l.locktype = 'advisory' AND l.classid = 1414087750 AND l.objid = 0 "
                              " AND l.objsubid = 2 AND l.granted AND l.database = (SELECT d.oid FROM "
                              " pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()) LIMIT 1), "
                              "p.paused_at, p.paused_by, p.reason "
                              "FROM (SELECT) AS one LEFT JOIN tidemark.schedule_pause AS p ON true",
                              {}, call));
    SchedulesLook look;
    look.now = others.instant(0, 0).value_or(Instant());
    look.agent = others.text(0, 1);
    if (const auto at = others.instant(0, 2))
        look.pause = Pause{*at, others.text(0, 3), others.text(0, 4)};
    for (int row = 0; row < rows.rowCount(); ++row) {
        ScheduleLook one;
        one.schedule = scheduleOf(rows, row, one.unreadable);
        one.lastDue = rows.instant(row, rows.column("last_due"));
        for (int run = 0; run < runs.rowCount(); ++run) {
            if (runs.int64(run, runs.column("schedule")) == one.schedule.id)
                one.newest = runOf(runs, run);
        }
        one.told = rows.instant(row, rows.column("next_at"));
        const auto times = Timetable::of(one.schedule.timing);
        if (!times)
            one.unreadable = times.error();
        if (times && one.schedule.enabled && !look.pause) {
            const Instant last = std::max(one.lastDue.value_or(one.schedule.since), one.schedule.since);
            if (const auto next = times->next(last))
                one.next = times->beginOf(*next, one.schedule.id);
        }
        look.schedules.push_back(std::move(one));
    }
    return look;
}

Result<std::vector<ScheduleRun>> readScheduleRuns(pg::Session &session, Instant since, int limit, std::stop_token stop)
{
    TIDEMARK_CHECK(checkInstalled(session));
    TIDEMARK_TRY(const auto rows,
                 session.exec(QByteArray("SELECT ") + runColumns
                                  + "FROM tidemark.schedule_run AS r JOIN tidemark.schedule AS s ON s.id = r.schedule "
                                    "WHERE r.due_at >= $1 ORDER BY r.due_at DESC, r.id DESC LIMIT $2",
                              {since, limit}, {.stop = stop}));
    std::vector<ScheduleRun> runs;
    for (int row = 0; row < rows.rowCount(); ++row)
        runs.push_back(runOf(rows, row));
    return runs;
}

Result<qint64> addSchedule(pg::Session &session, const Schedule &schedule)
{
    TIDEMARK_CHECK(validate(schedule));
    for (const pg::QualifiedName &relation : schedule.refresh.names) {
        TIDEMARK_TRY(const auto found, session.exec("SELECT pg_catalog.to_regclass($1)", {relation.quoted()}));
        if (found.isNull(0, 0))
            return fail(
                Error::missing(Words::tr("there is no %1 in database %2").arg(relation.display(), session.database()),
                               Words::tr("“tidemarkctl freshness” lists what can be refreshed.")));
    }
    TIDEMARK_CHECK(applyToolkit(session, part, true));
    const Timing &timing = schedule.timing;
    TIDEMARK_TRY(
        const auto added,
        session.exec("INSERT INTO tidemark.schedule (name, refresh, cron, every, on_change, hours_from, hours_to, "
                     "time_zone, jitter, priority, overlap, catch_up, enabled) "
                     "VALUES ($1, $2, $3, $4 * interval '1 ms', $5, $6, $7, $8, $9 * interval '1 ms', $10, $11, $12, "
                     "$13) ON CONFLICT (name) DO NOTHING RETURNING id",
                     {schedule.name, QJsonDocument(schedule.refresh.toJson()).toJson(QJsonDocument::Compact),
                      textOrNull(timing.cron), milliseconds(timing.every), timing.onChange,
                      clock(timing.hours, &DayHours::from), clock(timing.hours, &DayHours::to), timing.timeZone,
                      milliseconds(timing.jitter), schedule.priority, toWord(schedule.overlap),
                      toWord(schedule.catchUp), schedule.enabled}));
    if (added.isEmpty()) {
        Error error = Error::input(Words::tr("there is a schedule %1 already").arg(schedule.name),
                                   Words::tr("Remove it first, or take another name."));
        error.kind = ErrorKind::Conflict;
        return fail(error);
    }
    return added.int64(0, 0);
}

Status removeSchedule(pg::Session &session, const QString &name)
{
    TIDEMARK_CHECK(checkInstalled(session));
    TIDEMARK_TRY(const auto removed, session.exec("DELETE FROM tidemark.schedule WHERE name = $1", {name}));
    if (removed.affectedRows() == 0)
        return fail(noSuchSchedule(session, name));
    return {};
}

Status setScheduleEnabled(pg::Session &session, const QString &name, bool enabled)
{
    TIDEMARK_CHECK(checkInstalled(session));
    // What passed while it was off is not missed.
    TIDEMARK_TRY(const auto changed, session.exec("UPDATE tidemark.schedule SET since = CASE WHEN enabled OR NOT $2 "
                                                  "THEN since ELSE clock_timestamp() END, enabled = $2 WHERE name = $1",
                                                  {name, enabled}));
    if (changed.affectedRows() == 0)
        return fail(noSuchSchedule(session, name));
    return {};
}

Status setSchedulesPaused(pg::Session &session, bool paused, const QString &reason)
{
    TIDEMARK_CHECK(checkInstalled(session));
    if (paused) {
        TIDEMARK_TRY([[maybe_unused]] const auto done,
                     session.exec("INSERT INTO tidemark.schedule_pause (reason) VALUES ($1) ON CONFLICT DO NOTHING",
                                  {textOrNull(reason)}));
        return {};
    }
    // Nor is what passed during the pause.
    TIDEMARK_TRY([[maybe_unused]] const auto done,
                 session.exec("WITH ended AS (DELETE FROM tidemark.schedule_pause RETURNING paused_at) "
                              "UPDATE tidemark.schedule SET since = clock_timestamp() FROM ended"));
    return {};
}

Status setNextRuns(pg::Session &session, const SchedulesLook &look)
{
    for (const ScheduleLook &one : look.schedules) {
        // What follows changes has no time.
        if (one.told == one.next || one.schedule.timing.onChange)
            continue;
        TIDEMARK_TRY([[maybe_unused]] const auto kept,
                     session.exec("UPDATE tidemark.schedule SET next_at = $2 WHERE id = $1",
                                  {one.schedule.id, one.next ? pg::Param(*one.next) : pg::Param(nullptr)}));
    }
    return {};
}

Result<std::optional<qint64>> claimRun(pg::Session &session, const ScheduleRun &run)
{
    TIDEMARK_TRY(const auto claimed,
                 session.exec("INSERT INTO tidemark.schedule_run (schedule, due_at, cause, state, missed, started_at, "
                              "finished_at, agent, error) SELECT $1, $2, $3, $4, $5, "
                              "CASE WHEN $4 = 'running' THEN clock_timestamp() END, "
                              "CASE WHEN $4 <> 'running' THEN clock_timestamp() END, $6, $7 "
                              "WHERE EXISTS (SELECT FROM tidemark.schedule AS s WHERE s.id = $1) "
                              "ON CONFLICT (schedule, due_at) DO NOTHING RETURNING id",
                              {run.schedule, run.dueAt, toWord(run.cause), toWord(run.state), run.missed, run.agent,
                               textOrNull(run.error)}));
    return claimed.isEmpty() ? std::optional<qint64>() : std::optional(claimed.int64(0, 0));
}

Status finishRun(pg::Session &session, const ScheduleRun &run, const QString &mark)
{
    TIDEMARK_TRY(
        [[maybe_unused]] const auto done,
        session.exec("WITH marked AS (UPDATE tidemark.schedule SET mark = $5 WHERE id = $6 AND $5 <> '') "
                     "UPDATE tidemark.schedule_run SET state = $2, finished_at = clock_timestamp(), "
                     "error = $3, results = $4 WHERE id = $1",
                     {run.id, toWord(run.state), textOrNull(run.error), compact(run.results), mark, run.schedule}));
    return {};
}

Result<qint64> failLeftRuns(pg::Session &session, const std::vector<qint64> &own)
{
    TIDEMARK_TRY(const auto failed,
                 session.exec("UPDATE tidemark.schedule_run SET state = 'failed', finished_at = clock_timestamp(), "
                              "error = 'the agent that ran it ended before it did' "
                              "WHERE state = 'running' AND id <> ALL ($1)",
                              {pg::Param::array(own)}));
    return failed.affectedRows();
}

Status forgetOldRuns(pg::Session &session)
{
    TIDEMARK_TRY([[maybe_unused]] const auto done,
                 session.exec("DELETE FROM tidemark.schedule_run AS r WHERE r.due_at < now() - interval '90 days' "
                              // The newest of each stays: it says from when on something is due.
                              "AND EXISTS (SELECT FROM tidemark.schedule_run AS n WHERE n.schedule = r.schedule "
                              "AND n.due_at > r.due_at)"));
    return {};
}

Result<bool> becomeAgent(pg::Session &session)
{
    TIDEMARK_TRY(const auto locked, session.exec("SELECT pg_catalog.pg_try_advisory_lock(1414087750, 0)"));
    return locked.boolean(0, 0);
}

} // namespace tidemark::schedule
