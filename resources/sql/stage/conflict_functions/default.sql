-- what: functions whose text has ON CONFLICT and the name of a table
-- columns: name text, source text
-- params: text
-- cost: on demand
SELECT p.oid::pg_catalog.regprocedure::text AS name, p.prosrc AS source
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'tidemark')
  AND p.prosrc ~* 'on\s+conflict'
  AND pg_catalog.strpos(pg_catalog.lower(p.prosrc), pg_catalog.lower($1)) > 0
ORDER BY 1
