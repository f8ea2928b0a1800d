-- application: relisten-api
-- every: 300 ms
SELECT t.uuid, t.track_position, t.title, t.duration
FROM public.source_tracks AS t
WHERE t.source_id = (SELECT 1 + (random() * 1599)::integer)
ORDER BY t.track_position
