// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/transaction.h"
#include "core/schedule/schedule.h"

namespace tidemark::schedule {

enum class RunState { Running, Succeeded, Failed, Skipped, Missed };
enum class Cause { Due, CatchUp, Change };

[[nodiscard]] QString toWord(RunState state); ///< the words of tidemark.schedule_run
[[nodiscard]] QString toWord(Cause cause);

/// A due time of a schedule and what came of it.
struct ScheduleRun
{
    qint64 id = 0;
    qint64 schedule = 0;
    QString name; ///< of the schedule
    Instant dueAt;
    Cause cause = Cause::Due;
    RunState state = RunState::Running;
    int missed = 0; ///< due times before it that passed without a run
    std::optional<Instant> startedAt;
    std::optional<Instant> finishedAt;
    QString agent;
    QString error;
    QJsonArray results;
    friend bool operator==(const ScheduleRun &, const ScheduleRun &) = default;
};

/// A schedule with where it stands.
struct ScheduleLook
{
    Schedule schedule;
    std::optional<Instant> lastDue;    ///< of whatever state
    std::optional<ScheduleRun> newest; ///< that ran, or runs
    std::optional<Instant> next;       ///< when its next run begins; nothing while it is disabled or paused
    std::optional<Instant> told;       ///< the same, as the agent has kept it
    std::optional<Error> unreadable;   ///< it cannot be executed from here: what it asks for, or its zone, is not known
};

struct Pause
{
    Instant at;
    QString by;
    QString reason;
};

/// All of a database's schedules.
struct SchedulesLook
{
    std::vector<ScheduleLook> schedules; ///< by name
    std::optional<Pause> pause;          ///< none of them runs
    QString agent;                       ///< who executes them now; empty where nobody does
    Instant now;                         ///< on the server's clock
};

/// The schedules of the toolkit, in the session's database, on the session's thread. Errors of all: Missing where the part is
/// not installed, those of the session.
[[nodiscard]] Result<SchedulesLook> readSchedules(pg::Session &session, std::stop_token stop = {});

/// Newest first.
[[nodiscard]] Result<std::vector<ScheduleRun>> readScheduleRuns(pg::Session &session, Instant since, int limit,
                                                                std::stop_token stop = {});

/// Installs the toolkit's part where it is not there. Returns the id. Errors: those of validate(), Conflict for a name that is
/// taken, Missing for a relation that is not there.
[[nodiscard]] Result<qint64> addSchedule(pg::Session &session, const Schedule &schedule);
/// Errors: Missing, naming those that are there.
[[nodiscard]] Status removeSchedule(pg::Session &session, const QString &name);
[[nodiscard]] Status setScheduleEnabled(pg::Session &session, const QString &name, bool enabled);
/// All of them at once; a reason for others to read.
[[nodiscard]] Status setSchedulesPaused(pg::Session &session, bool paused, const QString &reason);

/// Keeps beside each when it runs next, where that has changed: for those who cannot compute it.
[[nodiscard]] Status setNextRuns(pg::Session &session, const SchedulesLook &look);

/// The history's row of a due time, which only one agent can have: nothing where another has it. `run` is as it begins, or
/// as it is missed or skipped.
[[nodiscard]] Result<std::optional<qint64>> claimRun(pg::Session &session, const ScheduleRun &run);
/// `mark`: what the sources counted before it; empty leaves what is known of them.
[[nodiscard]] Status finishRun(pg::Session &session, const ScheduleRun &run, const QString &mark = {});
/// What an agent that is gone left as running is failed, all but `own`. Returns how many.
[[nodiscard]] Result<qint64> failLeftRuns(pg::Session &session, const std::vector<qint64> &own = {});
/// Removes what is older than 90 days.
[[nodiscard]] Status forgetOldRuns(pg::Session &session);

/// One agent executes a database's schedules: this session from now on, as long as it lives. Nothing of it is written down.
[[nodiscard]] Result<bool> becomeAgent(pg::Session &session);

} // namespace tidemark::schedule
