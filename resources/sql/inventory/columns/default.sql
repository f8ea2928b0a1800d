-- what: the columns of one relation in their order, as they were declared
-- columns: name text, type text, collation text, not_null bool, default_expression text, generated text, identity text,
--   storage text, storage_is_default bool, compression text, statistics_target int4, options text[], comment text,
--   labels json, privileges json
-- params: oid
-- cost: on demand
-- The collation is empty where it is the type's own; statistics_target is -1 where it is the server's default.
-- Options whose names begin with pg_ are the server's own bookkeeping (pg_attver of 15.20) and cannot be set.
-- default_expression is the generation expression where generated says STORED or VIRTUAL.
SELECT a.attname::text AS name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation
            THEN (SELECT pg_catalog.format('%I.%I', n.nspname, o.collname) FROM pg_catalog.pg_collation AS o
                  JOIN pg_catalog.pg_namespace AS n ON n.oid = o.collnamespace WHERE o.oid = a.attcollation)
            ELSE '' END AS collation,
       a.attnotnull AS not_null,
       COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') AS default_expression,
       CASE a.attgenerated WHEN 's' THEN 'STORED' WHEN 'v' THEN 'VIRTUAL' ELSE '' END AS generated,
       CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' ELSE '' END AS identity,
       CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END AS storage,
       a.attstorage = t.typstorage AS storage_is_default,
       CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' ELSE '' END AS compression, --{14_plus}
--{default}        ''::text AS compression,
       COALESCE(a.attstattarget, -1)::int4 AS statistics_target,
       ARRAY(SELECT o FROM pg_catalog.unnest(a.attoptions) AS o WHERE o NOT LIKE 'pg\_%') AS options,
       COALESCE(pg_catalog.col_description(a.attrelid, a.attnum), '') AS comment,
       (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('provider', l.provider, 'label', l.label) ORDER BY l.provider)
        FROM pg_catalog.pg_seclabel AS l
        WHERE l.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND l.objoid = a.attrelid AND l.objsubid = a.attnum)
         AS labels,
       (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                 'grantor', pg_catalog.pg_get_userbyid(g.grantor),
                 'grantee', CASE WHEN g.grantee = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(g.grantee)::text END,
                 'privilege', g.privilege_type, 'grantable', g.is_grantable)
               ORDER BY g.grantor <> c.relowner, pg_catalog.pg_get_userbyid(g.grantor), g.grantee = 0,
                        pg_catalog.pg_get_userbyid(g.grantee), g.privilege_type)
        FROM pg_catalog.aclexplode(a.attacl) AS g) AS privileges
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
