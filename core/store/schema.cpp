// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/schema.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <string>

namespace tidemark {

namespace {

// Instants are microseconds since 1970 in UTC, durations milliseconds, enumerations the numbers pinned in storecodes.h.
// Names of objects, and the texts of queries, are kept once and referred to by number.
constexpr const char *version1 = R"sql(
CREATE TABLE server (
    id                INTEGER PRIMARY KEY,
    system_identifier TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE database (
    id        INTEGER PRIMARY KEY,
    server_id INTEGER NOT NULL REFERENCES server (id),
    name      TEXT NOT NULL,
    UNIQUE (server_id, name)
) STRICT;

CREATE TABLE object (
    id          INTEGER PRIMARY KEY,
    database_id INTEGER NOT NULL REFERENCES database (id),
    schema      TEXT NOT NULL,
    name        TEXT NOT NULL,
    UNIQUE (database_id, schema, name)
) STRICT;

CREATE TABLE baseline (
    database_id   INTEGER NOT NULL REFERENCES database (id),
    oid           INTEGER NOT NULL,
    object_id     INTEGER NOT NULL REFERENCES object (id),
    xmin          INTEGER NOT NULL,
    relfilenode   INTEGER NOT NULL,
    populated     INTEGER NOT NULL,
    attributes    BLOB NOT NULL,
    inserted      INTEGER NOT NULL,
    deleted       INTEGER NOT NULL,
    seen_at       INTEGER,
    first_seen_at INTEGER,
    confidence    INTEGER NOT NULL,
    source        INTEGER NOT NULL,
    refreshed_at  INTEGER,
    bracket_from  INTEGER,
    bracket_to    INTEGER,
    probable      INTEGER NOT NULL,
    changed_at    INTEGER,
    sources       BLOB NOT NULL,
    PRIMARY KEY (database_id, oid)
) STRICT, WITHOUT ROWID;

CREATE TABLE xid_sample (
    server_id INTEGER NOT NULL REFERENCES server (id),
    at        INTEGER NOT NULL,
    next_xid  INTEGER NOT NULL,
    PRIMARY KEY (server_id, at)
) STRICT, WITHOUT ROWID;

-- One row a refresh, made of its accounts. span_from and span_to enclose every time that any account gives.
CREATE TABLE refresh (
    id            INTEGER PRIMARY KEY,
    database_id   INTEGER NOT NULL REFERENCES database (id),
    object_id     INTEGER NOT NULL REFERENCES object (id),
    at            INTEGER NOT NULL,
    span_from     INTEGER NOT NULL,
    span_to       INTEGER NOT NULL,
    kind          INTEGER NOT NULL,
    succeeded     INTEGER NOT NULL,
    started_at    INTEGER,
    finished_at   INTEGER,
    bracket_from  INTEGER,
    bracket_to    INTEGER,
    duration      INTEGER,
    rows          INTEGER,
    error         TEXT NOT NULL,
    user          TEXT NOT NULL,
    concurrently  INTEGER NOT NULL,
    confidence    INTEGER NOT NULL,
    source        INTEGER NOT NULL,
    source_detail TEXT NOT NULL,
    xid           INTEGER NOT NULL
) STRICT;
CREATE INDEX refresh_of_object ON refresh (object_id, at);
CREATE INDEX refresh_of_database ON refresh (database_id, at);
CREATE INDEX refresh_span ON refresh (object_id, span_to, span_from);
CREATE INDEX refresh_xid ON refresh (object_id, xid) WHERE xid <> 0;

-- What each source told of a refresh, as it told it.
CREATE TABLE refresh_account (
    id            INTEGER PRIMARY KEY,
    refresh_id    INTEGER NOT NULL REFERENCES refresh (id) ON DELETE CASCADE,
    kind          INTEGER NOT NULL,
    succeeded     INTEGER NOT NULL,
    started_at    INTEGER,
    finished_at   INTEGER,
    bracket_from  INTEGER,
    bracket_to    INTEGER,
    duration      INTEGER,
    rows          INTEGER,
    error         TEXT NOT NULL,
    user          TEXT NOT NULL,
    concurrently  INTEGER NOT NULL,
    confidence    INTEGER NOT NULL,
    source        INTEGER NOT NULL,
    source_detail TEXT NOT NULL,
    xid           INTEGER NOT NULL
) STRICT;
CREATE INDEX refresh_account_of ON refresh_account (refresh_id);

CREATE TABLE query_text (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE lock_party (
    id               INTEGER PRIMARY KEY,
    server_id        INTEGER NOT NULL REFERENCES server (id),
    pid              INTEGER NOT NULL,
    prepared_gid     TEXT NOT NULL,
    backend_start    INTEGER,
    application_name TEXT NOT NULL,
    user             TEXT NOT NULL,
    database         TEXT NOT NULL,
    client_address   TEXT NOT NULL,
    state            TEXT NOT NULL,
    wait_event       TEXT NOT NULL,
    xact_start       INTEGER,
    query_start      INTEGER,
    query_id         INTEGER NOT NULL REFERENCES query_text (id),
    wanted_mode      TEXT NOT NULL,
    lock_type        TEXT NOT NULL,
    object           TEXT NOT NULL,
    waiting_since    INTEGER,
    held_mode        TEXT NOT NULL
) STRICT;
CREATE INDEX lock_party_query ON lock_party (query_id);

CREATE TABLE lock_episode (
    id            INTEGER PRIMARY KEY,
    server_id     INTEGER NOT NULL REFERENCES server (id),
    waiter_id     INTEGER NOT NULL REFERENCES lock_party (id),
    blocker_id    INTEGER NOT NULL REFERENCES lock_party (id),
    first_seen_at INTEGER NOT NULL,
    last_seen_at  INTEGER NOT NULL,
    missed        INTEGER NOT NULL DEFAULT 0,
    ended         INTEGER NOT NULL DEFAULT 0,
    soft          INTEGER NOT NULL
) STRICT;
CREATE INDEX lock_episode_seen ON lock_episode (server_id, last_seen_at, first_seen_at);
CREATE INDEX lock_episode_open ON lock_episode (server_id) WHERE ended = 0;
CREATE INDEX lock_episode_waiter ON lock_episode (waiter_id);
CREATE INDEX lock_episode_blocker ON lock_episode (blocker_id);

CREATE TABLE size_sample (
    object_id  INTEGER NOT NULL REFERENCES object (id),
    at         INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    rows       INTEGER NOT NULL,
    partitions INTEGER NOT NULL,
    PRIMARY KEY (object_id, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE overhead_sample (
    server_id            INTEGER NOT NULL REFERENCES server (id),
    at                   INTEGER NOT NULL,
    server_ms_per_second REAL NOT NULL,
    bytes_per_second     REAL NOT NULL,
    waiters              INTEGER NOT NULL,
    longest_chain        INTEGER NOT NULL,
    PRIMARY KEY (server_id, at)
) STRICT, WITHOUT ROWID;

-- How far a series has been thinned out to a resolution.
CREATE TABLE thinned (
    series     TEXT NOT NULL,
    resolution INTEGER NOT NULL,
    until      INTEGER NOT NULL,
    PRIMARY KEY (series, resolution)
) STRICT, WITHOUT ROWID;

CREATE TABLE target (
    database_id INTEGER NOT NULL REFERENCES database (id),
    schema      TEXT NOT NULL,
    name        TEXT NOT NULL,
    target      INTEGER NOT NULL,
    PRIMARY KEY (database_id, schema, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert (
    id          INTEGER PRIMARY KEY,
    database_id INTEGER NOT NULL REFERENCES database (id),
    kind        TEXT NOT NULL,
    subject     TEXT NOT NULL,
    message     TEXT NOT NULL,
    raised_at   INTEGER NOT NULL,
    cleared_at  INTEGER
) STRICT;
CREATE UNIQUE INDEX alert_open ON alert (database_id, kind, subject) WHERE cleared_at IS NULL;
CREATE INDEX alert_raised ON alert (database_id, raised_at);

CREATE TABLE audit (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    profile   TEXT NOT NULL,
    database  TEXT NOT NULL,
    statement TEXT NOT NULL,
    outcome   TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_is_never_rewritten BEFORE UPDATE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit is never rewritten');
END;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit is never shortened');
END;

CREATE TABLE profile (
    id               INTEGER PRIMARY KEY,
    name             TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (name <> ''),
    conninfo         TEXT NOT NULL,
    environment      TEXT NOT NULL,
    safety           TEXT NOT NULL,
    databases        TEXT NOT NULL,
    interval         INTEGER NOT NULL,
    budget_percent   REAL NOT NULL,
    connect_at_start INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// A database is its oid, no longer its name, and ids of transactions count on one timeline. The databases of version 1
// have no oid yet: each is taken over by the first of its name. Its clock's samples are of a timeline nobody knows.
constexpr const char *version2 = R"sql(
CREATE TABLE database_2 (
    id            INTEGER PRIMARY KEY,
    server_id     INTEGER NOT NULL REFERENCES server (id),
    name          TEXT NOT NULL,
    oid           INTEGER NOT NULL DEFAULT 0,
    first_seen_at INTEGER NOT NULL DEFAULT 0 -- 0 for the first of its name
) STRICT;
INSERT INTO database_2 (id, server_id, name) SELECT id, server_id, name FROM database;
DROP TABLE database;
ALTER TABLE database_2 RENAME TO database;
CREATE UNIQUE INDEX database_oid ON database (server_id, oid) WHERE oid <> 0;
CREATE UNIQUE INDEX database_without_oid ON database (server_id, name) WHERE oid = 0;

ALTER TABLE baseline ADD COLUMN timeline INTEGER NOT NULL DEFAULT 0;
ALTER TABLE refresh ADD COLUMN timeline INTEGER NOT NULL DEFAULT 0;

DELETE FROM xid_sample;
ALTER TABLE xid_sample ADD COLUMN timeline INTEGER NOT NULL DEFAULT 0;
)sql";

// Rows of snapshots as they were on screen, for the time bar: each time a row changed, what it then said (NULL: it was
// gone). `part` is a ReplayPart, `value` what core/monitor/replaycodec makes of the row.
constexpr const char *version3 = R"sql(
CREATE TABLE replay_key (
    id          INTEGER PRIMARY KEY,
    database_id INTEGER NOT NULL REFERENCES database (id),
    part        INTEGER NOT NULL,
    key         INTEGER NOT NULL,
    UNIQUE (database_id, part, key)
) STRICT;

CREATE TABLE replay_row (
    key_id INTEGER NOT NULL REFERENCES replay_key (id),
    at     INTEGER NOT NULL,
    value  BLOB,
    PRIMARY KEY (key_id, at)
) STRICT, WITHOUT ROWID;
)sql";

// How far the toolkit's refresh log of each database was read: its oid, the timeline, the id.
constexpr const char *version4 = R"sql(
ALTER TABLE database ADD COLUMN log_table INTEGER NOT NULL DEFAULT 0;
ALTER TABLE database ADD COLUMN log_timeline INTEGER NOT NULL DEFAULT 0;
ALTER TABLE database ADD COLUMN log_read INTEGER NOT NULL DEFAULT 0;
)sql";

// Whether all that is known of a refresh are traces that something else could leave too.
constexpr const char *version5 = R"sql(
ALTER TABLE refresh ADD COLUMN probable INTEGER NOT NULL DEFAULT 0;
ALTER TABLE refresh_account ADD COLUMN probable INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr std::array steps{SchemaStep{1, version1}, SchemaStep{2, version2}, SchemaStep{3, version3},
                           SchemaStep{4, version4}, SchemaStep{5, version5}};

/// What a step left pointing at nothing, while references were not watched.
void checkReferences(SQLite::Database &database)
{
    SQLite::Statement loose(database, "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1");
    if (loose.executeStep())
        throw SQLite::Exception("the upgrade lost what rows of " + loose.getColumn(0).getString() + " refer to");
}

} // namespace

std::span<const SchemaStep> schemaSteps()
{
    return steps;
}

void upgradeSchema(SQLite::Database &database, std::span<const SchemaStep> steps)
{
    // A table is made anew by dropping the old one, which would take what refers to it along. Works outside of
    // transactions only: https://www.sqlite.org/lang_altertable.html#otheralter
    const bool enforced = database.execAndGet("PRAGMA foreign_keys").getInt() != 0;
    database.exec("PRAGMA foreign_keys = OFF");
    for (const SchemaStep &step : steps) {
        SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
        if (database.execAndGet("PRAGMA user_version").getInt() >= step.version)
            continue;
        database.exec(step.sql);
        checkReferences(database);
        database.exec("PRAGMA user_version = " + std::to_string(step.version));
        database.exec("PRAGMA application_id = " + std::to_string(storeApplicationId));
        transaction.commit();
    }
    if (enforced)
        database.exec("PRAGMA foreign_keys = ON");
}

} // namespace tidemark
