// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/storeids.h"

namespace tidemark {

qint64 findServerId(SQLite::Database &database, const QString &systemIdentifier)
{
    Statement find(database, "SELECT id FROM server WHERE system_identifier = ?");
    return find.bind(systemIdentifier).next() ? find.integer(0) : 0;
}

qint64 makeServerId(SQLite::Database &database, const QString &systemIdentifier)
{
    if (const qint64 id = findServerId(database, systemIdentifier); id != 0)
        return id;
    Statement(database, "INSERT INTO server (system_identifier) VALUES (?)").bind(systemIdentifier).run();
    return database.getLastInsertRowid();
}

qint64 findDatabaseId(SQLite::Database &database, const DatabaseRef &ref)
{
    Statement find(database, "SELECT d.id FROM database d JOIN server s ON s.id = d.server_id "
                             "WHERE s.system_identifier = ? AND d.name = ?");
    return find.bind(ref.systemIdentifier, ref.database).next() ? find.integer(0) : 0;
}

qint64 makeDatabaseId(SQLite::Database &database, const DatabaseRef &ref)
{
    if (const qint64 id = findDatabaseId(database, ref); id != 0)
        return id;
    const qint64 serverId = makeServerId(database, ref.systemIdentifier);
    Statement(database, "INSERT INTO database (server_id, name) VALUES (?, ?)").bind(serverId, ref.database).run();
    return database.getLastInsertRowid();
}

ObjectIds::ObjectIds(SQLite::Database &database, qint64 databaseId)
    : m_databaseId(databaseId)
    , m_find(database, "SELECT id FROM object WHERE database_id = ? AND schema = ? AND name = ?")
    , m_make(database, "INSERT INTO object (database_id, schema, name) VALUES (?, ?, ?) RETURNING id")
{
}

qint64 ObjectIds::find(const pg::QualifiedName &name)
{
    const qint64 id = m_find.bind(m_databaseId, name.schema, name.name).next() ? m_find.integer(0) : 0;
    m_find.reset();
    return id;
}

qint64 ObjectIds::make(const pg::QualifiedName &name)
{
    if (const qint64 id = find(name); id != 0)
        return id;
    static_cast<void>(m_make.bind(m_databaseId, name.schema, name.name).next());
    const qint64 id = m_make.integer(0);
    m_make.reset();
    return id;
}

} // namespace tidemark
