-- what: sets of columns of a materialized view that may be unique, the likeliest first
-- columns: columns text[], origin text
-- params: oid
-- cost: light
-- Of its indexes on plain columns, then single columns that the statistics take for unique, then its first columns: what a query
-- groups by stands there as a rule. Only columns that a btree can hold.
WITH attribute AS (
    SELECT a.attnum, a.attname::text AS name, s.n_distinct = -1 AND s.null_frac = 0 AS looks_unique,
           pg_catalog.row_number() OVER (ORDER BY a.attnum) AS place
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_stats AS s
           ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname AND NOT s.inherited
    WHERE c.oid = $1
      AND (t.typtype = 'e' OR t.typcategory = 'S'
           OR EXISTS (SELECT FROM pg_catalog.pg_opclass AS o
                      JOIN pg_catalog.pg_am AS m ON m.oid = o.opcmethod AND m.amname = 'btree'
                      WHERE o.opcdefault AND o.opcintype = a.atttypid))
), candidate AS (
    SELECT 1 AS rank, pg_catalog.array_agg(a.name ORDER BY k.place) AS columns, 'index'::text AS origin
    FROM pg_catalog.pg_index AS x
    CROSS JOIN LATERAL pg_catalog.unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
    JOIN attribute AS a ON a.attnum = k.attnum
    WHERE x.indrelid = $1 AND x.indexprs IS NULL AND k.place <= x.indnkeyatts
    GROUP BY x.indexrelid, x.indnkeyatts
    HAVING pg_catalog.count(*) = x.indnkeyatts
    UNION ALL
    SELECT 2, ARRAY[a.name], 'statistics' FROM attribute AS a WHERE a.looks_unique
    UNION ALL
    SELECT 2 + most, pg_catalog.array_agg(a.name ORDER BY a.place), 'first columns'
    FROM pg_catalog.generate_series(1, 4) AS most
    JOIN attribute AS a ON a.place <= most
    GROUP BY most
    HAVING pg_catalog.count(*) = most
)
SELECT c.columns, pg_catalog.min(c.origin) AS origin
FROM candidate AS c
GROUP BY c.columns
ORDER BY pg_catalog.min(c.rank), c.columns
LIMIT 8
