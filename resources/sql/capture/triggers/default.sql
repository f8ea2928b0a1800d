-- what: a table and all its partitions, with how many of these triggers fire on each
-- columns: schema name, name name, kind "char", is_source bool, is_partition bool, is_subscribed bool, has_children bool, firing int8, firing_always int8
-- params: name, name, name[]
-- cost: on demand
-- $1 and $2 are the table's schema and name, $3 the names of the triggers. is_subscribed: rows arrive by a logical
-- subscription. Chunks and partitions of partitions included; has_children is also true of a hypertable.
WITH RECURSIVE tree (relid, level) AS (
    SELECT c.oid, 0
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2
    UNION ALL
    SELECT i.inhrelid, t.level + 1
    FROM tree AS t
    JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.relid
)
SELECT n.nspname AS schema,
       c.relname AS name,
       c.relkind AS kind,
       t.level = 0 AS is_source,
       c.relispartition AS is_partition,
       EXISTS (SELECT FROM pg_catalog.pg_subscription_rel AS s WHERE s.srrelid = c.oid) AS is_subscribed,
       EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = c.oid) AS has_children,
       (SELECT pg_catalog.count(*)
        FROM pg_catalog.pg_trigger AS g
        WHERE g.tgrelid = c.oid AND g.tgenabled IN ('A', 'O') AND g.tgname = ANY ($3)) AS firing,
       (SELECT pg_catalog.count(*)
        FROM pg_catalog.pg_trigger AS g
        WHERE g.tgrelid = c.oid AND g.tgenabled = 'A' AND g.tgname = ANY ($3)) AS firing_always
FROM tree AS t
JOIN pg_catalog.pg_class AS c ON c.oid = t.relid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
ORDER BY t.level, n.nspname, c.relname
