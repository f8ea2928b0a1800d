-- what: every leaf below a parent, itself included where it holds rows, with exact sizes and use; waits for their locks
-- columns: relid oid, schema name, name name, table_bytes int8, index_bytes int8, live_rows int8, dead_rows int8, scans int8,
--   blocks_read int8, blocks_hit int8, last_vacuumed timestamptz, last_analyzed timestamptz
-- params: oid
-- cost: on demand
WITH RECURSIVE tree AS (
  SELECT $1::oid AS oid
  UNION
  SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits AS i ON i.inhparent = tree.oid
)
SELECT c.oid AS relid,
       n.nspname AS schema,
       c.relname AS name,
       pg_catalog.pg_table_size(c.oid) AS table_bytes,
       pg_catalog.pg_indexes_size(c.oid) AS index_bytes,
       pg_catalog.pg_stat_get_live_tuples(c.oid) AS live_rows,
       pg_catalog.pg_stat_get_dead_tuples(c.oid) AS dead_rows,
       pg_catalog.pg_stat_get_numscans(c.oid)
         + COALESCE((SELECT pg_catalog.sum(pg_catalog.pg_stat_get_numscans(i.indexrelid))::int8
                     FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid), 0) AS scans,
       pg_catalog.pg_stat_get_blocks_fetched(c.oid) - pg_catalog.pg_stat_get_blocks_hit(c.oid) AS blocks_read,
       pg_catalog.pg_stat_get_blocks_hit(c.oid) AS blocks_hit,
       GREATEST(pg_catalog.pg_stat_get_last_vacuum_time(c.oid), pg_catalog.pg_stat_get_last_autovacuum_time(c.oid)) AS last_vacuumed,
       GREATEST(pg_catalog.pg_stat_get_last_analyze_time(c.oid), pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid)) AS last_analyzed
FROM tree
JOIN pg_catalog.pg_class AS c ON c.oid = tree.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm', 'f')
ORDER BY n.nspname, c.relname
