-- what: lots of serialised items that pass eight processes
SET search_path = public;
SET client_min_messages = warning;

CREATE TABLE processes (
    id bigserial PRIMARY KEY,
    process_number integer NOT NULL UNIQUE,
    process_code text NOT NULL UNIQUE,
    process_name text NOT NULL,
    estimated_duration_seconds integer NOT NULL,
    is_active boolean NOT NULL DEFAULT true
);

CREATE TABLE lots (
    id bigserial PRIMARY KEY,
    lot_number text NOT NULL UNIQUE,
    product_code text NOT NULL,
    target_quantity integer NOT NULL,
    status text NOT NULL CHECK (status IN ('CREATED', 'IN_PROGRESS', 'COMPLETED', 'CLOSED')),
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz
);

CREATE TABLE wip_items (
    id bigserial PRIMARY KEY,
    wip_id text NOT NULL UNIQUE,
    lot_id bigint NOT NULL REFERENCES lots,
    sequence_in_lot integer NOT NULL,
    status text NOT NULL CHECK (status IN ('CREATED', 'IN_PROGRESS', 'COMPLETED', 'FAILED', 'CONVERTED')),
    current_process_id bigint REFERENCES processes,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE wip_process_history (
    id bigserial PRIMARY KEY,
    wip_item_id bigint NOT NULL REFERENCES wip_items,
    process_id bigint NOT NULL REFERENCES processes,
    operator_id integer NOT NULL,
    result text CHECK (result IN ('PASS', 'FAIL', 'REWORK')),
    started_at timestamptz NOT NULL,
    completed_at timestamptz,
    duration_seconds integer
);
