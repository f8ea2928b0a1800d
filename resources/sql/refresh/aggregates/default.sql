-- what: continuous aggregates, what each is made of, and whether this role may refresh it
-- columns: oid oid, schema name, name name, owner name, materialization oid, source oid, may_refresh bool
-- cost: light
-- requires: extension timescaledb
-- source is the hypertable that the aggregate reads: the materialization of another aggregate where it is built on one.
SELECT c.oid, n.nspname AS schema, c.relname AS name, pg_catalog.pg_get_userbyid(c.relowner) AS owner,
       m.oid AS materialization, s.oid AS source, pg_catalog.pg_has_role(c.relowner, 'USAGE') AS may_refresh
FROM _timescaledb_catalog.continuous_agg AS a
JOIN pg_catalog.pg_namespace AS n ON n.nspname = a.user_view_schema
JOIN pg_catalog.pg_class AS c ON c.relname = a.user_view_name AND c.relnamespace = n.oid
JOIN _timescaledb_catalog.hypertable AS mh ON mh.id = a.mat_hypertable_id
JOIN pg_catalog.pg_namespace AS mn ON mn.nspname = mh.schema_name
JOIN pg_catalog.pg_class AS m ON m.relname = mh.table_name AND m.relnamespace = mn.oid
JOIN _timescaledb_catalog.hypertable AS sh ON sh.id = a.raw_hypertable_id
JOIN pg_catalog.pg_namespace AS sn ON sn.nspname = sh.schema_name
JOIN pg_catalog.pg_class AS s ON s.relname = sh.table_name AND s.relnamespace = sn.oid
ORDER BY n.nspname, c.relname
