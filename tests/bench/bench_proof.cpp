// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/capture/contentproof.h"
#include "tests/support/capturescene.h"
#include "tests/support/testserver.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTextStream>

#include <algorithm>

// What proving costs: the content of two tables of two million rows each, the target in monthly partitions, against
// count(*) of both in the same run, by one session and by two. No parallel workers, as a busy server would have none to
// spare. Medians.

using namespace tidemark;
using namespace tidemark::test;

namespace {

constexpr int runs = 5;

template<typename T>
const T &must(const Result<T> &result)
{
    if (!result)
        qFatal("%s", describe(result.error()).constData());
    return *result;
}

pg::CallOptions patient()
{
    pg::CallOptions call;
    call.deadline = std::chrono::minutes(10);
    return call;
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    QTextStream out(stdout);
    const QString rows = app.arguments().value(1, QStringLiteral("2000000"));
    ClusterOptions options;
    options.settings = {{QStringLiteral("shared_buffers"), QStringLiteral("2GB")},
                        {QStringLiteral("max_wal_size"), QStringLiteral("8GB")}};
    TestCluster cluster(options);
    if (const Status started = cluster.start(); !started)
        qFatal("%s", describe(started.error()).constData());
    TestDatabase database(cluster.connInfo());
    database.exec(
        "CREATE TABLE plays (id bigint PRIMARY KEY, user_id int NOT NULL, track uuid NOT NULL, created_at timestamptz NOT NULL,"
        " duration int, note text);"
        "CREATE TABLE plays_new (LIKE plays) PARTITION BY RANGE (created_at);"
        "DO $$ BEGIN FOR m IN 0..23 LOOP EXECUTE format('CREATE TABLE plays_%s PARTITION OF plays_new FOR VALUES FROM (%L) TO (%L)', m,"
        " timestamptz '2025-01-01Z' + m * interval '1 month', timestamptz '2025-01-01Z' + (m + 1) * interval '1 month'); END LOOP; END $$");
    database.exec(
        "INSERT INTO plays SELECT g, g % 1000, gen_random_uuid(), timestamptz '2025-01-01Z' + g * (interval '700 days' / "
        + rows.toUtf8() + "), g % 300, 'note ' || g FROM generate_series(1, " + rows.toUtf8() + ") AS g");
    database.exec("INSERT INTO plays_new SELECT * FROM plays");
    database.exec("ALTER TABLE plays_new ADD PRIMARY KEY (id, created_at)");
    for (const char *table : {"plays", "plays_new"})
        database.exec(QByteArray("VACUUM (FREEZE, ANALYZE) ") + table);

    CaptureScene scene(database, {QStringLiteral("public"), QStringLiteral("plays")},
                       {QStringLiteral("public"), QStringLiteral("plays_new")});
    scene.install();
    ProofSpec spec;
    spec.capture = scene.capture();
    spec.target = scene.spec().target;
    spec.columns = must(readRowColumns(scene.driver(), spec.capture.source));
    spec.parallelWorkers = 0;
    pg::Session helper = database.open();
    must(scene.driver().exec("SET max_parallel_workers_per_gather = 0"));

    std::vector<double> counting;
    std::vector<double> alone;
    std::vector<double> together;
    for (int run = 0; run <= runs; ++run) {
        QElapsedTimer elapsed;
        elapsed.start();
        must(scene.driver().exec("SELECT count(*) FROM public.plays", {}, patient()));
        must(scene.driver().exec("SELECT count(*) FROM public.plays_new", {}, patient()));
        const double counted = static_cast<double>(elapsed.nsecsElapsed()) / 1e6;
        const auto one = must(ContentProof(spec).run(scene.driver(), nullptr, patient()));
        const auto two = must(ContentProof(spec).run(scene.driver(), &helper, patient()));
        if (!one.isEqual() || !two.isEqual() || one.sourceRows != rows.toLongLong())
            qFatal("the proof is wrong");
        if (run == 0)
            continue; // warms up
        counting.push_back(counted);
        alone.push_back(static_cast<double>(one.scanned.count()) / 1000.0);
        together.push_back(static_cast<double>(two.scanned.count()) / 1000.0);
    }
    const double floor = median(counting);
    const auto print = [&](const char *name, double ms) {
        out << QString::fromLatin1(name).leftJustified(44)
            << QStringLiteral("%1 ms %2 x\n").arg(ms, 9, 'f', 1).arg(ms / floor, 7, 'f', 2);
    };
    out << QStringLiteral("2 x %1 rows, PostgreSQL %2, median of %3 runs\n")
               .arg(rows, scene.driver().parameter("server_version"))
               .arg(runs);
    print("count(*) of both", floor);
    print("proof, one session", median(alone));
    print("proof, two sessions on one snapshot", median(together));

    // With one row in a hundred waiting in the log, and one row wrong.
    database.exec(
        "UPDATE plays SET duration = duration + 1 WHERE id % 100 = 0; UPDATE plays_new SET duration = -1 WHERE id = 77");
    const auto busy = must(ContentProof(spec).run(scene.driver(), &helper, patient()));
    if (busy.mismatched != 1)
        qFatal("the drill-down is wrong");
    print("the same with 1 % of the keys in the log", static_cast<double>(busy.scanned.count()) / 1000.0);
    print("drilling down to one wrong row", static_cast<double>(busy.drilledDown.count()) / 1000.0);
    // 2 x 2 million rows in 1.5 s.
    const double mark = 1500.0 * rows.toDouble() / 2'000'000;
    const bool isReached = median(together) <= mark;
    out << QStringLiteral("mark %1 ms for two sessions: %2\n")
               .arg(mark, 0, 'f', 0)
               .arg(isReached ? QStringLiteral("reached") : QStringLiteral("MISSED"));
    return isReached ? 0 : 1;
}
