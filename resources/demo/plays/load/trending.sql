-- application: relisten-web
-- every: 2 s
SELECT artist_id, sum(plays) AS plays_48h, sum(total_track_seconds) AS seconds
FROM public.source_track_plays_by_hour_48h
GROUP BY artist_id
ORDER BY plays_48h DESC
LIMIT 10
