// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/episodewindow.h"

#include <algorithm>
#include <unordered_set>

namespace tidemark::ui {

namespace {
/// An episode is told to be over without being seen again, but not later than this after it was seen last.
constexpr auto endsWithin = std::chrono::minutes(3);
} // namespace

TimeRange EpisodeWindow::toRead(const TimeRange &shown) const
{
    // A moment before what was read is a replay: begin again.
    if (!m_readUntil || shown.to < *m_readUntil)
        return shown;
    return {std::max(shown.from, Instant(*m_readUntil - endsWithin)), shown.to};
}

void EpisodeWindow::take(std::vector<LockEpisode> read, const TimeRange &shown, std::size_t most)
{
    if (m_readUntil && shown.to < *m_readUntil) {
        m_episodes.clear();
        m_isCut = false;
    }
    std::unordered_set<qint64> known;
    for (const LockEpisode &episode : read)
        known.insert(episode.id);
    std::erase_if(m_episodes, [&](const LockEpisode &episode) {
        return known.contains(episode.id) || episode.lastSeenAt < shown.from;
    });
    m_episodes.insert(m_episodes.end(), std::make_move_iterator(read.begin()), std::make_move_iterator(read.end()));
    std::sort(m_episodes.begin(), m_episodes.end(), [](const LockEpisode &a, const LockEpisode &b) {
        return a.lastSeenAt != b.lastSeenAt ? a.lastSeenAt > b.lastSeenAt : a.id > b.id;
    });
    // Who read exactly as many as may be kept does not know whether there were more.
    m_isCut = m_episodes.size() >= most;
    if (m_episodes.size() > most)
        m_episodes.resize(most);
    m_readUntil = shown.to;
}

} // namespace tidemark::ui
