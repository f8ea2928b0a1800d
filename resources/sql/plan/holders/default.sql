-- what: who holds or awaits a lock on these relations, the oldest transaction first
-- columns: relid oid, pid int4, backend_start timestamptz, mode text, granted bool, xact_ms int8, state text, username name,
--   application_name text, query text, prepared text
-- params: oid[]
-- cost: light
SELECT l.relation AS relid,
       coalesce(l.pid, 0) AS pid,
       a.backend_start,
       l.mode,
       l.granted,
       (extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(a.xact_start, p.prepared)) * 1000)::int8 AS xact_ms,
       a.state,
       a.usename AS username,
       a.application_name,
       pg_catalog.left(a.query, 1024) AS query,
       p.gid AS prepared
FROM pg_catalog.pg_locks AS l
LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
-- A prepared transaction holds the lock on its own transaction id, which leads from its other locks to its name.
LEFT JOIN LATERAL (
    SELECT x.gid, x.prepared
    FROM pg_catalog.pg_locks AS own
    JOIN pg_catalog.pg_prepared_xacts AS x ON x.transaction = own.transactionid
    WHERE l.pid IS NULL AND own.locktype = 'transactionid' AND own.granted AND own.pid IS NULL
      AND own.virtualtransaction = l.virtualtransaction) AS p ON true
WHERE l.locktype = 'relation'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
  AND l.relation = ANY ($1)
  AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
ORDER BY coalesce(a.xact_start, p.prepared) NULLS LAST, l.pid
