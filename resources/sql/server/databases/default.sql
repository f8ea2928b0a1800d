-- what: the server's databases but for templates, whether this role may connect to each, and its own limit of connections
-- columns: oid oid, name name, may_connect bool, connection_limit int4
-- cost: light
-- A limit of -1 is none, and of -2 a database whose drop was interrupted: nobody can connect to it.
SELECT d.oid, d.datname AS name,
       d.datallowconn AND d.datconnlimit <> -2 AND pg_catalog.has_database_privilege(d.oid, 'CONNECT') AS may_connect,
       nullif(d.datconnlimit, -1) AS connection_limit
FROM pg_catalog.pg_database AS d
WHERE NOT d.datistemplate
ORDER BY d.datname
