// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/refreshqueue.h"

#include <map>
#include <memory>

namespace tidemark {

/// The freshness collector's side of the local store: one database's states, refreshes, xid samples and targets. Writes are
/// gathered and go out once a tick; an error is kept to be shown and stops nothing, and what could not be written is tried
/// again with the next tick. Without a store it forgets everything.
/// Lives on its collector's thread.
class FreshnessMemory
{
public:
    explicit FreshnessMemory(std::shared_ptr<HistoryStore> store);

    /// True when it is another database than before: nothing remembered holds any longer.
    [[nodiscard]] bool setDatabase(const DatabaseRef &database);

    [[nodiscard]] std::vector<RefreshableBaseline> baselines();
    [[nodiscard]] std::vector<XidSample> xidSamples();
    /// Newest first; an empty name is all.
    [[nodiscard]] std::vector<RefreshEvent> refreshes(const pg::QualifiedName &name, int limit);
    /// Read again every few seconds, for another program may have set them.
    [[nodiscard]] const QHash<pg::QualifiedName, Millis> &targets(Instant now);

    [[nodiscard]] std::optional<RefreshLogMark> refreshLogMark(quint32 table);
    /// Written once the refreshes told until now are.
    void keep(const RefreshLogMark &mark);
    void keep(const RefreshableBaseline &baseline);
    void forget(quint32 oid);
    void tell(const RefreshEvent &event);
    void addXidSample(const XidSample &sample);
    void flush();
    /// The events alone.
    void flushEvents();

    [[nodiscard]] const std::optional<Error> &error() const { return m_error; }

private:
    void note(const Status &status);

    const std::shared_ptr<HistoryStore> m_store;
    DatabaseRef m_database;
    std::map<quint32, RefreshableBaseline> m_baselines;
    std::vector<quint32> m_forgotten;
    RefreshQueue m_events;
    std::optional<RefreshLogMark> m_mark;
    std::optional<RefreshLogMark> m_markKept;
    QHash<pg::QualifiedName, Millis> m_targets;
    std::optional<Instant> m_targetsReadAt;
    std::optional<Error> m_error;
};

} // namespace tidemark
