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

namespace {

/// The newest of a name, which is the one that has it now; 0 where there is none.
qint64 findByName(SQLite::Database &database, qint64 serverId, const QString &name)
{
    Statement find(database, "SELECT id FROM database WHERE server_id = ? AND name = ? ORDER BY id DESC LIMIT 1");
    return find.bind(serverId, name).next() ? find.integer(0) : 0;
}

qint64 addDatabase(SQLite::Database &database, qint64 serverId, const DatabaseRef &ref)
{
    const qint64 namesake = findByName(database, serverId, ref.database);
    Statement(database,
              "INSERT INTO database (server_id, name, oid, first_seen_at) VALUES (?1, ?2, ?3, CASE WHEN ?4 = 0 "
              "THEN 0 ELSE CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) END)")
        .bind(serverId, ref.database, ref.oid, namesake)
        .run();
    const qint64 id = database.getLastInsertRowid();
    // Targets are what people want of a name, whatever database has it.
    Statement(database, "INSERT INTO target (database_id, schema, name, target) "
                        "SELECT ?, schema, name, target FROM target WHERE database_id = ?")
        .bind(id, namesake)
        .run();
    return id;
}

} // namespace

qint64 findDatabaseId(SQLite::Database &database, const DatabaseRef &ref)
{
    const qint64 serverId = findServerId(database, ref.systemIdentifier);
    if (ref.oid == 0)
        return findByName(database, serverId, ref.database);
    Statement find(database, "SELECT id FROM database WHERE server_id = ?1 AND (oid = ?2 OR (oid = 0 AND name = ?3)) "
                             "ORDER BY oid DESC LIMIT 1");
    return find.bind(serverId, ref.oid, ref.database).next() ? find.integer(0) : 0;
}

qint64 makeDatabaseId(SQLite::Database &database, const DatabaseRef &ref)
{
    const qint64 id = findDatabaseId(database, ref);
    if (id == 0)
        return addDatabase(database, makeServerId(database, ref.systemIdentifier), ref);
    if (ref.oid != 0) {
        Statement(database, "UPDATE database SET oid = ?2, name = ?3 WHERE id = ?1 AND (oid <> ?2 OR name <> ?3)")
            .bind(id, ref.oid, ref.database)
            .run();
    }
    return id;
}

qint64 makeDatabaseIdAt(SQLite::Database &database, const DatabaseRef &ref, Instant at)
{
    if (ref.oid == 0) {
        Statement find(database,
                       "SELECT d.id FROM database d JOIN server s ON s.id = d.server_id WHERE "
                       "s.system_identifier = ? AND d.name = ? AND d.first_seen_at <= ? ORDER BY d.id DESC LIMIT 1");
        if (find.bind(ref.systemIdentifier, ref.database, at).next())
            return find.integer(0);
    }
    return makeDatabaseId(database, ref);
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
