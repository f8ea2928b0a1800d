-- what: what a heavy step must not make worse: replicas, WAL, archive queue, waiters, active sessions
-- columns: replica_lag_ms int8, slot_lag_bytes int8, archive_lag_bytes int8, wal_position int8, lock_waiters int8, active_sessions int8
-- cost: light
SELECT (SELECT (extract(epoch FROM max(r.replay_lag)) * 1000)::int8 FROM pg_catalog.pg_stat_replication AS r) AS replica_lag_ms,
       CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN
           (SELECT max(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), s.restart_lsn))::int8
            FROM pg_catalog.pg_replication_slots AS s) END AS slot_lag_bytes,
       -- From the end of the segment that was archived last; its name holds where it is, after the timeline.
       CASE WHEN NOT pg_catalog.pg_is_in_recovery() AND pg_catalog.current_setting('archive_mode') <> 'off' THEN
           (SELECT greatest(0, pg_catalog.pg_wal_lsn_diff(
                       pg_catalog.pg_current_wal_lsn(),
                       (pg_catalog.substr(z.last_archived_wal, 9, 8) || '/0')::pg_lsn)
                   - (('x' || pg_catalog.substr(z.last_archived_wal, 17, 8))::bit(32)::int8 + 1)
                     * pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_segment_size')))::int8
            FROM pg_catalog.pg_stat_archiver AS z
            WHERE z.last_archived_wal ~ '^[0-9A-F]{24}$') END AS archive_lag_bytes,
       CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN
           pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), '0/0')::int8 END AS wal_position,
       (SELECT count(DISTINCT l.pid) FROM pg_catalog.pg_locks AS l WHERE NOT l.granted) AS lock_waiters,
       (SELECT count(*) FROM pg_catalog.pg_stat_activity AS a
        WHERE a.state = 'active' AND a.backend_type = 'client backend'
          AND a.pid <> pg_catalog.pg_backend_pid()) AS active_sessions
