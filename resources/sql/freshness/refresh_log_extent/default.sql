-- what: how much the toolkit's refresh log holds, and of what time
-- columns: entries int8, oldest timestamptz, newest timestamptz
-- cost: on demand
-- requires: toolkit refresh_log
SELECT pg_catalog.count(*) AS entries, pg_catalog.min(l.started_at) AS oldest, pg_catalog.max(l.finished_at) AS newest
FROM tidemark.refresh_log AS l
