// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/historystore.h"

#include "core/store/storecodes.h"
#include "core/store/storeids.h"

namespace tidemark {

Status HistoryStore::addReplayRows(const DatabaseRef &database, Instant at, const std::vector<ReplayRow> &rows)
{
    if (rows.empty())
        return {};
    return m_store->write([&](SQLite::Database &db) {
        const qint64 databaseId = makeDatabaseId(db, database);
        Statement find(db, "SELECT id FROM replay_key WHERE database_id = ? AND part = ? AND key = ?");
        Statement make(db, "INSERT INTO replay_key (database_id, part, key) VALUES (?, ?, ?) RETURNING id");
        Statement add(db, "INSERT OR REPLACE INTO replay_row (key_id, at, value) VALUES (?, ?, ?)");
        for (const ReplayRow &row : rows) {
            Statement &known = find.bind(databaseId, storeCode(row.part), row.key);
            qint64 id = known.next() ? known.integer(0) : 0;
            known.reset();
            if (id == 0) {
                static_cast<void>(make.bind(databaseId, storeCode(row.part), row.key).next());
                id = make.integer(0);
                make.reset();
            }
            add.bind(id, at, row.value).run();
        }
    });
}

Result<std::vector<std::pair<qint64, QByteArray>>> HistoryStore::replayRowsAt(const DatabaseRef &database,
                                                                              ReplayPart part, Instant at) const
{
    std::vector<std::pair<qint64, QByteArray>> found;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement rows(db, "SELECT k.key, r.value FROM replay_key k JOIN replay_row r ON r.key_id = k.id AND r.at = "
                           "(SELECT max(at) FROM replay_row WHERE key_id = k.id AND at <= ?) "
                           "WHERE k.database_id = ? AND k.part = ? AND r.value IS NOT NULL ORDER BY k.key");
        rows.bind(at, findDatabaseId(db, database), storeCode(part));
        while (rows.next())
            found.emplace_back(rows.integer(0), rows.bytes(1));
    }));
    return found;
}

Result<std::vector<DatabaseRef>> HistoryStore::replayDatabasesAt(const QString &systemIdentifier, Instant at) const
{
    std::vector<DatabaseRef> found;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement rows(db,
                       "SELECT d.name, d.oid FROM database d JOIN replay_key k ON k.database_id = d.id AND k.part = ? "
                       "JOIN replay_row r ON r.key_id = k.id AND r.at = "
                       "(SELECT max(at) FROM replay_row WHERE key_id = k.id AND at <= ?) "
                       "WHERE d.server_id = ? AND d.oid <> 0 AND r.value IS NOT NULL ORDER BY d.name");
        rows.bind(storeCode(ReplayPart::Database), at, findServerId(db, systemIdentifier));
        while (rows.next())
            found.push_back({systemIdentifier, rows.text(0), rows.oid(1), 0});
    }));
    return found;
}

} // namespace tidemark
