-- What every change made by Tidemark leaves behind in the database it changes: runs, their steps and chunks, what was
-- asked of them and what happened. A run can be driven, paused, resumed and undone from any machine because of it.
-- Taken back whole by runs.down.sql.

CREATE SCHEMA IF NOT EXISTS tidemark;

CREATE TABLE tidemark.run (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL,
    title        text NOT NULL,
    plan         json NOT NULL,
    fingerprint  text NOT NULL,
    state        text NOT NULL DEFAULT 'confirmed' CHECK (state IN (
                     'confirmed', 'running', 'paused', 'succeeded', 'failed', 'cancelled', 'undoing', 'undone')),
    settings     jsonb NOT NULL DEFAULT '{}',
    driver       text,
    confirmed_by text NOT NULL DEFAULT session_user,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at   timestamptz,
    finished_at  timestamptz,
    error        jsonb
);
COMMENT ON TABLE tidemark.run IS 'One execution of a plan. Who drives it holds advisory lock (1414087749, id).';
COMMENT ON COLUMN tidemark.run.fingerprint IS 'SHA-256 of the steps as they were confirmed; no other plan is run under this id.';

-- Apart from tidemark.run, so that what locks it for the length of a transaction is in nobody's way.
CREATE TABLE tidemark.run_fence (
    run   bigint PRIMARY KEY REFERENCES tidemark.run ON DELETE CASCADE,
    token bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE tidemark.run_fence IS 'Raised by each driver that attaches; every change locks it FOR SHARE and looks first.';

CREATE TABLE tidemark.run_step (
    run         bigint NOT NULL REFERENCES tidemark.run ON DELETE CASCADE,
    ordinal     int NOT NULL,
    name        text NOT NULL,
    title       text NOT NULL,
    state       text NOT NULL DEFAULT 'pending' CHECK (state IN (
                    'pending', 'waiting', 'running', 'done', 'failed', 'undone')),
    attempts    int NOT NULL DEFAULT 0,
    started_at  timestamptz,
    finished_at timestamptz,
    rows_total  bigint,
    outcome     jsonb NOT NULL DEFAULT '{}',
    error       jsonb,
    PRIMARY KEY (run, ordinal),
    UNIQUE (run, name)
);

CREATE TABLE tidemark.run_chunk (
    run         bigint NOT NULL,
    step        int NOT NULL,
    chunk       int NOT NULL,
    bounds      jsonb NOT NULL,
    state       text NOT NULL DEFAULT 'claimed' CHECK (state IN ('claimed', 'done')),
    worker      int,
    rows        bigint,
    bytes       bigint,
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    PRIMARY KEY (run, step, chunk),
    FOREIGN KEY (run, step) REFERENCES tidemark.run_step ON DELETE CASCADE
);
COMMENT ON TABLE tidemark.run_chunk IS 'A chunk is marked done in the transaction that did it, so none is done twice or not at all.';

CREATE TABLE tidemark.run_request (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run          bigint NOT NULL REFERENCES tidemark.run ON DELETE CASCADE,
    verb         text NOT NULL CHECK (verb IN ('pause', 'cancel', 'undo', 'retune', 'proceed')),
    detail       jsonb NOT NULL DEFAULT '{}',
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    requested_by text NOT NULL DEFAULT session_user,
    taken_at     timestamptz
);
CREATE INDEX run_request_open ON tidemark.run_request (run) WHERE taken_at IS NULL;

CREATE TABLE tidemark.run_event (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run    bigint NOT NULL REFERENCES tidemark.run ON DELETE CASCADE,
    step   int,
    at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind   text NOT NULL,
    text   text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX run_event_run ON tidemark.run_event (run, id);
COMMENT ON TABLE tidemark.run_event IS 'The journal of a run, oldest first; its report is rendered from here.';
