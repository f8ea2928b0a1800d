// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/refresh/refreshorder.h"

#include <algorithm>

namespace tidemark::refresh {

namespace {

constexpr Millis ofUnknown{1'000};

Millis middleOf(const std::vector<std::optional<Millis>> &lengths)
{
    std::vector<Millis> known;
    for (const auto &length : lengths) {
        if (length)
            known.push_back(*length);
    }
    if (known.empty())
        return ofUnknown;
    const auto middle = known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
    std::nth_element(known.begin(), middle, known.end());
    return *middle;
}

} // namespace

RefreshOrder::RefreshOrder(std::vector<std::vector<int>> after, std::vector<std::optional<Millis>> expected)
    : m_after(std::move(after))
    , m_expected(std::move(expected))
    , m_way(m_after.size())
    , m_states(m_after.size(), State::Open)
    , m_open(static_cast<int>(m_after.size()))
{
    m_expected.resize(m_after.size());
    const Millis middle = middleOf(m_expected);
    // Each comes after what it reads, so from the end on all that follows a place is known.
    for (std::size_t place = m_after.size(); place-- > 0;) {
        m_way[place] += m_expected[place].value_or(middle);
        for (const int before : m_after[place]) {
            Millis &way = m_way[static_cast<std::size_t>(before)];
            way = std::max(way, m_way[place]);
        }
    }
}

bool RefreshOrder::isReady(std::size_t place) const
{
    return m_states[place] == State::Open
           && std::all_of(m_after[place].begin(), m_after[place].end(),
                          [this](int before) { return m_states[static_cast<std::size_t>(before)] == State::Done; });
}

std::optional<int> RefreshOrder::take()
{
    std::optional<std::size_t> best;
    for (std::size_t place = 0; place < m_after.size(); ++place) {
        if (isReady(place) && (!best || m_way[place] > m_way[*best]))
            best = place;
    }
    if (!best)
        return std::nullopt;
    m_states[*best] = State::Taken;
    return static_cast<int>(*best);
}

void RefreshOrder::giveBack(int place)
{
    m_states[static_cast<std::size_t>(place)] = State::Open;
}

void RefreshOrder::succeeded(int place)
{
    m_states[static_cast<std::size_t>(place)] = State::Done;
    --m_open;
}

std::vector<RefreshOrder::Skip> RefreshOrder::failed(int place)
{
    m_states[static_cast<std::size_t>(place)] = State::Failed;
    --m_open;
    std::vector<Skip> skipped;
    for (std::size_t later = static_cast<std::size_t>(place) + 1; later < m_after.size(); ++later) {
        if (m_states[later] != State::Open)
            continue;
        const auto cause = std::find_if(m_after[later].begin(), m_after[later].end(), [this](int before) {
            return m_states[static_cast<std::size_t>(before)] == State::Failed;
        });
        if (cause == m_after[later].end())
            continue;
        m_states[later] = State::Failed;
        --m_open;
        skipped.push_back({static_cast<int>(later), *cause});
    }
    return skipped;
}

bool RefreshOrder::isExhausted() const
{
    return std::none_of(m_states.begin(), m_states.end(), [](State state) { return state == State::Open; });
}

std::optional<Millis> RefreshOrder::left(int sessions, const std::vector<std::optional<Millis>> &runningFor) const
{
    // The same choice as take() makes, on a clock that jumps from one end to the next.
    RefreshOrder rest = *this;
    std::vector<std::pair<Millis, int>> running; // when it ends
    for (std::size_t place = 0; place < m_states.size(); ++place) {
        const bool isLeft = m_states[place] == State::Open || m_states[place] == State::Taken;
        if (isLeft && !m_expected[place])
            return std::nullopt;
        if (m_states[place] != State::Taken)
            continue;
        const Millis ran = place < runningFor.size() ? runningFor[place].value_or(Millis(0)) : Millis(0);
        running.emplace_back(std::max(Millis(0), *m_expected[place] - ran), static_cast<int>(place));
    }
    Millis now{0};
    for (;;) {
        while (static_cast<int>(running.size()) < std::max(1, sessions)) {
            const auto next = rest.take();
            if (!next)
                break;
            running.emplace_back(now + *m_expected[static_cast<std::size_t>(*next)], *next);
        }
        if (running.empty())
            return now;
        const auto first = std::min_element(running.begin(), running.end());
        now = first->first;
        rest.succeeded(first->second);
        running.erase(first);
    }
}

} // namespace tidemark::refresh
