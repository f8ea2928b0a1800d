-- application: statbus-worker
-- every: 3 min
REFRESH MATERIALIZED VIEW CONCURRENTLY public.statistical_unit
