-- application: relisten-api
-- every: 200 ms
INSERT INTO public.source_track_plays (source_track_uuid, user_uuid, app_type)
SELECT t.uuid, md5('listener ' || (random() * 500)::integer)::uuid, 1 + (random() * 3)::integer
FROM (SELECT 1 + (power(random(), 3) * 23999)::integer AS id FROM generate_series(1, 4)) AS n
JOIN public.source_tracks AS t ON t.id = n.id
