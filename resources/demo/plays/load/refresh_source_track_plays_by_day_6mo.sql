-- application: relisten-jobs
-- every: 3 min
REFRESH MATERIALIZED VIEW public.source_track_plays_by_day_6mo
