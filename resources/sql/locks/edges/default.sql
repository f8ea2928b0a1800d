-- what: who waits for whom, by pg_blocking_pids alone, and who they are; the first row tells the totals even when nobody waits
-- columns: server_now timestamptz, server_ms float8, lock_waiters int4, hidden_backends int4, pid int4, blockers int4[],
--   wait_event text, application_name text, user_name name, database name, client_address text, backend_start timestamptz,
--   state text, state_change timestamptz, xact_start timestamptz, query_start timestamptz, query text, hidden bool
-- params: int8
-- cost: light
WITH activity AS MATERIALIZED (
    SELECT a.pid,
           -- A worker of a parallel query waits for its leader, and pg_blocking_pids names leaders only. Before 13 no column
           -- names a worker's leader, but both show the transaction's start, which the worker has from the leader.
           CASE WHEN a.backend_type = 'parallel worker'
                THEN coalesce((pg_catalog.to_jsonb(a) ->> 'leader_pid')::int4,
                              (SELECT l.pid
                               FROM pg_catalog.pg_stat_get_activity(NULL) AS l
                               WHERE l.backend_type = 'client backend' AND l.xact_start = a.xact_start
                                 AND l.datid = a.datid AND l.usesysid = a.usesysid
                               LIMIT 1), a.pid)
                ELSE a.pid END AS client_pid,
           a.datid, a.usesysid, a.application_name, a.client_addr, a.backend_type, a.backend_start, a.state, a.state_change,
           a.wait_event_type, a.wait_event, a.xact_start, a.query_start, pg_catalog.left(a.query, 1024) AS query
    FROM pg_catalog.pg_stat_get_activity(NULL) AS a
), totals AS (
    SELECT pg_catalog.count(*) FILTER (WHERE a.wait_event_type = 'Lock')::int4 AS lock_waiters,
           pg_catalog.count(*) FILTER (WHERE a.backend_type IS NULL)::int4 AS hidden_backends
    FROM activity AS a
), candidates AS MATERIALIZED (
    -- Without pg_read_all_stats others' rows do not tell whether they wait: those have to be asked one by one.
    SELECT a.pid, a.client_pid, a.wait_event
    FROM activity AS a
    WHERE a.wait_event_type = 'Lock' OR a.backend_type IS NULL
    ORDER BY a.wait_event_type IS NULL, a.query_start, a.pid
    LIMIT $1
), waits AS MATERIALIZED (
    SELECT c.client_pid AS pid, c.wait_event, pg_catalog.pg_blocking_pids(c.pid) AS blockers
    FROM candidates AS c
), waiters AS MATERIALIZED (
    SELECT w.pid, pg_catalog.array_agg(DISTINCT b.pid) AS blockers, pg_catalog.min(w.wait_event) AS wait_event
    FROM waits AS w
    CROSS JOIN LATERAL pg_catalog.unnest(w.blockers) AS b(pid)
    GROUP BY w.pid
), parties AS (
    SELECT w.pid FROM waiters AS w
    UNION
    SELECT b.pid FROM waiters AS w CROSS JOIN LATERAL pg_catalog.unnest(w.blockers) AS b(pid)
)
SELECT pg_catalog.clock_timestamp() AS server_now,
       (1000 * extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.statement_timestamp()))::float8 AS server_ms,
       t.lock_waiters, t.hidden_backends,
       p.pid, w.blockers,
       coalesce(w.wait_event, a.wait_event) AS wait_event,
       a.application_name,
       pg_catalog.pg_get_userbyid(a.usesysid) AS user_name,
       d.datname AS database,
       pg_catalog.host(a.client_addr) AS client_address,
       a.backend_start, a.state, a.state_change, a.xact_start, a.query_start,
       a.query,
       a.pid IS NOT NULL AND a.backend_type IS NULL AS hidden
FROM totals AS t
LEFT JOIN parties AS p ON true
LEFT JOIN waiters AS w ON w.pid = p.pid
LEFT JOIN activity AS a ON a.pid = p.pid
LEFT JOIN pg_catalog.pg_database AS d ON d.oid = a.datid
