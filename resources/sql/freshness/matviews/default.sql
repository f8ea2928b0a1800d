-- what: materialized views with every trace that a refresh, a rewrite or DDL leaves in the catalogue
-- columns: oid oid, schema name, name name, owner name, xmin xid, committed_at timestamptz, relfilenode oid,
--   populated bool, attributes int8, relpages int4, reltuples float4, tuples_inserted int8, tuples_deleted int8,
--   scans int8, toast oid, is_created bool, has_new_toast bool, has_new_indexes bool, is_renamed bool,
--   is_regranted bool, unusable_index int4, read_at timestamptz
-- params: bool, oid[]
-- cost: light
-- $1: ask for commit times (raises an error where the server does not track them); $2: which views, NULL for all.
-- The traces compare row versions of one transaction: a plain REFRESH makes a new TOAST table, VACUUM FULL does not;
-- both give the indexes new files (NULL without any); a rename touches the row type, a GRANT to a new role pg_shdepend.
-- Looked up one by one: joining all of pg_attribute and pg_type would cost more than the views themselves.
-- unusable_index: why the best unique index does not serve REFRESH CONCURRENTLY (is_usable_unique_index in matview.c):
-- 0 it does, 1 not valid, 2 deferrable, 3 partial, 4 on an expression, 5 not a btree; NULL without any.
SELECT c.oid, n.nspname AS schema, c.relname AS name, pg_catalog.pg_get_userbyid(c.relowner) AS owner, c.xmin,
       CASE WHEN $1::bool THEN pg_catalog.pg_xact_commit_timestamp(c.xmin) END AS committed_at,
       c.relfilenode, c.relispopulated AS populated,
       pg_catalog.hashtextextended(ROW(c.relname, c.relnamespace, c.relowner,
                                       pg_catalog.hash_array_extended(c.relacl, 0), c.reloptions, c.reltablespace,
                                       c.relam, c.relreplident, c.relnatts)::text, 0) AS attributes,
       c.relpages, c.reltuples,
       pg_catalog.pg_stat_get_tuples_inserted(c.oid) AS tuples_inserted,
       pg_catalog.pg_stat_get_tuples_deleted(c.oid) AS tuples_deleted,
       pg_catalog.pg_stat_get_numscans(c.oid) + coalesce(i.scans, 0)::int8 AS scans,
       c.reltoastrelid AS toast,
       EXISTS (SELECT FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class = c.oid AND r.xmin = c.xmin) AS is_created,
       coalesce((SELECT a.xmin = c.xmin FROM pg_catalog.pg_attribute AS a
                 WHERE a.attrelid = c.reltoastrelid AND a.attnum = 1), false) AS has_new_toast,
       i.is_new AS has_new_indexes,
       coalesce((SELECT t.xmin = c.xmin FROM pg_catalog.pg_type AS t WHERE t.oid = c.reltype), false) AS is_renamed,
       EXISTS (SELECT FROM pg_catalog.pg_shdepend AS s
               WHERE s.dbid = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
                 AND s.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND s.objid = c.oid
                 AND s.xmin = c.xmin) AS is_regranted,
       i.unusable AS unusable_index, pg_catalog.clock_timestamp() AS read_at
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
    SELECT pg_catalog.sum(pg_catalog.pg_stat_get_numscans(x.indexrelid)) AS scans,
           pg_catalog.bool_or(k.xmin = c.xmin) AS is_new,
           pg_catalog.min(CASE WHEN NOT x.indisvalid THEN 1 WHEN NOT x.indimmediate THEN 2
                               WHEN x.indpred IS NOT NULL THEN 3 WHEN x.indexprs IS NOT NULL THEN 4
                               WHEN k.relam <> 403 THEN 5 ELSE 0 END)
               FILTER (WHERE x.indisunique AND x.indislive) AS unusable
    FROM pg_catalog.pg_index AS x
    JOIN pg_catalog.pg_class AS k ON k.oid = x.indexrelid
    WHERE x.indrelid = c.oid) AS i ON true
WHERE c.relkind = 'm' AND ($2::oid[] IS NULL OR c.oid = ANY ($2::oid[]))
ORDER BY c.oid
