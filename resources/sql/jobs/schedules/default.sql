-- what: the toolkit's schedules with their last run, and the runs that ended after a known moment; no row where they are not installed
-- columns: is_readable bool, schedules xml, runs xml
-- params: timestamptz
-- cost: light
-- requires: toolkit schedules
-- Runs are counted of the last day. $1: NULL for the last thousand. Asked wherever the toolkit may come: so nothing here names its tables outside of a text.
SELECT rights.readable AS is_readable,
       CASE WHEN rights.readable THEN
           pg_catalog.query_to_xml(
               'SELECT pg_catalog.jsonb_build_object(''id'', s.id, ''name'', s.name, ''refresh'', s.refresh, ''cron'', s.cron, '
               '''every_ms'', (extract(epoch FROM s.every) * 1000)::bigint, ''on_change'', s.on_change, '
               '''hours_from'', s.hours_from, ''hours_to'', s.hours_to, ''time_zone'', s.time_zone, '
               '''active'', s.enabled AND NOT EXISTS (SELECT FROM tidemark.schedule_pause), ''next_at'', s.next_at, '
               '''user'', s.created_by, ''runs'', c.runs, ''failures'', c.failures, ''state'', r.state, '
               '''started_at'', r.started_at, ''finished_at'', r.finished_at, ''error'', r.error) AS schedule '
               'FROM tidemark.schedule AS s '
               'LEFT JOIN LATERAL (SELECT * FROM tidemark.schedule_run AS n WHERE n.schedule = s.id '
               'AND n.started_at IS NOT NULL ORDER BY n.due_at DESC LIMIT 1) AS r ON true '
               'LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE n.state IN (''succeeded'', ''failed'')) AS runs, '
               'count(*) FILTER (WHERE n.state = ''failed'') AS failures FROM tidemark.schedule_run AS n '
               'WHERE n.schedule = s.id AND n.due_at > now() - interval ''1 day'') AS c ON true ORDER BY s.id LIMIT 1000', false, true, '')
       END AS schedules,
       CASE WHEN rights.readable THEN
           pg_catalog.query_to_xml(
               pg_catalog.format(
                   'SELECT pg_catalog.jsonb_build_object(''name'', s.name, ''finished_at'', r.finished_at, '
                   '''results'', r.results) AS run FROM tidemark.schedule_run AS r '
                   'JOIN tidemark.schedule AS s ON s.id = r.schedule WHERE r.state IN (''succeeded'', ''failed'') '
                   'AND r.finished_at > coalesce(%L::timestamptz, ''-infinity'') ORDER BY r.finished_at DESC LIMIT 1000',
                   $1::timestamptz), false, true, '')
       END AS runs
FROM (SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = 'tidemark' AND c.relname = 'schedule' AND c.relkind = 'r') AS rights
