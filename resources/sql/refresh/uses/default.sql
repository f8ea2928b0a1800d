-- what: how often each of these relations was read, and how many of its rows were changed, since statistics began
-- columns: oid oid, scans int8, modifications int8, since timestamptz
-- params: oid[]
-- cost: light
-- Rows are counted where they lie: of a partitioned table it is the sum of what is below it. since is NULL where statistics were
-- never reset. A refresh CONCURRENTLY reads the view, too.
WITH RECURSIVE tree AS (
    SELECT asked.oid AS root, asked.oid AS member
    FROM pg_catalog.unnest($1::oid[]) AS asked (oid)
    UNION ALL
    SELECT t.root, i.inhrelid
    FROM tree AS t
    JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.member
)
SELECT t.root AS oid,
       (pg_catalog.sum(pg_catalog.pg_stat_get_numscans(t.member)) + coalesce(pg_catalog.sum(x.scans), 0))::int8 AS scans,
       pg_catalog.sum(pg_catalog.pg_stat_get_tuples_inserted(t.member) + pg_catalog.pg_stat_get_tuples_updated(t.member)
                      + pg_catalog.pg_stat_get_tuples_deleted(t.member))::int8 AS modifications,
       (SELECT pg_catalog.pg_stat_get_db_stat_reset_time(d.oid) FROM pg_catalog.pg_database AS d
        WHERE d.datname = pg_catalog.current_database()) AS since
FROM tree AS t
LEFT JOIN LATERAL (
    SELECT pg_catalog.sum(pg_catalog.pg_stat_get_numscans(i.indexrelid)) AS scans
    FROM pg_catalog.pg_index AS i
    WHERE i.indrelid = t.member) AS x ON true
GROUP BY t.root
ORDER BY t.root
