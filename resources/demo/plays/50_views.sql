-- what: the two old materialized views that the rollups are to replace, and one that nobody has refreshed since
SET search_path = public;

CREATE MATERIALIZED VIEW source_track_plays_by_hour_48h AS
SELECT date_trunc('hour', p.created_at) AS play_hour, p.source_track_uuid, t.artist_id, s.uuid AS source_uuid, sh.uuid AS show_uuid,
       count(*) AS plays, sum(coalesce(t.duration, 0)) AS total_track_seconds
FROM source_track_plays AS p
JOIN source_tracks AS t ON p.source_track_uuid = t.uuid
JOIN sources AS s ON s.id = t.source_id
JOIN shows AS sh ON sh.id = s.show_id
WHERE p.created_at >= now() - interval '48 hours'
GROUP BY 1, 2, 3, 4, 5;
CREATE UNIQUE INDEX source_track_plays_by_hour_48h_key ON source_track_plays_by_hour_48h (play_hour, source_track_uuid);
CREATE INDEX source_track_plays_by_hour_48h_artist_idx ON source_track_plays_by_hour_48h (play_hour DESC, artist_id);

CREATE MATERIALIZED VIEW source_track_plays_by_day_6mo AS
SELECT date_trunc('day', p.created_at) AS play_day, p.source_track_uuid, t.artist_id, s.uuid AS source_uuid, sh.uuid AS show_uuid,
       count(*) AS plays, sum(coalesce(t.duration, 0)) AS total_track_seconds
FROM source_track_plays AS p
JOIN source_tracks AS t ON p.source_track_uuid = t.uuid
JOIN sources AS s ON s.id = t.source_id
JOIN shows AS sh ON sh.id = s.show_id
WHERE p.created_at >= now() - interval '6 months'
GROUP BY 1, 2, 3, 4, 5;
CREATE UNIQUE INDEX source_track_plays_by_day_6mo_key ON source_track_plays_by_day_6mo (play_day, source_track_uuid);
CREATE INDEX source_track_plays_by_day_6mo_artist_idx ON source_track_plays_by_day_6mo (play_day DESC, artist_id);

-- Without an index it can only be refreshed under ACCESS EXCLUSIVE, and nothing refreshes it.
CREATE MATERIALIZED VIEW artist_plays_30d AS
SELECT a.id AS artist_id, a.name, count(*) AS plays_30d, count(DISTINCT p.user_uuid) AS listeners_30d
FROM source_track_plays AS p
JOIN source_tracks AS t ON p.source_track_uuid = t.uuid
JOIN artists AS a ON a.id = t.artist_id
WHERE p.created_at >= now() - interval '30 days'
GROUP BY a.id, a.name;
ANALYZE source_track_plays_by_hour_48h, source_track_plays_by_day_6mo, artist_plays_30d;
