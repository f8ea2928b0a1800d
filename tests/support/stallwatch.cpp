// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/stallwatch.h"

namespace tidemark::test {

StallWatch::StallWatch()
    : m_thread([this](const std::stop_token &stop) {
        while (!stop.stop_requested()) {
            if (m_served.exchange(false)) {
                QMetaObject::invokeMethod(
                    this,
                    [this, posted = Clock::now()]() {
                        const Clock::duration late = Clock::now() - posted;
                        if (late > m_longest.load())
                            m_longest = late;
                        m_served = true;
                    },
                    Qt::QueuedConnection);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    })
{
}

StallWatch::~StallWatch() = default;

std::chrono::milliseconds StallWatch::longest() const
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(m_longest.load());
}

void StallWatch::reset()
{
    m_longest = Clock::duration::zero();
}

} // namespace tidemark::test
