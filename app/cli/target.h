// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"
#include "app/cli/json.h"
#include "core/monitor/monitor.h"

namespace tidemark::cli {

struct Target
{
    Profile profile;
    QString password; ///< the one given with -d or kept in the keychain; empty leaves it to libpq and .pgpass
};

/// The servers a verb speaks of: every --profile, and -d, or what libpq finds by itself as psql would.
[[nodiscard]] Result<std::vector<Target>> chosenTargets(const Context &context);

/// One look at a server: each of its databases is ticked once. An error of the primary database is the server's; those of
/// the others stand in the snapshot. With -d and a database name only that database is read, as psql would.
[[nodiscard]] Result<std::shared_ptr<const ServerSnapshot>> lookAt(const Context &context, const Target &target);

/// Looks at every chosen server; servers that failed are told on err and turn the exit code, the others go on.
struct Look
{
    Servers servers; ///< those that failed too, without databases
    ExitCode exitCode = ExitCode::Done;
    std::optional<Error> error; ///< why nothing was looked at

    [[nodiscard]] bool reachedAny() const;
    /// Prints a verb's JSON: its rows, and beside them why any may be missing.
    void print(const Context &context, const QString &key, const QJsonArray &rows) const;
};
[[nodiscard]] Look lookAtAll(const Context &context);

} // namespace tidemark::cli
