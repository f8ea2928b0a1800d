-- what: how this TimescaleDB keeps its catalogue, by what is there
-- columns: slices_name_chunk bool, chunks_have_relid bool, has_watermarks bool, has_refresh_ranges bool, has_finalized bool
-- cost: light
-- requires: extension timescaledb
SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
               WHERE a.attrelid = pg_catalog.to_regclass('_timescaledb_catalog.dimension_slice')
                 AND a.attname = 'chunk_id' AND NOT a.attisdropped) AS slices_name_chunk,
       EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
               WHERE a.attrelid = pg_catalog.to_regclass('_timescaledb_catalog.chunk')
                 AND a.attname = 'relid' AND NOT a.attisdropped) AS chunks_have_relid,
       pg_catalog.to_regclass('_timescaledb_catalog.continuous_aggs_watermark') IS NOT NULL AS has_watermarks,
       pg_catalog.to_regclass('_timescaledb_catalog.continuous_aggs_jobs_refresh_ranges') IS NOT NULL AS has_refresh_ranges,
       EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
               WHERE a.attrelid = pg_catalog.to_regclass('_timescaledb_catalog.continuous_agg')
                 AND a.attname = 'finalized' AND NOT a.attisdropped) AS has_finalized
