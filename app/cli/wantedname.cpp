// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/wantedname.h"

#include "core/base/printable.h"

namespace tidemark::cli {

Result<WantedName> WantedName::of(const Context &context)
{
    WantedName wanted;
    if (context.arguments.isEmpty())
        return wanted;
    const QString text = context.arguments.first();
    wanted.m_name = pg::QualifiedName::parse(text);
    if (!wanted.m_name) {
        return fail(Error::input(QStringLiteral("'%1' is not a name").arg(printable(text)),
                                 QStringLiteral("Write NAME or SCHEMA.NAME, in double quotes where psql needs them.")));
    }
    return wanted;
}

bool WantedName::fits(const pg::QualifiedName &name) const
{
    return !m_name || (m_name->name == name.name && (m_name->schema.isEmpty() || m_name->schema == name.schema));
}

pg::QualifiedName WantedName::exact() const
{
    return m_name && !m_name->schema.isEmpty() ? *m_name : pg::QualifiedName();
}

QString WantedName::display() const
{
    return m_name ? printable(m_name->display()) : QString();
}

} // namespace tidemark::cli
