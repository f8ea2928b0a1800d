// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/transaction.h"
#include "core/plan/step.h"

#include <functional>

namespace tidemark {

/// Somebody whose lock stands between us and one of ours.
struct LockHolder
{
    pg::QualifiedName relation;
    int pid = 0; ///< 0 for a prepared transaction
    std::optional<Instant> backendStart;
    QString preparedGid;
    LockMode mode = LockMode::AccessShare;
    bool granted = true; ///< false: it waits itself, and stands before us in the queue
    std::optional<Millis> transactionAge;
    QString state;
    QString user;
    QString applicationName;
    QString query;

    /// "pid 4711 (app, postgres): idle in transaction for 12 s, holds ACCESS SHARE on public.plays"
    [[nodiscard]] QString text() const;
};

/// What a DBA allows for a run, and how long anybody may be made to wait.
struct LockPatience
{
    Millis attempt{50};         ///< lock_timeout of one attempt: so long others may queue behind us
    Millis pause{500};          ///< between attempts, for those who queued
    Millis oldTransaction{200}; ///< a holder in a transaction older than this is waited for without queueing
    Millis giveUp{30 * 60 * 1000};
    std::optional<Millis> cancelBlockersAfter;    ///< with the DBA's consent for this run
    std::optional<Millis> terminateBlockersAfter; ///< likewise
};

/// How a lock was come by, for the journal.
struct LockAcquisition
{
    Millis waited{0};
    Millis longestQueued{0}; ///< the longest that others can have queued behind one of our attempts
    Millis lastQueued{0};    ///< the same of the attempt that succeeded, who wait on while the locks are held
    int attempts = 0;
};

/// A transaction in which the locks are held.
struct LockedTransaction
{
    pg::Transaction transaction;
    LockAcquisition acquisition;
};

/// The one way to a lock that others queue behind. It looks who holds the relations, waits for old transactions to end
/// without standing in the queue itself, then tries with a short lock_timeout, pauses, and tries again; so nobody waits
/// longer than LockPatience::attempt for our sake. It names the blockers while it waits, and signals them only
/// where the DBA allowed that for the run.
class LockGate
{
public:
    /// Called on the session's thread, each time the set of holders changes and at least every few seconds; empty when the
    /// way is free.
    using Waiting = std::function<void(const std::vector<LockHolder> &holders, Millis waited)>;

    /// Called on the session's thread when nobody old is in the way, right before each attempt, outside a transaction.
    using Ready = std::function<Status()>;

    /// Takes the locks by the very statement that needs them, where no LOCK TABLE can: in the transaction of the attempt,
    /// under its lock_timeout. An error that may pass ends the attempt, any other all of them.
    using Take = std::function<Status(pg::Transaction &)>;

    LockGate(LockPatience patience, Waiting waiting, Ready ready = {});

    /// Begins a transaction that holds all the locks; with `take` they are only looked at here, and taken by that. Relations
    /// that do not exist are an error of kind Missing.
    /// Errors: LockTimeout after LockPatience::giveUp, naming who is in the way; Cancelled; those of the session.
    [[nodiscard]] Result<LockedTransaction> open(pg::Session &session, const std::vector<StepLock> &locks,
                                                 std::stop_token stop, const Take &take = {}) const;

    /// Who would be waited for now (N4). Those who would queue behind us are all who come for a conflicting lock meanwhile.
    [[nodiscard]] static Result<std::vector<LockHolder>>
    holders(pg::Session &session, const std::vector<StepLock> &locks, std::stop_token stop = {});

private:
    [[nodiscard]] Status signalOverdue(pg::Session &session, const std::vector<LockHolder> &holders,
                                       Millis waited) const;

    LockPatience m_patience;
    Waiting m_waiting;
    Ready m_ready;
};

} // namespace tidemark
