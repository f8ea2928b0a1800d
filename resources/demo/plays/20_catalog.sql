-- what: 40 artists with 24,000 tracks
SET search_path = public;
SELECT setseed(0.002);

INSERT INTO artists (uuid, name, slug, featured, created_at)
SELECT md5('artist ' || n)::uuid, 'The ' || (ARRAY['Velvet', 'Copper', 'Midnight', 'Rolling', 'Electric', 'Hollow', 'Wandering', 'Silver'])[1 + n % 8]
       || ' ' || (ARRAY['Pines', 'Rivers', 'Engines', 'Parade', 'Lanterns'])[1 + n / 8], 'artist-' || n, (n < 6)::integer, now() - interval '6 years'
FROM generate_series(0, 39) AS n;

INSERT INTO years (uuid, artist_id, year)
SELECT md5('year ' || a.id || ' ' || y)::uuid, a.id, y::text FROM artists AS a CROSS JOIN generate_series(1994, 2023) AS y;

INSERT INTO shows (uuid, artist_id, year_id, date, display_date, avg_rating)
SELECT md5('show ' || n)::uuid, s.artist_id, y.id, s.date, to_char(s.date, 'YYYY-MM-DD'), (5 + random() * 5)::real
FROM (SELECT n, 1 + n % 40 AS artist_id, date '1994-01-10' + (n * 13) % 10900 AS date FROM generate_series(1, 800) AS n) AS s
JOIN years AS y ON y.artist_id = s.artist_id AND y.year = to_char(s.date, 'YYYY');

INSERT INTO sources (uuid, show_id, artist_id, upstream_identifier, is_soundboard, num_reviews)
SELECT md5('source ' || sh.id || ' ' || n)::uuid, sh.id, sh.artist_id, 'sh' || sh.display_date || '.src' || n, n = 1, (random() * 40)::integer
FROM shows AS sh CROSS JOIN generate_series(1, 2) AS n ORDER BY sh.id, n;

INSERT INTO source_tracks (uuid, source_id, artist_id, track_position, title, duration, mp3_url)
SELECT md5('track ' || s.id || ' ' || n)::uuid, s.id, s.artist_id, n,
       (ARRAY['Opening', 'Long Way Down', 'Harbour Lights', 'Blue Ridge', 'Drums', 'Space', 'Second Wind', 'Encore'])[1 + (s.id + n) % 8],
       CASE WHEN n % 11 <> 0 THEN 120 + (random() * 900)::integer END, NULL
FROM sources AS s CROSS JOIN generate_series(1, 15) AS n ORDER BY s.id, n;

CREATE INDEX shows_artist_id_idx ON shows (artist_id);
CREATE INDEX sources_show_id_idx ON sources (show_id);
CREATE INDEX source_tracks_source_id_idx ON source_tracks (source_id);
ANALYZE;
