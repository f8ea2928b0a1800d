// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/job.h"
#include "core/catalog/refreshevent.h"
#include "core/pg/resultset.h"

namespace tidemark {

/// The schedules that the toolkit keeps in a database, as jobs beside those of other schedulers, and what their runs refreshed.
/// Reads the rows of jobs/schedules. Lives on one thread.
class AgentSchedules
{
public:
    /// Since when runs are to be read.
    [[nodiscard]] std::optional<Instant> readUntil() const { return m_readUntil; }
    void absorb(const pg::ResultSet &rows);
    void setDatabase(const QString &database) { m_database = database; }

    [[nodiscard]] const std::vector<Job> &jobs() const { return m_jobs; }
    /// They are there, but this role may not read them.
    [[nodiscard]] bool isForbidden() const { return m_isForbidden; }
    /// Told once.
    [[nodiscard]] std::vector<RefreshEvent> takeEvents();

private:
    void addRun(const QJsonObject &run);

    QString m_database;
    std::vector<Job> m_jobs; ///< one without names refreshes every refreshable: its `refreshes` is empty
    std::vector<RefreshEvent> m_events;
    std::optional<Instant> m_readUntil;
    bool m_isForbidden = false;
};

} // namespace tidemark
