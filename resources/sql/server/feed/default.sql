-- what: the server's clocks, and which relations changed or vanished since the horizon of an earlier tick
-- columns: server_now timestamptz, next_xid int8, horizon int8, matviews int8, relations int8, changed oid[], changed_xmin xid[]
-- params: xid
-- cost: light
-- A row is new to us when its xmin is at or above the oldest transaction that was still running then. The sums of hashed
-- oids tell of drops. now() is of before the snapshot: what is not seen here was committed after it. Temporary relations come and go too often to matter. A frozen row's xmin may be so old that its age has wrapped below zero.
SELECT pg_catalog.now() AS server_now,
       pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()) AS next_xid,
       pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot()) AS horizon,
       pg_catalog.sum(pg_catalog.hashoid(c.oid)) FILTER (WHERE c.relkind = 'm') AS matviews,
       pg_catalog.sum(pg_catalog.hashoid(c.oid)) FILTER (WHERE c.relkind <> 'm') AS relations,
       pg_catalog.array_agg(c.oid) FILTER (WHERE pg_catalog.age(c.xmin) BETWEEN 0 AND pg_catalog.age($1::xid)) AS changed,
       pg_catalog.array_agg(c.xmin) FILTER (WHERE pg_catalog.age(c.xmin) BETWEEN 0 AND pg_catalog.age($1::xid)) AS changed_xmin
FROM pg_catalog.pg_class AS c
WHERE c.relkind IN ('m', 'r', 'p', 'v', 'f') AND c.relpersistence <> 't'
