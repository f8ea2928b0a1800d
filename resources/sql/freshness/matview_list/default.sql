-- what: which materialized views there are
-- columns: oids oid[]
-- cost: light
SELECT coalesce(pg_catalog.array_agg(c.oid), '{}'::oid[]) AS oids
FROM pg_catalog.pg_class AS c
WHERE c.relkind = 'm'
