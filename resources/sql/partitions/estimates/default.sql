-- what: size, rows and change counters of the named relations, without touching them
-- columns: relids oid[], pages int8[], rows int8[], modifications int8[]
-- params: oid[]
-- cost: light
-- Pages are those of the heap, its TOAST and its indexes; ANALYZE leaves -1 at a partitioned table. Rows are the live rows of the statistics where those can account
-- for what ANALYZE last saw, so that a partition being filled or emptied is not told by an old ANALYZE; -1 is not known.
SELECT pg_catalog.array_agg(s.relid) AS relids,
       pg_catalog.array_agg(s.pages) AS pages,
       pg_catalog.array_agg(s.rows) AS rows,
       pg_catalog.array_agg(s.modifications) AS modifications
FROM (SELECT c.oid AS relid,
             GREATEST(c.relpages, 0)::int8
               + COALESCE((SELECT t.relpages FROM pg_catalog.pg_class AS t WHERE t.oid = c.reltoastrelid), 0)
               + COALESCE((SELECT pg_catalog.sum(x.relpages)
                           FROM pg_catalog.pg_index AS ix
                           JOIN pg_catalog.pg_class AS x ON x.oid = ix.indexrelid
                           WHERE ix.indrelid = c.oid), 0) AS pages,
             CASE
                 WHEN c.reltuples < 0 OR c.reltuples = 0 AND c.relpages = 0 THEN
                   CASE WHEN counted.inserted + counted.live > 0 THEN counted.live ELSE c.reltuples::int8 END
                 WHEN counted.live + counted.deleted >= c.reltuples THEN counted.live
                 ELSE c.reltuples::int8
             END AS rows,
             counted.inserted + counted.updated + counted.deleted AS modifications
      FROM pg_catalog.pg_class AS c
      CROSS JOIN LATERAL (SELECT pg_catalog.pg_stat_get_live_tuples(c.oid) AS live,
                                 pg_catalog.pg_stat_get_tuples_inserted(c.oid) AS inserted,
                                 pg_catalog.pg_stat_get_tuples_updated(c.oid) AS updated,
                                 pg_catalog.pg_stat_get_tuples_deleted(c.oid) AS deleted
                          OFFSET 0) AS counted
      WHERE c.oid = ANY ($1::oid[])) AS s
