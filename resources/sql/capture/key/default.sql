-- what: the unique keys of a table whose columns are all NOT NULL, column by column, the best first
-- columns: index_name name, is_primary bool, key_columns int4, position int4, name name, type text, collation text, equality text
-- params: name, name
-- cost: on demand
-- $1 and $2 are the table's schema and name. A domain stands for the type below it: the log of a capture holds values, not
-- the domain's rules. The equality is that of the index's own operator class.
WITH RECURSIVE column_type (relid, attnum, oid, typmod) AS (
    SELECT a.attrelid, a.attnum, a.atttypid, a.atttypmod
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
    WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped
    UNION ALL
    SELECT b.relid, b.attnum, t.typbasetype, t.typtypmod
    FROM column_type AS b
    JOIN pg_catalog.pg_type AS t ON t.oid = b.oid
    WHERE t.typtype = 'd'
),
key_column AS (
    SELECT i.indexrelid, i.indisprimary, i.indnkeyatts, k.position, i.indkey[k.position - 1] AS attnum, i.indrelid,
           i.indclass[k.position - 1] AS opclass
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_index AS i ON i.indrelid = c.oid
    CROSS JOIN LATERAL pg_catalog.generate_series(1, i.indnkeyatts::int4) AS k (position)
    WHERE n.nspname = $1 AND c.relname = $2
      AND i.indisunique AND i.indisvalid AND i.indislive AND i.indpred IS NULL AND i.indexprs IS NULL
),
resolved AS (
    SELECT k.*, a.attname, t.oid AS typid, t.typmod, a.attcollation, o.oprname, opn.nspname AS operator_schema
    FROM key_column AS k
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.indrelid AND a.attnum = k.attnum
    JOIN column_type AS t ON t.relid = k.indrelid AND t.attnum = k.attnum
    JOIN pg_catalog.pg_type AS ty ON ty.oid = t.oid AND ty.typtype <> 'd'
    JOIN pg_catalog.pg_opclass AS oc ON oc.oid = k.opclass
    JOIN pg_catalog.pg_amop AS am ON am.amopfamily = oc.opcfamily AND am.amoplefttype = oc.opcintype
                                 AND am.amoprighttype = oc.opcintype AND am.amopstrategy = 3
    JOIN pg_catalog.pg_operator AS o ON o.oid = am.amopopr
    JOIN pg_catalog.pg_namespace AS opn ON opn.oid = o.oprnamespace
)
SELECT ic.relname AS index_name,
       r.indisprimary AS is_primary,
       r.indnkeyatts::int4 AS key_columns,
       r.position,
       r.attname AS name,
       pg_catalog.format_type(r.typid, r.typmod) AS type,
       (SELECT pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname)
        FROM pg_catalog.pg_collation AS co
        JOIN pg_catalog.pg_namespace AS cn ON cn.oid = co.collnamespace
        WHERE co.oid = r.attcollation) AS collation,
       pg_catalog.quote_ident(r.operator_schema) || '.' || r.oprname AS equality
FROM resolved AS r
JOIN pg_catalog.pg_class AS ic ON ic.oid = r.indexrelid
WHERE (SELECT pg_catalog.count(*) FROM resolved AS other WHERE other.indexrelid = r.indexrelid) = r.indnkeyatts
ORDER BY r.indisprimary DESC, r.indnkeyatts, r.indexrelid, r.position
