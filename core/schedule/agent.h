// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/schedule/schedulestore.h"
#include "core/schedule/timetable.h"
#include "core/store/historystore.h"
#include "core/store/profile.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace tidemark::schedule {

/// Something that an agent has to tell, for a line each.
struct AgentNews
{
    enum class Kind {
        Connected,  ///< it executes the schedules from now on
        Standby,    ///< another agent does
        Lost,       ///< the server cannot be reached; it is tried again
        Begun,      ///< a run
        Ended,      ///< succeeded or failed
        Skipped,    ///< the run before it still goes on
        Missed,     ///< nobody was there
        Unreadable, ///< the schedules cannot be read; it is tried again
    } kind = Kind::Connected;
    QString schedule;
    QString text;
};

struct AgentOptions
{
    pg::ConnInfo server; ///< with the database
    Profile profile;
    QString name; ///< for others to read: "anna@laptop, process 4711"
    std::shared_ptr<HistoryStore> history;
    int runsAtOnce = 2;
    Millis poll{1'000};
    std::function<void(const AgentNews &)> onNews; ///< called on the agent's threads, one call at a time
    /// What time it is, when the server's clock says this. Only tests have another.
    std::function<Instant(Instant)> timeOf = [](Instant server) { return server; };
};

/// Executes the schedules of one database, for as long as run() lasts: the one agent that does, another waits to take over.
///
/// Each due time has one row in the history, made before anything is refreshed, so no two agents run it and none is forgotten. What is
/// due runs on a thread and a session of its own, the highest priority first, so many at once as the options say. A server that goes
/// away is found again; what ended meanwhile is written down then. A stop cancels what runs.
class Agent
{
public:
    explicit Agent(AgentOptions options, const Clock &clock);
    ~Agent();

    /// Blocks until it is stopped. Errors, at the beginning alone: Missing where the database has no schedules, and what keeps it
    /// from connecting that only a person can mend. Later everything is tried again.
    [[nodiscard]] Status run(std::stop_token stop);

private:
    /// A run on its thread.
    struct Work
    {
        ScheduleRun run;
        bool isOver = false; ///< guarded by m_mutex, as the run is until then
        QString mark;
        std::jthread thread;
    };

    [[nodiscard]] Status serve(pg::Session &session, Millis &retry, const std::stop_token &stop);
    [[nodiscard]] Status tick(pg::Session &session, const std::stop_token &stop);
    [[nodiscard]] Status takeOver(pg::Session &session, const std::stop_token &stop);
    [[nodiscard]] Status writeDownEnded(pg::Session &session);
    [[nodiscard]] Status beginDue(pg::Session &session, const std::stop_token &stop);
    [[nodiscard]] Status begin(pg::Session &session, const ScheduleLook &look, const DueRun &due);
    [[nodiscard]] Result<bool> hasChanged(pg::Session &session, const Schedule &schedule, QString &mark) const;
    void tellUnreadable(const ScheduleLook &look);
    void perform(Work &work, const Schedule &schedule, const std::stop_token &stop);
    [[nodiscard]] bool isRunning(qint64 schedule) const;
    /// Until a run has ended, too.
    void awaitWork(const std::stop_token &stop);
    void tell(AgentNews::Kind kind, const QString &schedule, const QString &text);

    const AgentOptions m_options;
    const Clock &m_clock;
    std::optional<Instant> m_servesSince; ///< on the agent's clock
    bool m_hasServed = false;
    std::chrono::steady_clock::time_point m_forgotAt; ///< when old runs were removed last
    std::map<qint64, Instant> m_considered;           ///< due times at which nothing had changed
    std::map<qint64, QString> m_unreadable;           ///< what was told of schedules that cannot be executed
    std::mutex m_telling;
    mutable std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::map<qint64, std::unique_ptr<Work>> m_works; ///< by schedule; last, because its threads use all the others
};

} // namespace tidemark::schedule
