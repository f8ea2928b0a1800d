-- what: the views and materialized views that read one relation, directly or through others, in dependency order
-- columns: oid oid, depth int4, definition text, reads oid[], row_type bool, constraints text[]
-- params: oid
-- cost: on demand
-- A view stands after all that it reads. reads are the relations among them (and $1 itself) that its own definition names;
-- row_type says that it depends on the row type of $1 as well: a column, a cast. constraints are the keys of $1 without which
-- its GROUP BY is not valid.
WITH RECURSIVE closure AS (
  SELECT $1::oid AS relid, 0 AS depth
  UNION
  SELECT v.oid, c.depth + 1
  FROM closure AS c
  JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = c.relid
                                AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
  JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid AND r.rulename = '_RETURN' AND r.ev_class <> c.relid
  JOIN pg_catalog.pg_class AS v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
  WHERE c.depth < 200)
SELECT v.oid,
       m.depth,
       pg_catalog.rtrim(pg_catalog.pg_get_viewdef(v.oid), ';') AS definition,
       ARRAY(SELECT DISTINCT d.refobjid FROM pg_catalog.pg_rewrite AS r
             JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
                                           AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
             WHERE r.ev_class = v.oid AND r.rulename = '_RETURN' AND d.refobjid <> v.oid
               AND d.refobjid IN (SELECT c.relid FROM closure AS c)
             ORDER BY d.refobjid) AS reads,
       EXISTS (SELECT FROM pg_catalog.pg_depend AS d
               JOIN pg_catalog.pg_type AS t ON t.oid = d.refobjid AND (t.typrelid = $1 OR t.typelem = base.reltype)
               WHERE d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND base.reltype <> 0
                 AND (d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = v.oid AND d.objsubid > 0
                      OR d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
                         AND d.objid IN (SELECT r.oid FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class = v.oid))) AS row_type,
       ARRAY(SELECT DISTINCT n.conname::text FROM pg_catalog.pg_rewrite AS r
             JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
                                           AND d.refclassid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
             JOIN pg_catalog.pg_constraint AS n ON n.oid = d.refobjid AND n.conrelid = $1
             WHERE r.ev_class = v.oid ORDER BY 1) AS constraints
FROM (SELECT c.relid, pg_catalog.max(c.depth)::int4 AS depth FROM closure AS c WHERE c.depth > 0 GROUP BY c.relid) AS m
JOIN pg_catalog.pg_class AS v ON v.oid = m.relid
CROSS JOIN (SELECT b.reltype FROM pg_catalog.pg_class AS b WHERE b.oid = $1) AS base
ORDER BY m.depth, v.relnamespace, v.relname
