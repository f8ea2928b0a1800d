-- what: the functions bound to one relation: a BEGIN ATOMIC body that names it, or its row type as argument or result
-- columns: oid oid, schema text, name text, arguments text, kind text, definition text, body_names bool, takes_row bool,
--   returns_row bool, owner text, comment text, extension text, privileges json, used_by text[]
-- params: oid
-- cost: on demand
-- Functions whose body is a string find the table by its name when they run and need nothing. used_by describes what depends
-- on the function itself.
SELECT p.oid,
       n.nspname::text AS schema,
       p.proname::text AS name,
       pg_catalog.pg_get_function_identity_arguments(p.oid) AS arguments,
       CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END AS kind,
       CASE WHEN p.prokind <> 'a' THEN pg_catalog.rtrim(pg_catalog.pg_get_functiondef(p.oid), E'\n') ELSE '' END AS definition,
       p.prosqlbody IS NOT NULL AND x.by_name AS body_names, --{14_plus}
--{default}        false AS body_names,
       COALESCE(row_types.types && (p.proargtypes::oid[]), false) AS takes_row,
       COALESCE(p.prorettype = ANY (row_types.types)
                OR EXISTS (SELECT FROM pg_catalog.unnest(p.proallargtypes) AS a WHERE a = ANY (row_types.types))
                   AND NOT row_types.types && (p.proargtypes::oid[]), false) AS returns_row,
       pg_catalog.pg_get_userbyid(p.proowner)::text AS owner,
       COALESCE(pg_catalog.obj_description(p.oid, 'pg_proc'), '') AS comment,
       COALESCE((SELECT e.extname::text FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
                 WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid
                   AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'), '') AS extension,
       (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                 'grantor', pg_catalog.pg_get_userbyid(g.grantor),
                 'grantee', CASE WHEN g.grantee = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(g.grantee)::text END,
                 'privilege', g.privilege_type, 'grantable', g.is_grantable)
               ORDER BY g.grantor <> p.proowner, pg_catalog.pg_get_userbyid(g.grantor), g.grantee = 0,
                        pg_catalog.pg_get_userbyid(g.grantee), g.privilege_type)
        FROM pg_catalog.aclexplode(COALESCE(p.proacl, pg_catalog.acldefault('f', p.proowner))) AS g) AS privileges,
       ARRAY(SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_catalog.pg_depend AS d
             WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.refobjid = p.oid AND d.deptype = 'n' ORDER BY 1)
         AS used_by
FROM pg_catalog.pg_class AS c
CROSS JOIN LATERAL (
  SELECT pg_catalog.array_agg(t.oid) AS types FROM pg_catalog.pg_type AS t
  WHERE c.reltype <> 0 AND (t.oid = c.reltype OR t.typelem = c.reltype)) AS row_types
CROSS JOIN LATERAL (
  SELECT d.objid, pg_catalog.bool_or(d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass) AS by_name
  FROM pg_catalog.pg_depend AS d
  WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    AND (d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = c.oid
         OR d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid = ANY (row_types.types))
  GROUP BY d.objid) AS x
JOIN pg_catalog.pg_proc AS p ON p.oid = x.objid
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
WHERE c.oid = $1
ORDER BY n.nspname, p.proname, arguments
