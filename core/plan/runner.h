// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/conninfo.h"
#include "core/plan/action.h"

namespace tidemark {

enum class RunEnd {
    Succeeded,
    Undone,
    Paused,    ///< by a request
    Cancelled, ///< by a request
    Failed,    ///< a step failed; the run can be resumed or undone
    Detached,  ///< this driver was told to go; the run can be resumed, here or elsewhere
};

struct RunResult
{
    RunEnd end = RunEnd::Succeeded;
    std::optional<Error> error; ///< of a failed one
};

/// What a driver needs besides the run itself.
struct RunnerOptions
{
    pg::ConnInfo server;                 ///< the database the run lives in
    QString driver;                      ///< who drives, for others to read: "anna@laptop, process 4711"
    Millis reconnectFor{10 * 60 * 1000}; ///< how long a lost server is tried again
    /// Called on the driver's threads, one call at a time, with all that is journaled.
    std::function<void(const RunEvent &)> onEvent;
};

/// Drives one run of the database, forwards or backwards. All that it knows is in the database: killing it at any moment
/// loses nothing, and run() of another Runner, anywhere, goes on.
///
/// The calls block; use a thread of their own. Two sessions are opened: one works, the other holds the advisory lock,
/// listens for requests and reads what the governor wants to know.
class Runner
{
public:
    Runner(RunnerOptions options, Actions actions);

    /// Begins or goes on with it until it ends, or `detach` is asked to stop. A step that is in doubt after a lost
    /// connection is found out, not asked about. Errors: of what stood before the first step (no such run, driven by
    /// another, another database than the plan's, the server away for longer than reconnectFor).
    [[nodiscard]] Result<RunResult> run(qint64 id, std::stop_token detach);

    /// Takes it back, the last step first. Error, besides those of run(): Input where a point of no return is behind it.
    [[nodiscard]] Result<RunResult> undo(qint64 id, std::stop_token detach);

private:
    enum class Direction { AsRecorded, Undo };
    [[nodiscard]] Result<RunResult> drive(qint64 id, Direction direction, std::stop_token detach);
    [[nodiscard]] Result<pg::Session> openSession(qint64 id, std::stop_token stop) const;

    RunnerOptions m_options;
    Actions m_actions;
    std::shared_ptr<std::mutex> m_telling = std::make_shared<std::mutex>();
};

} // namespace tidemark
