-- what: rows inserted, updated and deleted since statistics began, of the asked tables; NULL for one that is gone
-- columns: oid oid, modifications int8
-- params: oid[]
-- cost: light
-- pg_table_is_visible is the cheapest way to ask whether an oid is there still; it takes no lock.
SELECT asked.oid,
       CASE WHEN pg_catalog.pg_table_is_visible(asked.oid) IS NOT NULL
            THEN pg_catalog.pg_stat_get_tuples_inserted(asked.oid) + pg_catalog.pg_stat_get_tuples_updated(asked.oid)
                + pg_catalog.pg_stat_get_tuples_deleted(asked.oid) END AS modifications
FROM pg_catalog.unnest($1::oid[]) AS asked(oid)
