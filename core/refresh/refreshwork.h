// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/lockgate.h"
#include "core/refresh/refreshplan.h"

#include <functional>

namespace tidemark::refresh {

/// What became of one refresh. Moments are the server's.
struct RefreshOutcome
{
    std::optional<Instant> startedAt; ///< of the statement itself; nothing where it did not come to that
    std::optional<Instant> finishedAt;
    std::optional<Millis> took;
    Millis waited{0};              ///< for locks, before it began
    std::optional<qint64> written; ///< rows inserted; of a plain refresh all that it holds now
    std::optional<qint64> removed; ///< rows deleted, where it works row by row
    qint64 xid = 0;                ///< of its transaction, with its epoch; 0 where it is none of one transaction
    QString user;
    std::optional<Error> error; ///< nothing: it succeeded
};

/// How one refresh is carried out: on a session that may write, in one transaction that also finds out what it wrote, its
/// locks come by through LockGate so that nobody queues behind a refresh that waits. The view's definition and its functions
/// run under the settings that the role and the database have, not under those of our sessions: the time zone decides what
/// is a day. A continuous aggregate's refresh commits by itself, outside a transaction; a managed table's
/// is one of its own (core/managed/deltarefresh.h).
///
/// Used by one thread.
class RefreshWork
{
public:
    struct Limits
    {
        LockPatience patience;
        std::optional<Millis> statementTimeout;
    };
    /// Who stands in the way, in words; empty when the way is free.
    using Waiting = std::function<void(const QString &)>;
    /// Right before the statement that refreshes is sent.
    using Beginning = std::function<void()>;

    RefreshWork(Limits limits, Waiting waiting, Beginning beginning);

    /// Makes a session ready: from then on the server itself notices when this program is gone (14 and later).
    [[nodiscard]] static Status prepare(pg::Session &session);

    [[nodiscard]] RefreshOutcome perform(pg::Session &session, const RefreshItem &item, std::stop_token stop) const;

    /// Whether the refresh's transaction, RefreshOutcome::xid, committed: what to ask where the connection broke at COMMIT.
    /// Its backend may be at it still: waits for its end up to `patience`, and is asked at least once. Errors: InDoubt where
    /// it goes on; the session's.
    [[nodiscard]] static Result<bool> isCommitted(pg::Session &session, const RefreshItem &item, qint64 xid,
                                                  Millis patience, const std::stop_token &stop = {});

private:
    [[nodiscard]] Status inTransaction(pg::Session &session, const RefreshItem &item, RefreshOutcome &outcome,
                                       const std::stop_token &stop) const;
    [[nodiscard]] Status byItself(pg::Session &session, const RefreshItem &item, RefreshOutcome &outcome,
                                  const std::stop_token &stop) const;
    [[nodiscard]] Status byDelta(pg::Session &session, const RefreshItem &item, RefreshOutcome &outcome,
                                 const std::stop_token &stop) const;
    [[nodiscard]] Status carryOut(pg::Session &session, const RefreshItem &item, RefreshOutcome &outcome,
                                  const std::stop_token &stop) const;

    Limits m_limits;
    Waiting m_waiting;
    Beginning m_beginning;
};

} // namespace tidemark::refresh
