// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/actor.h"
#include "tests/support/cluster.h"

#include <QThread>

#include <algorithm>
#include <memory>
#include <vector>

/// The servers that benchmarks watch. What goes wrong ends the program.
namespace tidemark::bench {

using test::Actor;
using test::Cluster;
using test::writable;

constexpr int holders = 100;
constexpr int locksOfAHolder = 800;
constexpr int waiters = 100;
constexpr int writers = 150;

template<typename T>
const T &must(const Result<T> &result)
{
    if (!result)
        qFatal("%s", qUtf8Printable(result.error().summary()));
    return *result;
}

inline void must(const Status &status)
{
    if (!status)
        qFatal("%s", qUtf8Printable(status.error().summary()));
}

inline pg::Session open(const Cluster &cluster)
{
    auto session = pg::Session::open(cluster.connInfo(), writable());
    must(session);
    return std::move(*session);
}

inline pg::ResultSet run(pg::Session &session, const QByteArray &sql)
{
    pg::CallOptions call;
    call.deadline = Millis(600'000);
    auto result = session.execScript(sql, call);
    if (!result)
        qFatal("%s", qUtf8Printable(result.error().summary()));
    return std::move(*result);
}

/// 10,000 partitions of one table and 1,000 materialized views, or as many as asked for.
inline void makeLargeDatabase(pg::Session &session, int partitions, int views)
{
    run(session,
        "SET search_path = public; SET timezone = 'UTC'; CREATE TABLE event (id bigint, at timestamptz NOT NULL, reading int) PARTITION BY RANGE (at);"
        "CREATE INDEX ON event (at); CREATE TABLE source (id int PRIMARY KEY, grp int, value numeric);"
        "INSERT INTO source SELECT i, i % 100, i FROM generate_series(1, 10000) i");
    for (int from = 0; from < partitions; from += 500) {
        run(session,
            QStringLiteral("DO $$ BEGIN FOR i IN %1..%2 LOOP EXECUTE format('CREATE TABLE event_%s PARTITION OF event "
                           "FOR VALUES FROM (%L) TO (%L)', i, timestamptz '2000-01-01Z' + i * interval '1 day', "
                           "timestamptz '2000-01-01Z' + (i + 1) * interval '1 day'); END LOOP; END $$")
                .arg(from)
                .arg(std::min(from + 500, partitions) - 1)
                .toUtf8());
    }
    for (int from = 1; from <= views; from += 100) {
        run(session,
            QStringLiteral(
                "DO $$ BEGIN FOR i IN %1..%2 LOOP EXECUTE format('CREATE MATERIALIZED VIEW view_%s AS SELECT grp, "
                "sum(value) AS total FROM %s WHERE %s GROUP BY grp', i, CASE WHEN mod(i, 50) = 0 THEN 'event, source' ELSE "
                "'source' END, CASE WHEN mod(i, 50) = 0 THEN 'false' ELSE format('mod(id, 1000) < %s', i) END); "
                "EXECUTE format('CREATE UNIQUE INDEX ON view_%s (grp)', i); END LOOP; END $$")
                .arg(from)
                .arg(std::min(from + 99, views))
                .toUtf8());
    }
    run(session, "ANALYZE");
}

/// Sessions that hold and wait, for as long as it lives.
class Contention
{
public:
    /// The 80,000 locks, and a queue of readers behind one that wants the table alone.
    void queueForATable(const Cluster &cluster)
    {
        Actor &root = add(cluster);
        root.run("CREATE TABLE public.hot (id int)");
        root.run("BEGIN; SELECT * FROM public.hot");
        for (int holder = 0; holder < holders; ++holder) {
            add(cluster).run(
                QStringLiteral("BEGIN; SELECT count(pg_advisory_xact_lock(%1, g)) FROM generate_series(1, %2) AS g")
                    .arg(holder)
                    .arg(locksOfAHolder)
                    .toUtf8());
        }
        add(cluster).start("BEGIN; LOCK TABLE public.hot IN ACCESS EXCLUSIVE MODE");
        QThread::msleep(300); // so that it is the first of the queue
        for (int reader = 1; reader < waiters; ++reader)
            add(cluster).start("SELECT * FROM public.hot");
    }

    void queueForARow(const Cluster &cluster)
    {
        Actor &root = add(cluster);
        root.run("CREATE TABLE public.counter AS SELECT 1 AS n");
        root.run("BEGIN; UPDATE public.counter SET n = 2");
        for (int writer = 0; writer < writers; ++writer)
            add(cluster).start("UPDATE public.counter SET n = n + 1");
    }

private:
    Actor &add(const Cluster &cluster)
    {
        m_actors.push_back(std::make_unique<Actor>(open(cluster)));
        return *m_actors.back();
    }

    std::vector<std::unique_ptr<Actor>> m_actors;
};

inline void waitForQueue(pg::Session &session, int length)
{
    for (int attempt = 0; attempt < 300; ++attempt) {
        const auto rows = session.exec(
            "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE wait_event_type = 'Lock'");
        if (must(rows).int32(0, 0) == length)
            return;
        QThread::msleep(100);
    }
    qFatal("the waiters do not wait");
}

} // namespace tidemark::bench
