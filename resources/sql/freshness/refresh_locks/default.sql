-- what: who holds a lock on a materialized view as REFRESH takes it
-- columns: oid oid, pid int4, is_exclusive bool, elapsed_ms float8
-- cost: heavy
-- Reads all of pg_locks: milliseconds for each thousand locks held, so it is asked only when the statement texts do not
-- tell. REFRESH holds AccessExclusiveLock, CONCURRENTLY ExclusiveLock.
SELECT l.relation AS oid, l.pid, l.mode = 'ExclusiveLock' AS is_exclusive,
       EXTRACT(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.statement_timestamp())::float8 * 1000 AS elapsed_ms
FROM (SELECT 1) AS always_one_row
LEFT JOIN (pg_catalog.pg_locks AS l JOIN pg_catalog.pg_class AS c ON c.oid = l.relation AND c.relkind = 'm')
    ON l.locktype = 'relation' AND l.granted AND l.mode IN ('ExclusiveLock', 'AccessExclusiveLock')
   AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
