// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/history.h"
#include "core/store/statement.h"

namespace tidemark {

// The store's numbers of servers, databases and objects. The make… functions add what is not there and belong in a write;
// the find… functions give 0 then, which is no one's number.

[[nodiscard]] qint64 makeServerId(SQLite::Database &database, const QString &systemIdentifier);
[[nodiscard]] qint64 findServerId(SQLite::Database &database, const QString &systemIdentifier);
[[nodiscard]] qint64 makeDatabaseId(SQLite::Database &database, const DatabaseRef &ref);
[[nodiscard]] qint64 findDatabaseId(SQLite::Database &database, const DatabaseRef &ref);
/// The database that had the name at a moment, for what is told by name alone (pg_cron's runs in other databases).
[[nodiscard]] qint64 makeDatabaseIdAt(SQLite::Database &database, const DatabaseRef &ref, Instant at);

/// The objects of one database; keeps its statements, for use in loops.
class ObjectIds
{
public:
    ObjectIds(SQLite::Database &database, qint64 databaseId);
    [[nodiscard]] qint64 make(const pg::QualifiedName &name);
    [[nodiscard]] qint64 find(const pg::QualifiedName &name);

private:
    qint64 m_databaseId;
    Statement m_find;
    Statement m_make;
};

} // namespace tidemark
