-- what: the relations below partitioned tables, inheritance parents and hypertables that hold their rows
-- columns: root oid, oid oid, relkind "char", relfilenode oid, modifications int8,
--   has_rows bool
-- params: oid[]
-- cost: light
-- has_rows: as last counted; counters know only of what came since statistics began.
WITH RECURSIVE tree AS (
    SELECT i.inhparent AS root, i.inhrelid AS oid
    FROM pg_catalog.pg_inherits AS i
    WHERE i.inhparent = ANY ($1::oid[])
    UNION
    SELECT t.root, i.inhrelid
    FROM tree AS t
    JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.oid
)
SELECT t.root, t.oid, c.relkind, c.relfilenode,
       pg_catalog.pg_stat_get_tuples_inserted(t.oid) + pg_catalog.pg_stat_get_tuples_updated(t.oid)
           + pg_catalog.pg_stat_get_tuples_deleted(t.oid) AS modifications,
       c.relpages > 0 OR c.reltuples > 0 AS has_rows
FROM tree AS t
JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
WHERE c.relkind IN ('r', 'f')
