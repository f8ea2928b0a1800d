-- what: one relation in full: its definition, exact sizes and use; waits for its lock, so never in a tick
-- columns: definition text, comment text, table_bytes int8, index_bytes int8, total_bytes int8, sequential_scans int8,
--   index_scans int8, last_analyzed timestamptz, last_vacuumed timestamptz
-- params: oid
-- cost: on demand
SELECT CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid, true)
            WHEN c.relkind = 'p' THEN 'PARTITION BY ' || pg_catalog.pg_get_partkeydef(c.oid) END AS definition,
       pg_catalog.obj_description(c.oid, 'pg_class') AS comment,
       pg_catalog.pg_table_size(c.oid) AS table_bytes,
       pg_catalog.pg_indexes_size(c.oid) AS index_bytes,
       pg_catalog.pg_total_relation_size(c.oid) AS total_bytes,
       pg_catalog.pg_stat_get_numscans(c.oid) AS sequential_scans,
       (SELECT COALESCE(pg_catalog.sum(pg_catalog.pg_stat_get_numscans(i.indexrelid)), 0)::int8
        FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid) AS index_scans,
       GREATEST(pg_catalog.pg_stat_get_last_analyze_time(c.oid),
                pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid)) AS last_analyzed,
       GREATEST(pg_catalog.pg_stat_get_last_vacuum_time(c.oid),
                pg_catalog.pg_stat_get_last_autovacuum_time(c.oid)) AS last_vacuumed
FROM pg_catalog.pg_class AS c
WHERE c.oid = $1
