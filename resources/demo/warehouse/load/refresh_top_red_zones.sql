-- application: materialized-views.service
-- every: 45 s
REFRESH MATERIALIZED VIEW public.top_red_zones
