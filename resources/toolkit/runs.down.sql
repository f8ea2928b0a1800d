-- Takes back runs.up.sql: the memory of all runs. What the runs changed stays as it is.

DROP TABLE IF EXISTS tidemark.run_event, tidemark.run_request, tidemark.run_chunk, tidemark.run_step, tidemark.run_fence,
    tidemark.run;

-- The schema goes with its last part.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                   JOIN pg_catalog.pg_namespace AS n ON n.oid = d.refobjid
                   WHERE d.refclassid = 'pg_catalog.pg_namespace'::regclass AND n.nspname = 'tidemark') THEN
        DROP SCHEMA IF EXISTS tidemark;
    END IF;
END
$$;
