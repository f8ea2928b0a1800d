-- what: the row security policies of one table, and those of other tables that mention it
-- columns: name text, schema text, relation text, own bool, permissive bool, command text, roles text[], using text, check text,
--   comment text
-- params: oid
-- cost: on demand
-- No roles: PUBLIC.
SELECT p.polname::text AS name,
       n.nspname::text AS schema,
       c.relname::text AS relation,
       p.polrelid = $1 AS own,
       p.polpermissive AS permissive,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END
         AS command,
       ARRAY(SELECT pg_catalog.pg_get_userbyid(r)::text FROM pg_catalog.unnest(p.polroles) AS r WHERE r <> 0 ORDER BY 1) AS roles,
       COALESCE(pg_catalog.pg_get_expr(p.polqual, p.polrelid), '') AS "using",
       COALESCE(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), '') AS "check",
       COALESCE(pg_catalog.obj_description(p.oid, 'pg_policy'), '') AS comment
FROM pg_catalog.pg_policy AS p
JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE p.polrelid = $1
   OR EXISTS (SELECT FROM pg_catalog.pg_depend AS d
              WHERE d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND d.objid = p.oid
                AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = $1)
ORDER BY p.polrelid <> $1, n.nspname, c.relname, p.polname
