-- what: the constraints of one table but its foreign keys
-- columns: name text, kind text, definition text, columns text[], index text, deferrable bool, deferred bool, validated bool,
--   no_inherit bool, enforced bool, period bool, local bool, comment text
-- params: oid
-- cost: on demand
-- The definition has no NOT VALID: validated says it. Constraint triggers stand among the triggers.
SELECT n.conname::text AS name,
       CASE n.contype WHEN 'c' THEN 'CHECK' WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' WHEN 'x' THEN 'EXCLUDE'
                      ELSE 'NOT NULL' END AS kind,
       pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(n.oid), ' NOT VALID$', '') AS definition,
       ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(n.conkey) WITH ORDINALITY AS k (attnum, position)
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = n.conrelid AND a.attnum = k.attnum ORDER BY k.position) AS columns,
       COALESCE(i.relname::text, '') AS index,
       n.condeferrable AS deferrable,
       n.condeferred AS deferred,
       n.convalidated AS validated,
       n.connoinherit AND n.contype IN ('c', 'n') AS no_inherit,
       n.conenforced AS enforced, --{18_plus}
       n.conperiod AS period, --{18_plus}
--{default}        true AS enforced,
--{default}        false AS period,
       n.conislocal AS local,
       COALESCE(pg_catalog.obj_description(n.oid, 'pg_constraint'), '') AS comment
FROM pg_catalog.pg_constraint AS n
LEFT JOIN pg_catalog.pg_class AS i ON i.oid = n.conindid
WHERE n.conrelid = $1 AND n.contype IN ('c', 'p', 'u', 'x', 'n')
ORDER BY n.contype, n.conname
