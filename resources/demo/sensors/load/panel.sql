-- application: grafana
-- every: 1 s
SELECT date_trunc('minute', "timestamp") AS minute, avg(temperature), max(pressure)
FROM silver.sensor_timeseries
WHERE company_name = 'Borealis' AND sensor = 'sensor-13' AND "timestamp" > now() - interval '30 minutes' AND "timestamp" <= now()
GROUP BY 1
ORDER BY 1
