-- what: raw readings in schema silver: one table split by company and then by week, an older one by inheritance
SET client_min_messages = warning;
CREATE SCHEMA silver;
SET search_path = silver, public;

CREATE TABLE sensor_timeseries (
    "timestamp" timestamptz NOT NULL,
    company_name text NOT NULL,
    site_name text NOT NULL,
    sensor text NOT NULL,
    temperature double precision,
    pressure numeric(8, 2),
    cycles integer,
    status text,
    payload jsonb
) PARTITION BY LIST (company_name);

CREATE FUNCTION create_company_partitions(company text, first_week date, weeks integer) RETURNS void
LANGUAGE plpgsql SET search_path = silver, public AS $$
DECLARE
    parent text := 'sensor_timeseries_' || lower(replace(company, ' ', '_'));
    week date;
BEGIN
    EXECUTE format('CREATE TABLE %I PARTITION OF sensor_timeseries FOR VALUES IN (%L) PARTITION BY RANGE ("timestamp")', parent, company);
    FOR week IN SELECT first_week + 7 * n FROM generate_series(0, weeks - 1) AS n LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                       parent || to_char(week, '_IYYY"w"IW'), parent, week, week + 7);
    END LOOP;
END $$;

-- From before declarative partitioning: children by CHECK constraint, rows routed by a trigger.
CREATE TABLE machine_timeseries (
    id bigserial NOT NULL,
    "timestamp" timestamptz NOT NULL,
    company_name text NOT NULL,
    site_name text NOT NULL,
    machine text NOT NULL,
    power_kw real,
    state text
);
