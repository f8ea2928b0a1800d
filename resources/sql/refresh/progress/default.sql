-- what: what the backends of refreshes wait for, and how far the new heap of each plain one has grown
-- columns: pid int4, is_waiting bool, waits_for int4[], bytes int8
-- params: int4[], oid[]
-- cost: light
-- $1: backends; $2: the materialized view that each refreshes, 0 for what is none. bytes: of the heap that is being filled, whose
-- oid is seen in pg_locks alone; NULL without the right to ask for files (pg_stat_file), and where no heap is filled. The
-- question for it is a text because a right is asked for where a function is named, not where it is called.
SELECT p.pid, coalesce(a.wait_event_type = 'Lock', false) AS is_waiting,
       CASE WHEN a.wait_event_type = 'Lock' THEN pg_catalog.pg_blocking_pids(p.pid) ELSE '{}' END AS waits_for,
       CASE WHEN pg_catalog.has_function_privilege('pg_catalog.pg_stat_file(text,boolean)', 'EXECUTE')
            THEN pg_catalog.substring(pg_catalog.query_to_xml(pg_catalog.format($query$
                SELECT pg_catalog.sum((pg_catalog.pg_stat_file(
                           %L || CASE WHEN n = 0 THEN '' ELSE '.' || n END, true)).size)::int8 AS bytes
                FROM pg_catalog.generate_series(0, 63) AS n $query$,
                pg_catalog.regexp_replace(pg_catalog.pg_relation_filepath(p.view), '[^/]+$', '') || h.heap),
                false, true, '')::text, '<bytes>([0-9]+)</bytes>')::int8 END AS bytes
FROM ROWS FROM (pg_catalog.unnest($1::int4[]), pg_catalog.unnest($2::oid[])) AS p (pid, view)
JOIN pg_catalog.pg_stat_get_activity(NULL) AS a ON a.pid = p.pid
-- The heap was made before its TOAST table and its indexes.
LEFT JOIN LATERAL (
    SELECT pg_catalog.min(l.relation::int8) AS heap
    FROM pg_catalog.pg_locks AS l
    WHERE l.pid = p.pid AND l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = l.relation)) AS h ON true
ORDER BY p.pid
