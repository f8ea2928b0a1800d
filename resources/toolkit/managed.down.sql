-- Takes back managed.up.sql. The tables that were kept stay as they are, with their views beside them, and are kept no longer.

DROP TABLE IF EXISTS tidemark.managed_mark, tidemark.managed_refresh, tidemark.managed_table;

-- The schema goes with its last part.
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
