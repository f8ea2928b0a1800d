-- what: the transactions of this database that hold a snapshot or have an id, and the next id
-- columns: next_xid int8, pids int4[], started int8[], xids int8[], snapshots int4[]
-- cost: light
-- The snapshot of this statement is older than its look at the backends: a transaction that is not listed and got an id at
-- or above next_xid took its snapshot after this statement began. started: microseconds since 1970, 0 where it is hidden;
-- xids: 0 without one; snapshots: 1 where one is held.
SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()) AS next_xid,
       coalesce(pg_catalog.array_agg(a.pid ORDER BY a.pid), '{}'::int4[]) AS pids,
       coalesce(pg_catalog.array_agg(coalesce((EXTRACT(epoch FROM a.xact_start) * 1000000)::int8, 0) ORDER BY a.pid),
                '{}'::int8[]) AS started,
       coalesce(pg_catalog.array_agg(coalesce(a.backend_xid::text::int8, 0) ORDER BY a.pid), '{}'::int8[]) AS xids,
       coalesce(pg_catalog.array_agg((a.backend_xmin IS NOT NULL)::int4 ORDER BY a.pid), '{}'::int4[]) AS snapshots
FROM pg_catalog.pg_stat_get_activity(NULL) AS a
WHERE a.datid = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
  AND a.pid <> pg_catalog.pg_backend_pid()
  AND (a.backend_xid IS NOT NULL OR a.backend_xmin IS NOT NULL)
  AND a.backend_type IS DISTINCT FROM 'parallel worker' AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
  AND a.backend_type IS DISTINCT FROM 'walsender'
