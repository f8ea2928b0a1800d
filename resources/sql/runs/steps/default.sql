-- what: the steps of one run, with the rows of their chunks
-- columns: ordinal int4, name text, title text, state text, attempts int4, started_at timestamptz, finished_at timestamptz,
--   rows_done int8, rows_total int8, outcome jsonb, error text
-- params: int8
-- cost: light
-- requires: toolkit runs
SELECT s.ordinal, s.name, s.title, s.state, s.attempts, s.started_at, s.finished_at,
       coalesce((SELECT sum(k.rows)::int8 FROM tidemark.run_chunk AS k WHERE k.run = s.run AND k.step = s.ordinal),
                (s.outcome ->> 'rows')::int8) AS rows_done,
       s.rows_total, s.outcome,
       s.error ->> 'message' AS error
FROM tidemark.run_step AS s
WHERE s.run = $1
ORDER BY s.ordinal
