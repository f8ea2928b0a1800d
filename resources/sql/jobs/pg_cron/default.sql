-- what: the jobs of pg_cron that the role may see, whatever the extension's version
-- columns: is_readable bool, time_zone text, jobs xml
-- cost: light
-- requires: extension pg_cron
-- The schema is not open to everybody, and columns came with versions: so each row comes as JSON in an XML element.
-- Without cron.timezone (before 1.5) schedules are in GMT.
SELECT rights.readable AS is_readable,
       coalesce(pg_catalog.current_setting('cron.timezone', true), 'GMT') AS time_zone,
       CASE WHEN rights.readable THEN
           pg_catalog.query_to_xml('SELECT pg_catalog.to_jsonb(j) AS job FROM cron.job AS j ORDER BY j.jobid', false, true, '')
       END AS jobs
FROM (SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = 'cron' AND c.relname = 'job') AS rights
