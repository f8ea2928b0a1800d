-- what: how often rows of pg_inherits and pg_namespace changed, as the statistics count it
-- columns: inherits int8, namespaces int8
-- cost: light
-- Detaching CONCURRENTLY, INHERIT and NO INHERIT leave pg_class alone; so does renaming a schema. They move these.
SELECT pg_catalog.sum(moved) FILTER (WHERE watched = 'pg_catalog.pg_inherits'::regclass)::int8 AS inherits,
       pg_catalog.sum(moved) FILTER (WHERE watched = 'pg_catalog.pg_namespace'::regclass)::int8 AS namespaces
FROM (SELECT w.watched,
             pg_catalog.pg_stat_get_tuples_inserted(w.watched) + pg_catalog.pg_stat_get_tuples_updated(w.watched)
               + pg_catalog.pg_stat_get_tuples_deleted(w.watched) AS moved
      FROM (VALUES ('pg_catalog.pg_inherits'::regclass), ('pg_catalog.pg_namespace'::regclass)) AS w(watched)) AS m
