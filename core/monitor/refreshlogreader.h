// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/history.h"

#include <limits>
#include <optional>
#include <vector>

namespace tidemark {

/// Which rows of the toolkit's refresh log are still to be read. The newest are read first, a page of 500 at most, and where
/// a page is full what lies between it and what was read before follows in further pages, one a tick, newest first. How far
/// all has been read is remembered between starts (RefreshLogMark); of a log that was never read, the newest hundred
/// thousand rows or so are. Pure; lives on its collector's thread.
class RefreshLogReader
{
public:
    static constexpr int pageSize = 500;

    /// Ids beyond `after` and below `before`.
    struct Range
    {
        qint64 after = 0;
        qint64 before = std::numeric_limits<qint64>::max();
    };

    /// Another log, or the same one again: what is remembered of it, if anything.
    void begin(const std::optional<RefreshLogMark> &mark);
    /// The newest, as far as they are not known.
    [[nodiscard]] Range newest() const;
    /// A page of what was skipped, where there is any.
    [[nodiscard]] std::optional<Range> skipped() const;
    /// What a range answered: its highest and lowest id, and how many rows.
    void took(const Range &asked, int rows, qint64 lowest, qint64 highest);
    /// All ids up to here have been read; nothing while pages are missing.
    [[nodiscard]] std::optional<qint64> readUpTo() const;

private:
    qint64 m_top = 0;             ///< the highest id read
    std::vector<Range> m_skipped; ///< the newest last
    int m_pagesLeft = 0;
};

} // namespace tidemark
