-- what: the newest refreshes between two ids that the toolkit's event trigger wrote down, 500 at most
-- columns: id int8, oid oid, schema text, name text, started_at timestamptz, finished_at timestamptz, username text,
--   application_name text, is_concurrent bool, xid xid, rows int8, error text
-- params: int8, int8
-- cost: light
-- requires: toolkit refresh_log
-- A log that was installed by an earlier Tidemark has neither rows nor errors.
SELECT l.id, l.relation AS oid, l.schema_name AS schema, l.relation_name AS name, l.started_at, l.finished_at,
       l.username, l.application_name, coalesce(l.is_concurrent, false) AS is_concurrent, l.xid::text::xid AS xid,
       (pg_catalog.to_jsonb(l) ->> 'rows_written')::int8 AS rows, pg_catalog.to_jsonb(l) ->> 'error' AS error
FROM tidemark.refresh_log AS l
WHERE l.id > $1::int8 AND l.id < $2::int8
ORDER BY l.id DESC
LIMIT 500
