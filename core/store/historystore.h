// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/catalog/locks.h"
#include "core/catalog/refreshevent.h"
#include "core/store/localstore.h"

#include <QHash>

#include <memory>
#include <optional>
#include <vector>

namespace tidemark {

/// A database of a server in the store. The server is known by its system identifier, so that history survives a renamed
/// profile; after pg_upgrade or a restore the identifier is new and so is the history.
struct DatabaseRef
{
    QString systemIdentifier;
    QString database;
    friend bool operator==(const DatabaseRef &, const DatabaseRef &) = default;
};

/// What the freshness classifier must remember of a materialized view between polls and between starts.
struct RefreshableBaseline
{
    quint32 oid = 0;
    pg::QualifiedName name;
    quint32 xmin = 0;
    quint32 relfilenode = 0;
    bool populated = true;
    QByteArray attributes;              ///< fingerprint of owner, acl, options, tablespace, name
    qint64 tuplesInserted = 0;
    qint64 tuplesDeleted = 0;
    std::optional<Instant> seenAt;      ///< server clock of the poll that saw this state last
    std::optional<Instant> firstSeenAt; ///< server clock of the poll that saw this xmin first
    LastRefresh lastRefresh;
    std::optional<Instant> lastChangedAt;
    QHash<quint32, qint64> sourceModifications; ///< counters of the sources at the last refresh
    QHash<quint32, quint32> sourceFileNodes;    ///< their relfilenodes then, to notice TRUNCATE and rewrites
    friend bool operator==(const RefreshableBaseline &, const RefreshableBaseline &) = default;
};

struct XidSample
{
    Instant at;
    qint64 nextXid = 0;
    friend bool operator==(const XidSample &, const XidSample &) = default;
};

/// One waiter behind one blocker for a while, however many samples saw it.
struct LockEpisode
{
    qint64 id = 0;
    Instant firstSeenAt;
    Instant lastSeenAt;
    bool ended = false;
    bool soft = false;
    LockParty waiter;
    LockParty blocker;
};

struct SizeSample
{
    Instant at;
    qint64 bytes = 0;
    qint64 rows = -1;
    int partitions = 0;
};

struct OverheadSample
{
    Instant at;
    double serverMsPerSecond = 0;
    double bytesPerSecond = 0;
    int waiters = 0;
    int longestChain = 0;
};

struct AlertRecord
{
    qint64 id = 0;
    QString kind;     ///< "freshness", "blocking", "runway", "job"
    QString subject;  ///< object, job or root blocker
    QString message;
    Instant raisedAt;
    std::optional<Instant> clearedAt;
};

/// An entry of the audit: a statement of ours that changed something, and how it ended. Never rewritten.
struct AuditEntry
{
    Instant at;
    QString profile;
    QString database;
    QString statement;
    QString outcome;  ///< "done", or the error's summary
};

/// What this workstation saw and did, in local SQLite (schema in localstore). Every call is short, may be made from any
/// thread, and answers with an Error rather than throwing; a store that cannot be written never stops the watching.
///
/// Retention: samples keep full resolution for a day, one a minute for a week, one an hour for a year; refreshes, lock
/// episodes and alerts a year; the audit for ever. prune() does it, and is called by the monitor once an hour.
class HistoryStore
{
public:
    explicit HistoryStore(std::shared_ptr<LocalStore> store);

    [[nodiscard]] Status saveBaselines(const DatabaseRef &database, const std::vector<RefreshableBaseline> &changed);
    [[nodiscard]] Status removeBaselines(const DatabaseRef &database, const std::vector<quint32> &oids);
    [[nodiscard]] Result<std::vector<RefreshableBaseline>> baselines(const DatabaseRef &database) const;

    /// The xid clock of a server: samples in order of time. A sample whose xid equals the newest two moves the newest.
    [[nodiscard]] Status addXidSample(const QString &systemIdentifier, const XidSample &sample);
    [[nodiscard]] Result<std::vector<XidSample>> xidSamples(const QString &systemIdentifier) const;

    /// Stores an event, or merges it into the one it tells of again: same object, the finish times (or the running
    /// intervals) of both cannot be told apart. Each field comes from the source that knows it best. Returns its id.
    [[nodiscard]] Result<qint64> addRefresh(const DatabaseRef &database, const RefreshEvent &event);
    /// Newest first; an empty name is all. `range` is on the finish, or the start where there is no finish.
    [[nodiscard]] Result<std::vector<RefreshEvent>> refreshes(const DatabaseRef &database, const pg::QualifiedName &name,
                                                              std::optional<TimeRange> range, int limit) const;

    /// Opens or prolongs the episodes of a sample and ends those it no longer shows.
    [[nodiscard]] Status addLockSample(const QString &systemIdentifier, const LockSnapshot &snapshot);
    [[nodiscard]] Result<std::vector<LockEpisode>> lockEpisodes(const QString &systemIdentifier, const TimeRange &range) const;
    /// The locks as they stood then, from the episodes.
    [[nodiscard]] Result<LockSnapshot> locksAt(const QString &systemIdentifier, Instant at) const;

    [[nodiscard]] Status addSizes(const DatabaseRef &database, Instant at,
                                  const std::vector<std::pair<pg::QualifiedName, SizeSample>> &sizes);
    [[nodiscard]] Result<std::vector<SizeSample>> sizes(const DatabaseRef &database, const pg::QualifiedName &name,
                                                        const TimeRange &range) const;

    [[nodiscard]] Status addOverhead(const QString &systemIdentifier, const OverheadSample &sample);
    [[nodiscard]] Result<std::vector<OverheadSample>> overhead(const QString &systemIdentifier, const TimeRange &range) const;

    /// Targets: an exact name wins over a schema ("public."), which wins over the database's own (both empty).
    [[nodiscard]] Status setTarget(const DatabaseRef &database, const pg::QualifiedName &name, std::optional<Millis> target);
    [[nodiscard]] Result<QHash<pg::QualifiedName, Millis>> targets(const DatabaseRef &database) const;

    [[nodiscard]] Result<qint64> raiseAlert(const DatabaseRef &database, const AlertRecord &alert);
    [[nodiscard]] Status clearAlert(qint64 id, Instant at);
    [[nodiscard]] Result<std::vector<AlertRecord>> alerts(const DatabaseRef &database, const TimeRange &range) const;

    [[nodiscard]] Status addAudit(const AuditEntry &entry);
    [[nodiscard]] Result<std::vector<AuditEntry>> audit(int limit) const;

    [[nodiscard]] Status prune(Instant now);

private:
    std::shared_ptr<LocalStore> m_store;
};

} // namespace tidemark
