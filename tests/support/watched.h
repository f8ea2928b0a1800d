// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/monitor/databaseticker.h"

#include <functional>

namespace tidemark::test {

/// A database watched by hand: tick() when the test says so. A failed tick, or an error of a collector, fails the test.
class Watched
{
public:
    Watched(const pg::ConnInfo &info, Collectors collectors, Millis interval = Millis(200));

    void tick();
    void tick(int times);
    /// Ticks at the interval until the condition holds; false when it does not within the time.
    [[nodiscard]] bool tickUntil(const std::function<bool()> &condition, Millis time = Millis(15'000));

    [[nodiscard]] std::shared_ptr<const DatabaseSnapshot> snapshot() const { return m_ticker.snapshot(); }
    /// By name without schema. Must be there.
    [[nodiscard]] const Refreshable &view(const QString &name) const;
    [[nodiscard]] DatabaseTicker &ticker() { return m_ticker; }

private:
    SystemClock m_clock;
    DatabaseTicker m_ticker;
    Millis m_interval;
};

} // namespace tidemark::test
