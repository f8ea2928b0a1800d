-- what: the server's clock after the last query of a tick: with the feed's, what the tick cost
-- columns: server_now timestamptz
-- cost: light
SELECT pg_catalog.clock_timestamp() AS server_now
