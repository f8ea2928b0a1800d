-- application: statbus-worker
-- every: 3 min
-- kind: refresh
REFRESH MATERIALIZED VIEW CONCURRENTLY public.statistical_unit
