// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/profile.h"

namespace tidemark::ui {

/// How to open a session of one's own on a watched server, for what is asked for and not polled.
struct ServerAccess
{
    Profile profile;
    QString password; ///< empty leaves it to libpq and .pgpass
};

/// How to reach one of its databases, password and all.
[[nodiscard]] inline pg::ConnInfo connInfoOf(const ServerAccess &access, const QString &database)
{
    const pg::ConnInfo info = access.profile.connInfo.withDatabase(database);
    return access.password.isEmpty() ? info : info.with(QStringLiteral("password"), access.password);
}

} // namespace tidemark::ui
