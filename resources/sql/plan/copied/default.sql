-- what: how many rows a second the copies of earlier runs came to, all of their workers together
-- columns: rows_per_second float8
-- cost: on demand
-- requires: toolkit runs
SELECT (sum(c.rows) / NULLIF(sum(extract(epoch FROM s.finished_at - s.started_at)), 0))::float8 AS rows_per_second
FROM tidemark.run_step AS s
CROSS JOIN LATERAL (SELECT sum(c.rows) AS rows FROM tidemark.run_chunk AS c
                    WHERE c.run = s.run AND c.step = s.ordinal AND c.state = 'done') AS c
WHERE s.name = 'copy' AND s.state = 'done' AND s.attempts = 1 AND c.rows > 0
