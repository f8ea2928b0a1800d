-- what: which relation reads which, from the materialized views down through plain views to tables
-- columns: reader oid, source oid, schema name, name name, kind "char"
-- cost: light
-- Direct edges only. A function whose body PostgreSQL has parsed (BEGIN ATOMIC, 14 and later) is looked through; what other
-- functions read is known to nobody.
WITH RECURSIVE called AS (
    SELECT r.ev_class AS reader, d.refobjid AS function
    FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid
    WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
      AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND r.ev_type = '1'
    UNION
    SELECT c.reader, d.refobjid
    FROM called AS c
    JOIN pg_catalog.pg_depend AS d ON d.objid = c.function
    WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
      AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
), edge AS MATERIALIZED (
    SELECT r.ev_class AS reader, d.refobjid AS source
    FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid
    WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND r.ev_type = '1' AND d.deptype = 'n' AND d.refobjid <> r.ev_class
    UNION
    SELECT c.reader, d.refobjid
    FROM called AS c
    JOIN pg_catalog.pg_depend AS d ON d.objid = c.function
    WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = 'n'
), reached AS (
    SELECT e.reader, e.source
    FROM edge AS e
    JOIN pg_catalog.pg_class AS c ON c.oid = e.reader AND c.relkind = 'm'
    UNION
    SELECT e.reader, e.source
    FROM reached AS b
    JOIN pg_catalog.pg_class AS v ON v.oid = b.source AND v.relkind = 'v'
    JOIN edge AS e ON e.reader = b.source
)
SELECT b.reader, b.source, n.nspname AS schema, k.relname AS name, k.relkind AS kind
FROM reached AS b
JOIN pg_catalog.pg_class AS k ON k.oid = b.source AND k.relkind IN ('r', 'p', 'f', 'm', 'v')
JOIN pg_catalog.pg_namespace AS n ON n.oid = k.relnamespace
ORDER BY b.reader, b.source
