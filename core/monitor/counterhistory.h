// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <algorithm>
#include <optional>
#include <vector>

namespace tidemark {

/// What a counter was at earlier looks. Only changes are kept, and no more of them than a few minutes of steady writing
/// make: of what is older nothing is known then.
class CounterHistory
{
public:
    void note(qint64 stamp, qint64 value)
    {
        if (!m_values.empty() && m_values.back().value == value)
            return;
        if (!m_values.empty() && m_values.back().stamp == stamp) {
            m_values.back().value = value;
            return;
        }
        if (m_values.size() >= most)
            m_values.erase(m_values.begin(), m_values.begin() + most / 2);
        m_values.push_back({stamp, value});
    }
    /// The value as of a look; nothing where it was not known yet.
    [[nodiscard]] std::optional<qint64> at(qint64 stamp) const
    {
        const auto after = std::upper_bound(m_values.begin(), m_values.end(), stamp,
                                            [](qint64 asked, const Value &known) { return asked < known.stamp; });
        return after == m_values.begin() ? std::nullopt : std::optional(std::prev(after)->value);
    }
    /// What was counted here is counted elsewhere now.
    void subtract(qint64 value)
    {
        for (Value &known : m_values)
            known.value -= value;
    }

private:
    struct Value
    {
        qint64 stamp = 0;
        qint64 value = 0;
    };
    static constexpr int most = 256;

    std::vector<Value> m_values; // oldest first
};

} // namespace tidemark
