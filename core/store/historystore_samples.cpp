// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/historystore.h"

#include "core/store/storeids.h"

namespace tidemark {

namespace {

SizeSample readSize(const Statement &row, int first)
{
    return {row.instant(first), row.integer(first + 1), row.integer(first + 2), row.number(first + 3)};
}

bool saysTheSame(const SizeSample &one, const SizeSample &other)
{
    return one.bytes == other.bytes && one.rows == other.rows && one.partitions == other.partitions;
}

} // namespace

Status HistoryStore::addSizes(const DatabaseRef &database, Instant at,
                              const std::vector<std::pair<pg::QualifiedName, SizeSample>> &sizes)
{
    if (sizes.empty())
        return {};
    return m_store->write([&](SQLite::Database &db) {
        ObjectIds objects(db, makeDatabaseId(db, database));
        Statement newest(
            db, "SELECT at, bytes, rows, partitions FROM size_sample WHERE object_id = ? ORDER BY at DESC LIMIT 2");
        Statement move(db, "UPDATE size_sample SET at = ? WHERE object_id = ? AND at = ?");
        Statement add(
            db, "INSERT OR REPLACE INTO size_sample (object_id, at, bytes, rows, partitions) VALUES (?, ?, ?, ?, ?)");
        for (const auto &[name, size] : sizes) {
            const qint64 objectId = objects.make(name);
            std::vector<SizeSample> last;
            newest.bind(objectId);
            while (newest.next())
                last.push_back(readSize(newest, 0));
            newest.reset();
            // A table that rests is two points, not one a minute.
            if (last.size() == 2 && saysTheSame(last[0], size) && saysTheSame(last[1], size) && last[0].at < at)
                move.bind(at, objectId, last[0].at).run();
            else
                add.bind(objectId, at, size.bytes, size.rows, size.partitions).run();
        }
    });
}

Result<std::vector<std::pair<pg::QualifiedName, SizeSample>>> HistoryStore::sizesAt(const DatabaseRef &database,
                                                                                    Instant at, Millis maxAge) const
{
    std::vector<std::pair<pg::QualifiedName, SizeSample>> found;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement rows(
            db, "SELECT o.schema, o.name, s.at, s.bytes, s.rows, s.partitions FROM object o JOIN size_sample s "
                "ON s.object_id = o.id AND s.at = (SELECT max(at) FROM size_sample WHERE object_id = o.id AND at <= ?) "
                "WHERE o.database_id = ? AND s.at >= ? ORDER BY o.schema, o.name");
        rows.bind(at, findDatabaseId(db, database), at - maxAge);
        while (rows.next())
            found.emplace_back(rows.name(0), readSize(rows, 2));
    }));
    return found;
}

Result<std::vector<SizeSample>> HistoryStore::sizes(const DatabaseRef &database, const pg::QualifiedName &name,
                                                    const TimeRange &range) const
{
    std::vector<SizeSample> found;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        const qint64 objectId = ObjectIds(db, findDatabaseId(db, database)).find(name);
        Statement rows(
            db,
            "SELECT at, bytes, rows, partitions FROM size_sample WHERE object_id = ? AND at BETWEEN ? AND ? ORDER BY at");
        rows.bind(objectId, range.from, range.to);
        while (rows.next())
            found.push_back(readSize(rows, 0));
    }));
    return found;
}

Status HistoryStore::addOverhead(const QString &systemIdentifier, const OverheadSample &sample)
{
    return m_store->write([&](SQLite::Database &db) {
        Statement(
            db,
            "INSERT OR REPLACE INTO overhead_sample (server_id, at, server_ms_per_second, bytes_per_second, waiters, "
            "longest_chain) VALUES (?, ?, ?, ?, ?, ?)")
            .bind(makeServerId(db, systemIdentifier), sample.at, sample.serverMsPerSecond, sample.bytesPerSecond,
                  sample.waiters, sample.longestChain)
            .run();
    });
}

Result<std::vector<OverheadSample>> HistoryStore::overhead(const QString &systemIdentifier,
                                                           const TimeRange &range) const
{
    std::vector<OverheadSample> found;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement rows(db,
                       "SELECT at, server_ms_per_second, bytes_per_second, waiters, longest_chain FROM overhead_sample "
                       "WHERE server_id = ? AND at BETWEEN ? AND ? ORDER BY at");
        rows.bind(findServerId(db, systemIdentifier), range.from, range.to);
        while (rows.next())
            found.push_back({rows.instant(0), rows.real(1), rows.real(2), rows.number(3), rows.number(4)});
    }));
    return found;
}

Status HistoryStore::setTarget(const DatabaseRef &database, const pg::QualifiedName &name, std::optional<Millis> target)
{
    return m_store->write([&](SQLite::Database &db) {
        const qint64 databaseId = makeDatabaseId(db, database);
        if (target) {
            Statement(db, "INSERT OR REPLACE INTO target (database_id, schema, name, target) VALUES (?, ?, ?, ?)")
                .bind(databaseId, name.schema, name.name, *target)
                .run();
        } else {
            Statement(db, "DELETE FROM target WHERE database_id = ? AND schema = ? AND name = ?")
                .bind(databaseId, name.schema, name.name)
                .run();
        }
    });
}

Result<QHash<pg::QualifiedName, Millis>> HistoryStore::targets(const DatabaseRef &database) const
{
    QHash<pg::QualifiedName, Millis> found;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement rows(db, "SELECT schema, name, target FROM target WHERE database_id = ?");
        rows.bind(findDatabaseId(db, database));
        while (rows.next())
            found.insert(rows.name(0), rows.millis(2));
    }));
    return found;
}

std::optional<Millis> targetFor(const QHash<pg::QualifiedName, Millis> &targets, const pg::QualifiedName &name)
{
    for (const pg::QualifiedName &scope : {name, pg::QualifiedName{name.schema, {}}, pg::QualifiedName{}}) {
        if (const auto found = targets.constFind(scope); found != targets.cend())
            return *found;
    }
    return std::nullopt;
}

} // namespace tidemark
