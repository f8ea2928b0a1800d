-- what: how many connections the server has for ordinary roles, how many are in use, and how many this role may have
-- columns: usable int4, in_use int4, role_limit int4
-- cost: light
-- reserved_connections came with 16. Who may not see a backend's type sees its pid.
SELECT pg_catalog.current_setting('max_connections')::int4
           - pg_catalog.current_setting('superuser_reserved_connections')::int4
           - coalesce(pg_catalog.current_setting('reserved_connections', true)::int4, 0) AS usable,
       (SELECT pg_catalog.count(*)::int4 FROM pg_catalog.pg_stat_get_activity(NULL) AS a
        WHERE a.backend_type IS NULL OR a.backend_type = 'client backend') AS in_use,
       CASE WHEN NOT r.rolsuper AND r.rolconnlimit >= 0 THEN r.rolconnlimit END AS role_limit
FROM pg_catalog.pg_roles AS r
WHERE r.rolname = session_user
