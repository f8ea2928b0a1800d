-- what: partitioned tables, sub-partitioned ones included, with their keys, or the named parents of any kind
-- columns: relid oid, schema name, name name, kind "char", strategy "char", key_columns text[], key_types text[],
--   has_expressions bool
-- params: oid[]
-- cost: light
-- All partitioned tables when $1 is NULL, else those relations that may be a parent. A key column that is an expression is
-- NULL: its text is asked for apart,
-- because deparsing it opens the table.
SELECT c.oid AS relid,
       n.nspname AS schema,
       c.relname AS name,
       c.relkind AS kind,
       p.partstrat AS strategy,
       ARRAY(SELECT a.attname::text
             FROM pg_catalog.unnest(p.partattrs::int2[]) WITH ORDINALITY AS key(attnum, place)
             LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = key.attnum AND key.attnum <> 0
             ORDER BY key.place) AS key_columns,
       ARRAY(SELECT t.typname::text
             FROM pg_catalog.unnest(p.partattrs::int2[]) WITH ORDINALITY AS key(attnum, place)
             LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = key.attnum AND key.attnum <> 0
             LEFT JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
             ORDER BY key.place) AS key_types,
       p.partexprs IS NOT NULL AS has_expressions
FROM (SELECT own.partrelid AS oid FROM pg_catalog.pg_partitioned_table AS own WHERE $1::oid[] IS NULL
      UNION ALL
      SELECT named.oid FROM pg_catalog.unnest($1::oid[]) AS named(oid)) AS parent
JOIN pg_catalog.pg_class AS c ON c.oid = parent.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = c.oid
WHERE c.relkind IN ('p', 'r', 'f')
  AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', '_timescaledb_internal', '_timescaledb_catalog')
