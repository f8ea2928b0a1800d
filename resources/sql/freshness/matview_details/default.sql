-- what: what changes on materialized views without a new row version in pg_class: counters, estimates, indexes
-- columns: oid oid, relpages int4, reltuples float4, tuples_inserted int8, tuples_deleted int8, scans int8,
--   unusable_index int4
-- params: oid[]
-- cost: light
-- unusable_index as in freshness/matviews.
SELECT c.oid, c.relpages, c.reltuples,
       pg_catalog.pg_stat_get_tuples_inserted(c.oid) AS tuples_inserted,
       pg_catalog.pg_stat_get_tuples_deleted(c.oid) AS tuples_deleted,
       pg_catalog.pg_stat_get_numscans(c.oid) + coalesce(i.scans, 0)::int8 AS scans,
       i.unusable AS unusable_index
FROM pg_catalog.pg_class AS c
LEFT JOIN LATERAL (
    SELECT pg_catalog.sum(pg_catalog.pg_stat_get_numscans(x.indexrelid)) AS scans,
           pg_catalog.min(CASE WHEN NOT x.indisvalid THEN 1 WHEN NOT x.indimmediate THEN 2
                               WHEN x.indpred IS NOT NULL THEN 3 WHEN x.indexprs IS NOT NULL THEN 4
                               WHEN k.relam <> 403 THEN 5 ELSE 0 END)
               FILTER (WHERE x.indisunique AND x.indislive) AS unusable
    FROM pg_catalog.pg_index AS x
    JOIN pg_catalog.pg_class AS k ON k.oid = x.indexrelid
    WHERE x.indrelid = c.oid) AS i ON true
WHERE c.oid = ANY ($1::oid[]) AND c.relkind = 'm'
