-- what: the primary key and the two indexes of the plays
SET search_path = public;

ALTER TABLE source_track_plays ADD CONSTRAINT source_track_plays_pkey PRIMARY KEY (id);
CREATE INDEX idx_stp_created_at ON source_track_plays (created_at);
CREATE INDEX idx_stp_source_track_uuid ON source_track_plays (source_track_uuid);
ANALYZE source_track_plays;
