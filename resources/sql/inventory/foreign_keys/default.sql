-- what: the foreign keys of one table and those of others that refer to it
-- columns: name text, schema text, table text, table_kind text, referenced_schema text, referenced_table text, own bool,
--   inbound bool, definition text, columns text[], referenced_columns text[], deferrable bool, deferred bool, validated bool,
--   enforced bool, on_update text, on_delete text, comment text
-- params: oid
-- cost: on demand
-- One that refers to its own table is both own and inbound. Those that partitions have of their parent are left out.
SELECT n.conname::text AS name,
       rn.nspname::text AS schema,
       r.relname::text AS "table",
       CASE r.relkind WHEN 'p' THEN 'partitioned table' ELSE 'table' END AS table_kind,
       fn.nspname::text AS referenced_schema,
       f.relname::text AS referenced_table,
       n.conrelid = $1 AS own,
       n.confrelid = $1 AS inbound,
       pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(n.oid), ' NOT VALID$', '') AS definition,
       ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(n.conkey) WITH ORDINALITY AS k (attnum, position)
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = n.conrelid AND a.attnum = k.attnum ORDER BY k.position) AS columns,
       ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(n.confkey) WITH ORDINALITY AS k (attnum, position)
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = n.confrelid AND a.attnum = k.attnum ORDER BY k.position)
         AS referenced_columns,
       n.condeferrable AS deferrable,
       n.condeferred AS deferred,
       n.convalidated AS validated,
       n.conenforced AS enforced, --{18_plus}
--{default}        true AS enforced,
       CASE n.confupdtype WHEN 'c' THEN 'CASCADE' WHEN 'r' THEN 'RESTRICT' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT'
                          ELSE 'NO ACTION' END AS on_update,
       CASE n.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'r' THEN 'RESTRICT' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT'
                          ELSE 'NO ACTION' END AS on_delete,
       COALESCE(pg_catalog.obj_description(n.oid, 'pg_constraint'), '') AS comment
FROM pg_catalog.pg_constraint AS n
JOIN pg_catalog.pg_class AS r ON r.oid = n.conrelid
JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
JOIN pg_catalog.pg_class AS f ON f.oid = n.confrelid
JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.relnamespace
WHERE n.contype = 'f' AND n.conparentid = 0 AND (n.conrelid = $1 OR n.confrelid = $1)
ORDER BY n.conrelid <> $1, rn.nspname, r.relname, n.conname
