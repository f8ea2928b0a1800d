// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ddl/rolesettings.h"

#include "core/pg/qualifiedname.h"

namespace tidemark::ddl {

QStringList settingsOfTheRole(const QString &timeZone)
{
    QStringList statements;
    for (const char *setting : ownSettings)
        statements << QStringLiteral("SET LOCAL %1 TO DEFAULT").arg(QLatin1String(setting));
    if (!timeZone.isEmpty())
        statements.back() = QStringLiteral("SET LOCAL TimeZone = %1").arg(pg::quoteLiteral(timeZone));
    return statements;
}

} // namespace tidemark::ddl
