// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/locks.h"
#include "core/catalog/refreshevent.h"
#include "core/pg/capabilities.h"

#include <QHash>

#include <optional>
#include <vector>

namespace tidemark {

/// A database of a server in the store. The server is known by its system identifier, so that history survives a renamed
/// profile; after pg_upgrade or a restore into a new cluster the identifier is new and so is the history. The database is
/// known by its oid: one that was dropped and made again under its name begins anew, one that was renamed goes on.
///
/// A standby that is promoted and a cluster recovered to an earlier point keep identifier and oid and begin a timeline:
/// what transaction ids and row versions meant on another one does not hold there.
struct DatabaseRef
{
    QString systemIdentifier;
    QString database;
    quint32 oid = 0;  ///< 0 where it is not known: the newest database of that name is meant
    int timeline = 0; ///< on which the server writes now; 0 where it is not known
    friend bool operator==(const DatabaseRef &, const DatabaseRef &) = default;
};

[[nodiscard]] inline DatabaseRef databaseRefOf(const pg::Capabilities &capabilities)
{
    return {capabilities.systemIdentifier, capabilities.database, capabilities.databaseOid, capabilities.timeline};
}

/// All leaves of a partitioned table with their relfilenodes in two numbers. Later leaves have higher oids, so the sum can be
/// made again without them.
struct LeafPrint
{
    quint32 newest = 0; ///< the highest oid among them
    quint32 sum = 0;    ///< of the hashes of oid and relfilenode
    friend bool operator==(const LeafPrint &, const LeafPrint &) = default;
};

/// A transaction of another session, at one look (core/monitor/transactionlog.h).
struct OpenTransaction
{
    qint32 pid = 0;
    qint64 startedAt = 0; ///< microseconds since 1970; 0 where the role may not see it
    quint32 xid = 0;      ///< 0 while it has none
    bool holdsSnapshot = false;
    friend bool operator==(const OpenTransaction &, const OpenTransaction &) = default;
};

/// What a view reads, at one moment: counters, and what happens without moving them.
struct SourceState
{
    QHash<quint32, qint64> modifications; ///< counters of the sources
    QHash<quint32, quint32> fileNodes;    ///< their relfilenodes, to notice TRUNCATE and rewrites
    QHash<quint32, LeafPrint> leaves;     ///< the same of the partitions of those that have any
    QHash<quint32, quint32> definitions;  ///< plain views between, with the transactions that had defined them
    qint64 enumChanges = 0;               ///< the counter of changed labels of enum types
    qint64 functionChanges = 0;           ///< that of functions defined anew
    friend bool operator==(const SourceState &, const SourceState &) = default;
};

/// The same at a look, for a later start that finds the view refreshed since.
struct SourceReading : SourceState
{
    Instant at;
    qint64 nextXid = 0; ///< with its epoch
    std::vector<OpenTransaction> open;
    friend bool operator==(const SourceReading &, const SourceReading &) = default;
};

/// The same as of its last refresh: what is different from it came since.
struct SourceBase : SourceState
{
    QHash<quint32, qint64> around;    ///< by source: what came in while it cannot be told whether the refresh saw it
    quint32 ofXmin = 0;               ///< the row version that the refresh left; 0 where it was no refresh
    QHash<quint32, quint32> included; ///< nested views: the row version whose content is certainly in the view
    bool isWhole = false;             ///< nothing can have been missed between the refresh and these counters
    Instant settlesAt;                ///< what is counted up to then may be of before the refresh
    QString blindSpot;                ///< what happened since that counters do not tell; empty: nothing
    bool doubtful = false;            ///< what it was taken at was only probably a refresh, and rows had changed before
    std::optional<SourceReading> lastReading; ///< that is certainly older than any refresh not known yet
    friend bool operator==(const SourceBase &, const SourceBase &) = default;
};

/// What the freshness classifier must remember of a materialized view between polls and between starts.
struct RefreshableBaseline
{
    quint32 oid = 0;
    pg::QualifiedName name;
    int timeline = 0; ///< on which it was seen last; filled in by reading, saving takes it from the DatabaseRef
    quint32 xmin = 0;
    quint32 relfilenode = 0;
    bool populated = true;
    QByteArray attributes; ///< fingerprint of owner, acl, options, tablespace, name
    qint64 tuplesInserted = 0;
    qint64 tuplesDeleted = 0;
    std::optional<Instant> seenAt;      ///< server clock of the poll that saw this state last
    std::optional<Instant> firstSeenAt; ///< from when on changes of its sources are counted
    LastRefresh lastRefresh;
    std::optional<Instant> lastChangedAt;
    SourceBase sources;
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
    QString database; ///< filled in by reading; raising takes it from the DatabaseRef
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
    QString outcome; ///< "done", or the error's summary
};

/// How far the toolkit's refresh log of a database has been read. On another timeline, and in a log that was installed anew,
/// its ids mean nothing.
struct RefreshLogMark
{
    quint32 table = 0; ///< oid of the log
    qint64 id = 0;     ///< all up to here are in the history
    friend bool operator==(const RefreshLogMark &, const RefreshLogMark &) = default;
};

/// What the history knows of a refreshable's refreshes at a moment.
struct RefreshState
{
    pg::QualifiedName name;
    RefreshableKind kind = RefreshableKind::MaterializedView;
    quint32 oid = 0; ///< 0 where no baseline knows it
    bool populated = true;
    LastRefresh lastRefresh;
    std::optional<Instant> lastChangedAt;
    std::vector<Millis> recentDurations; ///< of successes before the moment, oldest first, at most 20
};

/// What a kept row of a snapshot is. The numbers are those of the store.
enum class ReplayPart { Database = 0, Refreshable = 1, Source = 2, Job = 3, Table = 4, Partition = 5 };

/// A row of a snapshot that changed: what it says now, or that it is gone.
struct ReplayRow
{
    ReplayPart part = ReplayPart::Database;
    qint64 key = 0; ///< within the part: mostly the oid
    std::optional<QByteArray> value;
};

/// A mark for the time bar. Near ones of one kind are told as one.
struct TimelineMark
{
    enum class Kind { Refreshed, RefreshFailed, LockWait, Alert } kind = Kind::Refreshed;
    Instant from;
    Instant to;       ///< equal to `from` for a point
    int count = 1;    ///< how many it stands for
    QString database; ///< of the newest of them; empty for lock waits
    QString subject;  ///< of the newest of them: object, root blocker or the alert's message
};

} // namespace tidemark
