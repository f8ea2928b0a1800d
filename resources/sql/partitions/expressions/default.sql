-- what: the CHECK constraints and partition key expressions of the named tables
-- columns: relid oid, is_key bool, expression text
-- params: oid[]
-- cost: light
-- Deparsing an expression opens its table, and would wait behind an ACCESS EXCLUSIVE lock: here for a millisecond at most,
-- then the query fails and is asked again later.
WITH impatient AS MATERIALIZED (
  SELECT pg_catalog.set_config('lock_timeout', '1', true) AS lock_timeout
)
SELECT o.relid, false AS is_key,
       pg_catalog.pg_get_expr(o.conbin, CASE WHEN impatient.lock_timeout IS NOT NULL THEN o.relid END) AS expression
FROM impatient,
     (SELECT k.conrelid AS relid, k.conbin
      FROM pg_catalog.pg_constraint AS k
      WHERE k.contype = 'c' AND k.conrelid = ANY ($1::oid[])) AS o
UNION ALL
SELECT o.relid, true,
       pg_catalog.pg_get_expr(o.partexprs, CASE WHEN impatient.lock_timeout IS NOT NULL THEN o.relid END)
FROM impatient,
     (SELECT p.partrelid AS relid, p.partexprs
      FROM pg_catalog.pg_partitioned_table AS p
      WHERE p.partexprs IS NOT NULL AND p.partrelid = ANY ($1::oid[])) AS o
