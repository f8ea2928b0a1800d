-- what: the columns of a table that hold data of their own, with what a capture and a proof must know of them
-- columns: name name, type text, collation text, not_null bool, equality text, hash_is_exact bool
-- params: name, name
-- cost: on demand
-- $1 and $2 are the table's schema and name. hash_is_exact: what its hash calls equal is the same byte for byte. Not so of
-- numeric (1.0, 1.00), float (-0), interval (24 hours), jsonb, arrays (dimensions), types of extensions and text under a
-- collation that is not deterministic; these are compared as text.
WITH RECURSIVE column_type (attnum, oid, typmod) AS (
    SELECT a.attnum, a.atttypid, a.atttypmod
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
    WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT b.attnum, t.typbasetype, t.typtypmod
    FROM column_type AS b
    JOIN pg_catalog.pg_type AS t ON t.oid = b.oid
    WHERE t.typtype = 'd'
)
SELECT a.attname AS name,
       pg_catalog.format_type(b.oid, b.typmod) AS type,
       pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname) AS collation,
       a.attnotnull AS not_null,
       (SELECT pg_catalog.quote_ident(opn.nspname) || '.' || o.oprname
        FROM pg_catalog.pg_opclass AS oc
        JOIN pg_catalog.pg_am AS am ON am.oid = oc.opcmethod AND am.amname = 'btree'
        JOIN pg_catalog.pg_amop AS ao ON ao.amopfamily = oc.opcfamily AND ao.amoplefttype = oc.opcintype
                                     AND ao.amoprighttype = oc.opcintype AND ao.amopstrategy = 3
        JOIN pg_catalog.pg_operator AS o ON o.oid = ao.amopopr
        JOIN pg_catalog.pg_namespace AS opn ON opn.oid = o.oprnamespace
        WHERE oc.opcdefault
          AND oc.opcintype = CASE WHEN t.typtype = 'e' THEN 'anyenum'::pg_catalog.regtype
                                  WHEN t.typtype = 'r' THEN 'anyrange'::pg_catalog.regtype
                                  WHEN t.typtype = 'c' THEN 'record'::pg_catalog.regtype
                                  WHEN t.typcategory = 'A' THEN 'anyarray'::pg_catalog.regtype
                                  WHEN t.oid = 'varchar'::pg_catalog.regtype THEN 'text'::pg_catalog.regtype
                                  WHEN t.oid = 'cidr'::pg_catalog.regtype THEN 'inet'::pg_catalog.regtype
                                  ELSE t.oid END) AS equality,
       (t.typtype = 'e'
        OR t.oid IN ('bool'::pg_catalog.regtype, 'int2'::pg_catalog.regtype, 'int4'::pg_catalog.regtype,
                     'int8'::pg_catalog.regtype, 'oid'::pg_catalog.regtype, 'text'::pg_catalog.regtype,
                     'varchar'::pg_catalog.regtype, 'name'::pg_catalog.regtype, 'uuid'::pg_catalog.regtype,
                     'bytea'::pg_catalog.regtype, 'date'::pg_catalog.regtype, 'time'::pg_catalog.regtype,
                     'timestamp'::pg_catalog.regtype, 'timestamptz'::pg_catalog.regtype))
       AND coalesce(co.collisdeterministic, true) AS hash_is_exact
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
JOIN column_type AS b ON b.attnum = a.attnum
JOIN pg_catalog.pg_type AS t ON t.oid = b.oid AND t.typtype <> 'd'
LEFT JOIN pg_catalog.pg_collation AS co ON co.oid = a.attcollation
LEFT JOIN pg_catalog.pg_namespace AS cn ON cn.oid = co.collnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY a.attnum
