// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/historystore.h"

#include "core/store/statement.h"

#include <algorithm>
#include <array>
#include <functional>
#include <span>
#include <vector>

namespace tidemark {

namespace {

using std::chrono::days;
using std::chrono::microseconds;

constexpr auto lifetime = days(365);
/// Job histories are told again for about a month; after that a refresh's accounts are settled.
constexpr auto accountLifetime = days(35);
/// Work in one transaction: short enough that the other program does not run into its busy timeout.
constexpr std::size_t ownersAtOnce = 200;
constexpr int rowsAtOnce = 2000;

struct Thinning
{
    microseconds resolution;
    microseconds age;
};
constexpr std::array thinnings{Thinning{std::chrono::minutes(1), days(1)}, Thinning{std::chrono::hours(1), days(7)}};

struct Series
{
    const char *table;
    const char *owner;  ///< the column of what the samples are of
    const char *owners; ///< the table of those
    bool keepsNewest;   ///< what the newest sample says holds until it is told otherwise, however long ago
    const char *merge; ///< folds ?2 ≤ at < ?3 of owner ?1 into the last sample of each ?4; null keeps that one as it is
};
constexpr std::array allSeries{
    Series{"xid_sample", "server_id", "server", false, nullptr},
    Series{"size_sample", "object_id", "object", false, nullptr},
    Series{"replay_row", "key_id", "replay_key", true, nullptr},
    Series{
        "overhead_sample", "server_id", "server", false,
        "INSERT OR REPLACE INTO overhead_sample SELECT server_id, max(at), avg(server_ms_per_second), avg(bytes_per_second), "
        "max(waiters), max(longest_chain) FROM overhead_sample WHERE server_id = ?1 AND at >= ?2 AND at < ?3 "
        "GROUP BY at / ?4 HAVING count(*) > 1"},
};

Result<std::vector<qint64>> idsOf(const LocalStore &store, const char *table)
{
    std::vector<qint64> ids;
    TIDEMARK_CHECK(store.read([&](SQLite::Database &db) {
        Statement rows(db, std::string("SELECT id FROM ") + table);
        while (rows.next())
            ids.push_back(rows.integer(0));
    }));
    return ids;
}

Result<Instant> thinnedUntil(const LocalStore &store, const QString &series, microseconds resolution)
{
    Instant until{};
    TIDEMARK_CHECK(store.read([&](SQLite::Database &db) {
        Statement mark(db, "SELECT until FROM thinned WHERE series = ? AND resolution = ?");
        if (mark.bind(series, static_cast<qint64>(resolution.count())).next())
            until = mark.instant(0);
    }));
    return until;
}

Status setThinnedUntil(LocalStore &store, const QString &series, microseconds resolution, Instant until)
{
    return store.write([&](SQLite::Database &db) {
        Statement(db, "INSERT OR REPLACE INTO thinned (series, resolution, until) VALUES (?, ?, ?)")
            .bind(series, static_cast<qint64>(resolution.count()), until)
            .run();
    });
}

/// Calls `work` for some owners at a time, each time in a transaction of its own.
Status forOwners(LocalStore &store, const std::vector<qint64> &owners,
                 const std::function<void(SQLite::Database &, std::span<const qint64>)> &work)
{
    for (std::size_t first = 0; first < owners.size(); first += ownersAtOnce) {
        const auto some = std::span(owners).subspan(first, std::min(ownersAtOnce, owners.size() - first));
        TIDEMARK_CHECK(store.write([&](SQLite::Database &db) { work(db, some); }));
    }
    return {};
}

/// Keeps one sample for each step of the resolution, in what has grown old enough since the last time.
Status thin(LocalStore &store, const Series &series, const std::vector<qint64> &owners, const Thinning &thinning,
            Instant now)
{
    const QString name = QString::fromLatin1(series.table);
    TIDEMARK_TRY(const Instant from, thinnedUntil(store, name, thinning.resolution));
    const microseconds age = (now - thinning.age).time_since_epoch();
    const Instant to(age - age % thinning.resolution);
    if (to <= from)
        return {};
    const std::string table = series.table;
    const std::string owner = series.owner;
    const std::string range = owner + " = ?1 AND at >= ?2 AND at < ?3";
    TIDEMARK_CHECK(forOwners(store, owners, [&](SQLite::Database &db, std::span<const qint64> some) {
        const auto resolution = static_cast<qint64>(thinning.resolution.count());
        Statement remove(db, "DELETE FROM " + table + " WHERE " + range + " AND at NOT IN (SELECT max(at) FROM " + table
                                 + " WHERE " + range + " GROUP BY at / ?4)");
        for (const qint64 id : some) {
            if (series.merge != nullptr)
                Statement(db, series.merge).bind(id, from, to, resolution).run();
            remove.bind(id, from, to, resolution).run();
        }
    }));
    return setThinnedUntil(store, name, thinning.resolution, to);
}

Status pruneSeries(LocalStore &store, const Series &series, Instant now)
{
    TIDEMARK_TRY(const auto owners, idsOf(store, series.owners));
    for (const Thinning &thinning : thinnings)
        TIDEMARK_CHECK(thin(store, series, owners, thinning, now));
    return forOwners(store, owners, [&](SQLite::Database &db, std::span<const qint64> some) {
        const std::string ownRows = std::string(series.table) + " WHERE " + series.owner + " = ?1";
        Statement remove(db, "DELETE FROM " + ownRows + " AND at < ?2"
                                 + (series.keepsNewest ? " AND at < (SELECT max(at) FROM " + ownRows + ")" : ""));
        for (const qint64 id : some)
            remove.bind(id, now - lifetime).run();
    });
}

/// Deletes what `condition` (on ?1, the owner, and ?2, the moment) finds, a bounded number of rows at a time.
Status removeOlder(LocalStore &store, const std::string &table, const std::string &condition, qint64 owner,
                   Instant before)
{
    int removed = 0;
    do {
        TIDEMARK_CHECK(store.write([&](SQLite::Database &db) {
            removed = Statement(db, "DELETE FROM " + table + " WHERE id IN (SELECT id FROM " + table + " WHERE "
                                        + condition + " LIMIT " + std::to_string(rowsAtOnce) + ")")
                          .bind(owner, before)
                          .run();
        }));
    } while (removed == rowsAtOnce);
    return {};
}

Status pruneRefreshes(LocalStore &store, Instant now)
{
    const QString accounts = QStringLiteral("refresh_account");
    TIDEMARK_TRY(const Instant settled, thinnedUntil(store, accounts, microseconds(0)));
    TIDEMARK_TRY(const auto databases, idsOf(store, "database"));
    for (const qint64 id : databases) {
        TIDEMARK_CHECK(store.write([&](SQLite::Database &db) {
            Statement(db, "DELETE FROM refresh_account WHERE refresh_id IN "
                          "(SELECT id FROM refresh WHERE database_id = ? AND at >= ? AND at < ?)")
                .bind(id, settled, now - accountLifetime)
                .run();
        }));
        TIDEMARK_CHECK(removeOlder(store, "refresh", "database_id = ? AND at < ?", id, now - lifetime));
        TIDEMARK_CHECK(removeOlder(store, "alert", "database_id = ? AND raised_at < ? AND cleared_at IS NOT NULL", id,
                                   now - lifetime));
    }
    return setThinnedUntil(store, accounts, microseconds(0), now - accountLifetime);
}

/// Parties of episodes that are gone, and those that an episode has left for a newer row. Looks at all of them, so once a day.
Status removeLooseParties(LocalStore &store, Instant now)
{
    const QString parties = QStringLiteral("lock_party");
    TIDEMARK_TRY(const Instant done, thinnedUntil(store, parties, microseconds(0)));
    if (now - done < days(1))
        return {};
    TIDEMARK_CHECK(store.write([](SQLite::Database &db) {
        db.exec("DELETE FROM lock_party WHERE NOT EXISTS (SELECT 1 FROM lock_episode WHERE waiter_id = lock_party.id) "
                "AND NOT EXISTS (SELECT 1 FROM lock_episode WHERE blocker_id = lock_party.id)");
        db.exec("DELETE FROM query_text WHERE NOT EXISTS (SELECT 1 FROM lock_party WHERE query_id = query_text.id)");
    }));
    return setThinnedUntil(store, parties, microseconds(0), now);
}

} // namespace

Status HistoryStore::prune(Instant now)
{
    for (const Series &series : allSeries)
        TIDEMARK_CHECK(pruneSeries(*m_store, series, now));
    TIDEMARK_CHECK(pruneRefreshes(*m_store, now));
    TIDEMARK_TRY(const auto servers, idsOf(*m_store, "server"));
    for (const qint64 id : servers)
        TIDEMARK_CHECK(removeOlder(*m_store, "lock_episode", "server_id = ? AND last_seen_at < ?", id, now - lifetime));
    return removeLooseParties(*m_store, now);
}

} // namespace tidemark
