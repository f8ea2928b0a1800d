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

} // namespace tidemark::pg
