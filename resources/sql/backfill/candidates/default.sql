-- what: tables whose rows may be filled, the largest first; of a partitioned one the size and rows of all its partitions
-- columns: oid oid, schema name, name name, rows int8, bytes int8, primary_key text[]
-- cost: light
WITH RECURSIVE listed AS (
    SELECT c.oid, c.relname, c.relnamespace, c.relkind, c.reltuples, c.relpages
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
      AND n.nspname !~ '^(pg_|_timescaledb_)' AND n.nspname NOT IN ('information_schema', 'tidemark')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                        AND d.deptype = 'e')
), below AS (
    SELECT l.oid AS root, l.oid FROM listed AS l WHERE l.relkind = 'p'
    UNION ALL
    SELECT b.root, h.inhrelid FROM below AS b JOIN pg_catalog.pg_inherits AS h ON h.inhparent = b.oid
), summed AS (
    SELECT b.root, pg_catalog.sum(c.relpages)::int8 AS pages,
           CASE WHEN pg_catalog.bool_and(c.reltuples >= 0) THEN pg_catalog.sum(c.reltuples)::int8 ELSE -1 END AS rows
    FROM below AS b
    JOIN pg_catalog.pg_class AS c ON c.oid = b.oid AND c.relkind <> 'p'
    GROUP BY b.root
)
SELECT l.oid, n.nspname AS schema, l.relname AS name,
       coalesce(s.rows, CASE WHEN l.relkind = 'p' THEN 0 ELSE l.reltuples::int8 END) AS rows,
       coalesce(s.pages, l.relpages::int8) * pg_catalog.current_setting('block_size')::int8 AS bytes,
       (SELECT pg_catalog.array_agg(a.attname::text ORDER BY k.place)
        FROM pg_catalog.pg_index AS i
        CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE i.indrelid = l.oid AND i.indisprimary) AS primary_key
FROM listed AS l
JOIN pg_catalog.pg_namespace AS n ON n.oid = l.relnamespace
LEFT JOIN summed AS s ON s.root = l.oid
ORDER BY bytes DESC, n.nspname, l.relname
LIMIT 2000
