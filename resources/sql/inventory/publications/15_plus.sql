-- what: the publications that one table is in, by name, with its schema or with all tables
-- columns: name text, scope text, via_root bool, columns text[], row_filter text
-- params: oid
-- cost: on demand
-- A publication that names the table and its schema has two rows.
SELECT p.pubname::text AS name,
       m.scope,
       p.pubviaroot AS via_root,
       m.columns,
       m.row_filter
FROM pg_catalog.pg_publication AS p
CROSS JOIN LATERAL (
  SELECT 'all tables' AS scope, '{}'::text[] AS columns, '' AS row_filter
  FROM pg_catalog.pg_class AS c WHERE c.oid = $1 AND p.puballtables
  UNION ALL
  SELECT 'schema', '{}'::text[], ''
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_publication_namespace AS s ON s.pnnspid = c.relnamespace
  WHERE c.oid = $1 AND s.pnpubid = p.oid
  UNION ALL
  SELECT 'table',
         ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
               WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[]) ORDER BY a.attnum),
         COALESCE(pg_catalog.pg_get_expr(r.prqual, r.prrelid), '')
  FROM pg_catalog.pg_publication_rel AS r WHERE r.prpubid = p.oid AND r.prrelid = $1) AS m
ORDER BY p.pubname, m.scope
