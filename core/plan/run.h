// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/plan.h"
#include "core/plan/runsettings.h"

namespace tidemark {

enum class RunState { Confirmed, Running, Paused, Succeeded, Failed, Cancelled, Undoing, Undone };
enum class StepState { Pending, Waiting, Running, Done, Failed, Undone };

/// The words of tidemark.run.state and tidemark.run_step.state, and of JSON.
[[nodiscard]] QString runStateName(RunState state);
[[nodiscard]] QString stepStateName(StepState state);

/// What a step did, for its record.
struct StepOutcome
{
    std::optional<qint64> rows;
    QJsonObject detail;
};

/// A step as the database remembers it.
struct StepRecord
{
    int ordinal = 0;
    QString name;
    QString title;
    StepState state = StepState::Pending;
    int attempts = 0;
    std::optional<Instant> startedAt;
    std::optional<Instant> finishedAt;
    std::optional<qint64> rowsDone;  ///< of its chunks, or of its outcome
    std::optional<qint64> rowsTotal; ///< an estimate
    QJsonObject outcome;
    QString error;
    friend bool operator==(const StepRecord &, const StepRecord &) = default;
};

/// A run as the database remembers it.
struct RunRecord
{
    qint64 id = 0;
    QString kind;
    QString title;
    RunState state = RunState::Confirmed;
    bool driven = false; ///< somebody holds its advisory lock now
    QString driver;      ///< who does, or who did last
    QString confirmedBy;
    std::optional<Instant> createdAt;
    std::optional<Instant> startedAt;
    std::optional<Instant> finishedAt;
    QString error;
    int stepsDone = 0;
    int steps = 0;
    QString currentStep;                   ///< the title of the one that runs, waits or failed
    std::optional<StepState> currentState; ///< of that step
    std::optional<qint64> rowsDone;        ///< of that step
    std::optional<qint64> rowsTotal;
    QString heldBack; ///< what the governor holds the run back for; empty where it does not, or nobody drives
    friend bool operator==(const RunRecord &, const RunRecord &) = default;

    [[nodiscard]] bool waitsForWord() const { return driven && currentState == StepState::Waiting; }
    /// It should be driven, and nobody does: its driver was killed or lost.
    [[nodiscard]] bool isForsaken() const
    {
        return !driven && (state == RunState::Running || state == RunState::Undoing);
    }
    [[nodiscard]] bool isOver() const { return state == RunState::Succeeded || state == RunState::Undone; }
};

/// A line of a run's journal.
struct RunEvent
{
    qint64 id = 0;
    std::optional<int> step;
    Instant at;
    QString kind; ///< "state", "step", "lock", "throttle", "note", "error"
    QString text;
    QJsonObject detail;
    friend bool operator==(const RunEvent &, const RunEvent &) = default;
};

/// What the governor journals when it begins or ends to hold a run back, and what that says: nothing to hold back for is
/// an empty list.
[[nodiscard]] QString throttleText(const QStringList &reasons);
[[nodiscard]] QString reasonsOfThrottle(const QString &text);

/// All there is to know of one run.
struct RunDetail
{
    RunRecord record;
    Plan plan;
    RunSettings settings;
    std::vector<StepRecord> steps;
    std::vector<RunEvent> events; ///< oldest first
};

/// The rows of the queries runs/list, runs/steps and runs/events. Errors: Input for states of a later Tidemark.
[[nodiscard]] Result<std::vector<RunRecord>> runRecordsOf(const pg::ResultSet &rows);
[[nodiscard]] Result<std::vector<StepRecord>> stepRecordsOf(const pg::ResultSet &rows);
[[nodiscard]] std::vector<RunEvent> runEventsOf(const pg::ResultSet &rows);

/// Those of this database that may go on, and the latest 500, newest first. A database without the toolkit has none.
[[nodiscard]] Result<std::vector<RunRecord>> readRuns(pg::Session &session, std::stop_token stop = {});
/// One of them. Errors: Missing where there is no such run, or no toolkit.
[[nodiscard]] Result<RunRecord> readRunRecord(pg::Session &session, qint64 id, std::stop_token stop = {});
/// The same with its plan, steps and journal.
[[nodiscard]] Result<RunDetail> readRun(pg::Session &session, qint64 id, std::stop_token stop = {});

/// Asks something of a run: its driver, wherever it is, takes it up within a second. `verb` is one of
/// pause, cancel, undo, retune, proceed; `detail` is RunSettings for retune. Errors: Input where that run cannot do it now.
[[nodiscard]] Status requestOfRun(pg::Session &session, qint64 id, const QString &verb, const QJsonObject &detail = {});

} // namespace tidemark
