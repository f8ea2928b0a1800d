-- what: the rewrite rules on one relation, and those on other tables and views that mention it
-- columns: name text, schema text, relation text, own bool, definition text, enabled text, comment text
-- params: oid
-- cost: on demand
SELECT r.rulename::text AS name,
       n.nspname::text AS schema,
       c.relname::text AS relation,
       r.ev_class = $1 AS own,
       pg_catalog.pg_get_ruledef(r.oid) AS definition,
       CASE r.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END
         AS enabled,
       COALESCE(pg_catalog.obj_description(r.oid, 'pg_rewrite'), '') AS comment
FROM pg_catalog.pg_rewrite AS r
JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN'
  AND (r.ev_class = $1
       OR EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
                    AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = $1))
ORDER BY r.ev_class <> $1, n.nspname, c.relname, r.rulename
