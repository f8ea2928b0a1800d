// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <optional>

namespace tidemark {

/// The table-level lock modes, weakest first (PostgreSQL documentation, "Table-Level Locks").
enum class LockMode {
    AccessShare = 1,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
};

/// As LOCK TABLE takes it: "ACCESS EXCLUSIVE".
[[nodiscard]] QString lockModeSql(LockMode mode);
/// As pg_locks shows it: "AccessExclusiveLock".
[[nodiscard]] QString lockModeCatalogName(LockMode mode);
/// Reads the form of SQL. Nothing where it is not a mode.
[[nodiscard]] std::optional<LockMode> lockModeFromSql(const QString &text);
/// The same of the form of pg_locks.
[[nodiscard]] std::optional<LockMode> lockModeFromCatalogName(const QString &text);

} // namespace tidemark
