-- what: what the site's dashboards use until there are rollups; one of the two was never filled
SET search_path = silver, public;

CREATE MATERIALIZED VIEW sensor_latest AS
SELECT DISTINCT ON (company_name, site_name, sensor) company_name, site_name, sensor, "timestamp", temperature, pressure, status
FROM sensor_timeseries
WHERE "timestamp" >= now() - interval '1 hour'
ORDER BY company_name, site_name, sensor, "timestamp" DESC;
CREATE UNIQUE INDEX sensor_latest_key ON sensor_latest (company_name, site_name, sensor);

CREATE MATERIALIZED VIEW site_daily_summary AS
SELECT company_name, site_name, date_trunc('day', "timestamp") AS day, count(*) AS readings,
       avg(temperature) AS avg_temperature, max(pressure) AS max_pressure, mode() WITHIN GROUP (ORDER BY status) AS status
FROM sensor_timeseries
GROUP BY 1, 2, 3
WITH NO DATA;
CREATE UNIQUE INDEX site_daily_summary_key ON site_daily_summary (company_name, site_name, day);
