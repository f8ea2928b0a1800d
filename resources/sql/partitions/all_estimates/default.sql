-- what: size, rows and change counters of every table that inherits or is inherited from, without touching them
-- columns: relids oid[], pages int8[], rows int8[], modifications int8[]
-- cost: heavy
-- The first reading of a session: for ten thousand relations one join is cheaper than as many look-ups. Later readings
-- name their relations (partitions/estimates).
-- Pages are those of the heap, its TOAST and its indexes; ANALYZE leaves -1 at a partitioned table. Rows are the live rows of the statistics where those can account
-- for what ANALYZE last saw, so that a partition being filled or emptied is not told by an old ANALYZE; -1 is not known.
SELECT pg_catalog.array_agg(s.relid) AS relids,
       pg_catalog.array_agg(s.pages) AS pages,
       pg_catalog.array_agg(s.rows) AS rows,
       pg_catalog.array_agg(s.modifications) AS modifications
FROM (SELECT c.oid AS relid,
             GREATEST(c.relpages, 0)::int8 + COALESCE(t.relpages, 0) + COALESCE(indexes.pages, 0) AS pages,
             CASE
                 WHEN c.reltuples < 0 OR c.reltuples = 0 AND c.relpages = 0 THEN
                   CASE WHEN counted.inserted + counted.live > 0 THEN counted.live ELSE c.reltuples::int8 END
                 WHEN counted.live + counted.deleted >= c.reltuples THEN counted.live
                 ELSE c.reltuples::int8
             END AS rows,
             counted.inserted + counted.updated + counted.deleted AS modifications
      FROM pg_catalog.pg_class AS c
      LEFT JOIN pg_catalog.pg_class AS t ON t.oid = c.reltoastrelid
      LEFT JOIN (SELECT ix.indrelid, pg_catalog.sum(x.relpages) AS pages
                 FROM pg_catalog.pg_index AS ix
                 JOIN pg_catalog.pg_class AS x ON x.oid = ix.indexrelid
                 GROUP BY ix.indrelid) AS indexes ON indexes.indrelid = c.oid
      CROSS JOIN LATERAL (SELECT pg_catalog.pg_stat_get_live_tuples(c.oid) AS live,
                                 pg_catalog.pg_stat_get_tuples_inserted(c.oid) AS inserted,
                                 pg_catalog.pg_stat_get_tuples_updated(c.oid) AS updated,
                                 pg_catalog.pg_stat_get_tuples_deleted(c.oid) AS deleted
                          OFFSET 0) AS counted
      WHERE c.relkind IN ('r', 'p', 'f')
        AND c.relpersistence <> 't'
        AND (c.relispartition OR c.relhassubclass OR c.oid IN (SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i))) AS s
