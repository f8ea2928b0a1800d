-- what: the journal of one run, oldest first; the first and the last thousand where it is longer
-- columns: id int8, step int4, at timestamptz, kind text, text text, detail jsonb
-- params: int8
-- cost: light
-- requires: toolkit runs
SELECT e.id, e.step, e.at, e.kind, e.text, e.detail
FROM ((SELECT f.* FROM tidemark.run_event AS f WHERE f.run = $1 ORDER BY f.id LIMIT 1000)
      UNION
      (SELECT f.* FROM tidemark.run_event AS f WHERE f.run = $1 ORDER BY f.id DESC LIMIT 1000)) AS e
ORDER BY e.id
