-- what: continuous aggregates with their watermark and the ranges that were changed since they were materialized
-- columns: relid oid, schema name, name name, owner name, mat_id int4, mat_relid oid, source_relid oid, source_schema name,
--   source_name name, column_name name, column_type name, bucket_width text, materialized_only bool, finalized bool, siblings int8, watermark int8,
--   watermark_xmin xid, watermark_at timestamptz, log_at timestamptz, invalid_from int8[], invalid_to int8[]
-- cost: light
-- requires: extension timescaledb, relation _timescaledb_catalog.continuous_aggs_watermark --{table}
--{function} -- requires: extension timescaledb, column _timescaledb_catalog.continuous_agg.bucket_width
-- Watermarks are kept in a table, and computed by a function in TimescaleDB 2.10: see the lines so marked.
-- watermark_at and log_at are commit times, where the server keeps them. The log of a hypertable's changes is moved to all
-- its aggregates when one is refreshed, so that its time tells of a refresh only where there are no siblings. The column
-- "finalized" is gone since 2.25: then all are; the unqualified name below falls back to the outer one.
SELECT c.oid AS relid,
       agg.user_view_schema AS schema,
       agg.user_view_name AS name,
       pg_catalog.pg_get_userbyid(c.relowner) AS owner,
       agg.mat_hypertable_id AS mat_id,
       mc.oid AS mat_relid,
       sc.oid AS source_relid,
       COALESCE(parent.user_view_schema, source.schema_name) AS source_schema,
       COALESCE(parent.user_view_name, source.table_name) AS source_name,
       d.column_name,
       t.typname AS column_type,
       b.bucket_width::text AS bucket_width, --{table}
--{function} CASE WHEN agg.bucket_width > 0
--{function}   THEN pg_catalog.make_interval(secs => agg.bucket_width / 1000000.0)::text END AS bucket_width,
       agg.materialized_only,
       shape.finalized,
       (SELECT pg_catalog.count(*) FROM _timescaledb_catalog.continuous_agg AS s
        WHERE s.raw_hypertable_id = agg.raw_hypertable_id) - 1 AS siblings,
       w.watermark, --{table}
       w.xmin AS watermark_xmin, --{table}
       CASE WHEN pg_catalog.current_setting('track_commit_timestamp') = 'on' --{table}
         THEN pg_catalog.pg_xact_commit_timestamp(w.xmin) END AS watermark_at, --{table}
--{function} CASE WHEN pg_catalog.has_table_privilege(c.oid, 'SELECT')
--{function}   THEN _timescaledb_internal.cagg_watermark(agg.mat_hypertable_id) END AS watermark,
--{function} NULL::xid AS watermark_xmin,
--{function} NULL::timestamptz AS watermark_at,
       (SELECT pg_catalog.max(CASE WHEN pg_catalog.current_setting('track_commit_timestamp') = 'on'
                              THEN pg_catalog.pg_xact_commit_timestamp(l.xmin) END)
        FROM _timescaledb_catalog.continuous_aggs_materialization_invalidation_log AS l
        WHERE l.materialization_id = agg.mat_hypertable_id) AS log_at,
       invalid.ranges_from AS invalid_from,
       invalid.ranges_to AS invalid_to
FROM _timescaledb_catalog.continuous_agg AS agg
JOIN pg_catalog.pg_namespace AS n ON n.nspname = agg.user_view_schema
JOIN pg_catalog.pg_class AS c ON c.relname = agg.user_view_name AND c.relnamespace = n.oid
JOIN _timescaledb_catalog.hypertable AS mat ON mat.id = agg.mat_hypertable_id
LEFT JOIN pg_catalog.pg_namespace AS mn ON mn.nspname = mat.schema_name
LEFT JOIN pg_catalog.pg_class AS mc ON mc.relname = mat.table_name AND mc.relnamespace = mn.oid
JOIN _timescaledb_catalog.hypertable AS source ON source.id = agg.raw_hypertable_id
LEFT JOIN pg_catalog.pg_namespace AS sn ON sn.nspname = source.schema_name
LEFT JOIN pg_catalog.pg_class AS sc ON sc.relname = source.table_name AND sc.relnamespace = sn.oid
LEFT JOIN _timescaledb_catalog.continuous_agg AS parent ON parent.mat_hypertable_id = agg.raw_hypertable_id
LEFT JOIN LATERAL (SELECT dim.column_name, dim.column_type
                   FROM _timescaledb_catalog.dimension AS dim
                   WHERE dim.hypertable_id = source.id AND dim.interval_length IS NOT NULL
                   ORDER BY dim.id LIMIT 1) AS d ON true
LEFT JOIN pg_catalog.pg_type AS t ON t.oid = d.column_type
CROSS JOIN (SELECT true AS finalized) AS absent
CROSS JOIN LATERAL (SELECT finalized
                    FROM _timescaledb_catalog.continuous_agg AS own
                    WHERE own.mat_hypertable_id = agg.mat_hypertable_id) AS shape
LEFT JOIN _timescaledb_catalog.continuous_aggs_bucket_function AS b ON b.mat_hypertable_id = agg.mat_hypertable_id --{table}
LEFT JOIN _timescaledb_catalog.continuous_aggs_watermark AS w ON w.mat_hypertable_id = agg.mat_hypertable_id --{table}
CROSS JOIN LATERAL (SELECT pg_catalog.array_agg(r.lowest_modified_value) AS ranges_from,
                           pg_catalog.array_agg(r.greatest_modified_value) AS ranges_to
                    FROM (SELECT m.lowest_modified_value, m.greatest_modified_value
                          FROM _timescaledb_catalog.continuous_aggs_materialization_invalidation_log AS m
                          WHERE m.materialization_id = agg.mat_hypertable_id
                          UNION ALL
                          SELECT h.lowest_modified_value, h.greatest_modified_value
                          FROM _timescaledb_catalog.continuous_aggs_hypertable_invalidation_log AS h
                          WHERE h.hypertable_id = agg.raw_hypertable_id
                          LIMIT 1000) AS r) AS invalid
