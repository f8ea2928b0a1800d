// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/databaselistcollector.h"

namespace tidemark {

namespace {
constexpr Millis listAgainAfter{30'000};
}

std::vector<TickQuery> DatabaseListCollector::plan(const TickContext &context)
{
    std::vector<TickQuery> queries{
        {QStringLiteral("server/databases_pulse"), {}, [this](const Result<pg::ResultSet> &rows) {
             if (!rows) {
                 m_error = rows.error();
                 return;
             }
             const qint64 pulse = rows->int64(0, rows->column("pulse"));
             m_changed = m_changed || (m_pulse && *m_pulse != pulse);
             m_pulse = pulse;
         }}};
    if (context.first || context.serverNow - m_listedAt >= listAgainAfter) {
        for (TickQuery &query : askList(context.serverNow))
            queries.push_back(std::move(query));
    }
    return queries;
}

std::vector<TickQuery> DatabaseListCollector::followUp(const TickContext &context)
{
    return m_changed ? askList(context.serverNow) : std::vector<TickQuery>();
}

std::vector<TickQuery> DatabaseListCollector::askList(Instant now)
{
    m_listedAt = now;
    m_changed = false;
    const auto taking = [this](void (DatabaseListCollector::*absorb)(const pg::ResultSet &)) {
        return [this, absorb](const Result<pg::ResultSet> &rows) {
            if (rows)
                (this->*absorb)(*rows);
            else
                m_error = rows.error();
        };
    };
    m_error.reset();
    return {{QStringLiteral("server/databases"), {}, taking(&DatabaseListCollector::absorbList)},
            {QStringLiteral("server/connections"), {}, taking(&DatabaseListCollector::absorbRoom)}};
}

void DatabaseListCollector::absorbList(const pg::ResultSet &rows)
{
    const auto oid = rows.column("oid");
    const auto name = rows.column("name");
    const auto mayConnect = rows.column("may_connect");
    const auto limit = rows.column("connection_limit");
    m_databases.clear();
    for (int row = 0; row < rows.rowCount(); ++row) {
        ListedDatabase database{rows.oid(row, oid), rows.text(row, name), rows.boolean(row, mayConnect), std::nullopt};
        if (!rows.isNull(row, limit))
            database.connectionLimit = rows.int32(row, limit);
        m_databases.push_back(std::move(database));
    }
}

void DatabaseListCollector::absorbRoom(const pg::ResultSet &rows)
{
    m_room = ConnectionRoom{rows.int32(0, rows.column("usable")), rows.int32(0, rows.column("in_use")), std::nullopt};
    if (const auto limit = rows.column("role_limit"); !rows.isNull(0, limit))
        m_room->roleLimit = rows.int32(0, limit);
}

void DatabaseListCollector::publish(const TickContext &, DatabaseSnapshot &snapshot)
{
    snapshot.siblings = m_databases;
    snapshot.room = m_room;
    if (m_error)
        snapshot.errors.insert(name(), *m_error);
}

} // namespace tidemark
