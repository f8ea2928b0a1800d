// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include <QObject>

namespace tidemark::test {

/// Measures the longest time the GUI thread's event loop was not turning, from its construction on. A thread beside it
/// posts an event every two milliseconds, one at a time, and clocks how late it is served.
class StallWatch : public QObject
{
    Q_OBJECT

public:
    StallWatch();
    ~StallWatch() override;

    /// So far. Call it on the GUI thread; a stall that is not over yet is not in it.
    [[nodiscard]] std::chrono::milliseconds longest() const;
    void reset();

private:
    using Clock = std::chrono::steady_clock;

    std::atomic<bool> m_served{true};
    std::atomic<Clock::duration> m_longest{Clock::duration::zero()};
    std::jthread m_thread;
};

} // namespace tidemark::test
