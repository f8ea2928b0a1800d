-- application: relisten-jobs
-- every: 10 s
REFRESH MATERIALIZED VIEW CONCURRENTLY public.source_track_plays_by_hour_48h
