// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/locks.h"

#include <algorithm>
#include <numeric>

namespace tidemark {

namespace {

/// The edges turned round, blocker -> waiters, and who reaches whom along them. Quadratic in the parties, which the
/// collector's cap keeps to hundreds.
class WaitGraph
{
public:
    explicit WaitGraph(const LockSnapshot &snapshot)
        : m_snapshot(snapshot)
        , m_size(snapshot.parties.size())
        , m_waiters(m_size)
        , m_waits(m_size, false)
    {
        for (const LockEdge &edge : snapshot.edges) {
            const auto waiter = static_cast<std::size_t>(edge.waiter);
            const auto blocker = static_cast<std::size_t>(edge.blocker);
            if (edge.waiter < 0 || edge.blocker < 0 || waiter >= m_size || blocker >= m_size || waiter == blocker)
                continue;
            m_waiters[blocker].push_back(waiter);
            m_waits[waiter] = true;
        }
        for (auto &waiters : m_waiters) {
            std::sort(waiters.begin(), waiters.end());
            waiters.erase(std::unique(waiters.begin(), waiters.end()), waiters.end());
        }
        for (std::size_t party = 0; party < m_size; ++party)
            m_reached.push_back(reachedFrom(party));
        for (std::size_t party = 0; party < m_size; ++party) {
            const auto reached = std::count(m_reached[party].begin(), m_reached[party].end(), true);
            m_blocks.push_back(static_cast<int>(reached) - (m_reached[party][party] ? 1 : 0));
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
                if (other != party && m_reached[party][other] && m_reached[other][party])
                    cycle.push_back(other);
            }
            int behind = 0;
            for (const std::size_t member : cycle) {
                for (const std::size_t waiter : m_waiters[member]) {
                    if (!m_reached[waiter][member])
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
    std::vector<bool> reachedFrom(std::size_t start) const
    {
        std::vector<bool> reached(m_size, false);
        std::vector<std::size_t> open = m_waiters[start];
        while (!open.empty()) {
            const std::size_t party = open.back();
            open.pop_back();
            if (reached[party])
                continue;
            reached[party] = true;
            for (const std::size_t waiter : m_waiters[party]) {
                if (!reached[waiter])
                    open.push_back(waiter);
            }
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
    std::vector<std::vector<bool>> m_reached;
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
