-- what: the clocks, and what the freshness of this database's views hangs on besides the views
-- columns: server_now timestamptz, next_xid int8, stats_reset timestamptz, tracks_counts bool, refresh_log oid,
--   managed bool, enum_changes int8, function_changes int8, inheritance_changes int8
-- cost: light
-- now() is of before the snapshot: a transaction at or above next_xid began after it. The three counts are the server's own
-- counters of catalogues whose changes no row of pg_class tells of: labels of enum types, functions defined anew, and INHERIT.
-- Counters are lost by a reset of the database's statistics and by a crash, after which those of the background writer begin anew.
SELECT pg_catalog.now() AS server_now,
       pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()) AS next_xid,
       greatest(pg_catalog.pg_stat_get_db_stat_reset_time(d.oid),
                pg_catalog.pg_stat_get_bgwriter_stat_reset_time()) AS stats_reset,
       pg_catalog.current_setting('track_counts')::bool AS tracks_counts,
       (SELECT c.oid FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'tidemark' AND c.relname = 'refresh_log' AND c.relkind = 'r'
          AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
          AND pg_catalog.has_table_privilege(c.oid, 'SELECT')) AS refresh_log,
       EXISTS (SELECT FROM pg_catalog.pg_class AS c
               JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
               WHERE n.nspname = 'tidemark' AND c.relname = 'managed_table' AND c.relkind = 'r'
                 AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                 AND pg_catalog.has_table_privilege(c.oid, 'SELECT')) AS managed,
       pg_catalog.pg_stat_get_tuples_inserted('pg_catalog.pg_enum'::pg_catalog.regclass)
           + pg_catalog.pg_stat_get_tuples_updated('pg_catalog.pg_enum'::pg_catalog.regclass)
           + pg_catalog.pg_stat_get_tuples_deleted('pg_catalog.pg_enum'::pg_catalog.regclass) AS enum_changes,
       pg_catalog.pg_stat_get_tuples_updated('pg_catalog.pg_proc'::pg_catalog.regclass)
           + pg_catalog.pg_stat_get_tuples_deleted('pg_catalog.pg_proc'::pg_catalog.regclass) AS function_changes,
       pg_catalog.pg_stat_get_tuples_inserted('pg_catalog.pg_inherits'::pg_catalog.regclass)
           + pg_catalog.pg_stat_get_tuples_updated('pg_catalog.pg_inherits'::pg_catalog.regclass)
           + pg_catalog.pg_stat_get_tuples_deleted('pg_catalog.pg_inherits'::pg_catalog.regclass) AS inheritance_changes
FROM pg_catalog.pg_database AS d
WHERE d.datname = pg_catalog.current_database()
