-- what: the children of those parents whose children are not as known
-- columns: parent oid, is_there bool, members oid[], pending oid[]
-- params: oid[], int8[], int8[], oid[]
-- cost: light
-- $1 to $3 are the known parents, how many children each has, and the sum of their oids (a child whose detaching is pending
-- counts three times); $4 are parents not to look at. A parent that is gone comes with is_there false.
SELECT COALESCE(now.parent, known.parent) AS parent,
       EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = COALESCE(now.parent, known.parent)) AS is_there,
       now.members,
       now.pending
FROM (SELECT i.inhparent AS parent,
             pg_catalog.count(*) AS children,
             pg_catalog.sum(i.inhrelid::int8 * CASE WHEN i.inhdetachpending THEN 3 ELSE 1 END)::int8 AS total, --{14_plus}
--{default}              pg_catalog.sum(i.inhrelid::int8)::int8 AS total,
             pg_catalog.array_agg(i.inhrelid) AS members,
             pg_catalog.array_agg(i.inhrelid) FILTER (WHERE i.inhdetachpending) AS pending --{14_plus}
--{default}              ARRAY[]::oid[] AS pending
      FROM pg_catalog.pg_inherits AS i
      JOIN pg_catalog.pg_class AS p ON p.oid = i.inhparent
      JOIN pg_catalog.pg_namespace AS n ON n.oid = p.relnamespace
      WHERE p.relkind IN ('r', 'p', 'f')
        AND p.relpersistence <> 't'
        AND n.nspname <> '_timescaledb_internal'
        AND p.oid <> ALL ($4::oid[])
      GROUP BY i.inhparent) AS now
FULL JOIN ROWS FROM (pg_catalog.unnest($1::oid[]), pg_catalog.unnest($2::int8[]), pg_catalog.unnest($3::int8[]))
  AS known(parent, children, total)
  ON known.parent = now.parent
WHERE COALESCE(now.children, 0) <> COALESCE(known.children, -1)
   OR COALESCE(now.total, 0) <> COALESCE(known.total, -1)
   OR NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = known.parent)
