-- what: how many rows a second the chunks of one run brought, in at most about 240 steps of equal width
-- columns: at timestamptz, seconds float8, rows_per_second float8
-- params: int8
-- cost: light
-- requires: toolkit runs
WITH done AS (
    SELECT pg_catalog.date_part('epoch', k.finished_at) AS finished, coalesce(k.rows, 0) AS rows
    FROM tidemark.run_chunk AS k
    WHERE k.run = $1 AND k.state = 'done' AND k.finished_at IS NOT NULL),
width AS (
    SELECT greatest(1, pg_catalog.ceil((max(d.finished) - min(d.finished)) / 240)) AS seconds FROM done AS d)
SELECT pg_catalog.to_timestamp(pg_catalog.floor(d.finished / w.seconds) * w.seconds) AS at,
       w.seconds,
       (sum(d.rows) / w.seconds)::float8 AS rows_per_second
FROM done AS d CROSS JOIN width AS w
GROUP BY 1, w.seconds
ORDER BY 1
