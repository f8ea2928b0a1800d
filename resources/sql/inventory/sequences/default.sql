-- what: the sequences that belong to columns of one table, serial and identity
-- columns: oid oid, schema text, name text, column text, is_identity bool, type text, start int8, increment int8, minimum int8,
--   maximum int8, cache int8, cycle bool, last_value int8, owner text, persistence text, comment text, privileges json
-- params: oid
-- cost: on demand
-- last_value is NULL where no value was taken yet, or where the role may not read it.
SELECT c.oid,
       n.nspname::text AS schema,
       c.relname::text AS name,
       a.attname::text AS "column",
       d.deptype = 'i' AS is_identity,
       pg_catalog.format_type(s.seqtypid, NULL) AS type,
       s.seqstart AS start,
       s.seqincrement AS increment,
       s.seqmin AS minimum,
       s.seqmax AS maximum,
       s.seqcache AS cache,
       s.seqcycle AS cycle,
       CASE WHEN pg_catalog.has_sequence_privilege(c.oid, 'USAGE, SELECT') THEN pg_catalog.pg_sequence_last_value(c.oid) END
         AS last_value,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       CASE c.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' ELSE 'permanent' END AS persistence,
       COALESCE(pg_catalog.obj_description(c.oid, 'pg_class'), '') AS comment,
       (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                 'grantor', pg_catalog.pg_get_userbyid(g.grantor),
                 'grantee', CASE WHEN g.grantee = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(g.grantee)::text END,
                 'privilege', g.privilege_type, 'grantable', g.is_grantable)
               ORDER BY g.grantor <> c.relowner, pg_catalog.pg_get_userbyid(g.grantor), g.grantee = 0,
                        pg_catalog.pg_get_userbyid(g.grantee), g.privilege_type)
        FROM pg_catalog.aclexplode(COALESCE(c.relacl, pg_catalog.acldefault('s', c.relowner))) AS g) AS privileges
FROM pg_catalog.pg_depend AS d
JOIN pg_catalog.pg_class AS c ON c.oid = d.objid AND c.relkind = 'S'
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = c.oid
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  AND d.refobjid = $1 AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
ORDER BY a.attnum, n.nspname, c.relname
