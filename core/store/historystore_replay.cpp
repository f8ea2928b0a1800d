// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/historystore.h"

#include "core/store/storeids.h"

#include <algorithm>
#include <map>

namespace tidemark {

namespace {

constexpr int trendLength = 20;

using StatesByObject = std::map<qint64, RefreshState>;

void readBaselines(SQLite::Database &db, qint64 databaseId, Instant at, StatesByObject &states)
{
    Statement rows(db,
                   "SELECT b.object_id, o.schema, o.name, b.oid, b.populated, b.confidence, b.source, b.refreshed_at, "
                   "b.bracket_from, b.bracket_to, b.probable, b.changed_at "
                   "FROM baseline b JOIN object o ON o.id = b.object_id WHERE b.database_id = ?");
    rows.bind(databaseId);
    while (rows.next()) {
        RefreshState &state = states[rows.integer(0)];
        state.name = rows.name(1);
        state.oid = rows.oid(3);
        state.populated = rows.flag(4);
        if (const auto refreshedAt = rows.optionalInstant(7); refreshedAt && *refreshedAt <= at) {
            state.lastRefresh.confidence = static_cast<Confidence>(rows.number(5));
            state.lastRefresh.source = static_cast<RefreshSource>(rows.number(6));
            state.lastRefresh.at = refreshedAt;
            state.lastRefresh.bracket = rows.optionalRange(8);
            state.lastRefresh.probable = rows.flag(10);
        }
        if (const auto changedAt = rows.optionalInstant(11); changedAt && *changedAt <= at)
            state.lastChangedAt = changedAt;
    }
}

void readLastRefreshes(SQLite::Database &db, qint64 databaseId, Instant at, StatesByObject &states)
{
    Statement rows(db,
                   "SELECT o.id, o.schema, o.name, r.kind, r.at, r.bracket_from, r.bracket_to, r.confidence, r.source, "
                   "EXISTS (SELECT 1 FROM refresh WHERE object_id = o.id AND at > ?1) "
                   "FROM object o JOIN refresh r ON r.id = (SELECT id FROM refresh WHERE object_id = o.id AND at <= ?1 "
                   "AND succeeded = 1 ORDER BY at DESC, id DESC LIMIT 1) WHERE o.database_id = ?2");
    rows.bind(at, databaseId);
    while (rows.next()) {
        const auto kind = static_cast<RefreshableKind>(rows.number(3));
        const bool isKnown = states.count(rows.integer(0)) > 0;
        // A materialized view without a baseline was dropped since: it stood then if it was refreshed again later.
        if (!isKnown && kind == RefreshableKind::MaterializedView && !rows.flag(9))
            continue;
        RefreshState &state = states[rows.integer(0)];
        state.name = rows.name(1);
        state.kind = kind;
        if (!state.lastRefresh.at || *state.lastRefresh.at < rows.instant(4)) {
            state.lastRefresh = {};
            state.lastRefresh.at = rows.instant(4);
            state.lastRefresh.bracket = rows.optionalRange(5);
            state.lastRefresh.confidence = static_cast<Confidence>(rows.number(7));
            state.lastRefresh.source = static_cast<RefreshSource>(rows.number(8));
        }
    }
}

void readDurations(SQLite::Database &db, Instant at, StatesByObject &states)
{
    Statement rows(
        db, "SELECT duration FROM refresh WHERE object_id = ? AND at <= ? AND succeeded = 1 AND duration IS NOT NULL "
            "ORDER BY at DESC, id DESC LIMIT ?");
    for (auto &[objectId, state] : states) {
        rows.bind(objectId, at, trendLength);
        while (rows.next())
            state.recentDurations.push_back(rows.millis(0));
        std::reverse(state.recentDurations.begin(), state.recentDurations.end());
    }
}

/// Cuts a range into parts, whose number it gives for a moment of SQL.
struct Parts
{
    Instant from;
    qint64 width;
    qint64 last;
};

void addRefreshMarks(SQLite::Database &db, qint64 serverId, const TimeRange &range, const Parts &parts,
                     std::vector<TimelineMark> &marks)
{
    // A query with one max() takes its other columns from the row that has it.
    Statement rows(
        db, "SELECT max(r.at), count(*), r.succeeded, d.name, o.schema, o.name FROM database d "
            "JOIN refresh r ON r.database_id = d.id AND r.at BETWEEN ?2 AND ?3 JOIN object o ON o.id = r.object_id "
            "WHERE d.server_id = ?1 GROUP BY r.succeeded, min((r.at - ?4) / ?5, ?6)");
    rows.bind(serverId, range.from, range.to, parts.from, parts.width, parts.last);
    while (rows.next()) {
        marks.push_back({rows.flag(2) ? TimelineMark::Kind::Refreshed : TimelineMark::Kind::RefreshFailed,
                         rows.instant(0), rows.instant(0), rows.number(1), rows.text(3), rows.name(4).display()});
    }
}

void addLockMarks(SQLite::Database &db, qint64 serverId, const TimeRange &range, const Parts &parts,
                  std::vector<TimelineMark> &marks)
{
    Statement rows(
        db, "SELECT g.first, g.last, g.many, w.object, b.pid, b.prepared_gid FROM (SELECT min(first_seen_at) AS first, "
            "max(last_seen_at) AS last, count(*) AS many, max(id) AS newest FROM lock_episode "
            "WHERE server_id = ?1 AND last_seen_at >= ?2 AND first_seen_at <= ?3 "
            "GROUP BY min((max(first_seen_at, ?4) - ?4) / ?5, ?6)) g JOIN lock_episode e ON e.id = g.newest "
            "JOIN lock_party w ON w.id = e.waiter_id JOIN lock_party b ON b.id = e.blocker_id");
    rows.bind(serverId, range.from, range.to, parts.from, parts.width, parts.last);
    while (rows.next()) {
        const QString blocker = rows.number(4) != 0 ? QStringLiteral("pid %1").arg(rows.number(4))
                                                    : QStringLiteral("prepared transaction %1").arg(rows.text(5));
        const QString object = rows.text(3);
        marks.push_back({TimelineMark::Kind::LockWait,
                         std::max(rows.instant(0), range.from),
                         std::min(rows.instant(1), range.to),
                         rows.number(2),
                         {},
                         object.isEmpty() ? blocker : object + QStringLiteral(" behind ") + blocker});
    }
}

void addAlertMarks(SQLite::Database &db, qint64 serverId, const TimeRange &range, const Parts &parts,
                   std::vector<TimelineMark> &marks)
{
    Statement rows(
        db, "SELECT max(a.raised_at), coalesce(a.cleared_at, ?3), count(*), d.name, a.message FROM alert a "
            "JOIN database d ON d.id = a.database_id WHERE d.server_id = ?1 AND a.raised_at <= ?3 "
            "AND (a.cleared_at IS NULL OR a.cleared_at >= ?2) GROUP BY min((max(a.raised_at, ?4) - ?4) / ?5, ?6)");
    rows.bind(serverId, range.from, range.to, parts.from, parts.width, parts.last);
    while (rows.next()) {
        marks.push_back({TimelineMark::Kind::Alert, std::max(rows.instant(0), range.from),
                         std::min(rows.instant(1), range.to), rows.number(2), rows.text(3), rows.text(4)});
    }
}

} // namespace

Result<QStringList> HistoryStore::databases(const QString &systemIdentifier) const
{
    QStringList names;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement rows(db, "SELECT name FROM database WHERE server_id = ? AND name <> '' ORDER BY name");
        rows.bind(findServerId(db, systemIdentifier));
        while (rows.next())
            names << rows.text(0);
    }));
    return names;
}

