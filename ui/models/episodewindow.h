// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/history.h"

#include <vector>

namespace tidemark::ui {

/// The lock waits of one server over a sliding range, kept bounded and read a little at a time: after the first reading
/// only what was seen since the last one has to be asked for. Pure.
class EpisodeWindow
{
public:
    /// What to ask the store for: all of `shown` the first time, then what may have changed.
    [[nodiscard]] TimeRange toRead(const TimeRange &shown) const;
    /// Takes what was read of toRead(), forgets what left `shown`, and keeps the `most` seen last.
    void take(std::vector<LockEpisode> read, const TimeRange &shown, std::size_t most);

    [[nodiscard]] const std::vector<LockEpisode> &episodes() const { return m_episodes; } ///< seen last stand first
    /// There were more than could be kept.
    [[nodiscard]] bool isCut() const { return m_isCut; }

private:
    std::vector<LockEpisode> m_episodes;
    std::optional<Instant> m_readUntil;
    bool m_isCut = false;
};

} // namespace tidemark::ui
