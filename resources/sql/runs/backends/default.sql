-- what: the sessions that work for one run, what each waits on, and who blocks it
-- columns: pid int4, state text, wait_event_type text, wait_event text, query_start timestamptz, query text,
--   blocked_by int4[]
-- params: int8
-- cost: light
SELECT a.pid, a.state, a.wait_event_type, a.wait_event, a.query_start, a.query,
       CASE WHEN a.wait_event_type = 'Lock' THEN pg_catalog.pg_blocking_pids(a.pid) ELSE '{}'::int4[] END AS blocked_by
FROM pg_catalog.pg_stat_activity AS a
WHERE a.datname = pg_catalog.current_database() AND a.application_name = 'tidemark run ' || $1::int8
ORDER BY a.pid
