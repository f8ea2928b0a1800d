// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/stagebench.h"

#include <QCoreApplication>
#include <QProcess>

// A whole staged migration under steady writers against what else does the like, in one run on one server: pg_repack of the same
// table into the same shape, pgslice's documented fill in batches of 10,000, and one statement that copies with the indexes
// built after it. Then the swap with a reader of 10 s in the way, and a table attached without a copy. Each figure stands
// beside its peer's and its mark; the program ends with 1 when one is missed.
//
// bench_stage [rows of plays, 5000000] [rows of the attached table, 2000000]

using namespace tidemark;
using namespace tidemark::bench;
using namespace tidemark::test;

namespace {

constexpr qint64 batchRows = 10'000;

void plainCopy(StageBench &bench)
{
    bench.exec("CREATE TABLE plain (LIKE plays); INSERT INTO plain SELECT * FROM plays");
    bench.exec(
        "ALTER TABLE plain ADD PRIMARY KEY (id); CREATE INDEX ON plain (user_id); CREATE INDEX ON plain (played_at)");
}

void repack(StageBench &bench)
{
    const pg::ConnInfo conn = bench.database().conn();
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(QStringLiteral("/usr/lib/postgresql/15/bin/pg_repack"),
                  {QStringLiteral("-h"), conn.value(QStringLiteral("host")), QStringLiteral("-p"),
                   conn.value(QStringLiteral("port")), QStringLiteral("-U"), QStringLiteral("postgres"),
                   QStringLiteral("-d"), bench.database().name(), QStringLiteral("-t"), QStringLiteral("public.plays"),
                   QStringLiteral("--no-order"), QStringLiteral("-j"), QStringLiteral("2"), QStringLiteral("-E"),
                   QStringLiteral("WARNING")});
    if (!process.waitForFinished(-1) || process.exitCode() != 0)
        qFatal("pg_repack did not end well");
}

/// As pgslice makes it: partitions with their keys and indexes first, then ranges of ids, each committed by itself.
void sliceFill(StageBench &bench)
{
    bench.exec(
        "CREATE TABLE plays_intermediate (LIKE plays INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE "
        "INCLUDING COMMENTS) PARTITION BY RANGE (played_at);"
        "CREATE INDEX ON plays_intermediate (user_id); CREATE INDEX ON plays_intermediate (played_at);"
        "DO $$ DECLARE month timestamptz := date_trunc('month', now() - interval '13 months'); BEGIN FOR i IN 0..16 LOOP "
        "EXECUTE format('CREATE TABLE plays_slice_%s PARTITION OF plays_intermediate FOR VALUES FROM (%L) TO (%L)', i, "
        "month + i * interval '1 month', month + (i + 1) * interval '1 month');"
        "EXECUTE format('ALTER TABLE plays_slice_%s ADD PRIMARY KEY (id)', i); END LOOP; END $$");
    const qint64 last = must(bench.session().exec("SELECT max(id) FROM public.plays")).int64(0, 0);
    pg::CallOptions call;
    call.deadline = std::chrono::hours(1);
    for (qint64 id = 0; id < last; id += batchRows)
        must(
            bench.session().exec("INSERT INTO public.plays_intermediate (id, user_id, track, played_at, seconds, note) "
                                 "SELECT id, user_id, track, played_at, seconds, note FROM public.plays "
                                 "WHERE id > $1 AND id <= $1 + 10000",
                                 {id}, call));
}

void attach(StageBench &bench, qint64 rows)
{
    bench.exec(
        "CREATE TABLE attached (id bigint, played_at timestamptz NOT NULL, user_id int, note text);"
        "INSERT INTO attached SELECT g, now() - g * interval '1 second', g % 50000, 'note ' || g FROM generate_series(1, "
        + QByteArray::number(rows)
        + ") AS g; ALTER TABLE attached ADD PRIMARY KEY (id, played_at); CREATE INDEX attached_user ON attached (user_id);"
          "CREATE INDEX attached_at ON attached (played_at)");
    bench.exec("VACUUM (ANALYZE) attached");
    QElapsedTimer counting;
    counting.start();
    must(bench.session().exec("SELECT count(*) FROM public.attached"));
    const double counted = double(counting.nsecsElapsed()) / 1e9;
    StageRun run(bench.database());
    run.create({{QStringLiteral("table"), QStringLiteral("attached")},
                {QStringLiteral("strategy"), QStringLiteral("attach")},
                {QStringLiteral("by"), QStringLiteral("played_at")}},
               RunSettings().toJson());
    Driving driving(bench.database(), run.id());
    bench.waitFor(run, driving, QStringLiteral("swap"));
    must(run.ask(QStringLiteral("proceed")));
    bench.waitFor(run, driving, QStringLiteral("retire"));
    const auto steps = bench.session().exec(
        "SELECT extract(epoch FROM sum(finished_at - started_at))::float8, "
        "extract(epoch FROM sum(finished_at - started_at) FILTER (WHERE name = 'prove'))::float8 "
        "FROM tidemark.run_step WHERE run = $1 AND state = 'done'",
        {run.id()});
    must(steps);
    bench.print(QString());
    bench.printSteps(run);
    bench.judge(QStringLiteral("attach %1 rows, all steps").arg(units::count(rows)), steps->real(0, 0), 0.2,
                QStringLiteral("s"),
                QStringLiteral("proving the bounds %1 s, count(*) %2 s")
                    .arg(steps->real(0, 1), 0, 'f', 2)
                    .arg(counted, 0, 'f', 2));
    bench.judge(QStringLiteral("attach, exclusive lock"), bench.heldMillis(run, QStringLiteral("swap")), 10,
                QStringLiteral("ms"));
    must(run.ask(QStringLiteral("proceed")));
    if (const auto ended = driving.get(); !ended || ended->end != RunEnd::Succeeded)
        qFatal("%s", qPrintable(run.whatHappened()));
}

int compare(qint64 rows, qint64 attachedRows)
{
    StageBench bench(QStringLiteral("15"));
    bench.makePlays(rows, "id");
    bench.startWriters(rows);
    const Cost plain = bench.costOf([&] { plainCopy(bench); });
    bench.print(QStringLiteral("one statement, then its indexes"), plain);
    bench.exec("DROP TABLE plain; CREATE EXTENSION pg_repack");
    const Cost repacked = bench.costOf([&] { repack(bench); });
    bench.print(QStringLiteral("pg_repack, same shape, two jobs"), repacked);
    bench.exec("DROP EXTENSION pg_repack CASCADE");
    bench.exec("VACUUM (ANALYZE) plays");
    const Cost sliced = bench.costOf([&] { sliceFill(bench); });
    bench.print(QStringLiteral("pgslice's fill, its documented statements"), sliced);
    bench.exec("DROP TABLE plays_intermediate");

    StageRun run(bench.database());
    run.create({{QStringLiteral("table"), QStringLiteral("plays")},
                {QStringLiteral("by"), QStringLiteral("played_at")},
                {QStringLiteral("every"), QStringLiteral("1 month")}},
               RunSettings().toJson());
    std::unique_ptr<Driving> driving;
    const Cost whole = bench.migrate(run, driving);
    bench.print(QStringLiteral("tidemark, all of it: indexes, proof and swap"), whole);
    bench.printSteps(run);
    const Millis back = bench.swapBackBesideReader(run, *driving);
    bench.print(QString());
    bench.judge(QStringLiteral("time against pg_repack"), whole.seconds / repacked.seconds, 1.0, QStringLiteral("x"));
    bench.judge(QStringLiteral("time against pgslice's fill"), whole.seconds / sliced.seconds, 0.45,
                QStringLiteral("x"));
    bench.judge(QStringLiteral("WAL against one statement and its indexes"), whole.walBytes / plain.walBytes, 1.2,
                QStringLiteral("x"));
    bench.judge(QStringLiteral("longest writer in the swap"), double(whole.stall.count()), 60, QStringLiteral("ms"),
                QStringLiteral("pg_repack's %1").arg(units::duration(repacked.stall)));
    bench.judge(QStringLiteral("longest writer in the swap beside the reader"), double(back.count()), 60,
                QStringLiteral("ms"));
    bench.stopWriters();
    attach(bench, attachedRows);
    return bench.isMissed() ? 1 : 0;
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    return compare(numberArgument(app.arguments(), 1, 5'000'000), numberArgument(app.arguments(), 2, 2'000'000));
}
