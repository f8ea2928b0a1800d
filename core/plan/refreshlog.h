// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/pg/session.h"
#include "core/store/confirmation.h"
#include "core/store/historystore.h"
#include "core/store/profile.h"

#include <QCoreApplication>

namespace tidemark {

/// Whether the refresh log stands in a database, and what may be done about it.
struct RefreshLogState
{
    enum class Presence {
        Absent,
        Installed,
        SwitchedOff, ///< all there, but an event trigger is disabled or fires on replicas only: nothing is written down
        Partial,     ///< some of it is missing: removing takes away what is there
    };

    Presence presence = Presence::Absent;
    bool isSuperuser = false;
    bool inRecovery = false;
    std::optional<qint64> entries; ///< nothing: this role may not read the log
    std::optional<Instant> oldest;
    std::optional<Instant> newest;
};

/// The optional refresh log of the toolkit: event triggers that write down every REFRESH MATERIALIZED VIEW of a database.
/// Tells whether it is installed, and installs or removes it as the toolkit's other parts (core/plan/toolkit.h), with what is
/// its own: whether it is switched on, who may, and the audit.
///
/// A read-only profile refuses. What must be confirmed is told as data and checked again here. The script stands in the
/// local audit before it runs, and a second time with its outcome; without a writable audit nothing runs. Done is what the
/// server's catalogue shows afterwards. Runs on the thread of the session it is given, which must be able to write.
class RefreshLog
{
    Q_DECLARE_TR_FUNCTIONS(RefreshLog)

public:
    enum class Change { Install, Remove };

    RefreshLog(Profile profile, std::shared_ptr<HistoryStore> history, const Clock &clock);

    /// The script as it is kept in files and run: psql takes it as well.
    [[nodiscard]] static QString script(Change change);

    [[nodiscard]] static Result<RefreshLogState> state(pg::Session &session);

    /// Why this cannot be done there, or nothing: Safety for a read-only profile, Permission where the role is no
    /// superuser, Unsupported on a standby, Input where there is nothing to do.
    [[nodiscard]] Status check(Change change, const RefreshLogState &state) const;

    /// What to ask first: always something, because it changes the database's schema.
    [[nodiscard]] ConfirmationNeeded confirmation(Change change, const QString &database) const;

    /// Does it in the session's database and returns what stands there afterwards. Errors as of check(), Safety where the
    /// confirmation is missing or another word was typed, Local where the audit cannot be written, LockTimeout where
    /// somebody holds the log for too long, and those of the session.
    [[nodiscard]] Result<RefreshLogState> perform(pg::Session &session, Change change,
                                                  const Confirmation &confirmation) const;

private:
    [[nodiscard]] Status audit(const QString &database, Change change, const QString &outcome) const;
    [[nodiscard]] Result<RefreshLogState> run(pg::Session &session, Change change) const;

    Profile m_profile;
    std::shared_ptr<HistoryStore> m_history;
    const Clock &m_clock;
};

} // namespace tidemark
