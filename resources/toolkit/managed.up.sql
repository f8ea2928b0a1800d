-- Managed tables: each is kept equal to a view, its definition, by refreshes that touch only rows that differ. What is kept
-- from what, by which key, and every refresh. The tables themselves are ordinary ones and need none of this to be read.
-- Taken back whole by managed.down.sql.

CREATE SCHEMA IF NOT EXISTS tidemark;

CREATE TABLE tidemark.managed_table (
    relation         regclass PRIMARY KEY,
    definition       regclass NOT NULL,
    key_columns      text[] NOT NULL CHECK (pg_catalog.cardinality(key_columns) > 0),
    range_column     text,
    time_zone        text NOT NULL DEFAULT 'UTC',
    kept_since       timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    run              bigint,
    last_refresh_at  timestamptz,
    last_full_at     timestamptz,
    last_changed_at  timestamptz,
    last_mode        text,
    last_duration_ms bigint,
    rows_deleted     bigint,
    rows_updated     bigint,
    rows_inserted    bigint,
    last_error_at    timestamptz,
    last_error       text
);
COMMENT ON TABLE tidemark.managed_table IS 'Who refreshes one holds advisory lock (1414087757, oid of the table).';
COMMENT ON COLUMN tidemark.managed_table.definition IS 'The view whose content the table has, as of its last refresh.';
COMMENT ON COLUMN tidemark.managed_table.time_zone IS 'In which every refresh computes the definition.';
COMMENT ON COLUMN tidemark.managed_table.last_changed_at IS 'The last refresh that found a row to change.';
COMMENT ON COLUMN tidemark.managed_table.last_error_at IS 'Later than last_refresh_at: the latest refresh failed.';

CREATE TABLE tidemark.managed_refresh (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    relation         oid NOT NULL,
    schema_name      text NOT NULL,
    relation_name    text NOT NULL,
    mode             text NOT NULL CHECK (mode IN ('full', 'range', 'keys')),
    scope            jsonb NOT NULL DEFAULT '{}',
    started_at       timestamptz NOT NULL,
    finished_at      timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    username         text NOT NULL DEFAULT session_user,
    application_name text NOT NULL DEFAULT pg_catalog.current_setting('application_name'),
    rows_compared    bigint,
    rows_deleted     bigint,
    rows_updated     bigint,
    rows_inserted    bigint,
    rebuilt          boolean NOT NULL DEFAULT false,
    error            text
);
CREATE INDEX managed_refresh_relation ON tidemark.managed_refresh (relation, id);
CREATE INDEX managed_refresh_finished_at ON tidemark.managed_refresh (finished_at);
COMMENT ON TABLE tidemark.managed_refresh IS 'Every refresh of a managed table, written in its own transaction; failed ones after it. Keeps 90 days.';
COMMENT ON COLUMN tidemark.managed_refresh.rebuilt IS 'A crash of the server had emptied the table, which is UNLOGGED.';

-- Emptied by the same crash that empties the tables.
CREATE UNLOGGED TABLE tidemark.managed_mark (
    relation oid PRIMARY KEY
);
COMMENT ON TABLE tidemark.managed_mark IS 'An UNLOGGED managed table that is not named here was emptied by a crash of the server.';

GRANT USAGE ON SCHEMA tidemark TO pg_monitor;
GRANT SELECT ON tidemark.managed_table, tidemark.managed_refresh, tidemark.managed_mark TO pg_monitor;
