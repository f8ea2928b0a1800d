// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/snapshotfence.h"

namespace tidemark::stage {

SnapshotFence::SnapshotFence(const QString &name)
    : m_trigger(QStringLiteral("tidemark_%1_fence").arg(name))
    , m_function{QStringLiteral("tidemark"), name + QStringLiteral("_fence")}
    , m_mark{QStringLiteral("tidemark"), name + QStringLiteral("_swapped")}
{
}

QStringList SnapshotFence::install() const
{
    return {QStringLiteral("CREATE TABLE %1 (at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp())")
                .arg(m_mark.quoted()),
            QStringLiteral(
                "CREATE FUNCTION %1() RETURNS trigger\n"
                "LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $fence$\n"
                "BEGIN\n"
                "    IF pg_catalog.current_setting('transaction_isolation') IN ('repeatable read', 'serializable')\n"
                "        AND NOT EXISTS (SELECT FROM %2) THEN\n"
                "        RAISE EXCEPTION 'could not serialize access due to the exchange of table %', TG_TABLE_NAME\n"
                "            USING ERRCODE = 'serialization_failure';\n"
                "    END IF;\n"
                "    RETURN NULL;\n"
                "END\n"
                "$fence$")
                .arg(m_function.quoted(), m_mark.quoted()),
            QStringLiteral("REVOKE ALL ON FUNCTION %1() FROM PUBLIC").arg(m_function.quoted())};
}

QStringList SnapshotFence::close(const pg::QualifiedName &table, bool always) const
{
    const QString trigger = pg::quoteIdentifier(m_trigger);
    QStringList statements{
        QStringLiteral("INSERT INTO %1 DEFAULT VALUES").arg(m_mark.quoted()),
        QStringLiteral("CREATE TRIGGER %1 BEFORE INSERT OR UPDATE OR DELETE ON %2 FOR EACH STATEMENT "
                       "EXECUTE FUNCTION %3()")
            .arg(trigger, table.quoted(), m_function.quoted())};
    if (always)
        statements << QStringLiteral("ALTER TABLE %1 ENABLE ALWAYS TRIGGER %2").arg(table.quoted(), trigger);
    return statements;
}

QString SnapshotFence::open(const pg::QualifiedName &table) const
{
    return QStringLiteral("DROP TRIGGER IF EXISTS %1 ON %2").arg(pg::quoteIdentifier(m_trigger), table.quoted());
}

QStringList SnapshotFence::uninstall() const
{
    return {QStringLiteral("DROP FUNCTION IF EXISTS %1()").arg(m_function.quoted()),
            QStringLiteral("DROP TABLE IF EXISTS %1").arg(m_mark.quoted())};
}

} // namespace tidemark::stage
