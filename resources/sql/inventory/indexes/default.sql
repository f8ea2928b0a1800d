-- what: the indexes of one table or materialized view, valid or not
-- columns: oid oid, name text, body text, predicate text, is_unique bool, is_primary bool, nulls_not_distinct bool,
--   is_valid bool, constraint_name text, columns text[], included text[], key_expressions bool, tablespace text, comment text,
--   column_statistics json
-- params: oid
-- cost: on demand
-- The body is the definition from USING to before WHERE: it names neither the index nor the table. It is NULL where the
-- definition could not be taken apart. Columns are the key's, empty where the key is an expression.
SELECT i.indexrelid AS oid,
       c.relname::text AS name,
       CASE WHEN pg_catalog.starts_with(d.definition, d.head) AND pg_catalog."right"(d.definition, pg_catalog.length(d.tail)) = d.tail
            THEN pg_catalog.substr(d.definition, pg_catalog.length(d.head) + 1,
                                   pg_catalog.length(d.definition) - pg_catalog.length(d.head) - pg_catalog.length(d.tail))
            END AS body,
       COALESCE(pg_catalog.pg_get_expr(i.indpred, i.indrelid), '') AS predicate,
       i.indisunique AS is_unique,
       i.indisprimary AS is_primary,
       i.indnullsnotdistinct AS nulls_not_distinct, --{15_plus}
--{default}        false AS nulls_not_distinct,
       i.indisvalid AS is_valid,
       COALESCE((SELECT n.conname::text FROM pg_catalog.pg_constraint AS n
                 WHERE n.conindid = i.indexrelid AND n.conrelid = i.indrelid AND n.contype IN ('p', 'u', 'x')), '') AS constraint_name,
       ARRAY(SELECT COALESCE(a.attname::text, '') FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, position)
             LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
             WHERE k.position <= i.indnkeyatts ORDER BY k.position) AS columns,
       ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, position)
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
             WHERE k.position > i.indnkeyatts ORDER BY k.position) AS included,
       i.indexprs IS NOT NULL AS key_expressions,
       COALESCE(s.spcname::text, '') AS tablespace,
       COALESCE(pg_catalog.obj_description(c.oid, 'pg_class'), '') AS comment,
       (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('position', a.attnum, 'target', a.attstattarget) ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = i.indexrelid AND a.attnum > 0 AND a.attstattarget >= 0) AS column_statistics
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_class AS r ON r.oid = i.indrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace
LEFT JOIN pg_catalog.pg_tablespace AS s ON s.oid = c.reltablespace
CROSS JOIN LATERAL (
  SELECT pg_catalog.pg_get_indexdef(i.indexrelid) AS definition,
         pg_catalog.format('CREATE %sINDEX %I ON %s%I.%I ', CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END, c.relname,
                           CASE WHEN c.relkind = 'I' THEN 'ONLY ' ELSE '' END, n.nspname, r.relname) AS head,
         COALESCE(' WHERE ' || pg_catalog.pg_get_expr(i.indpred, i.indrelid), '') AS tail) AS d
WHERE i.indrelid = $1
ORDER BY c.relname
