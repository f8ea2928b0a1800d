-- what: the managed tables, with their last refreshes as the toolkit wrote them down
-- columns: oid oid, schema name, name name, owner name, emptied bool, last_refresh_at timestamptz, last_changed_at timestamptz,
--   durations int8[], pages int4, rows float4
-- cost: light
-- requires: toolkit managed
-- emptied: an UNLOGGED table whose rows a crash of the server took. Its mark cannot be read on a standby, nor planned to be: so
-- it is asked for as text. durations are those of the last 20, oldest first, in ms.
SELECT c.oid, n.nspname AS schema, c.relname AS name, pg_catalog.pg_get_userbyid(c.relowner) AS owner,
       CASE WHEN c.relpersistence = 'u' AND NOT pg_catalog.pg_is_in_recovery()
            THEN pg_catalog.query_to_xml(pg_catalog.format('SELECT relation FROM tidemark.managed_mark WHERE relation = %s', c.oid),
                                         false, true, '')::text = ''
            ELSE false END AS emptied,
       m.last_refresh_at, m.last_changed_at,
       ARRAY(SELECT pg_catalog.round(extract(epoch FROM r.finished_at - r.started_at)::numeric * 1000)::int8
             FROM (SELECT l.id, l.started_at, l.finished_at FROM tidemark.managed_refresh AS l
                   WHERE l.relation = m.relation AND l.error IS NULL ORDER BY l.id DESC LIMIT 20) AS r
             ORDER BY r.id) AS durations,
       c.relpages AS pages, c.reltuples AS rows
FROM tidemark.managed_table AS m
JOIN pg_catalog.pg_class AS c ON c.oid = m.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
