-- application: statbus-worker
-- every: 45 s
-- kind: refresh
REFRESH MATERIALIZED VIEW CONCURRENTLY public.statistical_history
