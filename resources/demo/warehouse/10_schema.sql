-- what: the tables as Prisma makes them: text ids, timestamp(3) in UTC, snake_case by @map and @@map
SET search_path = public;
SET client_min_messages = warning;

CREATE TYPE traffic_light AS ENUM ('green', 'yellow', 'red');

CREATE TABLE warehouses (
    id text NOT NULL CONSTRAINT warehouses_pkey PRIMARY KEY,
    name text NOT NULL,
    timezone text NOT NULL DEFAULT 'UTC',
    retention_days integer NOT NULL DEFAULT 90,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE zones (
    id text NOT NULL CONSTRAINT zones_pkey PRIMARY KEY,
    warehouse_id text NOT NULL CONSTRAINT zones_warehouse_id_fkey REFERENCES warehouses ON UPDATE CASCADE ON DELETE CASCADE,
    name text NOT NULL,
    zone_type text NOT NULL
);
CREATE INDEX zones_warehouse_id_idx ON zones (warehouse_id);

CREATE TABLE workers (
    id text NOT NULL CONSTRAINT workers_pkey PRIMARY KEY,
    warehouse_id text NOT NULL CONSTRAINT workers_warehouse_id_fkey REFERENCES warehouses ON UPDATE CASCADE ON DELETE CASCADE,
    badge_code text NOT NULL,
    shift_code text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    last_seen_at timestamp(3)
);
CREATE INDEX workers_warehouse_id_idx ON workers (warehouse_id);

CREATE TABLE ergonomic_snapshots (
    id text NOT NULL,
    warehouse_id text NOT NULL,
    zone_id text NOT NULL,
    worker_id text,
    posture_type text NOT NULL,
    traffic_light traffic_light NOT NULL,
    risk_score double precision NOT NULL,
    duration_ms integer NOT NULL,
    event_time timestamp(3) NOT NULL,
    ingest_time timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
) PARTITION BY RANGE (event_time);
COMMENT ON TABLE ergonomic_snapshots IS 'Native range partitions, one a day: the fallback where TimescaleDB is not installed';

CREATE TABLE ergonomic_snapshots_default PARTITION OF ergonomic_snapshots DEFAULT;

CREATE FUNCTION create_ergonomic_snapshot_partition(partition_date date) RETURNS text
LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    partition_name text := 'ergonomic_snapshots_' || to_char(partition_date, 'YYYY_MM_DD');
BEGIN
    IF to_regclass(quote_ident(partition_name)) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF ergonomic_snapshots FOR VALUES FROM (%L) TO (%L)',
                       partition_name, partition_date, partition_date + 1);
    END IF;
    RETURN partition_name;
END $$;

CREATE TABLE shift_snapshots (
    id text NOT NULL CONSTRAINT shift_snapshots_pkey PRIMARY KEY,
    warehouse_id text NOT NULL CONSTRAINT shift_snapshots_warehouse_id_fkey REFERENCES warehouses ON UPDATE CASCADE ON DELETE CASCADE,
    shift_code text NOT NULL,
    bucket_start timestamp(3) NOT NULL,
    green_count integer NOT NULL,
    yellow_count integer NOT NULL,
    red_count integer NOT NULL,
    avg_risk_score double precision,
    event_time timestamp(3) NOT NULL,
    ingest_time timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- Rows past their warehouse's own retention, a bounded number a call, so that no call holds its locks for long.
CREATE FUNCTION delete_expired_snapshots(batch integer DEFAULT 1000) RETURNS bigint
LANGUAGE sql SET search_path = public AS $$
    WITH expired AS (
        SELECT s.id, s.event_time
        FROM ergonomic_snapshots AS s JOIN warehouses AS w ON w.id = s.warehouse_id
        WHERE s.event_time < now()::timestamp - make_interval(days => w.retention_days)
        LIMIT batch),
    gone AS (
        DELETE FROM ergonomic_snapshots AS s USING expired AS e
        WHERE s.id = e.id AND s.event_time = e.event_time RETURNING 1)
    SELECT count(*) FROM gone;
$$;
