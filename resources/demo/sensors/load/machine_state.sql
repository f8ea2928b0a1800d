-- application: scada-gateway
-- every: 2 s
INSERT INTO silver.machine_timeseries ("timestamp", company_name, site_name, machine, power_kw, state)
SELECT now(), 'Acme Forge', 'north', 'press-' || (random() * 8)::integer, (20 + random() * 180)::real, 'run'
