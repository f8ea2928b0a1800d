-- what: the indexes of one table with their exact sizes and use; waits for its lock, so never in a tick
-- columns: relid oid, schema name, name name, bytes int8, scans int8, rows_read int8, blocks_read int8, blocks_hit int8,
--   is_unique bool, is_valid bool
-- params: oid
-- cost: on demand
SELECT c.oid AS relid,
       n.nspname AS schema,
       c.relname AS name,
       pg_catalog.pg_relation_size(c.oid) AS bytes,
       pg_catalog.pg_stat_get_numscans(c.oid) AS scans,
       pg_catalog.pg_stat_get_tuples_returned(c.oid) AS rows_read,
       pg_catalog.pg_stat_get_blocks_fetched(c.oid) - pg_catalog.pg_stat_get_blocks_hit(c.oid) AS blocks_read,
       pg_catalog.pg_stat_get_blocks_hit(c.oid) AS blocks_hit,
       i.indisunique AS is_unique,
       i.indisvalid AS is_valid
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE i.indrelid = $1
ORDER BY pg_catalog.pg_relation_size(c.oid) DESC, c.relname
