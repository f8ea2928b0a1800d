// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/databasewatch.h"

#include <algorithm>

namespace tidemark {

namespace {

constexpr Millis firstRetry{500};
constexpr Millis lastRetry{15'000};
// What only a person can mend is not worth a line in the server's log every few seconds.
constexpr Millis hopelessRetry{60'000};

/// A database that was there and was dropped is awaited like a lost server: scripts drop and create in one go.
bool isHopeless(const Error &error, const DatabaseSnapshot &database)
{
    const bool wasThere = database.capabilities.databaseOid != 0;
    return (error.kind == ErrorKind::Missing && !wasThere) || error.kind == ErrorKind::Authentication
           || error.kind == ErrorKind::Unsupported || error.kind == ErrorKind::Input;
}

} // namespace

DatabaseWatch::DatabaseWatch(std::unique_ptr<DatabaseTicker> ticker, const Clock &clock, Millis interval,
                             Published published)
    : m_ticker(std::move(ticker))
    , m_clock(clock)
    , m_published(std::move(published))
    , m_interval(interval)
    , m_thread([this](std::stop_token stop) { run(stop); })
{
}

DatabaseWatch::~DatabaseWatch() = default;

void DatabaseWatch::setPace(Millis interval, std::map<QString, int> paces)
{
    const std::lock_guard lock(m_mutex);
    m_paces = std::move(paces);
    if (std::exchange(m_interval, interval) != interval)
        m_changed.notify_all();
}

void DatabaseWatch::setPaused(bool paused)
{
    const std::lock_guard lock(m_mutex);
    m_paused = paused;
    m_changed.notify_all();
}

void DatabaseWatch::tickNow()
{
    const std::lock_guard lock(m_mutex);
    m_asked = true;
    m_changed.notify_all();
}

void DatabaseWatch::run(std::stop_token stop)
{
    Millis retry = firstRetry;
    while (!stop.stop_requested()) {
        const auto started = std::chrono::steady_clock::now();
        Millis interval;
        {
            const std::lock_guard lock(m_mutex);
            interval = m_interval;
            m_ticker->setPaces(m_paces);
            if (std::exchange(m_asked, false))
                m_ticker->askAll();
        }
        const Status ticked = m_ticker->tick(interval, stop);
        if (stop.stop_requested())
            return;
        Millis wait = interval;
        if (!ticked) {
            wait = isHopeless(ticked.error(), *m_ticker->snapshot()) ? hopelessRetry : retry;
            retry = std::min(retry * 2, lastRetry);
            m_ticker->willRetryAt(m_clock.now() + wait);
        } else {
            retry = firstRetry;
        }
        m_published(*m_ticker);
        pause(stop, started, wait, !ticked);
    }
}

void DatabaseWatch::pause(std::stop_token stop, std::chrono::steady_clock::time_point started, Millis wait, bool failed)
{
    std::unique_lock lock(m_mutex);
    // The interval may have become shorter since the tick began, and may become so while this waits.
    const auto dueNow = [&] { return started + (failed ? wait : std::min(wait, m_interval)); };
    for (auto due = dueNow(); !m_asked && !stop.stop_requested() && std::chrono::steady_clock::now() < due;
         due = dueNow())
        m_changed.wait_until(lock, stop, due, [&] { return m_asked || dueNow() < due; });
    m_changed.wait(lock, stop, [&] { return !m_paused || m_asked; });
}

} // namespace tidemark
