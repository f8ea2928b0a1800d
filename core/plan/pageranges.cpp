// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/pageranges.h"

#include <algorithm>

namespace tidemark {

namespace {

constexpr qint64 fewestPages = 16;
constexpr qint64 mostPages = 131'072; // 1 GB of the usual pages

} // namespace

PageRanges::PageRanges(qint64 pages, qint64 firstSize, int workers, int firstNumber)
    : m_size(firstSize)
    , m_number(firstNumber)
    , m_free{{0, pages}}
    , m_taken(static_cast<std::size_t>(std::max(workers, 1)))
{
}

void PageRanges::resume(const PageRange &range, bool isDone)
{
    if (!isDone)
        m_left.push_back({range.number, range.from, range.to, true});
    std::vector<Stretch> free;
    for (const Stretch &stretch : m_free) {
        if (stretch.from < range.from)
            free.push_back({stretch.from, std::min(stretch.to, range.from)});
        if (stretch.to > range.to)
            free.push_back({std::max(stretch.from, range.to), stretch.to});
    }
    std::erase_if(free, [](const Stretch &stretch) { return stretch.length() <= 0; });
    m_free = std::move(free);
}

qint64 PageRanges::smallest() const
{
    return std::max(fewestPages, m_size / 8);
}

void PageRanges::takeOver(Stretch &own)
{
    const auto shorter = [](const Stretch &left, const Stretch &right) { return left.length() < right.length(); };
    const auto free = std::max_element(m_free.begin(), m_free.end(), shorter);
    const auto taken = std::max_element(m_taken.begin(), m_taken.end(), shorter);
    if (free != m_free.end() && free->length() >= taken->length() / 2) {
        own = *free;
        m_free.erase(free);
    } else if (taken->length() > smallest()) {
        const qint64 middle = taken->from + taken->length() / 2;
        own = {middle, taken->to};
        taken->to = middle;
    }
}

std::optional<PageRange> PageRanges::take(int worker)
{
    const std::lock_guard lock(m_mutex);
    if (!m_left.empty()) {
        const PageRange range = m_left.back();
        m_left.pop_back();
        return range;
    }
    Stretch &own = m_taken.at(static_cast<std::size_t>(worker - 1));
    if (own.length() <= 0)
        takeOver(own);
    if (own.length() <= 0)
        return std::nullopt;
    // Another worker may take over what is beyond a half.
    const qint64 share = m_taken.size() > 1 ? std::max(own.length() / 2, smallest()) : own.length();
    const PageRange range{m_number++, own.from, own.from + std::min({m_size, share, own.length()}), false};
    own.from = range.to;
    return range;
}

void PageRanges::learn(const PageRange &range, Millis took, Millis wished)
{
    const std::lock_guard lock(m_mutex);
    const double ratio = double(wished.count()) / double(std::max<qint64>(took.count(), 1));
    const double ideal = double(range.to - range.from) * std::clamp(ratio, 0.25, 3.0);
    m_size = std::clamp(qint64((double(m_size) + ideal) / 2), fewestPages, mostPages);
}

} // namespace tidemark
