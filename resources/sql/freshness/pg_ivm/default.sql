-- what: the tables that pg_ivm keeps up to date, with the transaction that touched each last
-- columns: immvs xml
-- params: bool
-- cost: light
-- $1: ask for commit times. The catalogue moved from pg_catalog to pgivm in 1.10 and told no transaction before that: so
-- each row comes as JSON in an XML element, from wherever it is; no row without the extension.
SELECT pg_catalog.query_to_xml(pg_catalog.format($query$
           SELECT pg_catalog.jsonb_build_object(
                      'oid', c.oid::int8, 'schema', n.nspname, 'name', c.relname, 'populated', i.ispopulated,
                      'owner', pg_catalog.pg_get_userbyid(c.relowner), 'pages', c.relpages, 'rows', c.reltuples,
                      'xid', x.xid::text::int8,
                      'committed_at', CASE WHEN %L::bool THEN pg_catalog.pg_xact_commit_timestamp(x.xid) END) AS immv
           FROM %I.pg_ivm_immv AS i
           JOIN pg_catalog.pg_class AS c ON c.oid = i.immvrelid
           JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace,
           LATERAL (SELECT ((pg_catalog.to_jsonb(i)->>'lastivmupdate')::int8 %% 4294967296)::text::xid AS xid) AS x
           ORDER BY c.oid $query$, $1::bool, n.nspname), false, true, '') AS immvs
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relname = 'pg_ivm_immv' AND n.nspname IN ('pgivm', 'pg_catalog')
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
