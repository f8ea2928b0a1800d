-- When which refreshables of this database are brought up to date, and what came of it: kept here, so that every DBA and every
-- agent sees the same. Executed by “tidemarkctl agent”; nothing in the server runs by itself because of it.
-- Taken back whole by schedules.down.sql.

CREATE SCHEMA IF NOT EXISTS tidemark;

CREATE TABLE tidemark.schedule (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL UNIQUE CHECK (name <> ''),
    refresh     jsonb NOT NULL CHECK (jsonb_typeof(refresh) = 'object'),
    cron        text,
    every       interval CHECK (every > '0'),
    on_change   boolean NOT NULL DEFAULT false,
    hours_from  time,
    hours_to    time,
    time_zone   text NOT NULL DEFAULT 'UTC',
    jitter      interval NOT NULL DEFAULT '0' CHECK (jitter >= '0'),
    priority    int NOT NULL DEFAULT 0,
    overlap     text NOT NULL DEFAULT 'skip' CHECK (overlap IN ('skip', 'wait')),
    catch_up    text NOT NULL DEFAULT 'once' CHECK (catch_up IN ('none', 'once')),
    enabled     boolean NOT NULL DEFAULT true,
    created_by  text NOT NULL DEFAULT session_user,
    since       timestamptz NOT NULL DEFAULT clock_timestamp(),
    mark        text,
    next_at     timestamptz,
    CHECK ((cron IS NULL) <> (every IS NULL)),
    CHECK ((hours_from IS NULL) = (hours_to IS NULL)),
    CHECK (NOT on_change OR every IS NOT NULL)
);
COMMENT ON TABLE tidemark.schedule IS 'When what is refreshed. Changed by “tidemarkctl schedule” and the Schedules page. Who executes them holds advisory lock (1414087750, 0).';
COMMENT ON COLUMN tidemark.schedule.refresh IS 'What is refreshed and how: names (none: every refreshable of the database), cascade, way, lock_patience_ms …';
COMMENT ON COLUMN tidemark.schedule.every IS 'The distance between two runs; with on_change the least distance.';
COMMENT ON COLUMN tidemark.schedule.hours_from IS 'No run before this time of the day in time_zone; hours_to before hours_from crosses midnight.';
COMMENT ON COLUMN tidemark.schedule.mark IS 'What its sources counted when it was last refreshed; with on_change nothing runs while they still do.';
COMMENT ON COLUMN tidemark.schedule.next_at IS 'When its next run begins, as the agent has it that executes it; long past where there is none.';
COMMENT ON COLUMN tidemark.schedule.since IS 'When it was made, changed or switched on: nothing from before is missed.';

CREATE TABLE tidemark.schedule_run (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    schedule    bigint NOT NULL REFERENCES tidemark.schedule ON DELETE CASCADE,
    due_at      timestamptz NOT NULL,
    cause       text NOT NULL CHECK (cause IN ('due', 'catch_up', 'change')),
    state       text NOT NULL CHECK (state IN ('running', 'succeeded', 'failed', 'skipped', 'missed')),
    missed      int NOT NULL DEFAULT 0,
    started_at  timestamptz,
    finished_at timestamptz,
    agent       text NOT NULL,
    error       text,
    results     jsonb NOT NULL DEFAULT '[]',
    UNIQUE (schedule, due_at)
);
CREATE INDEX schedule_run_due_at ON tidemark.schedule_run (due_at);
COMMENT ON TABLE tidemark.schedule_run IS 'Each due time of a schedule once, whoever ran it: two agents cannot both have it. Kept for 90 days.';
COMMENT ON COLUMN tidemark.schedule_run.missed IS 'How many due times before this one passed without a run.';
COMMENT ON COLUMN tidemark.schedule_run.results IS 'What became of each relation: schema, name, result, duration_ms, rows, error.';

CREATE TABLE tidemark.schedule_pause (
    single    boolean PRIMARY KEY DEFAULT true CHECK (single),
    paused_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    paused_by text NOT NULL DEFAULT session_user,
    reason    text
);
COMMENT ON TABLE tidemark.schedule_pause IS 'A row here and no schedule of this database runs.';

GRANT USAGE ON SCHEMA tidemark TO pg_monitor;
GRANT SELECT ON tidemark.schedule, tidemark.schedule_run, tidemark.schedule_pause TO pg_monitor;
