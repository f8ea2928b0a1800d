-- what: runs of pg_cron's jobs after a known one, and those that were still running then; at first with what it counts of each job
-- columns: runs xml, totals xml
-- params: int8, int8[]
-- cost: light
-- requires: extension pg_cron
-- $1: the newest run known, NULL for the last thousand; $2: runs to look at again. pg_cron before 1.3 keeps none. What ended
-- is counted for $1 NULL alone, and only where that is no long read (160 MB); the totals are NULL else.
SELECT pg_catalog.query_to_xml(
           pg_catalog.format('SELECT pg_catalog.to_jsonb(r) AS run FROM cron.job_run_details AS r '
                             'WHERE r.runid > coalesce(%L::bigint, (SELECT max(m.runid) - 1000 FROM cron.job_run_details AS m), 0) '
                             'OR r.runid = ANY (%L::bigint[]) ORDER BY r.runid LIMIT 2000', $1::int8, $2::int8[]),
           false, true, '') AS runs,
       CASE WHEN $1::int8 IS NULL AND c.relpages < 20000 THEN
           pg_catalog.query_to_xml('SELECT pg_catalog.jsonb_build_object(''jobid'', r.jobid, ''runs'', count(*), '
                                   '''failures'', count(*) FILTER (WHERE r.status = ''failed'')) AS total '
                                   'FROM cron.job_run_details AS r WHERE r.status IN (''succeeded'', ''failed'') '
                                   'GROUP BY r.jobid', false, true, '')
       END AS totals
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'cron' AND c.relname = 'job_run_details'
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
