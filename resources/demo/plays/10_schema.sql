-- what: artists, shows, their recordings (sources) and tracks; source_track_plays is one big plain table
SET search_path = public;
SET client_min_messages = warning;

CREATE TABLE artists (
    id serial PRIMARY KEY,
    uuid uuid NOT NULL UNIQUE,
    name text NOT NULL,
    slug text NOT NULL UNIQUE,
    featured integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE years (
    id serial PRIMARY KEY,
    uuid uuid NOT NULL UNIQUE,
    artist_id integer NOT NULL REFERENCES artists,
    year text NOT NULL,
    UNIQUE (artist_id, year)
);

CREATE TABLE shows (
    id serial PRIMARY KEY,
    uuid uuid NOT NULL UNIQUE,
    artist_id integer NOT NULL REFERENCES artists,
    year_id integer REFERENCES years,
    date date NOT NULL,
    display_date text NOT NULL,
    avg_rating real NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sources (
    id serial PRIMARY KEY,
    uuid uuid NOT NULL UNIQUE,
    show_id integer NOT NULL REFERENCES shows,
    artist_id integer NOT NULL REFERENCES artists,
    upstream_identifier text NOT NULL,
    is_soundboard boolean NOT NULL DEFAULT false,
    num_reviews integer NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE source_tracks (
    id serial PRIMARY KEY,
    uuid uuid NOT NULL UNIQUE,
    source_id integer NOT NULL REFERENCES sources,
    artist_id integer NOT NULL REFERENCES artists,
    track_position integer NOT NULL,
    title text NOT NULL,
    duration integer,
    mp3_url text,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE source_track_plays (
    id bigserial NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    source_track_uuid uuid NOT NULL,
    user_uuid uuid,
    app_type smallint NOT NULL DEFAULT 1
);
COMMENT ON TABLE source_track_plays IS 'One row a play; never updated, seldom deleted';
COMMENT ON COLUMN source_track_plays.app_type IS '1 iOS, 2 Android, 3 web, 4 Sonos';
