-- application: statbus-worker
-- every: 3 min
-- kind: refresh
REFRESH MATERIALIZED VIEW public.statistical_history_facet
