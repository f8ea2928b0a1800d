// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/freshnessledger.h"
#include "core/monitor/refreshcommands.h"

#include <QHash>

#include <functional>
#include <vector>

namespace tidemark {

/// Which refreshes are running, sampled each tick from the statements of pg_stat_activity. Where those do not tell (hidden
/// text, functions, several views in one statement) pg_locks is asked, no more than a share of the time its reading takes.
/// Lives on its collector's thread.
class RefreshRuns
{
public:
    /// The oid of the view a statement means; 0 where it cannot be told.
    using Resolve = std::function<quint32(const pg::QualifiedName &)>;

    /// $1 of freshness/running: backends whose transactions are followed to their end.
    [[nodiscard]] std::vector<int> followed() const;
    void setActivity(const pg::ResultSet &rows, const Resolve &resolve, Instant now);
    [[nodiscard]] bool wantsLocks(Instant now) const { return m_unclear && now >= m_locksNotBefore; }
    void setLocks(const pg::ResultSet &rows, Instant now);
    void locksFailed(Instant now);

    [[nodiscard]] const std::vector<SampledRun> &running() const { return m_running; }
    /// Begun and ended since the last call.
    [[nodiscard]] std::vector<SampledRun> takeStarted() { return std::exchange(m_started, {}); }
    [[nodiscard]] std::vector<SampledRun> takeEnded() { return std::exchange(m_ended, {}); }
    void clear();

private:
    struct Backend
    {
        quint32 xid = 0;
        std::optional<Instant> xactStart;
        std::optional<Instant> queryStart;
        QString user;
        QString applicationName;
    };
    void add(quint32 oid, int pid, const Backend &backend, bool concurrently, bool fromText, Instant now);

    std::vector<SampledRun> m_running;
    std::vector<SampledRun> m_started;
    std::vector<SampledRun> m_ended;
    QHash<int, Backend> m_candidates; ///< may be refreshing; only their locks tell
    bool m_unclear = false;
    Instant m_locksNotBefore;
};

} // namespace tidemark
