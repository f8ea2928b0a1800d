-- what: who inherits from whom among tables, with the bounds of partitions
-- columns: parent oid, relid oid, schema name, name name, kind "char", detach_pending bool, bound text
-- params: oid[]
-- cost: light
-- All of them when $1 is NULL, else the edges of those children. pg_get_expr is given no relation: a bound has no columns
-- to name, and given one it would open it and wait behind an ACCESS EXCLUSIVE lock. Chunks are read from TimescaleDB's own
-- catalogue.
SELECT i.inhparent AS parent,
       c.oid AS relid,
       n.nspname AS schema,
       c.relname AS name,
       c.relkind AS kind,
       i.inhdetachpending AS detach_pending, --{14_plus}
--{default}        false AS detach_pending,
       pg_catalog.pg_get_expr(c.relpartbound, 0) AS bound
FROM pg_catalog.pg_inherits AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f')
  AND c.relpersistence <> 't'
  AND n.nspname <> '_timescaledb_internal'
  AND ($1::oid[] IS NULL OR i.inhrelid = ANY ($1::oid[]))
