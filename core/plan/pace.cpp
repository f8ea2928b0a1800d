// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/pace.h"

namespace tidemark {

namespace {

constexpr std::chrono::seconds window{30};
constexpr std::chrono::seconds untilStable{3};

} // namespace

void Pace::add(const QString &step, const std::optional<qint64> &rowsDone, Steady::time_point now)
{
    if (step != m_step || !rowsDone || (!m_samples.empty() && *rowsDone < m_samples.back().rows)) {
        m_step = step;
        m_samples.clear();
    }
    if (!rowsDone)
        return;
    m_samples.push_back({now, *rowsDone});
    while (now - m_samples.front().at > window)
        m_samples.pop_front();
}

std::optional<double> Pace::rowsPerSecond() const
{
    if (m_samples.empty() || m_samples.back().at - m_samples.front().at < untilStable)
        return std::nullopt;
    const double seconds = std::chrono::duration<double>(m_samples.back().at - m_samples.front().at).count();
    return static_cast<double>(m_samples.back().rows - m_samples.front().rows) / seconds;
}

std::optional<Millis> Pace::left(const std::optional<qint64> &rowsTotal) const
{
    const auto rate = rowsPerSecond();
    if (!rate || *rate <= 0 || !rowsTotal || *rowsTotal <= m_samples.back().rows)
        return std::nullopt;
    const double seconds = static_cast<double>(*rowsTotal - m_samples.back().rows) / *rate;
    return Millis(static_cast<qint64>(seconds * 1000));
}

} // namespace tidemark
