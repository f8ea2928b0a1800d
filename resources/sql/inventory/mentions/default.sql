-- what: all else that depends on one relation or its row type and no replacement can take along by itself
-- columns: kind text, description text
-- params: oid
-- cost: on demand
-- Left out is what other queries of this area read: parts of the relation itself, views, rules, policies, foreign keys,
-- functions, publications.
SELECT DISTINCT
       CASE d.classid
         WHEN 'pg_catalog.pg_class'::pg_catalog.regclass THEN CASE WHEN d.objsubid > 0 THEN 'column' ELSE 'relation' END
         WHEN 'pg_catalog.pg_attrdef'::pg_catalog.regclass THEN 'default'
         WHEN 'pg_catalog.pg_constraint'::pg_catalog.regclass THEN 'constraint'
         WHEN 'pg_catalog.pg_type'::pg_catalog.regclass THEN 'type'
         WHEN 'pg_catalog.pg_trigger'::pg_catalog.regclass THEN 'trigger'
         WHEN 'pg_catalog.pg_rewrite'::pg_catalog.regclass THEN 'view'
         ELSE 'other' END AS kind,
       pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) AS description
FROM pg_catalog.pg_class AS c
CROSS JOIN LATERAL (
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, c.oid
    UNION ALL
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass::pg_catalog.oid, y.oid
    FROM pg_catalog.pg_type AS e
    CROSS JOIN LATERAL (VALUES (e.oid), (e.typarray)) AS y (oid)
    WHERE e.oid = c.reltype AND y.oid <> 0
) AS own (classid, objid)
JOIN pg_catalog.pg_depend AS d ON d.refclassid = own.classid AND d.refobjid = own.objid
LEFT JOIN pg_catalog.pg_class AS r ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND r.oid = d.objid
LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = r.oid
LEFT JOIN pg_catalog.pg_constraint AS n ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND n.oid = d.objid
LEFT JOIN pg_catalog.pg_attrdef AS a ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND a.oid = d.objid
LEFT JOIN pg_catalog.pg_trigger AS t ON d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND t.oid = d.objid
LEFT JOIN pg_catalog.pg_rewrite AS w ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = d.objid
WHERE c.oid = $1
  AND d.deptype IN ('n', 'a')
  AND d.classid NOT IN ('pg_catalog.pg_policy'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass,
                        'pg_catalog.pg_publication_rel'::pg_catalog.regclass, 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass)
  AND (r.oid IS NULL OR r.oid <> c.oid AND i.indrelid IS DISTINCT FROM c.oid AND NOT (r.relkind = 'S' AND d.deptype = 'a')
                        AND r.relkind NOT IN ('v', 'm', 't')
                        AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = r.oid AND h.inhparent = c.oid))
  AND (n.oid IS NULL OR n.conrelid <> c.oid AND n.contype <> 'f')
  AND (a.oid IS NULL OR a.adrelid <> c.oid)
  AND (t.oid IS NULL OR t.tgrelid <> c.oid AND NOT t.tgisinternal)
  AND (w.oid IS NULL OR d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass)
ORDER BY kind, description
