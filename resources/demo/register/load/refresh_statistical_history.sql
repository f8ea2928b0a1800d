-- application: statbus-worker
-- every: 45 s
REFRESH MATERIALIZED VIEW CONCURRENTLY public.statistical_history
