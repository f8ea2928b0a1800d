-- what: ended runs of TimescaleDB's jobs from a moment on, as far as it keeps them
-- columns: runs xml
-- params: timestamptz
-- cost: light
-- requires: extension timescaledb
-- $1: ended no earlier, NULL for all of the last thousand. Since 2.15 there is a history, with what succeeded where
-- timescaledb.enable_job_execution_logging is on, and not always with an index on its times; before, there are errors alone.
SELECT pg_catalog.query_to_xml(
           pg_catalog.format('SELECT pg_catalog.to_jsonb(r) AS run FROM (SELECT h.* FROM timescaledb_information.%s LIMIT 1000) AS r '
                             'WHERE r.finish_time >= coalesce(%L::timestamptz, ''-infinity'') ORDER BY r.finish_time',
                             CASE pg_catalog.max(c.relname::text) -- the history where there are both
                                 WHEN 'job_history' THEN 'job_history AS h ORDER BY h.id DESC'
                                 ELSE 'job_errors AS h ORDER BY h.finish_time DESC NULLS LAST'
                             END, $1::timestamptz),
           false, true, '') AS runs
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'timescaledb_information' AND c.relname IN ('job_errors', 'job_history')
HAVING pg_catalog.count(*) > 0
