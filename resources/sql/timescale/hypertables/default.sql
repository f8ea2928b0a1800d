-- what: hypertables with their first dimension, and a digest of their chunks
-- columns: id int4, relid oid, schema name, name name, column_name name, column_type name, interval_length int8,
--   dimensions int4, chunks int8, chunk_ids int8, horizon int8
-- cost: light
-- requires: extension timescaledb
-- The hypertable of a continuous aggregate comes under the name of its view. Those that hold compressed chunks are left out.
SELECT h.id,
       c.oid AS relid,
       COALESCE(agg.user_view_schema, h.schema_name) AS schema,
       COALESCE(agg.user_view_name, h.table_name) AS name,
       d.column_name,
       t.typname AS column_type,
       d.interval_length,
       h.num_dimensions::int4 AS dimensions,
       COALESCE(ch.chunks, 0) AS chunks,
       COALESCE(ch.chunk_ids, 0) AS chunk_ids,
       pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot()) AS horizon
FROM _timescaledb_catalog.hypertable AS h
JOIN pg_catalog.pg_namespace AS n ON n.nspname = h.schema_name
JOIN pg_catalog.pg_class AS c ON c.relname = h.table_name AND c.relnamespace = n.oid
LEFT JOIN _timescaledb_catalog.continuous_agg AS agg ON agg.mat_hypertable_id = h.id
LEFT JOIN LATERAL (SELECT dim.column_name, dim.column_type, dim.interval_length
                   FROM _timescaledb_catalog.dimension AS dim
                   WHERE dim.hypertable_id = h.id AND dim.interval_length IS NOT NULL
                   ORDER BY dim.id LIMIT 1) AS d ON true
LEFT JOIN pg_catalog.pg_type AS t ON t.oid = d.column_type
LEFT JOIN (SELECT chunk.hypertable_id, pg_catalog.count(*) AS chunks, pg_catalog.sum(chunk.id)::int8 AS chunk_ids
           FROM _timescaledb_catalog.chunk AS chunk
           GROUP BY chunk.hypertable_id) AS ch ON ch.hypertable_id = h.id
WHERE h.compression_state <> 2
