-- what: what each materialized view reads, directly and through plain views
-- columns: oid oid, sources oid[], views oid[], view_names text[], definitions int8[]
-- cost: light
-- A nested materialized view is a source and not stepped through: its own content is what its readers see.
-- definitions: the transaction that defined each of the views last. Rules of tables are no readers: their targets are
-- written, not read.
WITH RECURSIVE edge AS MATERIALIZED (
    SELECT DISTINCT r.ev_class AS reader, d.refobjid AS source
    FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid
    WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND r.ev_type = '1' AND d.deptype = 'n' AND d.refobjid <> r.ev_class
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
       pg_catalog.array_agg(b.source ORDER BY b.source) FILTER (WHERE k.relkind = 'v') AS views,
       pg_catalog.array_agg(n.nspname || '.' || k.relname ORDER BY b.source)
           FILTER (WHERE k.relkind = 'v') AS view_names,
       pg_catalog.array_agg(r.xmin::text::int8 ORDER BY b.source) FILTER (WHERE k.relkind = 'v') AS definitions
FROM closure AS b
JOIN pg_catalog.pg_class AS k ON k.oid = b.source AND k.relkind IN ('r', 'p', 'f', 'm', 'v')
JOIN pg_catalog.pg_namespace AS n ON n.oid = k.relnamespace
LEFT JOIN pg_catalog.pg_rewrite AS r ON k.relkind = 'v' AND r.ev_class = k.oid AND r.ev_type = '1'
GROUP BY b.matview
