// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/historystore.h"

namespace tidemark {

/// Refreshes on the way to the history. What it refuses waits for the next flush(), of much the newest. Lives on one thread.
class RefreshQueue
{
public:
    static constexpr std::size_t most = 10'000;

    void push(RefreshEvent event) { m_events.push_back(std::move(event)); }
    void clear() { m_events.clear(); }
    [[nodiscard]] bool isEmpty() const { return m_events.empty(); }

    [[nodiscard]] Status flush(HistoryStore &history, const DatabaseRef &database)
    {
        if (m_events.empty())
            return {};
        Status kept = history.addRefreshes(database, m_events);
        if (kept)
            m_events.clear();
        else if (m_events.size() > most)
            m_events.erase(m_events.begin(), m_events.end() - most);
        return kept;
    }

private:
    std::vector<RefreshEvent> m_events;
};

} // namespace tidemark
