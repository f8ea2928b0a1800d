-- what: the composite (…, event_time DESC) indexes on all time-series tables
SET search_path = public;

ALTER TABLE ergonomic_snapshots ADD CONSTRAINT ergonomic_snapshots_pkey PRIMARY KEY (id, event_time);
CREATE INDEX ergonomic_snapshots_warehouse_id_event_time_idx ON ergonomic_snapshots (warehouse_id, event_time DESC);
CREATE INDEX ergonomic_snapshots_zone_id_event_time_idx ON ergonomic_snapshots (zone_id, event_time DESC);
CREATE INDEX ergonomic_snapshots_traffic_light_event_time_idx ON ergonomic_snapshots (traffic_light, event_time DESC);
CREATE INDEX ergonomic_snapshots_event_time_idx ON ergonomic_snapshots (event_time DESC);
CREATE INDEX shift_snapshots_warehouse_id_event_time_idx ON shift_snapshots (warehouse_id, event_time DESC);
CREATE INDEX shift_snapshots_shift_code_event_time_idx ON shift_snapshots (shift_code, event_time DESC);
CREATE INDEX shift_snapshots_event_time_idx ON shift_snapshots (event_time DESC);
ANALYZE;
