-- application: relisten-web
-- every: 1 s
SELECT p.created_at, t.title, a.name
FROM public.source_track_plays AS p
JOIN public.source_tracks AS t ON t.uuid = p.source_track_uuid
JOIN public.artists AS a ON a.id = t.artist_id
ORDER BY p.created_at DESC
LIMIT 20
