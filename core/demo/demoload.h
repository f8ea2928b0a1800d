// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/demo/democluster.h"
#include "core/demo/loadtask.h"

#include <atomic>

namespace tidemark::demo {

struct LoadOptions
{
    Millis duration = std::chrono::hours(12);
    double pace = 1.0;               ///< above 1 faster, below slower
    bool withScenes = true;          ///< lock scenes every now and then, on the main server
    std::function<bool()> shallGoOn; ///< asked about once a second; nothing: always
};

/// The live load of the demo: what the five systems' applications would be doing, at a bounded rate (some hundred statements a
/// second at most). What runs is written in resources/demo/<database>/load; this class keeps the time.
///
/// Rules: a thread and a session for each application and database. Whatever it starts ends by itself: statements and locks
/// have server-side time limits, prepared transactions are swept at both ends, the whole ends after its duration, or when no
/// server has answered for twenty seconds.
class DemoLoad
{
public:
    DemoLoad(std::vector<LoadTarget> targets, LoadOptions options = {});

    /// Blocks until the duration is over, shallGoOn says no, the servers are gone (a Connection error), or stop is asked for.
    [[nodiscard]] Status run(std::stop_token stop);

    // Totals since the beginning; any thread.
    [[nodiscard]] qint64 statements() const { return m_statements; }
    [[nodiscard]] qint64 failures() const { return m_failures; } ///< without those on purpose
    [[nodiscard]] qint64 scenes() const { return m_scenes; }

private:
    void runApplication(const LoadTarget &target, const std::vector<LoadTask> &tasks, std::stop_token stop);
    void runScenes(std::stop_token stop);
    void sweep();

    std::vector<LoadTarget> m_targets;
    LoadOptions m_options;
    std::atomic<qint64> m_statements{0};
    std::atomic<qint64> m_failures{0};
    std::atomic<qint64> m_scenes{0};
    std::atomic<qint64> m_lastAnswerMs{0}; ///< on the steady clock
};

/// What the process of the live load does from start to end: holds the demo's load lock, runs a DemoLoad until SIGTERM,
/// SIGINT or SIGHUP, and ends when the demo's folder goes away. When another process holds the lock it ends at once, well.
/// To be called before the process has started any thread, since it blocks those signals.
[[nodiscard]] Status runLoadProcess(const DemoCluster &cluster, LoadOptions options = {});

} // namespace tidemark::demo
