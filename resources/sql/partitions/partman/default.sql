-- what: the configuration of pg_partman, whatever its version
-- columns: is_readable bool, config xml
-- cost: light
-- requires: extension pg_partman
-- Where the extension lives is the DBA's choice, and its columns change from version to version: so each row comes as JSON
-- in an XML element, of whatever schema. Waits a millisecond at most while the extension is being updated.
WITH impatient AS MATERIALIZED (
  SELECT pg_catalog.set_config('lock_timeout', '1', true) AS lock_timeout
)
SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS is_readable,
       CASE WHEN pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') THEN
         pg_catalog.query_to_xml(
           pg_catalog.format('SELECT pg_catalog.to_jsonb(c) AS config FROM %I.part_config AS c',
                             CASE WHEN impatient.lock_timeout IS NOT NULL THEN n.nspname END),
           false, false, '')
       END AS config
FROM impatient, pg_catalog.pg_extension AS e
JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = 'part_config'
WHERE e.extname = 'pg_partman'
