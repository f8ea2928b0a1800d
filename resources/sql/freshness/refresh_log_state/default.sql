-- what: whether the toolkit's refresh log stands in this database, whole and switched on, and whether this role may change that
-- columns: has_table bool, may_read bool, start_trigger "char", end_trigger "char", is_superuser bool, in_recovery bool
-- cost: on demand
SELECT t.oid IS NOT NULL AS has_table,
       coalesce(pg_catalog.has_schema_privilege(t.relnamespace, 'USAGE')
                AND pg_catalog.has_table_privilege(t.oid, 'SELECT'), false) AS may_read,
       (SELECT e.evtenabled FROM pg_catalog.pg_event_trigger AS e
        WHERE e.evtname = 'tidemark_refresh_start') AS start_trigger,
       (SELECT e.evtenabled FROM pg_catalog.pg_event_trigger AS e
        WHERE e.evtname = 'tidemark_refresh_end') AS end_trigger,
       (SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user) AS is_superuser,
       pg_catalog.pg_is_in_recovery() AS in_recovery
FROM (VALUES (1)) AS one (row)
LEFT JOIN (SELECT c.oid, c.relnamespace FROM pg_catalog.pg_class AS c
           JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
           WHERE n.nspname = 'tidemark' AND c.relname = 'refresh_log' AND c.relkind = 'r') AS t ON true
