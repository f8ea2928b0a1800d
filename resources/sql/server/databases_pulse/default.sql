-- what: a number that is another when a database came, went, was renamed, opened or closed
-- columns: pulse int8
-- cost: light
SELECT pg_catalog.sum(pg_catalog.hashoid(d.oid)::int8 + pg_catalog.hashname(d.datname)::int8
                      + d.datallowconn::int4)::int8 AS pulse
FROM pg_catalog.pg_database AS d
WHERE NOT d.datistemplate
