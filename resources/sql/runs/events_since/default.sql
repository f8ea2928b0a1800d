-- what: what the journal of one run got since an entry, oldest first, at most a thousand
-- columns: id int8, step int4, at timestamptz, kind text, text text, detail jsonb
-- params: int8, int8
-- cost: light
-- requires: toolkit runs
SELECT e.id, e.step, e.at, e.kind, e.text, e.detail
FROM tidemark.run_event AS e
WHERE e.run = $1 AND e.id > $2
ORDER BY e.id
LIMIT 1000
