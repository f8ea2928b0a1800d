-- what: what each materialized view reads, directly and through plain views
-- columns: oid oid, sources oid[], views oid[]
-- cost: light
-- A nested materialized view is a source and not stepped through: its own content is what its readers see.
WITH RECURSIVE edge AS MATERIALIZED (
    SELECT DISTINCT r.ev_class AS reader, d.refobjid AS source
    FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid
    WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND d.deptype = 'n' AND d.refobjid <> r.ev_class
), closure AS (
    SELECT c.oid AS matview, e.source
    FROM pg_catalog.pg_class AS c
    JOIN edge AS e ON e.reader = c.oid
    WHERE c.relkind = 'm'
    UNION
    SELECT b.matview, e.source
    FROM closure AS b
    JOIN pg_catalog.pg_class AS v ON v.oid = b.source AND v.relkind = 'v'
    JOIN edge AS e ON e.reader = b.source
)
SELECT b.matview AS oid,
       pg_catalog.array_agg(b.source) FILTER (WHERE k.relkind <> 'v') AS sources,
       pg_catalog.array_agg(b.source) FILTER (WHERE k.relkind = 'v') AS views
FROM closure AS b
JOIN pg_catalog.pg_class AS k ON k.oid = b.source AND k.relkind IN ('r', 'p', 'f', 'm', 'v')
GROUP BY b.matview
