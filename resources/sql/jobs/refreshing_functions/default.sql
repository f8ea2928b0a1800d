-- what: functions and procedures whose text refreshes materialized views or continuous aggregates
-- columns: schema name, name name, body text
-- cost: heavy
-- Reads the text of every function, so it is asked once in several minutes.
SELECT n.nspname AS schema, p.proname AS name, pg_catalog.left(p.prosrc, 20000) AS body
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE l.lanname NOT IN ('internal', 'c') AND p.prosrc ~* 'refresh\s+materialized\s+view|refresh_continuous_aggregate'
ORDER BY n.nspname, p.proname
LIMIT 500
