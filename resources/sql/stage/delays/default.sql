-- what: what a change of this database may have to wait for, or what it may hold up: open and prepared transactions, slots
-- columns: kind text, who text, age_ms int8, bytes int8
-- cost: on demand
SELECT CASE WHEN a.state LIKE 'idle in transaction%' THEN 'idle transaction' ELSE 'transaction' END AS kind,
       pg_catalog.format('pid %s (%s, %s), %s', a.pid, a.application_name, a.usename, a.state) AS who,
       (extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start) * 1000)::int8 AS age_ms,
       NULL::int8 AS bytes
FROM pg_catalog.pg_stat_activity AS a
WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid()
  AND a.backend_type = 'client backend' AND a.xact_start IS NOT NULL
UNION ALL
SELECT 'prepared transaction', pg_catalog.format('%L of %s', p.gid, p.owner),
       (extract(epoch FROM pg_catalog.clock_timestamp() - p.prepared) * 1000)::int8, NULL
FROM pg_catalog.pg_prepared_xacts AS p
WHERE p.database = pg_catalog.current_database()
UNION ALL
SELECT CASE WHEN s.active THEN 'slot' ELSE 'idle slot' END,
       pg_catalog.format('%s (%s)', s.slot_name, s.slot_type), NULL,
       CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN
           pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), s.restart_lsn)::int8 END
FROM pg_catalog.pg_replication_slots AS s
ORDER BY 3 DESC NULLS LAST, 2
