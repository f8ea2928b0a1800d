-- what: the contested locks of these backends, and of prepared transactions where asked: what is wanted, what is held, on what
-- columns: server_ms float8, pid int4, granted bool, mode text, lock_type text, object_key text, relation oid,
--   relation_schema name, relation_name name, page int4, tuple int4, virtual_xid text, transaction_id xid, class_oid oid,
--   class_name name, object_oid oid, object_name name, object_sub_id int4, other_database name, wait_start timestamptz, gid text,
--   prepared_at timestamptz, prepared_by name, prepared_in name
-- params: int4[], bool
-- cost: heavy
WITH activity AS MATERIALIZED (
    -- Before 13 no column names a worker's leader, but both show the transaction's start, which the worker has from the leader.
    SELECT a.pid,
           CASE WHEN a.backend_type = 'parallel worker'
                THEN coalesce((pg_catalog.to_jsonb(a) ->> 'leader_pid')::int4,
                              (SELECT l.pid
                               FROM pg_catalog.pg_stat_get_activity(NULL) AS l
                               WHERE l.backend_type = 'client backend' AND l.xact_start = a.xact_start
                                 AND l.datid = a.datid AND l.usesysid = a.usesysid
                               LIMIT 1), a.pid)
                ELSE a.pid END AS client_pid
    FROM pg_catalog.pg_stat_get_activity(NULL) AS a
), backends AS MATERIALIZED (
    SELECT a.pid, a.client_pid
    FROM activity AS a
    WHERE a.pid = ANY ($1) OR a.client_pid = ANY ($1)
), locks AS MATERIALIZED (
    -- One pass over the lock table, which is all the cost; only the parties' locks are kept.
    SELECT l.*,
           -- Locks of one type fill the same columns, so what is left of the NULLs cannot be mistaken.
           pg_catalog.concat_ws(' ', l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid, l.transactionid,
                                l.classid, l.objid, l.objsubid) AS object_key
    FROM pg_catalog.pg_locks AS l
    WHERE l.pid IN (SELECT b.pid FROM backends AS b) OR (l.pid IS NULL AND $2)
), prepared AS (
    -- A prepared transaction holds the lock on its own transaction id, which leads from its other locks to its name.
    SELECT l.virtualtransaction, p.gid, p.prepared, p.owner, p.database
    FROM pg_catalog.pg_prepared_xacts AS p
    JOIN locks AS l ON l.pid IS NULL AND l.locktype = 'transactionid' AND l.transactionid = p.transaction
)
SELECT (1000 * extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.statement_timestamp()))::float8 AS server_ms,
       coalesce(b.client_pid, l.pid, 0) AS pid,
       l.granted, l.mode, l.locktype AS lock_type, l.object_key,
       l.relation, n.nspname AS relation_schema, c.relname AS relation_name,
       l.page, l.tuple::int4 AS tuple, l.virtualxid AS virtual_xid, l.transactionid AS transaction_id,
       l.classid AS class_oid, k.relname AS class_name, l.objid AS object_oid,
       -- What all databases share has its name in each.
       CASE WHEN l.locktype = 'object' AND l.database = 0 THEN
           CASE k.relname WHEN 'pg_database' THEN (SELECT o.datname FROM pg_catalog.pg_database AS o WHERE o.oid = l.objid)
                          WHEN 'pg_tablespace' THEN (SELECT o.spcname FROM pg_catalog.pg_tablespace AS o WHERE o.oid = l.objid)
                          WHEN 'pg_authid' THEN (SELECT o.rolname FROM pg_catalog.pg_roles AS o WHERE o.oid = l.objid) END
       END AS object_name,
       l.objsubid::int4 AS object_sub_id,
       CASE WHEN l.database <> me.oid THEN d.datname END AS other_database,
       -- The column is there from 14 on; by this way the text is the same before.
       (pg_catalog.to_jsonb(l) ->> 'waitstart')::timestamptz AS wait_start,
       p.gid, p.prepared AS prepared_at, p.owner AS prepared_by, p.database AS prepared_in
FROM locks AS l
JOIN pg_catalog.pg_database AS me ON me.datname = pg_catalog.current_database()
LEFT JOIN backends AS b ON b.pid = l.pid
LEFT JOIN prepared AS p ON l.pid IS NULL AND p.virtualtransaction = l.virtualtransaction
LEFT JOIN pg_catalog.pg_database AS d ON d.oid = l.database
LEFT JOIN pg_catalog.pg_class AS c ON c.oid = l.relation AND l.database IN (0, me.oid)
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class AS k ON k.oid = l.classid AND l.locktype = 'object'
WHERE l.object_key IN (SELECT w.object_key FROM locks AS w WHERE NOT w.granted)
   -- Who waits for another's transaction because of a row holds the lock on that row: it tells which one.
   OR (l.locktype = 'tuple' AND l.pid IS NOT NULL)
