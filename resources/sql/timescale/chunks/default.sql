-- what: chunks with their ranges, state and stored compression sizes
-- columns: chunk_id int4, hypertable_id int4, relid oid, schema name, name name, kind "char", status int4, range_start int8,
--   range_end int8, other_dimensions text, uncompressed_bytes int8, compressed_bytes int8, compressed_rows int8
-- params: int4[], xid
-- cost: light
-- requires: extension timescaledb, column _timescaledb_catalog.dimension_slice.chunk_id, column _timescaledb_catalog.chunk.schema_name --{slice}
--{constraint} -- requires: extension timescaledb, relation _timescaledb_catalog.chunk_constraint
--{relid} -- requires: extension timescaledb, column _timescaledb_catalog.chunk.relid
-- The catalogue of TimescaleDB 2.10 to 2.27 is read by the lines marked constraint, that of 2.28 by slice, of 2.29 by relid.
-- Of all hypertables when $1 is NULL; those whose row changed since transaction $2, or all when it is NULL. A chunk that was
-- dropped but is remembered has no relation.
SELECT ch.id AS chunk_id,
       ch.hypertable_id,
       c.oid AS relid,
       n.nspname AS schema,
       c.relname AS name,
       c.relkind AS kind,
       ch.status,
       s.range_start,
       s.range_end,
       CASE WHEN h.num_dimensions > 1 THEN
         (SELECT pg_catalog.string_agg(pg_catalog.format('%I [%s, %s)', dim.column_name,
                                         NULLIF(o.range_start, -9223372036854775808), NULLIF(o.range_end, 9223372036854775807)),
                                       ', ' ORDER BY dim.id)
          FROM (SELECT slice.* FROM _timescaledb_catalog.dimension_slice AS slice WHERE slice.chunk_id = ch.id) AS o --{slice relid}
--{constraint} FROM (SELECT slice.* FROM _timescaledb_catalog.chunk_constraint AS k
--{constraint}       JOIN _timescaledb_catalog.dimension_slice AS slice ON slice.id = k.dimension_slice_id
--{constraint}       WHERE k.chunk_id = ch.id) AS o
          JOIN _timescaledb_catalog.dimension AS dim ON dim.id = o.dimension_id
          WHERE dim.id <> d.id)
       END AS other_dimensions,
       z.uncompressed_heap_size + z.uncompressed_toast_size + z.uncompressed_index_size AS uncompressed_bytes,
       z.compressed_heap_size + z.compressed_toast_size + z.compressed_index_size AS compressed_bytes,
       z.numrows_pre_compression AS compressed_rows
FROM _timescaledb_catalog.chunk AS ch
JOIN _timescaledb_catalog.hypertable AS h ON h.id = ch.hypertable_id
LEFT JOIN (SELECT DISTINCT ON (dim.hypertable_id) dim.hypertable_id, dim.id
           FROM _timescaledb_catalog.dimension AS dim
           WHERE dim.interval_length IS NOT NULL
           ORDER BY dim.hypertable_id, dim.id) AS d ON d.hypertable_id = ch.hypertable_id
LEFT JOIN _timescaledb_catalog.dimension_slice AS s ON s.chunk_id = ch.id AND s.dimension_id = d.id --{slice relid}
--{constraint} LEFT JOIN (_timescaledb_catalog.chunk_constraint AS cc
--{constraint}            JOIN _timescaledb_catalog.dimension_slice AS s ON s.id = cc.dimension_slice_id)
--{constraint}   ON cc.chunk_id = ch.id AND s.dimension_id = d.id
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = ch.schema_name --{constraint slice}
LEFT JOIN pg_catalog.pg_class AS c ON c.relname = ch.table_name AND c.relnamespace = n.oid --{constraint slice}
--{relid} LEFT JOIN pg_catalog.pg_class AS c ON c.oid = ch.relid
--{relid} LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN _timescaledb_catalog.compression_chunk_size AS z ON z.chunk_id = ch.id
WHERE h.compression_state <> 2
  AND ($1::int4[] IS NULL OR ch.hypertable_id = ANY ($1::int4[]))
  AND ($2::xid IS NULL OR pg_catalog.age(ch.xmin) <= pg_catalog.age($2::xid))
