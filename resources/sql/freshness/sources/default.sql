-- what: names and files of the relations that materialized views read
-- columns: oid oid, schema name, name name, relkind "char", relfilenode oid,
--   modifications int8
-- params: oid[]
-- cost: light
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind, c.relfilenode,
       pg_catalog.pg_stat_get_tuples_inserted(c.oid) + pg_catalog.pg_stat_get_tuples_updated(c.oid)
           + pg_catalog.pg_stat_get_tuples_deleted(c.oid) AS modifications
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = ANY ($1::oid[])
