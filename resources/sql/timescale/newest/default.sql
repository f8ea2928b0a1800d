-- what: the newest time in each of the named chunks, where an index makes that cheap
-- columns: relid oid, newest int8
-- params: oid[], text[]
-- cost: light
-- $1 are chunks, $2 their time columns; answers in microseconds since 1970. Chunks that this role may not read, or without an
-- index that begins with the column, are left out. The chunk's name is known to the server alone, which quotes it. Waits a
-- millisecond at most for a lock, then fails and is asked again later.
WITH impatient AS MATERIALIZED (
  SELECT pg_catalog.set_config('lock_timeout', '1', true) AS lock_timeout
)
SELECT c.oid AS relid,
       (pg_catalog.regexp_match(
          pg_catalog.query_to_xml(
            pg_catalog.format('SELECT (EXTRACT(epoch FROM pg_catalog.max(%I)) * 1000000)::int8 AS newest FROM %I.%I',
                              a.attname, CASE WHEN impatient.lock_timeout IS NOT NULL THEN n.nspname END, c.relname),
            false, true, '')::text, '<newest>(-?\d+)</newest>'))[1]::int8 AS newest
FROM impatient,
     ROWS FROM (pg_catalog.unnest($1::oid[]), pg_catalog.unnest($2::text[])) AS named(relid, column_name)
JOIN pg_catalog.pg_class AS c ON c.oid = named.relid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = named.column_name AND NOT a.attisdropped
WHERE c.relkind = 'r'
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
  AND EXISTS (SELECT FROM pg_catalog.pg_index AS i
              WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] = a.attnum)
