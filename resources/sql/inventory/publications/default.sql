-- what: the publications that one table is in, by name or with all tables
-- columns: name text, scope text, via_root bool, columns text[], row_filter text
-- params: oid
-- cost: on demand
SELECT p.pubname::text AS name,
       CASE WHEN p.puballtables THEN 'all tables' ELSE 'table' END AS scope,
       p.pubviaroot AS via_root, --{13_plus}
--{default}        false AS via_root,
       '{}'::text[] AS columns,
       '' AS row_filter
FROM pg_catalog.pg_publication AS p
WHERE EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = $1)
  AND (p.puballtables OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel AS r WHERE r.prpubid = p.oid AND r.prrelid = $1))
ORDER BY p.pubname
