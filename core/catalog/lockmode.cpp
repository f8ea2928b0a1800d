// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/lockmode.h"

#include <QLatin1String>

#include <array>

namespace tidemark {

namespace {

struct Name
{
    LockMode mode;
    const char *sql;
    const char *catalog;
};

constexpr std::array names{
    Name{LockMode::AccessShare, "ACCESS SHARE", "AccessShareLock"},
    Name{LockMode::RowShare, "ROW SHARE", "RowShareLock"},
    Name{LockMode::RowExclusive, "ROW EXCLUSIVE", "RowExclusiveLock"},
    Name{LockMode::ShareUpdateExclusive, "SHARE UPDATE EXCLUSIVE", "ShareUpdateExclusiveLock"},
    Name{LockMode::Share, "SHARE", "ShareLock"},
    Name{LockMode::ShareRowExclusive, "SHARE ROW EXCLUSIVE", "ShareRowExclusiveLock"},
    Name{LockMode::Exclusive, "EXCLUSIVE", "ExclusiveLock"},
    Name{LockMode::AccessExclusive, "ACCESS EXCLUSIVE", "AccessExclusiveLock"},
};

const Name &nameOf(LockMode mode)
{
    return names.at(static_cast<size_t>(mode) - 1);
}

std::optional<LockMode> modeBy(const char *Name::*form, const QString &text)
{
    for (const Name &name : names) {
        if (text == QLatin1String(name.*form))
            return name.mode;
    }
    return std::nullopt;
}

} // namespace

QString lockModeSql(LockMode mode)
{
    return QLatin1String(nameOf(mode).sql);
}

QString lockModeCatalogName(LockMode mode)
{
    return QLatin1String(nameOf(mode).catalog);
}

std::optional<LockMode> lockModeFromSql(const QString &text)
{
    return modeBy(&Name::sql, text);
}

std::optional<LockMode> lockModeFromCatalogName(const QString &text)
{
    return modeBy(&Name::catalog, text);
}

} // namespace tidemark
