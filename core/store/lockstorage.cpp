// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/lockstorage.h"

namespace tidemark {

BackendKey backendKey(const LockParty &party)
{
    return {party.pid, party.preparedGid, party.backendStart};
}

LockPartyRows::LockPartyRows(SQLite::Database &db, qint64 serverId)
    : m_serverId(serverId)
    , m_findQuery(db, "SELECT id FROM query_text WHERE text = ?")
    , m_addQuery(db, "INSERT INTO query_text (text) VALUES (?) RETURNING id")
    , m_add(db,
            "INSERT INTO lock_party (server_id, pid, prepared_gid, backend_start, application_name, user, database, "
            "client_address, state, wait_event, xact_start, query_start, query_id, wanted_mode, lock_type, object, "
            "waiting_since, held_mode) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id")
    , m_update(
          db,
          "UPDATE lock_party SET application_name = ?2, state = ?3, wait_event = ?4, query_start = ?5, query_id = ?6, "
          "lock_type = ?7, waiting_since = ?8, held_mode = ?9 WHERE id = ?1")
{
}

void LockPartyRows::remember(qint64 id, const LockParty &party)
{
    m_rows[partyKey(party)] = {id, party};
}

qint64 LockPartyRows::save(const LockParty &party)
{
    const auto [found, isNew] = m_rows.try_emplace(partyKey(party));
    Row &row = found->second;
    if (isNew) {
        static_cast<void>(m_add
                              .bind(m_serverId, party.pid, party.preparedGid, party.backendStart, party.applicationName,
                                    party.user, party.database, party.clientAddress, party.state, party.waitEvent,
                                    party.xactStart, party.queryStart, queryId(party.query), party.wantedMode,
                                    party.lockType, party.object, party.waitingSince, party.heldMode)
                              .next());
        row.id = m_add.integer(0);
        m_add.reset();
    } else if (row.party != party) {
        m_update
            .bind(row.id, party.applicationName, party.state, party.waitEvent, party.queryStart, queryId(party.query),
                  party.lockType, party.waitingSince, party.heldMode)
            .run();
    }
    row.party = party;
    return row.id;
}

std::string LockPartyRows::columns(const std::string &alias)
{
    static const char *const names[] = {"pid",        "prepared_gid", "backend_start",  "application_name",
                                        "user",       "database",     "client_address", "state",
                                        "wait_event", "xact_start",   "query_start",    "wanted_mode",
                                        "lock_type",  "object",       "waiting_since",  "held_mode"};
    std::string list;
    for (const char *name : names)
        list += alias + "." + name + ", ";
    return list + alias + "_query.text";
}

std::string LockPartyRows::joins(const std::string &alias, const std::string &idColumn)
{
    const std::string query = alias + "_query";
    return " JOIN lock_party " + alias + " ON " + alias + ".id = " + idColumn + " JOIN query_text " + query + " ON "
           + query + ".id = " + alias + ".query_id";
}

LockParty LockPartyRows::read(const Statement &row, int firstColumn)
{
    const int at = firstColumn;
    LockParty party;
    party.pid = row.number(at);
    party.preparedGid = row.text(at + 1);
    party.backendStart = row.optionalInstant(at + 2);
    party.applicationName = row.text(at + 3);
    party.user = row.text(at + 4);
    party.database = row.text(at + 5);
    party.clientAddress = row.text(at + 6);
    party.state = row.text(at + 7);
    party.waitEvent = row.text(at + 8);
    party.xactStart = row.optionalInstant(at + 9);
    party.queryStart = row.optionalInstant(at + 10);
    party.wantedMode = row.text(at + 11);
    party.lockType = row.text(at + 12);
    party.object = row.text(at + 13);
    party.waitingSince = row.optionalInstant(at + 14);
    party.heldMode = row.text(at + 15);
    party.query = row.text(at + 16);
    return party;
}

LockPartyRows::PartyKey LockPartyRows::partyKey(const LockParty &party)
{
    return {backendKey(party), party.xactStart, party.object, party.wantedMode};
}

qint64 LockPartyRows::queryId(const QString &query)
{
    qint64 id = m_findQuery.bind(query).next() ? m_findQuery.integer(0) : 0;
    m_findQuery.reset();
    if (id == 0) {
        static_cast<void>(m_addQuery.bind(query).next());
        id = m_addQuery.integer(0);
        m_addQuery.reset();
    }
    return id;
}

} // namespace tidemark
