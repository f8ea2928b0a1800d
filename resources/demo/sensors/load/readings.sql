-- application: scada-gateway
-- every: 300 ms
INSERT INTO silver.sensor_timeseries ("timestamp", company_name, site_name, sensor, temperature, pressure, cycles, status, payload)
SELECT now() - random() * interval '2 seconds', (ARRAY['Acme Forge', 'Borealis', 'Cascade Foods'])[1 + s / 12], (ARRAY['north', 'south', 'harbour'])[1 + s / 4 % 3],
       'sensor-' || to_char(s, 'FM00'), 18 + s % 7 + random() * 3, 1000 + 20 * random(), (random() * 120)::integer,
       (ARRAY['ok', 'ok', 'ok', 'ok', 'warn', 'fault'])[1 + (power(random(), 3) * 5.9)::integer % 6],
       CASE WHEN random() < 0.1 THEN jsonb_build_object('fw', '2.1', 'rssi', -40 - (random() * 50)::integer) END
FROM (SELECT (random() * 35)::integer AS s FROM generate_series(1, 6)) AS r
