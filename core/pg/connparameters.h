// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <optional>

struct pg_conn;

namespace tidemark::pg {

/// A connection parameter that libpq does not take, by its documentation ("Parameter Key Words"), and what it does take.
struct WrongParameter
{
    QString name;
    QString hint;
};

/// What is wrong with the parameters of a connection that failed, wherever they came from: the connection string, the
/// service file or the environment. libpq tells its reasons apart by words alone, which may be in any language.
[[nodiscard]] std::optional<WrongParameter> wrongParameter(const pg_conn *connection);

/// connect_timeout, where it is no number: libpq looks at it only where it waits itself, which it does not here.
[[nodiscard]] std::optional<WrongParameter> wrongTimeout(const pg_conn *connection);

/// Servers answered, but none is what a parameter demands: which one, for a hint. `message` is libpq's.
[[nodiscard]] std::optional<QString> unmetDemand(const pg_conn *connection, const QString &message);

} // namespace tidemark::pg
