-- what: the managed tables of this database, each with its view, its last refresh and the managed tables that it reads
-- columns: oid oid, schema name, name name, definition_oid oid, definition_schema name, definition_name name, key_columns text[],
--   range_column text, time_zone text, unlogged bool, emptied bool, kept_since timestamptz, last_refresh_at timestamptz,
--   last_full_at timestamptz, last_changed_at timestamptz, last_mode text, last_duration_ms int8, rows_deleted int8,
--   rows_updated int8, rows_inserted int8, last_error_at timestamptz, last_error text, owner name, sources oid[],
--   source_schemas text[], source_names text[], reads oid[]
-- cost: light
-- requires: toolkit managed
-- emptied: an UNLOGGED table without its mark, which a standby cannot read, nor plan to: so it is asked for as text. sources are
-- the relations that its definition reads, seen through plain views; reads those among them that are managed tables.
WITH RECURSIVE reading (oid, source) AS (
    SELECT m.relation::oid, d.refobjid
    FROM tidemark.managed_table AS m
    JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = m.definition AND r.rulename = '_RETURN'
    JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
                                  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    WHERE d.refobjid <> m.definition
    UNION
    SELECT g.oid, d.refobjid
    FROM reading AS g
    JOIN pg_catalog.pg_class AS v ON v.oid = g.source AND v.relkind = 'v'
    JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = v.oid AND r.rulename = '_RETURN'
    JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
                                  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    WHERE d.refobjid <> v.oid
), source AS MATERIALIZED (
    SELECT DISTINCT g.oid, g.source, n.nspname::text AS schema, c.relname::text AS name
    FROM reading AS g
    JOIN pg_catalog.pg_class AS c ON c.oid = g.source AND c.relkind <> 'v'
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace)
SELECT c.oid, n.nspname AS schema, c.relname AS name,
       v.oid AS definition_oid, vn.nspname AS definition_schema, v.relname AS definition_name,
       m.key_columns, m.range_column, m.time_zone,
       c.relpersistence = 'u' AS unlogged,
       CASE WHEN c.relpersistence = 'u' AND NOT pg_catalog.pg_is_in_recovery()
            THEN pg_catalog.query_to_xml(pg_catalog.format('SELECT relation FROM tidemark.managed_mark WHERE relation = %s', c.oid),
                                         false, true, '')::text = ''
            ELSE false END AS emptied,
       m.kept_since, m.last_refresh_at, m.last_full_at, m.last_changed_at, m.last_mode, m.last_duration_ms,
       m.rows_deleted, m.rows_updated, m.rows_inserted, m.last_error_at, m.last_error,
       pg_catalog.pg_get_userbyid(c.relowner) AS owner,
       ARRAY(SELECT g.source FROM source AS g WHERE g.oid = m.relation ORDER BY g.source) AS sources,
       ARRAY(SELECT g.schema FROM source AS g WHERE g.oid = m.relation ORDER BY g.source) AS source_schemas,
       ARRAY(SELECT g.name FROM source AS g WHERE g.oid = m.relation ORDER BY g.source) AS source_names,
       ARRAY(SELECT g.source FROM source AS g JOIN tidemark.managed_table AS o ON o.relation = g.source
             WHERE g.oid = m.relation ORDER BY g.source) AS reads
FROM tidemark.managed_table AS m
JOIN pg_catalog.pg_class AS c ON c.oid = m.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class AS v ON v.oid = m.definition
LEFT JOIN pg_catalog.pg_namespace AS vn ON vn.oid = v.relnamespace
ORDER BY n.nspname, c.relname
