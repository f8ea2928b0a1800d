// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"

#include <QString>

#include <chrono>
#include <deque>
#include <optional>

namespace tidemark {

/// How fast the rows of a run's step come, over the last half minute, and how long the rest will take at that. Both are
/// nothing until they are stable: after three seconds of one step. A value for one watcher; used by one thread.
class Pace
{
public:
    using Steady = std::chrono::steady_clock;

    /// What is known now. Another step begins anew.
    void add(const QString &step, const std::optional<qint64> &rowsDone, Steady::time_point now = Steady::now());

    [[nodiscard]] std::optional<double> rowsPerSecond() const;
    /// To the step's end; nothing where it stands still, the total is not known, or it was an estimate that is passed.
    [[nodiscard]] std::optional<Millis> left(const std::optional<qint64> &rowsTotal) const;

private:
    struct Sample
    {
        Steady::time_point at;
        qint64 rows = 0;
    };
    QString m_step;
    std::deque<Sample> m_samples;
};

} // namespace tidemark
