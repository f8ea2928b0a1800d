-- Takes back refresh_log.up.sql, the log with it. The schema goes too unless something else lives in it.

DROP EVENT TRIGGER IF EXISTS tidemark_refresh_start;
DROP EVENT TRIGGER IF EXISTS tidemark_refresh_end;
DROP FUNCTION IF EXISTS tidemark.refresh_started();
DROP FUNCTION IF EXISTS tidemark.refresh_ended();
DROP FUNCTION IF EXISTS tidemark.note_refresh(oid, timestamptz, boolean, bigint, bigint, bigint, text);
DROP TABLE IF EXISTS tidemark.refresh_log;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                   JOIN pg_catalog.pg_namespace AS n ON n.oid = d.refobjid
                   WHERE d.refclassid = 'pg_catalog.pg_namespace'::regclass AND n.nspname = 'tidemark') THEN
        DROP SCHEMA IF EXISTS tidemark;
    ELSIF NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c
                      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                      WHERE n.nspname = 'tidemark' AND c.relkind = 'r'
                        AND pg_catalog.has_table_privilege('pg_monitor', c.oid, 'SELECT')) THEN
        REVOKE USAGE ON SCHEMA tidemark FROM pg_monitor;
    END IF;
END
$$;
