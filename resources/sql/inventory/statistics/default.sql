-- what: the extended statistics of one table or materialized view
-- columns: schema text, name text, body text, owner text, statistics_target int4, comment text
-- params: oid
-- cost: on demand
-- The body is the definition between the name and FROM; NULL where the definition could not be taken apart.
SELECT n.nspname::text AS schema,
       s.stxname::text AS name,
       CASE WHEN pg_catalog.starts_with(d.definition, d.head) AND pg_catalog."right"(d.definition, pg_catalog.length(d.tail)) = d.tail
            THEN pg_catalog.substr(d.definition, pg_catalog.length(d.head) + 1,
                                   pg_catalog.length(d.definition) - pg_catalog.length(d.head) - pg_catalog.length(d.tail))
            END AS body,
       pg_catalog.pg_get_userbyid(s.stxowner)::text AS owner,
       COALESCE(s.stxstattarget, -1)::int4 AS statistics_target, --{13_plus}
--{default}        -1 AS statistics_target,
       COALESCE(pg_catalog.obj_description(s.oid, 'pg_statistic_ext'), '') AS comment
FROM pg_catalog.pg_statistic_ext AS s
JOIN pg_catalog.pg_namespace AS n ON n.oid = s.stxnamespace
JOIN pg_catalog.pg_class AS c ON c.oid = s.stxrelid
JOIN pg_catalog.pg_namespace AS cn ON cn.oid = c.relnamespace
CROSS JOIN LATERAL (
  SELECT pg_catalog.pg_get_statisticsobjdef(s.oid) AS definition,
         pg_catalog.format('CREATE STATISTICS %I.%I ', n.nspname, s.stxname) AS head,
         pg_catalog.format(' FROM %I.%I', cn.nspname, c.relname) AS tail) AS d
WHERE s.stxrelid = $1
ORDER BY n.nspname, s.stxname
