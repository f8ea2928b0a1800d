-- what: the databases this role may connect to
-- columns: oid oid, name name, is_template bool
-- cost: light
SELECT d.oid, d.datname AS name, d.datistemplate AS is_template
FROM pg_catalog.pg_database AS d
WHERE d.datallowconn AND NOT d.datistemplate
  AND pg_catalog.has_database_privilege(d.oid, 'CONNECT')
ORDER BY d.datname