Result<std::vector<RefreshState>> HistoryStore::refreshStatesAt(const DatabaseRef &database, Instant at) const
{
    StatesByObject states;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        const qint64 databaseId = findDatabaseId(db, database);
        readBaselines(db, databaseId, at, states);
        readLastRefreshes(db, databaseId, at, states);
        readDurations(db, at, states);
    }));
    std::vector<RefreshState> found;
    found.reserve(states.size());
    for (auto &[objectId, state] : states)
        found.push_back(std::move(state));
    std::sort(found.begin(), found.end(),
              [](const RefreshState &one, const RefreshState &other) { return one.name < other.name; });
    return found;
}

Result<std::vector<TimelineMark>> HistoryStore::timeline(const QString &systemIdentifier, const TimeRange &range,
                                                         int parts) const
{
    std::vector<TimelineMark> marks;
    if (parts < 1 || range.to < range.from)
        return marks;
    const qint64 width = std::max<qint64>(1, (range.to - range.from).count() / parts);
    const Parts cut{range.from, width, parts - 1};
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        const qint64 serverId = findServerId(db, systemIdentifier);
        addRefreshMarks(db, serverId, range, cut, marks);
        addLockMarks(db, serverId, range, cut, marks);
        addAlertMarks(db, serverId, range, cut, marks);
    }));
    std::stable_sort(marks.begin(), marks.end(),
                     [](const TimelineMark &one, const TimelineMark &other) { return one.from < other.from; });
    return marks;
}

} // namespace tidemark
