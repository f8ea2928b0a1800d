-- what: one relation itself, as far as a table that takes its place must equal it
-- columns: oid oid, schema text, name text, kind text, owner text, persistence text, tablespace text, access_method text,
--   options text[], row_security bool, force_row_security bool, replica_identity text, replica_index text, clustered_on text,
--   comment text, labels json, privileges json, row_type oid, array_type oid, parents text[], children text[], of_type text,
--   partition_key text, extension text, subscriptions int8, populated bool, bytes int8, row_estimate int8,
--   default_grantees text[]
-- params: oid
-- cost: on demand
-- Options carry those of the TOAST table with their prefix. Privileges that were never changed are spelled out as what they
-- are by default. default_grantees are whom ALTER DEFAULT PRIVILEGES gives something on any table, sequence or function.
SELECT c.oid,
       n.nspname::text AS schema,
       c.relname::text AS name,
       CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
                      WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE c.relkind::text END AS kind,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       CASE c.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' ELSE 'permanent' END AS persistence,
       COALESCE(s.spcname::text, '') AS tablespace,
       COALESCE(m.amname::text, '') AS access_method,
       COALESCE(c.reloptions, '{}'::text[])
         || ARRAY(SELECT 'toast.' || o FROM pg_catalog.unnest(toast.reloptions) AS o) AS options,
       c.relrowsecurity AS row_security,
       c.relforcerowsecurity AS force_row_security,
       CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' WHEN 'i' THEN 'INDEX' ELSE 'DEFAULT' END
         AS replica_identity,
       COALESCE((SELECT x.relname::text FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
                 WHERE i.indrelid = c.oid AND i.indisreplident), '') AS replica_index,
       COALESCE((SELECT x.relname::text FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
                 WHERE i.indrelid = c.oid AND i.indisclustered), '') AS clustered_on,
       COALESCE(pg_catalog.obj_description(c.oid, 'pg_class'), '') AS comment,
       (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('provider', l.provider, 'label', l.label) ORDER BY l.provider)
        FROM pg_catalog.pg_seclabel AS l
        WHERE l.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND l.objoid = c.oid AND l.objsubid = 0) AS labels,
       (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                 'grantor', pg_catalog.pg_get_userbyid(g.grantor),
                 'grantee', CASE WHEN g.grantee = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(g.grantee)::text END,
                 'privilege', g.privilege_type, 'grantable', g.is_grantable)
               ORDER BY g.grantor <> c.relowner, pg_catalog.pg_get_userbyid(g.grantor), g.grantee = 0,
                        pg_catalog.pg_get_userbyid(g.grantee), g.privilege_type)
        FROM pg_catalog.aclexplode(COALESCE(c.relacl, pg_catalog.acldefault('r', c.relowner))) AS g) AS privileges,
       c.reltype AS row_type,
       COALESCE(t.typarray, 0::oid) AS array_type,
       ARRAY(SELECT pg_catalog.format('%I.%I', pn.nspname, p.relname)
             FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS p ON p.oid = i.inhparent
             JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
             WHERE i.inhrelid = c.oid ORDER BY i.inhseqno) AS parents,
       ARRAY(SELECT pg_catalog.format('%I.%I', pn.nspname, p.relname)
             FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS p ON p.oid = i.inhrelid
             JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
             WHERE i.inhparent = c.oid ORDER BY pn.nspname, p.relname) AS children,
       CASE WHEN c.reloftype = 0 THEN '' ELSE pg_catalog.format_type(c.reloftype, NULL) END AS of_type,
       CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) ELSE '' END AS partition_key,
       COALESCE((SELECT e.extname::text FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
                 WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.objsubid = 0
                   AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'), '') AS extension,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_subscription_rel AS r WHERE r.srrelid = c.oid) AS subscriptions,
       c.relispopulated AS populated,
       COALESCE(pg_catalog.pg_total_relation_size(c.oid), 0) AS bytes,
       c.reltuples::int8 AS row_estimate,
       ARRAY(SELECT DISTINCT CASE WHEN g.grantee = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(g.grantee)::text END
             FROM pg_catalog.pg_default_acl AS a, pg_catalog.aclexplode(a.defaclacl) AS g
             WHERE a.defaclobjtype IN ('r', 'S', 'f') ORDER BY 1) AS default_grantees
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_tablespace AS s ON s.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
LEFT JOIN pg_catalog.pg_class AS toast ON toast.oid = c.reltoastrelid
LEFT JOIN pg_catalog.pg_type AS t ON t.oid = c.reltype
WHERE c.oid = $1
