// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/catalog/locks.h"
#include "core/pg/session.h"
#include "core/store/confirmation.h"
#include "core/store/historystore.h"
#include "core/store/profile.h"

#include <QCoreApplication>

#include <stop_token>

namespace tidemark {

enum class BackendOutcome {
    Done,        ///< seen to have ended: the statement, or the backend itself
    AlreadyGone, ///< that backend had ended before; whoever has its pid now was not touched
    Refused,     ///< the server does not let this role do it, or there is nothing to cancel
    StillThere,  ///< the signal was sent, but its effect was not seen within the patience
};

struct BackendReport
{
    BackendOutcome outcome = BackendOutcome::Done;
    QString text; ///< for people; of a refusal, why, and the way out
};

/// Cancels the statement of one backend, or terminates the backend, and exactly that one: it is known by its pid together
/// with the moment it started, both compared in the very statement that signals, so that a pid given to another backend in
/// the meantime is left alone.
///
/// A read-only profile refuses. What must be confirmed is told as data and checked again here. Every signal stands in the
/// local audit before it is sent, and a second time with its outcome; without a writable audit nothing is sent.
/// Runs on the thread of the session it is given, which must not be the monitor's while that ticks; waits up to `patience`
/// to see the effect; a stop ends the waiting, with an error of kind Cancelled. Parties that are prepared transactions have
/// no backend: see rollbackPreparedSql().
class BackendAction
{
    Q_DECLARE_TR_FUNCTIONS(BackendAction)

public:
    enum class Kind { Cancel, Terminate };

    BackendAction(Profile profile, std::shared_ptr<HistoryStore> history, const Clock &clock);

    /// What to ask first, or nothing where the profile asks for nothing. Errors: Safety for a read-only profile, Input for
    /// a party that has no backend, Permission where this role cannot tell which backend it is.
    [[nodiscard]] Result<std::optional<ConfirmationNeeded>> confirmation(Kind kind, const LockParty &party) const;

    /// Does it. Errors as of confirmation(), Safety where the confirmation is missing or another word was typed, Local
    /// where the audit cannot be written, and those of the session.
    [[nodiscard]] Result<BackendReport> perform(pg::Session &session, Kind kind, const LockParty &party,
                                                const Confirmation &confirmation, Millis patience = Millis(3'000),
                                                const std::stop_token &stop = {}) const;

    /// The statement as it will run.
    [[nodiscard]] static QString sql(Kind kind, const LockParty &party);

    /// How a person ends a prepared transaction by hand, in its database. Tidemark does not do that itself: what to do with
    /// one is for its transaction manager to say.
    [[nodiscard]] static QString rollbackPreparedSql(const LockParty &party);

private:
    [[nodiscard]] Status check(const LockParty &party) const;
    [[nodiscard]] Status audit(const LockParty &party, const QString &statement, const QString &outcome) const;
    [[nodiscard]] Result<BackendReport> signal(pg::Session &session, Kind kind, const LockParty &party,
                                               const QString &statement, Millis patience,
                                               const std::stop_token &stop) const;

    Profile m_profile;
    std::shared_ptr<HistoryStore> m_history;
    const Clock &m_clock;
};

} // namespace tidemark
