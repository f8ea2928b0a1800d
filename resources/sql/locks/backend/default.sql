-- what: one backend, to see whether it still runs what it ran; no row when nobody has the pid
-- columns: backend_start timestamptz, state text, query_start timestamptz
-- params: int4
-- cost: light
SELECT a.backend_start, a.state, a.query_start
FROM pg_catalog.pg_stat_get_activity($1) AS a
