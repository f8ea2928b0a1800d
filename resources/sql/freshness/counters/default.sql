-- what: rows inserted, updated and deleted since statistics began, of the asked tables
-- columns: oid oid, modifications int8
-- params: oid[]
-- cost: light
SELECT asked.oid,
       pg_catalog.pg_stat_get_tuples_inserted(asked.oid) + pg_catalog.pg_stat_get_tuples_updated(asked.oid)
           + pg_catalog.pg_stat_get_tuples_deleted(asked.oid) AS modifications
FROM pg_catalog.unnest($1::oid[]) AS asked(oid)
