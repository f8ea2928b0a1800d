// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "core/refresh/refreshwork.h"
#include "core/store/confirmation.h"
#include "core/store/profile.h"

namespace tidemark::refresh {

/// What a profile asks before a plan is carried out, or nothing. Error: Safety for a read-only profile. Pure.
[[nodiscard]] Result<std::optional<ConfirmationNeeded>> confirmationOf(const Profile &profile, const RefreshPlan &plan);

/// Writes down on this workstation what is refreshed from here: each statement in the audit before it is sent and with its
/// outcome, and each refresh in the history as our own run. What the monitor sees of the same refresh merges with that by its
/// transaction. Where the toolkit's refresh log is installed it stands there too (RefreshWork). Without a history
/// nothing is written. From any thread.
class RefreshRecord
{
public:
    RefreshRecord(QString profile, DatabaseRef database, QString applicationName, std::shared_ptr<HistoryStore> history,
                  const Clock &clock);

    /// Error: Local where there is a history and it cannot be written; then nothing may be sent.
    [[nodiscard]] Status begin(const RefreshItem &item) const;
    [[nodiscard]] Status end(const RefreshItem &item, const RefreshOutcome &outcome) const;

private:
    [[nodiscard]] Status audit(const RefreshItem &item, const QString &outcome) const;

    QString m_profile;
    DatabaseRef m_database;
    QString m_applicationName;
    std::shared_ptr<HistoryStore> m_history;
    const Clock &m_clock;
};

} // namespace tidemark::refresh
