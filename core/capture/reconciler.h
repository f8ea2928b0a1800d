// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/capture/capturespec.h"
#include "core/pg/transaction.h"

namespace tidemark {

struct ReconcileSpec
{
    CaptureSpec capture;
    pg::QualifiedName target;
    QStringList columns; ///< what is copied: all but generated columns
    /// Leaves rows alone that are the same already: under a mirror nearly all are.
    bool skipEqual = false;
    /// Empties the target by TRUNCATE where the source was truncated; by DELETE where that lock (ACCESS EXCLUSIVE) is
    /// unwelcome or foreign keys refer to the target.
    bool truncateTarget = true;
    /// Keeps triggers and foreign keys of the target still (session_replication_role); needs a superuser or that right.
    bool asReplica = false;
};

struct ReconcileCount
{
    qint64 entries = 0; ///< taken from the log; one key may have many
    qint64 deleted = 0;
    qint64 inserted = 0;
    int truncations = 0;
    /// A unique value had moved to a key of this batch from one that still waits: all waiting keys' rows were deleted.
    bool widened = false;
    std::chrono::microseconds duration{0};
};

struct CaptureLag
{
    qint64 pending = 0; ///< entries; one key may have many
    int truncations = 0;
    std::optional<Millis> oldest; ///< since the statement that made the oldest entry began
    [[nodiscard]] bool isEmpty() const { return pending == 0 && truncations == 0; }
};

/// Makes the target's rows equal the source's for every key that changed, from the log of a capture.
///
/// Why that is right. An entry of the log and the change it tells of commit together. Call a key settled when the log has
/// no committed entry of it; the rule is that settled keys have the same rows in the source and in the target. A batch runs
/// on one snapshot (REPEATABLE READ) that sees an entry only with its change. It deletes the keys' rows from the target,
/// inserts the source's rows of that snapshot and deletes the entries, all or nothing. A change the snapshot does not see
/// has an entry it does not see either, which therefore stays. So the rule holds after each batch whatever the order, and
/// doing one twice does no harm. A row's earlier keys are in the log by their own entries (an UPDATE logs old and new).
///
/// TRUNCATE is not seen through snapshots, so the source is locked (ACCESS SHARE) before the snapshot is taken: no TRUNCATE
/// commits in between. One that did commit has left its condition; every row the source has now under that condition came
/// later and is in the log, since TRUNCATE waits for all writers and keeps new ones out. A batch acts on conditions
/// before entries, so such a row cannot have been settled before its condition was acted on.
///
/// Two batches at once would still be safe, as both delete the same entries and the server lets one of them; a
/// transaction's advisory lock keeps it from coming to that.
///
/// A unique value may move from key A to key B. B's batch then meets the stale A while A still waits. What every snapshot
/// has is consistent, so it is enough to delete the rows of all waiting keys, which their entries bring back.
///
/// The target has no triggers that fire and nobody else's writes but the capture's mirror. Used on the session's thread.
class Reconciler
{
public:
    Reconciler(pg::Session &session, ReconcileSpec spec);

    [[nodiscard]] const ReconcileSpec &spec() const { return m_spec; }

    /// One batch of about so many entries. Zero entries and truncations: the log was empty.
    /// Errors: Conflict, retryable, where another session reconciles this capture or the mirror's writers win five times;
    /// LockTimeout; Constraint where the target refuses what the source has.
    [[nodiscard]] Result<ReconcileCount> step(qint64 maxEntries, const pg::CallOptions &call = {});

    /// Everything that waits, in a transaction of the caller's that has locked the source against writers (SHARE or more)
    /// at READ COMMITTED; anything else is refused as Safety. Afterwards source and target are equal for as long as the
    /// lock is held.
    [[nodiscard]] Result<ReconcileCount> drain(pg::Transaction &transaction, const pg::CallOptions &call = {});

    /// Reads the whole log.
    [[nodiscard]] Result<CaptureLag> lag(const pg::CallOptions &call = {});

    /// How long draining so many entries would take, from the batches so far (the latest count most). Nothing before one.
    [[nodiscard]] std::optional<std::chrono::microseconds> predictedDrain(qint64 pending) const;
    /// Entries a second, from the same.
    [[nodiscard]] std::optional<double> entriesPerSecond() const;

private:
    [[nodiscard]] Result<ReconcileCount> attempt(std::optional<qint64> maxEntries, const pg::CallOptions &call);
    [[nodiscard]] Result<ReconcileCount> reconcile(pg::Transaction &transaction, std::optional<qint64> maxEntries,
                                                   const pg::CallOptions &call);
    [[nodiscard]] Result<ReconcileCount> truncate(pg::Transaction &transaction, const pg::CallOptions &call);
    [[nodiscard]] Status lockCapture(pg::Transaction &transaction, const pg::CallOptions &call);
    [[nodiscard]] Error within(const Error &error) const;
    void learn(const ReconcileCount &count);

    pg::Session &m_session;
    ReconcileSpec m_spec;
    double m_microsPerEntry = 0;
    double m_microsPerBatch = 0; ///< of one with hardly an entry
    bool m_hasMeasured = false;
};

} // namespace tidemark
