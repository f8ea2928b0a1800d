-- application: statbus-worker
-- every: 3 min
REFRESH MATERIALIZED VIEW public.statistical_history_facet
