-- Takes back managed.up.sql. The tables that were kept stay as they are, with their views beside them, and are kept no longer.

DROP TABLE IF EXISTS tidemark.managed_mark, tidemark.managed_refresh, tidemark.managed_table;

-- The schema goes with its last part.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                   JOIN pg_catalog.pg_namespace AS n ON n.oid = d.refobjid
                   WHERE d.refclassid = 'pg_catalog.pg_namespace'::regclass AND n.nspname = 'tidemark') THEN
        DROP SCHEMA IF EXISTS tidemark;
    ELSIF pg_catalog.to_regclass('tidemark.refresh_log') IS NULL THEN
        REVOKE USAGE ON SCHEMA tidemark FROM pg_monitor;
    END IF;
END
$$;
