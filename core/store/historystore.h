// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/store/history.h"
#include "core/store/localstore.h"

#include <memory>

namespace tidemark {

/// What this workstation saw and did, in local SQLite (schema in localstore). Every call is short, may be made from any
/// thread, and answers with an Error rather than throwing; a store that cannot be written never stops the watching.
///
/// Retention: samples keep full resolution for a day, one a minute for a week, one an hour for a year; refreshes, lock
/// episodes and alerts a year; the audit for ever. prune() does it, and is called by the monitor once an hour.
class HistoryStore
{
public:
    static constexpr int noLimit = -1;

    explicit HistoryStore(std::shared_ptr<LocalStore> store);

    [[nodiscard]] Status saveBaselines(const DatabaseRef &database, const std::vector<RefreshableBaseline> &changed);
    [[nodiscard]] Status removeBaselines(const DatabaseRef &database, const std::vector<quint32> &oids);
    [[nodiscard]] Result<std::vector<RefreshableBaseline>> baselines(const DatabaseRef &database) const;

    /// The xid clock of a server on one timeline: samples in order of time. A sample whose xid equals the newest two moves
    /// the newest. One database a server tells it, and never a standby, whose ids lag.
    [[nodiscard]] Status addXidSample(const QString &systemIdentifier, int timeline, const XidSample &sample);
    [[nodiscard]] Result<std::vector<XidSample>> xidSamples(const QString &systemIdentifier, int timeline) const;

    /// Stores what a source tells of a refresh, or merges it into the one it tells of again (the rules are in
    /// refreshmerge.h). Each field then comes from the source that knows it best. Returns the id of the refresh.
    [[nodiscard]] Result<qint64> addRefresh(const DatabaseRef &database, const RefreshEvent &event);
    /// The same for many, in one transaction: the history of a job scheduler on first sight.
    [[nodiscard]] Status addRefreshes(const DatabaseRef &database, const std::vector<RefreshEvent> &events);
    /// Newest first; an empty name is all. `range` is on the finish, or the start where there is no finish.
    [[nodiscard]] Result<std::vector<RefreshEvent>> refreshes(const DatabaseRef &database,
                                                              const pg::QualifiedName &name,
                                                              std::optional<TimeRange> range, int limit) const;
    /// How many refreshes() of all names would tell without a limit.
    [[nodiscard]] Result<qint64> countRefreshes(const DatabaseRef &database, const TimeRange &range) const;

    /// How far the refresh log of that oid was read on the database's timeline; nothing: never.
    [[nodiscard]] Result<std::optional<RefreshLogMark>> refreshLogMark(const DatabaseRef &database,
                                                                       quint32 table) const;
    [[nodiscard]] Status setRefreshLogMark(const DatabaseRef &database, const RefreshLogMark &mark);

    /// What was known then of every refreshable, from its events and baselines; nothing that came later.
    [[nodiscard]] Result<std::vector<RefreshState>> refreshStatesAt(const DatabaseRef &database, Instant at) const;

    /// Opens or prolongs the episodes of a sample and ends those that two samples no longer show. To be called for samples
    /// without waiters too: they end what was open, and cost nothing when nothing was.
    [[nodiscard]] Status addLockSample(const QString &systemIdentifier, const LockSnapshot &snapshot);
    /// In order of their beginning; with a limit those seen last.
    [[nodiscard]] Result<std::vector<LockEpisode>> lockEpisodes(const QString &systemIdentifier, const TimeRange &range,
                                                                int limit = noLimit) const;
    [[nodiscard]] Result<qint64> countLockEpisodes(const QString &systemIdentifier, const TimeRange &range) const;
    /// The locks as they stood then, from the episodes.
    [[nodiscard]] Result<LockSnapshot> locksAt(const QString &systemIdentifier, Instant at) const;

    [[nodiscard]] Status addSizes(const DatabaseRef &database, Instant at,
                                  const std::vector<std::pair<pg::QualifiedName, SizeSample>> &sizes);
    /// The newest sample of each object that is not younger than `at` nor older than `at` - `maxAge`.
    [[nodiscard]] Result<std::vector<std::pair<pg::QualifiedName, SizeSample>>>
    sizesAt(const DatabaseRef &database, Instant at, Millis maxAge) const;
    [[nodiscard]] Result<std::vector<SizeSample>> sizes(const DatabaseRef &database, const pg::QualifiedName &name,
                                                        const TimeRange &range) const;

    /// Rows of a snapshot as they were on screen from `at` on, until they are told otherwise.
    [[nodiscard]] Status addReplayRows(const DatabaseRef &database, Instant at, const std::vector<ReplayRow> &rows);
    [[nodiscard]] Result<std::vector<std::pair<qint64, QByteArray>>> replayRowsAt(const DatabaseRef &database,
                                                                                  ReplayPart part, Instant at) const;
    /// The databases of which rows were kept then.
    [[nodiscard]] Result<std::vector<DatabaseRef>> replayDatabasesAt(const QString &systemIdentifier, Instant at) const;

    [[nodiscard]] Status addOverhead(const QString &systemIdentifier, const OverheadSample &sample);
    [[nodiscard]] Result<std::vector<OverheadSample>> overhead(const QString &systemIdentifier,
                                                               const TimeRange &range) const;

    /// Targets: an exact name wins over a schema ("public."), which wins over the database's own (both empty).
    [[nodiscard]] Status setTarget(const DatabaseRef &database, const pg::QualifiedName &name,
                                   std::optional<Millis> target);
    [[nodiscard]] Result<QHash<pg::QualifiedName, Millis>> targets(const DatabaseRef &database) const;

    /// One alert of a kind and subject is open at a time: raising it again gives the open one the new message.
    [[nodiscard]] Result<qint64> raiseAlert(const DatabaseRef &database, const AlertRecord &alert);
    /// `because`, where there is a reason other than that all is well, is added to the message.
    [[nodiscard]] Status clearAlert(qint64 id, Instant at, const QString &because = {});
    /// Those that stood at some time in the range, newest first; an empty database name is all of the server.
    [[nodiscard]] Result<std::vector<AlertRecord>> alerts(const DatabaseRef &database, const TimeRange &range,
                                                          int limit = noLimit) const;
    /// Those not cleared yet, of all databases of the server.
    [[nodiscard]] Result<std::vector<AlertRecord>> openAlerts(const QString &systemIdentifier) const;

    /// The databases of a server that the history knows.
    [[nodiscard]] Result<QStringList> databases(const QString &systemIdentifier) const;
    /// Refreshes, lock waits and alerts for a time bar, in order of time. What lies within a `parts`-th of the range is one
    /// mark, so that there are at most four times `parts`.
    [[nodiscard]] Result<std::vector<TimelineMark>> timeline(const QString &systemIdentifier, const TimeRange &range,
                                                             int parts) const;

    [[nodiscard]] Status addAudit(const AuditEntry &entry);
    [[nodiscard]] Result<std::vector<AuditEntry>> audit(int limit) const;

    [[nodiscard]] Status prune(Instant now);

private:
    std::shared_ptr<LocalStore> m_store;
};

/// The target that holds for a name, from what HistoryStore::targets() gives.
[[nodiscard]] std::optional<Millis> targetFor(const QHash<pg::QualifiedName, Millis> &targets,
                                              const pg::QualifiedName &name);

} // namespace tidemark
