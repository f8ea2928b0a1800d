-- what: whether this database remembers runs, and whether this role may read them
-- columns: is_there bool, may_read bool
-- cost: light
SELECT count(*) > 0 AS is_there,
       coalesce(pg_catalog.bool_and(pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                                    AND pg_catalog.has_table_privilege(c.oid, 'SELECT')), false) AS may_read
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'tidemark' AND c.relname = 'run' AND c.relkind = 'r'
