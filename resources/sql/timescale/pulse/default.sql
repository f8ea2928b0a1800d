-- what: how often rows of TimescaleDB's catalogue changed, as the statistics count it
-- columns: chunks int8, jobs int8, aggregates int8
-- cost: light
-- requires: extension timescaledb
-- The tables are those that this version has; a view under an old name counts nothing.
SELECT COALESCE(pg_catalog.sum(m.moved) FILTER (WHERE m.part = 'chunks'), 0)::int8 AS chunks,
       COALESCE(pg_catalog.sum(m.moved) FILTER (WHERE m.part = 'jobs'), 0)::int8 AS jobs,
       COALESCE(pg_catalog.sum(m.moved) FILTER (WHERE m.part = 'aggregates'), 0)::int8 AS aggregates
FROM (SELECT w.part,
             pg_catalog.pg_stat_get_tuples_inserted(w.relid) + pg_catalog.pg_stat_get_tuples_updated(w.relid)
               + pg_catalog.pg_stat_get_tuples_deleted(w.relid) AS moved
      FROM (VALUES ('chunks', pg_catalog.to_regclass('_timescaledb_catalog.hypertable')::oid),
                   ('chunks', pg_catalog.to_regclass('_timescaledb_catalog.dimension')::oid),
                   ('chunks', pg_catalog.to_regclass('_timescaledb_catalog.dimension_slice')::oid),
                   ('chunks', pg_catalog.to_regclass('_timescaledb_catalog.chunk')::oid),
                   ('chunks', pg_catalog.to_regclass('_timescaledb_catalog.compression_chunk_size')::oid),
                   ('jobs', pg_catalog.to_regclass('_timescaledb_config.bgw_job')::oid),
                   ('jobs', pg_catalog.to_regclass('_timescaledb_catalog.bgw_job')::oid),
                   ('aggregates', pg_catalog.to_regclass('_timescaledb_internal.bgw_job_stat')::oid),
                   ('aggregates', pg_catalog.to_regclass('_timescaledb_catalog.continuous_agg')::oid),
                   ('aggregates', pg_catalog.to_regclass('_timescaledb_catalog.continuous_aggs_watermark')::oid),
                   ('aggregates', pg_catalog.to_regclass('_timescaledb_catalog.continuous_aggs_jobs_refresh_ranges')::oid),
                   ('aggregates', pg_catalog.to_regclass('_timescaledb_catalog.continuous_aggs_hypertable_invalidation_log')::oid),
                   ('aggregates', pg_catalog.to_regclass('_timescaledb_catalog.continuous_aggs_materialization_invalidation_log')::oid)
           ) AS w(part, relid)) AS m
