-- application: materialized-views.service
-- every: 45 s
-- kind: refresh
REFRESH MATERIALIZED VIEW public.top_red_zones
