// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/session.h"

namespace tidemark::managed {

/// The advisory lock of whoever refreshes one table, held by a session outside of transactions: so the snapshot of a refresh
/// is younger than the end of the one before. Let go with the object.
class RefreshLock
{
public:
    /// Waits for at most `patience`. Errors: Conflict, naming who has it; Cancelled; those of the session.
    [[nodiscard]] static Result<RefreshLock> take(pg::Session &session, quint32 table, const QString &shownName,
                                                  Millis patience, std::stop_token stop);

    RefreshLock(RefreshLock &&other) noexcept;
    RefreshLock &operator=(RefreshLock &&) = delete;
    ~RefreshLock();

private:
    RefreshLock(pg::Session &session, quint32 table);
    pg::Session *m_session;
    quint32 m_table;
};

} // namespace tidemark::managed
