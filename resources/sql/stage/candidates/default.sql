-- what: ordinary tables that a staged migration may replace, the largest first, with the columns they can be partitioned by
-- columns: oid oid, schema name, name name, rows int8, bytes int8, primary_key text[], key_columns text[], key_types text[]
-- cost: light
SELECT c.oid, n.nspname AS schema, c.relname AS name,
       c.reltuples::int8 AS rows,
       c.relpages::int8 * pg_catalog.current_setting('block_size')::int8 AS bytes,
       (SELECT pg_catalog.array_agg(a.attname::text ORDER BY k.place)
        FROM pg_catalog.pg_index AS i
        CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE i.indrelid = c.oid AND i.indisprimary) AS primary_key,
       (SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND a.atttypid IN (20, 21, 23, 1082, 1114, 1184)) AS key_columns,
       (SELECT pg_catalog.array_agg(pg_catalog.format_type(a.atttypid, NULL) ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND a.atttypid IN (20, 21, 23, 1082, 1114, 1184)) AS key_types
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND NOT c.relispartition AND c.relpersistence <> 't'
  AND n.nspname !~ '^(pg_|_timescaledb_)' AND n.nspname NOT IN ('information_schema', 'tidemark')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE c.oid IN (h.inhrelid, h.inhparent))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                    AND d.deptype = 'e')
ORDER BY c.relpages DESC, n.nspname, c.relname
LIMIT 2000
