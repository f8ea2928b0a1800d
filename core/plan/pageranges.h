// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"

#include <QtGlobal>

#include <mutex>
#include <optional>
#include <vector>

namespace tidemark {

/// A piece of a walk over a table's pages: from `from` up to, without it, `to`.
struct PageRange
{
    int number = 0;
    qint64 from = 0;
    qint64 to = 0;
    bool isClaimed = false; ///< by an earlier driver, which did not end it
    friend bool operator==(const PageRange &, const PageRange &) = default;
};

/// Deals a table's pages out to the workers of a walk.
///
/// What an earlier driver left undone comes first. Then each worker has a stretch of its own: rows that lie together went in
/// together, so that workers of neighbouring pages would crowd into the same partition and wait for each other to extend it.
/// Who is through takes half of the longest stretch left. Ranges grow and shrink towards the time that one should take, and
/// get small at the end, so that all are through at about the same time.
///
/// May be used from any thread.
class PageRanges
{
public:
    PageRanges(qint64 pages, qint64 firstSize, int workers, int firstNumber = 0);

    /// Before the first take(): a range that an earlier driver dealt out.
    void resume(const PageRange &range, bool isDone);
    /// For worker 1, 2, …; nothing once all is dealt out.
    [[nodiscard]] std::optional<PageRange> take(int worker);
    /// The next ones take about as long as wished: half of the way there at a time, at most twice the size.
    void learn(const PageRange &range, Millis took, Millis wished);

private:
    struct Stretch
    {
        qint64 from = 0;
        qint64 to = 0;
        [[nodiscard]] qint64 length() const { return to - from; }
    };
    [[nodiscard]] qint64 smallest() const; ///< that is worth a transaction of its own
    void takeOver(Stretch &own);

    std::mutex m_mutex;
    qint64 m_size;
    int m_number;
    std::vector<PageRange> m_left;
    std::vector<Stretch> m_free;  ///< nobody's yet
    std::vector<Stretch> m_taken; ///< by worker
};

} // namespace tidemark
