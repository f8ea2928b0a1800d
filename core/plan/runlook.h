// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/run.h"

#include <memory>

namespace tidemark {

/// A session that works for a run, as the server sees it now.
struct RunBackend
{
    int pid = 0;
    QString state;
    QString waitType; ///< "Lock", "IO" …; empty while it works
    QString waitEvent;
    std::optional<Instant> queryStart;
    QString query;
    std::vector<qint64> blockedBy; ///< pids, where it waits for a lock
    friend bool operator==(const RunBackend &, const RunBackend &) = default;
};

/// Rows a second over one piece of time, from the chunks that ended in it.
struct RunRate
{
    TimeRange over;
    double rowsPerSecond = 0;
};

/// A time in which the governor held the run back.
struct HeldBack
{
    TimeRange over; ///< until now where it still does
    QString reasons;
};

/// One look at a run while it goes on: all that a person who watches it wants to know. A value.
struct RunLook
{
    Instant now; ///< the server's clock
    std::shared_ptr<const Plan> plan;
    RunRecord record;
    RunSettings settings;
    std::vector<StepRecord> steps;
    std::vector<RunEvent> events; ///< oldest first; of a long journal the latest
    std::vector<RunBackend> backends;
    std::vector<RunRate> rates;

    [[nodiscard]] std::vector<HeldBack> throttleHistory() const;
};

/// What a run waits for now, the gravest first.
struct RunWait
{
    enum class Kind {
        Nothing,
        Word,     ///< a person's: the step holds
        Driver,   ///< nobody drives it, and somebody should
        Lock,     ///< held by others
        Governor, ///< it would push the server beyond a limit
    } kind = Kind::Nothing;
    QString text; ///< for people, with the reason; empty for Nothing
};
/// Pure. Translated by nobody: like the journal it is the server's and the engine's own words.
[[nodiscard]] RunWait currentWait(const RunLook &look);

/// Looks at one run again and again, on one session after another: the plan is read once, of the journal only what is new,
/// and all else in one round trip. Used by one thread.
class RunWatcher
{
public:
    explicit RunWatcher(qint64 run);

    /// Errors: Missing where there is no such run (any more), Input for a run of a later Tidemark, those of the session.
    [[nodiscard]] Result<RunLook> look(pg::Session &session, std::stop_token stop);

private:
    [[nodiscard]] Status absorbSettings(const pg::ResultSet &rows);
    void absorbEvents(const std::vector<RunEvent> &events);

    qint64 m_run;
    RunLook m_look;
};

} // namespace tidemark
