// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/stagebench.h"

#include <QCoreApplication>

// A staged migration into a hypertable under steady writers, against create_hypertable(migrate_data => true) of a table with
// the same rows and indexes in the same run. TimescaleDB's own way locks its table for all of its time, so the writers of that
// turn write to the other table: both have the same load beside them. Ends with 1 when a figure misses its mark.
//
// bench_hypertable [rows, 5000000]

using namespace tidemark;
using namespace tidemark::bench;
using namespace tidemark::test;

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    const qint64 rows = numberArgument(app.arguments(), 1, 5'000'000);
    const QString server = QStringLiteral("timescale");
    if (QString why; !isAvailable(server, &why)) {
        QTextStream(stdout) << "not compared with TimescaleDB: " << why << Qt::endl;
        return 1;
    }
    StageBench bench(server);
    bench.exec("CREATE EXTENSION timescaledb");
    bench.makePlays(rows, "id, played_at");
    bench.exec("CREATE TABLE peer (LIKE plays INCLUDING ALL); INSERT INTO peer SELECT * FROM plays");
    bench.exec("VACUUM (ANALYZE) peer");
    bench.startWriters(rows);
    const Cost peer = bench.costOf([&] {
        bench.exec("SELECT create_hypertable('peer', 'played_at', chunk_time_interval => interval '30 days', "
                   "create_default_indexes => false, migrate_data => true)");
    });
    bench.print(QStringLiteral("create_hypertable(migrate_data), its table locked"), peer);
    bench.exec("DROP TABLE peer");

    StageRun run(bench.database());
    run.create({{QStringLiteral("table"), QStringLiteral("plays")},
                {QStringLiteral("shape"), QStringLiteral("hypertable")},
                {QStringLiteral("by"), QStringLiteral("played_at")},
                {QStringLiteral("every"), QStringLiteral("30 days")}},
               RunSettings().toJson());
    std::unique_ptr<Driving> driving;
    const Cost whole = bench.migrate(run, driving);
    bench.print(QStringLiteral("tidemark, all of it: indexes, proof and swap"), whole);
    bench.printSteps(run);
    const Millis back = bench.swapBackBesideReader(run, *driving);
    bench.print(QString());
    bench.judge(QStringLiteral("time against create_hypertable"), whole.seconds / peer.seconds, 1.0,
                QStringLiteral("x"));
    bench.judge(QStringLiteral("WAL against create_hypertable"), whole.walBytes / peer.walBytes, 1.2,
                QStringLiteral("x"));
    bench.judge(QStringLiteral("longest writer in the swap"), double(whole.stall.count()), 60, QStringLiteral("ms"),
                QStringLiteral("create_hypertable's table is locked for %1 s").arg(peer.seconds, 0, 'f', 1));
    bench.judge(QStringLiteral("longest writer in the swap beside the reader"), double(back.count()), 60,
                QStringLiteral("ms"));
    bench.stopWriters();
    return bench.isMissed() ? 1 : 0;
}
