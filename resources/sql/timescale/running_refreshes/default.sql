-- what: the ranges that running refreshes of continuous aggregates work on
-- columns: mat_id int4, range_start int8, range_end int8, pid int4, started_at timestamptz
-- cost: light
-- requires: extension timescaledb, relation _timescaledb_catalog.continuous_aggs_jobs_refresh_ranges
-- Rows that a crashed backend left behind have nobody running.
SELECT r.materialization_id AS mat_id, r.start_range AS range_start, r.end_range AS range_end, r.pid, r.created_at AS started_at
FROM _timescaledb_catalog.continuous_aggs_jobs_refresh_ranges AS r
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = r.pid AND a.backend_start <= r.created_at
