-- what: materialized views, whether each may be refreshed by this role, and how
-- columns: oid oid, schema name, name name, owner name, populated bool, relpages int4, unusable_index int4, may_refresh bool
-- cost: light
-- unusable_index: why the best unique index does not serve REFRESH CONCURRENTLY (is_usable_unique_index in matview.c):
-- 0 it does, 1 not valid, 2 deferrable, 3 partial, 4 on an expression, 5 not a btree; NULL without any.
SELECT c.oid, n.nspname AS schema, c.relname AS name, pg_catalog.pg_get_userbyid(c.relowner) AS owner,
       c.relispopulated AS populated, c.relpages,
       (SELECT pg_catalog.min(CASE WHEN NOT x.indisvalid THEN 1 WHEN NOT x.indimmediate THEN 2
                                   WHEN x.indpred IS NOT NULL THEN 3 WHEN x.indexprs IS NOT NULL THEN 4
                                   WHEN k.relam <> 403 THEN 5 ELSE 0 END)
        FROM pg_catalog.pg_index AS x
        JOIN pg_catalog.pg_class AS k ON k.oid = x.indexrelid
        WHERE x.indrelid = c.oid AND x.indisunique AND x.indislive) AS unusable_index,
       pg_catalog.pg_has_role(c.relowner, 'USAGE') --{default}
--{17_plus} (pg_catalog.pg_has_role(c.relowner, 'USAGE') OR pg_catalog.has_table_privilege(c.oid, 'MAINTAIN'))
           AS may_refresh
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'm'
ORDER BY n.nspname, c.relname
