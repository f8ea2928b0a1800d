// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/locks.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace tidemark {

namespace {

/// A set of parties, 64 to a word: a queue for one row has thousands of edges, and who reaches whom is asked of each party.
class PartySet
{
public:
    explicit PartySet(std::size_t parties)
        : m_words((parties + 63) / 64, 0)
    {
    }

    void insert(std::size_t party) { m_words[party / 64] |= quint64{1} << (party % 64); }
    [[nodiscard]] bool contains(std::size_t party) const { return (m_words[party / 64] >> (party % 64) & 1) != 0; }
    [[nodiscard]] int size() const
    {
        return std::accumulate(m_words.begin(), m_words.end(), 0,
                               [](int sum, quint64 word) { return sum + std::popcount(word); });
    }
    /// Any of them, taken out; nothing when there is none.
    [[nodiscard]] std::optional<std::size_t> take()
    {
        const auto word = std::find_if(m_words.begin(), m_words.end(), [](quint64 bits) { return bits != 0; });
        if (word == m_words.end())
            return std::nullopt;
        const auto bit = static_cast<std::size_t>(std::countr_zero(*word));
        *word &= *word - 1;
        return static_cast<std::size_t>(word - m_words.begin()) * 64 + bit;
    }
    /// Adds those of `more` that are not in `except`.
    void insert(const PartySet &more, const PartySet &except)
    {
        for (std::size_t word = 0; word < m_words.size(); ++word)
            m_words[word] |= more.m_words[word] & ~except.m_words[word];
    }

private:
    std::vector<quint64> m_words;
};

/// The edges turned round, blocker -> waiters, and who reaches whom along them.
class WaitGraph
{
public:
    explicit WaitGraph(const LockSnapshot &snapshot)
        : m_snapshot(snapshot)
        , m_size(snapshot.parties.size())
        , m_waiters(m_size)
        , m_waits(m_size, false)
        , m_direct(m_size, PartySet(m_size))
    {
        for (const LockEdge &edge : snapshot.edges) {
            const auto waiter = static_cast<std::size_t>(edge.waiter);
            const auto blocker = static_cast<std::size_t>(edge.blocker);
            if (edge.waiter < 0 || edge.blocker < 0 || waiter >= m_size || blocker >= m_size || waiter == blocker)
                continue;
            if (!m_direct[blocker].contains(waiter))
                m_waiters[blocker].push_back(waiter);
            m_direct[blocker].insert(waiter);
            m_waits[waiter] = true;
        }
        for (std::size_t party = 0; party < m_size; ++party) {
            m_reached.push_back(reachedFrom(party));
            m_blocks.push_back(m_reached[party].size() - (m_reached[party].contains(party) ? 1 : 0));
        }
        for (auto &waiters : m_waiters)
            std::sort(waiters.begin(), waiters.end(), [this](auto left, auto right) { return isWorse(left, right); });
    }

    [[nodiscard]] std::vector<LockNode> forest() const
    {
        // Roots first, then whoever only a cycle leads to: none of them is free, so the worst stands for its cycle.
        std::vector<std::size_t> order(m_size);
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::sort(order.begin(), order.end(), [this](auto left, auto right) {
            return m_waits[left] != m_waits[right] ? !m_waits[left] : isWorse(left, right);
        });
        std::vector<bool> shown(m_size, false);
        std::vector<LockNode> roots;
        for (const std::size_t party : order) {
            if (!shown[party] && !m_waiters[party].empty())
                roots.push_back(node(party, shown));
        }
        std::stable_sort(roots.begin(), roots.end(), [this](const LockNode &left, const LockNode &right) {
            return isWorse(static_cast<std::size_t>(left.party), static_cast<std::size_t>(right.party));
        });
        return roots;
    }

    [[nodiscard]] int longestChain() const
    {
        // A party reaches more than any of those behind it, except within a cycle, where all reach the same: in this
        // order the chains behind a party are known before its own.
        std::vector<std::size_t> order(m_size);
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::sort(order.begin(), order.end(), [this](auto left, auto right) {
            return m_blocks[left] != m_blocks[right] ? m_blocks[left] < m_blocks[right] : left < right;
        });
        std::vector<int> chain(m_size, -1);
        int longest = 0;
        for (const std::size_t party : order) {
            if (chain[party] >= 0)
                continue;
            std::vector<std::size_t> cycle{party};
            for (std::size_t other = 0; other < m_size; ++other) {
                if (other != party && m_reached[party].contains(other) && m_reached[other].contains(party))
                    cycle.push_back(other);
            }
            int behind = 0;
            for (const std::size_t member : cycle) {
                for (const std::size_t waiter : m_waiters[member]) {
                    if (!m_reached[waiter].contains(member))
                        behind = std::max(behind, 1 + chain[waiter]);
                }
            }
            for (const std::size_t member : cycle)
                chain[member] = behind + static_cast<int>(cycle.size()) - 1;
            longest = std::max(longest, chain[party]);
        }
        return longest;
    }

private:
    PartySet reachedFrom(std::size_t start) const
    {
        PartySet reached(m_size);
        PartySet open = m_direct[start];
        while (const auto party = open.take()) {
            reached.insert(*party);
            open.insert(m_direct[*party], reached);
        }
        return reached;
    }

    bool isWorse(std::size_t left, std::size_t right) const
    {
        if (m_blocks[left] != m_blocks[right])
            return m_blocks[left] > m_blocks[right];
        const LockParty &first = m_snapshot.parties[left];
        const LockParty &second = m_snapshot.parties[right];
        const Instant firstSince = first.xactStart.value_or(Instant::max());
        const Instant secondSince = second.xactStart.value_or(Instant::max());
        if (firstSince != secondSince)
            return firstSince < secondSince;
        return first.pid != second.pid ? first.pid < second.pid : left < right;
    }

    LockNode node(std::size_t party, std::vector<bool> &shown) const
    {
        shown[party] = true;
        LockNode result{static_cast<int>(party), m_blocks[party], false, {}};
        result.waiters.reserve(m_waiters[party].size());
        for (const std::size_t waiter : m_waiters[party]) {
            if (shown[waiter])
                result.waiters.push_back({static_cast<int>(waiter), m_blocks[waiter], !m_waiters[waiter].empty(), {}});
            else
                result.waiters.push_back(node(waiter, shown));
        }
        return result;
    }

    const LockSnapshot &m_snapshot;
    std::size_t m_size;
    std::vector<std::vector<std::size_t>> m_waiters;
    std::vector<bool> m_waits;
    std::vector<PartySet> m_direct;  // as m_waiters
    std::vector<PartySet> m_reached; // directly or not
    std::vector<int> m_blocks;
};

} // namespace

std::vector<LockNode> lockForest(const LockSnapshot &snapshot)
{
    return WaitGraph(snapshot).forest();
}

int longestChain(const LockSnapshot &snapshot)
{
    return WaitGraph(snapshot).longestChain();
}

} // namespace tidemark
