-- what: what a view's result depends on beside the rows that it reads, and whether rows can be written through it
-- columns: definition text, volatile_functions text[], stable_functions text[], updatable bool
-- params: oid
-- cost: on demand
-- Functions are found in the stored query tree, where those of operators and of pg_catalog stand too, which pg_depend leaves out.
WITH tree (text) AS (
    SELECT r.ev_action::text FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class = $1 AND r.rulename = '_RETURN'
), called (oid) AS (
    SELECT DISTINCT m[1]::oid FROM tree, pg_catalog.regexp_matches(tree.text, ':(?:funcid|opfuncid) (\d+)', 'g') AS m
), sure (name, volatility) AS (
    SELECT DISTINCT p.proname::text, p.provolatile::text
    FROM called AS c JOIN pg_catalog.pg_proc AS p ON p.oid = c.oid
    UNION ALL
    SELECT 'CURRENT_DATE, CURRENT_TIMESTAMP, CURRENT_USER …', 's' FROM tree WHERE tree.text ~ '\{SQLVALUEFUNCTION'
)
SELECT pg_catalog.rtrim(pg_catalog.pg_get_viewdef($1::oid), ';') AS definition,
       ARRAY(SELECT s.name FROM sure AS s WHERE s.volatility = 'v' ORDER BY 1) AS volatile_functions,
       ARRAY(SELECT s.name FROM sure AS s WHERE s.volatility = 's' ORDER BY 1) AS stable_functions,
       pg_catalog.pg_relation_is_updatable($1::oid::pg_catalog.regclass, false) <> 0 AS updatable
