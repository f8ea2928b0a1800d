-- Writes down every REFRESH MATERIALIZED VIEW of this database, by whomever and from wherever: start, end, user.
-- Optional; needs a superuser, PostgreSQL 12 or later, and is taken back whole by refresh_log.down.sql.
-- The log never makes a refresh fail: what cannot be written is a warning. It keeps 90 days.

CREATE SCHEMA IF NOT EXISTS tidemark;

CREATE TABLE tidemark.refresh_log (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    relation         oid NOT NULL,
    schema_name      text NOT NULL,
    relation_name    text NOT NULL,
    started_at       timestamptz NOT NULL,
    finished_at      timestamptz NOT NULL,
    username         text NOT NULL,
    application_name text NOT NULL,
    is_concurrent    boolean,
    xid              bigint NOT NULL,
    rows_written     bigint,
    rows_removed     bigint,
    waited_ms        bigint,
    error            text
);
CREATE INDEX refresh_log_finished_at ON tidemark.refresh_log (finished_at);
COMMENT ON TABLE tidemark.refresh_log IS 'Refreshes of materialized views, written by the event trigger tidemark_refresh_end.';
COMMENT ON COLUMN tidemark.refresh_log.finished_at IS 'End of the statement; the refresh is seen by others when its transaction commits.';
COMMENT ON COLUMN tidemark.refresh_log.is_concurrent IS 'NULL where a function ran the statement and its text is not to be seen.';
COMMENT ON COLUMN tidemark.refresh_log.xid IS 'pg_class.xmin of the view after the refresh, without epoch; 0 of one that failed.';
COMMENT ON COLUMN tidemark.refresh_log.waited_ms IS 'For locks, before it began. This, the rows and the error are known of refreshes by Tidemark alone.';

-- A function that refreshes several views is one statement, so each refresh remembers its own start.
CREATE FUNCTION tidemark.refresh_started() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('tidemark.refresh_started', clock_timestamp()::text, true);
END
$$;

CREATE FUNCTION tidemark.refresh_ended() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    started timestamptz := coalesce(nullif(current_setting('tidemark.refresh_started', true), '')::timestamptz,
                                    statement_timestamp());
BEGIN
    INSERT INTO tidemark.refresh_log (relation, schema_name, relation_name, started_at, finished_at, username,
                                      application_name, is_concurrent, xid)
    SELECT c.oid, n.nspname, c.relname, started, clock_timestamp(), session_user, current_setting('application_name'),
           CASE WHEN current_query() ~* 'refresh\s+materialized\s+view'
                THEN current_query() ~* 'refresh\s+materialized\s+view\s+concurrently\s' END,
           c.xmin::text::bigint
    FROM pg_event_trigger_ddl_commands() AS d
    JOIN pg_class AS c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind = 'm'
    JOIN pg_namespace AS n ON n.oid = c.relnamespace;

    IF random() < 0.005 THEN
        DELETE FROM tidemark.refresh_log WHERE id IN (
            SELECT l.id FROM tidemark.refresh_log AS l
            WHERE l.finished_at < now() - interval '90 days'
            ORDER BY l.finished_at LIMIT 5000 FOR UPDATE SKIP LOCKED);
    END IF;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'tidemark.refresh_log: % (the refresh itself is not affected)', SQLERRM;
END
$$;
REVOKE ALL ON FUNCTION tidemark.refresh_started(), tidemark.refresh_ended() FROM PUBLIC;

-- What only the one who refreshes knows: of a success before it commits, of a failure afterwards.
CREATE FUNCTION tidemark.note_refresh(view oid, started timestamptz, concurrent boolean, written bigint, removed bigint,
                                      waited bigint, failure text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF failure IS NULL THEN
        UPDATE tidemark.refresh_log AS l SET rows_written = written, rows_removed = removed, waited_ms = waited
        FROM pg_class AS c
        WHERE c.oid = view AND l.relation = c.oid AND l.xid = c.xmin::text::bigint AND l.finished_at >= now()
          AND pg_has_role(session_user, c.relowner, 'USAGE');
    ELSE
        INSERT INTO tidemark.refresh_log (relation, schema_name, relation_name, started_at, finished_at, username,
                                          application_name, is_concurrent, xid, waited_ms, error)
        SELECT c.oid, n.nspname, c.relname, started, clock_timestamp(), session_user, current_setting('application_name'),
               concurrent, 0, waited, failure
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.oid = view AND c.relkind = 'm' AND pg_has_role(session_user, c.relowner, 'USAGE');
    END IF;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'tidemark.refresh_log: % (the refresh itself is not affected)', SQLERRM;
END
$$;

CREATE EVENT TRIGGER tidemark_refresh_start ON ddl_command_start
    WHEN TAG IN ('REFRESH MATERIALIZED VIEW') EXECUTE FUNCTION tidemark.refresh_started();
CREATE EVENT TRIGGER tidemark_refresh_end ON ddl_command_end
    WHEN TAG IN ('REFRESH MATERIALIZED VIEW') EXECUTE FUNCTION tidemark.refresh_ended();

GRANT USAGE ON SCHEMA tidemark TO pg_monitor;
GRANT SELECT ON tidemark.refresh_log TO pg_monitor;
