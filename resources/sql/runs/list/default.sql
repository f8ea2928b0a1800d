-- what: where the runs of this database stand, newest first, and who drives them: those that may go on and the latest $2
-- columns: id int8, kind text, title text, state text, driven bool, driver text, confirmed_by text, created_at timestamptz,
--   started_at timestamptz, finished_at timestamptz, error text, steps_done int8, steps int8, current_step text,
--   current_state text, rows_done int8, rows_total int8, throttle text
-- params: int8, int4
-- cost: light
-- requires: toolkit runs
SELECT r.id, r.kind, r.title, r.state,
       CASE WHEN r.state IN ('succeeded', 'undone') THEN false
            ELSE EXISTS (SELECT FROM pg_catalog.pg_locks AS l
                         WHERE l.locktype = 'advisory' AND l.classid = 1414087749 AND l.objid = r.id::int::oid
                           AND l.objsubid = 2
                           AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d
                                             WHERE d.datname = pg_catalog.current_database()))
       END AS driven,
       r.driver, r.confirmed_by, r.created_at, r.started_at, r.finished_at,
       r.error ->> 'message' AS error,
       (SELECT count(*) FROM tidemark.run_step AS s WHERE s.run = r.id AND s.state = 'done') AS steps_done,
       (SELECT count(*) FROM tidemark.run_step AS s WHERE s.run = r.id) AS steps,
       c.title AS current_step,
       c.state AS current_state,
       c.rows_done,
       c.rows_total,
       CASE WHEN r.state IN ('running', 'undoing')
            THEN (SELECT e.text FROM tidemark.run_event AS e
                  WHERE e.run = r.id AND e.kind = 'throttle' ORDER BY e.id DESC LIMIT 1)
       END AS throttle
FROM tidemark.run AS r
LEFT JOIN LATERAL (
    SELECT s.title, s.state, s.rows_total,
           coalesce((SELECT sum(k.rows)::int8 FROM tidemark.run_chunk AS k WHERE k.run = s.run AND k.step = s.ordinal),
                    (s.outcome ->> 'rows')::int8) AS rows_done
    FROM tidemark.run_step AS s
    WHERE s.run = r.id AND s.state IN ('running', 'waiting', 'failed')
    ORDER BY s.ordinal LIMIT 1) AS c ON true
WHERE CASE WHEN $1::int8 IS NULL
           THEN r.state NOT IN ('succeeded', 'undone') OR r.id > (SELECT max(m.id) FROM tidemark.run AS m) - $2::int4
           ELSE r.id = $1 END
ORDER BY r.id DESC
LIMIT 500
