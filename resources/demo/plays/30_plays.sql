-- what: demo.rows plays over the last 13 months in the order of their ids, more each month, with evenings busier than mornings
-- repeat: slices
SET search_path = public;
SELECT setseed((current_setting('demo.slice')::integer % 1000) / 1000.0);

INSERT INTO source_track_plays (created_at, source_track_uuid, user_uuid, app_type)
SELECT now() - interval '395 days' * (1 - power(place, 0.75)) + interval '2 hours' * (1 - place) * sin(place * 2480),
       tracks[1 + (power(random(), 3) * (cardinality(tracks) - 1))::integer],
       CASE WHEN random() < 0.6 THEN listeners[1 + (random() * 499)::integer] END, 1 + (random() * 3)::integer
FROM (SELECT n::double precision / current_setting('demo.rows')::bigint AS place
      FROM generate_series(current_setting('demo.rows')::bigint * current_setting('demo.slice')::bigint / current_setting('demo.slices')::bigint + 1,
                           current_setting('demo.rows')::bigint * (current_setting('demo.slice')::bigint + 1) / current_setting('demo.slices')::bigint) AS n) AS p,
     (SELECT array_agg(uuid ORDER BY id) AS tracks FROM source_tracks) AS t,
     (SELECT array_agg(md5('listener ' || n)::uuid) AS listeners FROM generate_series(1, 500) AS n) AS l;
