-- what: the names of the continuous aggregates, which commands of jobs may call by
-- columns: schema name, name name
-- cost: light
-- requires: extension timescaledb
SELECT a.user_view_schema AS schema, a.user_view_name AS name
FROM _timescaledb_catalog.continuous_agg AS a
