-- what: backends of this database that refresh a materialized view, or may be doing so
-- columns: pid int4, xid xid, xact_start timestamptz, query_start timestamptz, username name,
--   application_name text, is_active bool, is_refresh bool,
--   statement text
-- params: int4[]
-- cost: light
-- $1: backends to follow until their transaction ends. The others that come back write (they have a transaction id), and
-- what they run may call a function that refreshes; the text of a stranger's statement is hidden without pg_read_all_stats.
SELECT a.pid, a.backend_xid AS xid, a.xact_start, a.query_start,
       pg_catalog.pg_get_userbyid(a.usesysid) AS username, a.application_name,
       coalesce(a.state, 'hidden') <> 'idle' AS is_active,
       coalesce(a.state <> 'idle' AND a.query ~* 'refresh\s+materialized\s+view', false) AS is_refresh,
       CASE WHEN a.state <> 'idle' AND a.query ~* 'refresh\s+materialized\s+view' THEN pg_catalog.left(a.query, 1000) END AS statement
FROM pg_catalog.pg_stat_get_activity(NULL) AS a
WHERE a.datid = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
  AND a.pid <> pg_catalog.pg_backend_pid()
  AND a.backend_type IS DISTINCT FROM 'parallel worker'
  AND ((a.state <> 'idle' AND a.query ~* 'refresh\s+materialized\s+view')
       OR a.pid = ANY ($1::int4[])
       OR (a.backend_xid IS NOT NULL AND (a.state IS NULL OR a.state <> 'idle')
           AND coalesce(a.query !~* '^\s*(insert|update|delete|copy|merge|vacuum|analyze|create|alter|drop)\M', true)))
ORDER BY is_refresh DESC, a.pid
LIMIT 100
