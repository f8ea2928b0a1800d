-- what: below which tables a relation lies as partition, child or chunk
-- columns: oid oid, ancestors oid[]
-- params: oid[]
-- cost: light
WITH RECURSIVE line AS (
    SELECT i.inhrelid AS oid, i.inhparent AS ancestor
    FROM pg_catalog.pg_inherits AS i
    WHERE i.inhrelid = ANY ($1::oid[])
    UNION
    SELECT l.oid, i.inhparent
    FROM line AS l
    JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = l.ancestor
)
SELECT asked.oid, pg_catalog.array_agg(l.ancestor) FILTER (WHERE l.ancestor IS NOT NULL) AS ancestors
FROM pg_catalog.unnest($1::oid[]) AS asked(oid)
LEFT JOIN line AS l ON l.oid = asked.oid
GROUP BY asked.oid
