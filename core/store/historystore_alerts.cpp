// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/historystore.h"

#include "core/store/storeids.h"

namespace tidemark {

namespace {

std::string selectAlerts(const char *where)
{
    return std::string("SELECT a.id, d.name, a.kind, a.subject, a.message, a.raised_at, a.cleared_at FROM alert a "
                       "JOIN database d ON d.id = a.database_id WHERE d.server_id = ?1 AND ")
           + where + " ORDER BY a.raised_at DESC, a.id DESC";
}

std::vector<AlertRecord> readAlerts(Statement &rows)
{
    std::vector<AlertRecord> found;
    while (rows.next()) {
        AlertRecord alert;
        alert.id = rows.integer(0);
        alert.database = rows.text(1);
        alert.kind = rows.text(2);
        alert.subject = rows.text(3);
        alert.message = rows.text(4);
        alert.raisedAt = rows.instant(5);
        alert.clearedAt = rows.optionalInstant(6);
        found.push_back(std::move(alert));
    }
    return found;
}

} // namespace

Result<qint64> HistoryStore::raiseAlert(const DatabaseRef &database, const AlertRecord &alert)
{
    qint64 id = 0;
    TIDEMARK_CHECK(m_store->write([&](SQLite::Database &db) {
        Statement raise(db, "INSERT INTO alert (database_id, kind, subject, message, raised_at) VALUES (?, ?, ?, ?, ?) "
                            "ON CONFLICT (database_id, kind, subject) WHERE cleared_at IS NULL "
                            "DO UPDATE SET message = excluded.message RETURNING id");
        raise.bind(makeDatabaseId(db, database), alert.kind, alert.subject, alert.message, alert.raisedAt);
        static_cast<void>(raise.next());
        id = raise.integer(0);
    }));
    return id;
}

Status HistoryStore::clearAlert(qint64 id, Instant at, const QString &because)
{
    const QString added = because.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(because);
    return m_store->write([&](SQLite::Database &db) {
        Statement(db, "UPDATE alert SET cleared_at = ?, message = message || ? WHERE id = ? AND cleared_at IS NULL")
            .bind(at, added, id)
            .run();
    });
}

Result<std::vector<AlertRecord>> HistoryStore::alerts(const DatabaseRef &database, const TimeRange &range,
                                                      int limit) const
{
    std::vector<AlertRecord> found;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement rows(db, selectAlerts("(?2 = '' OR d.name = ?2) AND a.raised_at <= ?4 "
                                        "AND (a.cleared_at IS NULL OR a.cleared_at >= ?3)")
                               + " LIMIT ?5");
        rows.bind(findServerId(db, database.systemIdentifier), database.database, range.from, range.to, limit);
        found = readAlerts(rows);
    }));
    return found;
}

Result<std::vector<AlertRecord>> HistoryStore::openAlerts(const QString &systemIdentifier) const
{
    std::vector<AlertRecord> found;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement rows(db, selectAlerts("a.cleared_at IS NULL"));
        rows.bind(findServerId(db, systemIdentifier));
        found = readAlerts(rows);
    }));
    return found;
}

Status HistoryStore::addAudit(const AuditEntry &entry)
{
    return m_store->write([&](SQLite::Database &db) {
        Statement(db, "INSERT INTO audit (at, profile, database, statement, outcome) VALUES (?, ?, ?, ?, ?)")
            .bind(entry.at, entry.profile, entry.database, entry.statement, entry.outcome)
            .run();
    });
}

Result<std::vector<AuditEntry>> HistoryStore::audit(int limit) const
{
    std::vector<AuditEntry> found;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement rows(db, "SELECT at, profile, database, statement, outcome FROM audit ORDER BY id DESC LIMIT ?");
        rows.bind(limit);
        while (rows.next())
            found.push_back({rows.instant(0), rows.text(1), rows.text(2), rows.text(3), rows.text(4)});
    }));
    return found;
}

} // namespace tidemark
