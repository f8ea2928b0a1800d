-- what: the server's clock, asked at the ends of a round trip: the difference is what the queries between cost
-- columns: server_now timestamptz
-- cost: light
SELECT pg_catalog.clock_timestamp() AS server_now
