-- what: the triggers of one table or view that a person made
-- columns: name text, definition text, enabled text, is_constraint bool, is_row bool, is_before bool, transition_tables bool,
--   function text, comment text
-- params: oid
-- cost: on demand
SELECT t.tgname::text AS name,
       pg_catalog.pg_get_triggerdef(t.oid) AS definition,
       CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END
         AS enabled,
       t.tgconstraint <> 0 AS is_constraint,
       (t.tgtype & 1) <> 0 AS is_row,
       (t.tgtype & 2) <> 0 AS is_before,
       t.tgoldtable IS NOT NULL OR t.tgnewtable IS NOT NULL AS transition_tables,
       t.tgfoid::pg_catalog.regprocedure::text AS function,
       COALESCE(pg_catalog.obj_description(t.oid, 'pg_trigger'), '') AS comment
FROM pg_catalog.pg_trigger AS t
WHERE t.tgrelid = $1 AND NOT t.tgisinternal
ORDER BY t.tgname
