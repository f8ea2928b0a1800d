-- what: demo.rows readings of 36 sensors over the last ten weeks, the last hours at full rate; a tenth as many machine states
SET search_path = silver, public;
SELECT setseed(0.003);

SELECT create_company_partitions(company, date_trunc('week', now())::date - 70, weeks)
FROM (VALUES ('Acme Forge', 13), ('Borealis', 12), ('Cascade Foods', 11)) AS c (company, weeks);

INSERT INTO sensor_timeseries ("timestamp", company_name, site_name, sensor, temperature, pressure, cycles, status, payload)
SELECT at, (ARRAY['Acme Forge', 'Borealis', 'Cascade Foods'])[1 + s / 12], (ARRAY['north', 'south', 'harbour'])[1 + s / 4 % 3], 'sensor-' || to_char(s, 'FM00'),
       18 + s % 7 + 6 * sin(extract(epoch FROM at) / 43200 * pi()) + random(), 1000 + 20 * random(), (random() * 120)::integer,
       (ARRAY['ok', 'ok', 'ok', 'ok', 'warn', 'fault'])[1 + (power(random(), 3) * 5.9)::integer],
       CASE WHEN n % 10 = 0 THEN jsonb_build_object('fw', '2.' || s % 4, 'rssi', -40 - (random() * 50)::integer) END
FROM (SELECT n, (random() * 35)::integer AS s,
             -- A third lies in the last six hours, so that short buckets have something to count.
             now() - CASE WHEN n % 3 = 0 THEN random() * interval '6 hours' ELSE random() * interval '70 days' END AS at
      FROM generate_series(1, current_setting('demo.rows')::integer) AS n) AS r;

CREATE INDEX sensor_timeseries_dimensions_idx ON sensor_timeseries (company_name, site_name, sensor, "timestamp" DESC);
CREATE INDEX sensor_timeseries_timestamp_idx ON sensor_timeseries ("timestamp");

DO $$
DECLARE
    month date;
    child text;
BEGIN
    FOR month IN SELECT date_trunc('month', now())::date - make_interval(months => n) FROM generate_series(-1, 6) AS n LOOP
        -- Nobody made the child of four months ago.
        CONTINUE WHEN month = date_trunc('month', now())::date - interval '4 months';
        child := 'machine_timeseries_' || to_char(month, 'YYYYMM');
        EXECUTE format('CREATE TABLE %I (CHECK ("timestamp" >= %L AND "timestamp" < %L)) INHERITS (machine_timeseries)',
                       child, month::timestamptz, (month + interval '1 month')::timestamptz);
        EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (id)', child);
        EXECUTE format('CREATE INDEX ON %I ("timestamp")', child);
    END LOOP;
    -- A repair once took the last week of a month apart; its CHECK overlaps the month's own.
    month := date_trunc('month', now())::date - interval '2 months';
    EXECUTE format('CREATE TABLE machine_timeseries_repair (CHECK ("timestamp" >= %L AND "timestamp" < %L)) INHERITS (machine_timeseries)',
                   (month + interval '23 days')::timestamptz, (month + interval '1 month')::timestamptz);
END $$;

CREATE FUNCTION machine_timeseries_insert() RETURNS trigger
LANGUAGE plpgsql SET search_path = silver, public AS $$
DECLARE
    child text := 'machine_timeseries_' || to_char(NEW."timestamp", 'YYYYMM');
BEGIN
    IF to_regclass(quote_ident(child)) IS NULL THEN
        RETURN NEW; -- stays in the parent
    END IF;
    EXECUTE format('INSERT INTO %I SELECT ($1).*', child) USING NEW;
    RETURN NULL;
END $$;
CREATE TRIGGER machine_timeseries_route BEFORE INSERT ON machine_timeseries
FOR EACH ROW EXECUTE FUNCTION machine_timeseries_insert();

INSERT INTO machine_timeseries ("timestamp", company_name, site_name, machine, power_kw, state)
SELECT now() - power(random(), 2) * interval '150 days', 'Acme Forge', (ARRAY['north', 'south'])[1 + n % 2], 'press-' || n % 9,
       (20 + random() * 180)::real, (ARRAY['run', 'idle', 'setup', 'stop'])[1 + (power(random(), 2) * 3.9)::integer]
FROM generate_series(1, current_setting('demo.rows')::integer / 10) AS n;
INSERT INTO machine_timeseries_repair ("timestamp", company_name, site_name, machine, power_kw, state)
SELECT date_trunc('month', now()) - interval '2 months' + interval '24 days' + random() * interval '3 days', 'Acme Forge', 'north', 'press-3', 12, 'setup'
FROM generate_series(1, 300);
ANALYZE;
