// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/refreshlogreader.h"

#include <algorithm>

namespace tidemark {

namespace {

// The log's ids are given out before the commit, so one below those already read may still appear.
constexpr qint64 overlap = 200;
constexpr int mostPagesOfTheUnknown = 200;

} // namespace

void RefreshLogReader::begin(const std::optional<RefreshLogMark> &mark)
{
    m_top = mark ? mark->id : 0;
    m_skipped.clear();
    m_pagesLeft = mark ? std::numeric_limits<int>::max() : mostPagesOfTheUnknown;
}

RefreshLogReader::Range RefreshLogReader::newest() const
{
    return {std::max<qint64>(0, m_top - overlap)};
}

std::optional<RefreshLogReader::Range> RefreshLogReader::skipped() const
{
    return m_skipped.empty() ? std::nullopt : std::optional(m_skipped.back());
}

void RefreshLogReader::took(const Range &asked, int rows, qint64 lowest, qint64 highest)
{
    const auto known = std::find_if(m_skipped.begin(), m_skipped.end(), [&](const Range &range) {
        return range.after == asked.after && range.before == asked.before;
    });
    if (known != m_skipped.end()) {
        m_skipped.erase(known);
        --m_pagesLeft;
    }
    if (rows > 0)
        m_top = std::max(m_top, highest);
    if (rows >= pageSize && m_pagesLeft > 0)
        m_skipped.push_back({asked.after, lowest});
    if (m_skipped.empty())
        m_pagesLeft = std::numeric_limits<int>::max();
}

std::optional<qint64> RefreshLogReader::readUpTo() const
{
    return m_skipped.empty() && m_top > 0 ? std::optional(m_top) : std::nullopt;
}

} // namespace tidemark
