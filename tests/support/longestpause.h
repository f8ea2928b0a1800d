// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

#include <algorithm>
#include <ctime>

namespace tidemark::test {

/// The most work that this thread did at one go without turning its event loop, by the thread's own processor time: a busy
/// machine does not count as a stall of ours.
class LongestPause : public QObject
{
public:
    LongestPause()
        : m_last(used())
    {
        m_timer.setInterval(0);
        connect(&m_timer, &QTimer::timeout, this, [this]() {
            const double now = used();
            m_longest = std::max(m_longest, now - m_last);
            m_last = now;
        });
        m_timer.start();
    }
    [[nodiscard]] double ms() const { return m_longest; }
    void reset() { m_longest = 0; }

private:
    static double used()
    {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
    }

    QTimer m_timer;
    double m_last;
    double m_longest = 0;
};

} // namespace tidemark::test
