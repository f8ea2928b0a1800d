-- what: who we are, where, and what this server can tell
-- columns: server_version text, system_identifier text, timeline int4, database_oid oid, database name, role name, is_superuser bool,
--   can_read_all_stats bool, in_recovery bool, standby_address text, tracks_commit_timestamps bool, block_size int4
-- cost: light
SELECT pg_catalog.current_setting('server_version') AS server_version,
       (SELECT c.system_identifier::text FROM pg_catalog.pg_control_system() AS c) AS system_identifier,
       -- What the checkpoint says may be older than a promotion; a standby has nothing else to say.
       CASE WHEN pg_catalog.pg_is_in_recovery() THEN (
                SELECT greatest(c.timeline_id, r.min_recovery_end_timeline)
                FROM pg_catalog.pg_control_checkpoint() AS c, pg_catalog.pg_control_recovery() AS r)
            ELSE ('x' || substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int4
       END AS timeline,
       d.oid AS database_oid,
       d.datname AS database,
       current_user AS role,
       r.rolsuper AS is_superuser,
       pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS can_read_all_stats,
       pg_catalog.pg_is_in_recovery() AS in_recovery,
       -- What tells one standby of a cluster from another; the address is NULL on a Unix socket.
       CASE WHEN pg_catalog.pg_is_in_recovery() THEN
           pg_catalog.concat(pg_catalog.host(pg_catalog.inet_server_addr()), ':', pg_catalog.current_setting('port'))
       END AS standby_address,
       pg_catalog.current_setting('track_commit_timestamp') = 'on' AS tracks_commit_timestamps,
       pg_catalog.current_setting('block_size')::int4 AS block_size
FROM pg_catalog.pg_database AS d, pg_catalog.pg_roles AS r
WHERE d.datname = pg_catalog.current_database() AND r.rolname = current_user
