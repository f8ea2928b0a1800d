-- what: one table in figures: exact sizes, rows, scans, writes, cache and upkeep; waits for its lock, so never in a tick
-- columns: schema name, name name, kind "char", heap_bytes int8, toast_bytes int8, index_bytes int8, total_bytes int8, row_estimate int8,
--   live_rows int8, dead_rows int8, modified_since_analyze int8, inserted int8, updated int8, hot_updated int8, deleted int8,
--   sequential_scans int8, sequential_rows int8, index_scans int8, heap_blocks_read int8, heap_blocks_hit int8,
--   index_blocks_read int8, index_blocks_hit int8, toast_blocks_read int8, toast_blocks_hit int8, last_vacuum timestamptz,
--   last_autovacuum timestamptz, last_analyze timestamptz, last_autoanalyze timestamptz, vacuums int8, analyzes int8,
--   frozen_age int8, counted_since timestamptz
-- params: oid
-- cost: on demand
SELECT n.nspname AS schema,
       c.relname AS name,
       c.relkind AS kind,
       pg_catalog.pg_relation_size(c.oid) AS heap_bytes,
       COALESCE(pg_catalog.pg_total_relation_size(NULLIF(c.reltoastrelid, 0)), 0) AS toast_bytes,
       pg_catalog.pg_indexes_size(c.oid) AS index_bytes,
       pg_catalog.pg_total_relation_size(c.oid) AS total_bytes,
       c.reltuples::int8 AS row_estimate,
       pg_catalog.pg_stat_get_live_tuples(c.oid) AS live_rows,
       pg_catalog.pg_stat_get_dead_tuples(c.oid) AS dead_rows,
       pg_catalog.pg_stat_get_mod_since_analyze(c.oid) AS modified_since_analyze,
       pg_catalog.pg_stat_get_tuples_inserted(c.oid) AS inserted,
       pg_catalog.pg_stat_get_tuples_updated(c.oid) AS updated,
       pg_catalog.pg_stat_get_tuples_hot_updated(c.oid) AS hot_updated,
       pg_catalog.pg_stat_get_tuples_deleted(c.oid) AS deleted,
       pg_catalog.pg_stat_get_numscans(c.oid) AS sequential_scans,
       pg_catalog.pg_stat_get_tuples_returned(c.oid) AS sequential_rows,
       COALESCE(x.scans, 0) AS index_scans,
       pg_catalog.pg_stat_get_blocks_fetched(c.oid) - pg_catalog.pg_stat_get_blocks_hit(c.oid) AS heap_blocks_read,
       pg_catalog.pg_stat_get_blocks_hit(c.oid) AS heap_blocks_hit,
       COALESCE(x.blocks_read, 0) AS index_blocks_read,
       COALESCE(x.blocks_hit, 0) AS index_blocks_hit,
       COALESCE(pg_catalog.pg_stat_get_blocks_fetched(c.reltoastrelid) - pg_catalog.pg_stat_get_blocks_hit(c.reltoastrelid), 0)
         AS toast_blocks_read,
       COALESCE(pg_catalog.pg_stat_get_blocks_hit(c.reltoastrelid), 0) AS toast_blocks_hit,
       pg_catalog.pg_stat_get_last_vacuum_time(c.oid) AS last_vacuum,
       pg_catalog.pg_stat_get_last_autovacuum_time(c.oid) AS last_autovacuum,
       pg_catalog.pg_stat_get_last_analyze_time(c.oid) AS last_analyze,
       pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid) AS last_autoanalyze,
       pg_catalog.pg_stat_get_vacuum_count(c.oid) + pg_catalog.pg_stat_get_autovacuum_count(c.oid) AS vacuums,
       pg_catalog.pg_stat_get_analyze_count(c.oid) + pg_catalog.pg_stat_get_autoanalyze_count(c.oid) AS analyzes,
       CASE WHEN c.relfrozenxid <> '0'::xid THEN pg_catalog.age(c.relfrozenxid)::int8 END AS frozen_age,
       pg_catalog.pg_stat_get_db_stat_reset_time(d.oid) AS counted_since
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_database AS d ON d.datname = pg_catalog.current_database()
LEFT JOIN LATERAL (
  SELECT pg_catalog.sum(pg_catalog.pg_stat_get_numscans(i.indexrelid))::int8 AS scans,
         pg_catalog.sum(pg_catalog.pg_stat_get_blocks_fetched(i.indexrelid) - pg_catalog.pg_stat_get_blocks_hit(i.indexrelid))::int8
           AS blocks_read,
         pg_catalog.sum(pg_catalog.pg_stat_get_blocks_hit(i.indexrelid))::int8 AS blocks_hit
  FROM pg_catalog.pg_index AS i
  WHERE i.indrelid = c.oid) AS x ON true
WHERE c.oid = $1 AND c.relkind IN ('r', 'p', 'm', 'f', 't')
