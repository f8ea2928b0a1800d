// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/databaseticker.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace tidemark {

/// Watches one database for as long as it lives, on a thread of its own: ticks at its interval, and after a failure
/// connects again with a growing pause (0.5 s to 15 s). `published` is called on that thread after every tick and every
/// failure, and must not block.
class DatabaseWatch
{
public:
    using Published = std::function<void(const DatabaseTicker &)>;

    DatabaseWatch(std::unique_ptr<DatabaseTicker> ticker, const Clock &clock, Millis interval, Published published);
    /// Stops: a statement under way is cancelled, the thread joined.
    ~DatabaseWatch();

    [[nodiscard]] bool isOf(const DatabaseTicker &ticker) const { return m_ticker.get() == &ticker; }

    // From any thread:
    /// The interval of the ticks, and how many of them lie between the runs of some collectors.
    void setPace(Millis interval, std::map<QString, int> paces);
    void setPaused(bool paused);
    void tickNow();

private:
    void run(std::stop_token stop);
    /// Sleeps until the next tick is due, asked for, or the watch is stopped. It is due `wait` after the last one started,
    /// or, unless that failed, the interval after it where that is shorter by now.
    void pause(std::stop_token stop, std::chrono::steady_clock::time_point started, Millis wait, bool failed);

    std::unique_ptr<DatabaseTicker> m_ticker;
    const Clock &m_clock;
    Published m_published;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    Millis m_interval;
    std::map<QString, int> m_paces;
    bool m_paused = false;
    bool m_asked = false;
    std::jthread m_thread; // last: it uses all the others
};

} // namespace tidemark
