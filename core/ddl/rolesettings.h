// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

#include <array>

namespace tidemark::ddl {

/// What pg::Session sets for its own reading and the definition of a view must not see, since what it says may depend on it.
inline constexpr std::array ownSettings{
    "search_path", "DateStyle", "IntervalStyle", "bytea_output", "jit", "max_parallel_workers_per_gather", "TimeZone"};

/// Statements that for one transaction put back what role and database have; with `timeZone` that one instead of theirs. Pure.
[[nodiscard]] QStringList settingsOfTheRole(const QString &timeZone = {});

} // namespace tidemark::ddl
