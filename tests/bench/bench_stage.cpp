// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/units.h"
#include "core/plan/run.h"
#include "tests/bench/pacedwriters.h"
#include "tests/support/actor.h"
#include "tests/support/stagerun.h"
#include "tests/support/testserver.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QProcess>
#include <QTextStream>

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

constexpr int transactionsPerSecond = 300;
constexpr int clients = 6;
constexpr qint64 batchRows = 10'000;

/// What something took, its writers' own WAL not counted.
struct Cost
{
    double seconds = 0;
    double walBytes = 0;
    Millis stall{0}; ///< the longest that any writer's statement took meanwhile
};

class Bench
{
public:
    Bench(qint64 rows, qint64 attachedRows)
        : m_rows(rows)
        , m_attachedRows(attachedRows)
        , m_out(stdout)
    {
    }
    int run();

private:
    void prepare();
    void print(const QString &line) { m_out << line << Qt::endl; }
    /// One figure against its mark, and against a peer of the same run where there is one.
    void judge(const QString &what, double value, double mark, const QString &unit, const QString &peer = {});
    void exec(const QByteArray &sql);
    qint64 wal();
    template<typename Work>
    Cost costOf(Work &&work);
    void print(const QString &what, const Cost &cost);

    void plainCopy();
    void repack();
    void sliceFill();
    /// Leaves the run waiting with the old table kept in step; the stall is that of the swap alone.
    Cost migrate(StageRun &run, Driving &driving);
    Cost swapBackBesideReader(StageRun &run, Driving &driving);
    void attach();
    void printSteps(StageRun &run);
    double heldMillis(StageRun &run, const QString &step);

    qint64 m_rows;
    qint64 m_attachedRows;
    QTextStream m_out;
    std::unique_ptr<TestCluster> m_cluster;
    std::unique_ptr<TestDatabase> m_database;
    std::optional<pg::Session> m_session;
    std::unique_ptr<PacedWriters> m_writers;
    double m_writersWal = 0; ///< bytes a second, of nobody but them
    bool m_isMissed = false;
};

void Bench::judge(const QString &what, double value, double mark, const QString &unit, const QString &peer)
{
    const bool isReached = value <= mark;
    m_isMissed = m_isMissed || !isReached;
    print(QStringLiteral("%1 %2 %3  mark %4  %5%6")
              .arg(what.leftJustified(52))
              .arg(value, 8, 'f', 2)
              .arg(unit.leftJustified(2))
              .arg(mark, 6, 'f', 2)
              .arg(isReached ? QStringLiteral("reached") : QStringLiteral("MISSED"),
                   peer.isEmpty() ? QString() : QStringLiteral("  (%1)").arg(peer)));
}

void Bench::print(const QString &what, const Cost &cost)
{
    print(QStringLiteral("%1 %2 s  WAL %3  longest writer %4")
              .arg(what.leftJustified(52))
              .arg(cost.seconds, 8, 'f', 2)
              .arg(units::bytes(qint64(cost.walBytes)), 9)
              .arg(units::duration(cost.stall)));
}

void Bench::exec(const QByteArray &sql)
{
    pg::CallOptions call;
    call.deadline = std::chrono::hours(2);
    must(m_session->execScript(sql, call));
}

qint64 Bench::wal()
{
    return must(m_session->exec("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::int8")).int64(0, 0);
}

template<typename Work>
Cost Bench::costOf(Work &&work)
{
    exec("CHECKPOINT"); // each begins with the same full-page images ahead of it
    Cost cost;
    m_writers->reset();
    const qint64 before = wal();
    QElapsedTimer elapsed;
    elapsed.start();
    work();
    cost.seconds = double(elapsed.nsecsElapsed()) / 1e9;
    cost.walBytes = double(wal() - before) - m_writersWal * cost.seconds;
    cost.stall = m_writers->longest();
    return cost;
}

void Bench::prepare()
{
    ClusterOptions options;
    options.settings = {{QStringLiteral("shared_buffers"), QStringLiteral("1GB")},
                        {QStringLiteral("max_wal_size"), QStringLiteral("16GB")},
                        {QStringLiteral("checkpoint_timeout"), QStringLiteral("1h")},
                        {QStringLiteral("maintenance_work_mem"), QStringLiteral("256MB")},
                        {QStringLiteral("fsync"), QStringLiteral("on")},
                        {QStringLiteral("synchronous_commit"), QStringLiteral("on")}};
    m_cluster = std::make_unique<TestCluster>(options);
    must(m_cluster->start());
    m_database = std::make_unique<TestDatabase>(m_cluster->connInfo());
    m_session = m_database->open();
    exec("SET search_path = public");
    exec("CREATE TABLE plays (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, user_id int NOT NULL, "
         "track uuid NOT NULL, played_at timestamptz NOT NULL DEFAULT now(), seconds int NOT NULL, note text);"
         "INSERT INTO plays (user_id, track, played_at, seconds, note) SELECT g % 50000, gen_random_uuid(), "
         "now() - interval '1 year' + g * (interval '1 year' / "
         + QByteArray::number(m_rows) + "), g % 300, 'note ' || g FROM generate_series(1, " + QByteArray::number(m_rows)
         + ") AS g; CREATE INDEX plays_user ON plays (user_id); CREATE INDEX plays_at ON plays (played_at)");
    exec("VACUUM (ANALYZE) plays");
    m_writers = std::make_unique<PacedWriters>(*m_database, clients, transactionsPerSecond, m_rows);
    QThread::sleep(2);
    m_writers->reset();
    const qint64 before = wal();
    QThread::sleep(5);
    m_writersWal = double(wal() - before) / 5;
    print(QStringLiteral("PostgreSQL %1, %2 rows, %3, two secondary indexes; writers alone: %4/s, WAL %5/s, longest %6")
              .arg(m_session->parameter("server_version"), units::count(m_rows),
                   units::bytes(must(m_session->exec("SELECT pg_total_relation_size('public.plays')")).int64(0, 0)))
              .arg(m_writers->perSecond(), 0, 'f', 0)
              .arg(units::bytes(qint64(m_writersWal)), units::duration(m_writers->longest())));
}

void Bench::plainCopy()
{
    exec("CREATE TABLE plain (LIKE plays); INSERT INTO plain SELECT * FROM plays");
    exec("ALTER TABLE plain ADD PRIMARY KEY (id); CREATE INDEX ON plain (user_id); CREATE INDEX ON plain (played_at)");
}

void Bench::repack()
{
    const pg::ConnInfo conn = m_database->conn();
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(QStringLiteral("/usr/lib/postgresql/15/bin/pg_repack"),
                  {QStringLiteral("-h"), conn.value(QStringLiteral("host")), QStringLiteral("-p"),
                   conn.value(QStringLiteral("port")), QStringLiteral("-U"), QStringLiteral("postgres"),
                   QStringLiteral("-d"), m_database->name(), QStringLiteral("-t"), QStringLiteral("public.plays"),
                   QStringLiteral("--no-order"), QStringLiteral("-j"), QStringLiteral("2"), QStringLiteral("-E"),
                   QStringLiteral("WARNING")});
    if (!process.waitForFinished(-1) || process.exitCode() != 0)
        qFatal("pg_repack did not end well");
}

void Bench::sliceFill()
{
    // As pgslice makes it: partitions with their keys and indexes first, then ranges of ids, each committed by itself.
    exec(
        "CREATE TABLE plays_intermediate (LIKE plays INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE "
        "INCLUDING COMMENTS) PARTITION BY RANGE (played_at);"
        "CREATE INDEX ON plays_intermediate (user_id); CREATE INDEX ON plays_intermediate (played_at);"
        "DO $$ DECLARE month timestamptz := date_trunc('month', now() - interval '13 months'); BEGIN FOR i IN 0..16 LOOP "
        "EXECUTE format('CREATE TABLE plays_slice_%s PARTITION OF plays_intermediate FOR VALUES FROM (%L) TO (%L)', i, "
        "month + i * interval '1 month', month + (i + 1) * interval '1 month');"
        "EXECUTE format('ALTER TABLE plays_slice_%s ADD PRIMARY KEY (id)', i); END LOOP; END $$");
    const qint64 last = must(m_session->exec("SELECT max(id) FROM public.plays")).int64(0, 0);
    pg::CallOptions call;
    call.deadline = std::chrono::hours(1);
    for (qint64 id = 0; id < last; id += batchRows)
        must(m_session->exec("INSERT INTO public.plays_intermediate (id, user_id, track, played_at, seconds, note) "
                             "SELECT id, user_id, track, played_at, seconds, note FROM public.plays "
                             "WHERE id > $1 AND id <= $1 + 10000",
                             {id}, call));
}

void waitFor(StageRun &run, Driving &driving, const QString &step)
{
    while (!run.waitsAt(step)) {
        if (driving.hasEnded())
            qFatal("%s", qPrintable(run.whatHappened()));
        QThread::msleep(20);
    }
}

Cost Bench::migrate(StageRun &run, Driving &driving)
{
    QElapsedTimer elapsed;
    elapsed.start();
    waitFor(run, driving, QStringLiteral("swap"));
    Cost swap;
    swap.seconds = double(elapsed.nsecsElapsed()) / 1e9;
    print(QStringLiteral("%1 %2").arg(QStringLiteral("  longest writer before the swap").leftJustified(52),
                                      units::duration(m_writers->longest())));
    m_writers->reset();
    must(run.ask(QStringLiteral("proceed")));
    waitFor(run, driving, QStringLiteral("retire"));
    swap.stall = m_writers->longest();
    // How long the run waited for the word is not its time.
    const auto rest = m_session->exec("SELECT extract(epoch FROM max(finished_at) - min(started_at))::float8 "
                                      "FROM tidemark.run_step AS s WHERE run = $1 AND state = 'done' AND ordinal >= "
                                      "(SELECT ordinal FROM tidemark.run_step WHERE run = $1 AND name = 'swap')",
                                      {run.id()});
    must(rest);
    swap.seconds += rest->real(0, 0);
    return swap;
}

Cost Bench::swapBackBesideReader(StageRun &run, Driving &driving)
{
    Actor reader(m_database->open());
    reader.start("BEGIN; SELECT id FROM public.plays LIMIT 1; SELECT pg_sleep(10); COMMIT");
    QThread::msleep(500);
    m_writers->reset();
    must(run.ask(QStringLiteral("undo")));
    Cost swap;
    const auto isUndone = [&] {
        const auto rows = m_session->exec(
            "SELECT state = 'undone' FROM tidemark.run_step WHERE run = $1 AND name = 'swap'", {run.id()});
        must(rows);
        return rows->boolean(0, 0);
    };
    while (!isUndone() && !driving.hasEnded())
        QThread::msleep(5);
    swap.stall = m_writers->longest();
    m_writers->reset();
    const auto ended = driving.get();
    if (!ended || ended->end != RunEnd::Undone)
        qFatal("%s", qPrintable(run.whatHappened()));
    must(reader.finish());
    print(QStringLiteral("%1 %2").arg(QStringLiteral("  longest writer while the rest is undone").leftJustified(52),
                                      units::duration(m_writers->longest())));
    return swap;
}

void Bench::printSteps(StageRun &run)
{
    const auto steps = m_session->exec(
        "SELECT name, extract(epoch FROM finished_at - started_at)::float8 FROM tidemark.run_step WHERE run = $1 AND "
        "state = 'done' AND finished_at - started_at > interval '5 ms' ORDER BY ordinal",
        {run.id()});
    must(steps);
    for (int row = 0; row < steps->rowCount(); ++row)
        print(
            QStringLiteral("  %1 %2 s").arg(steps->text(row, 0).leftJustified(50)).arg(steps->real(row, 1), 8, 'f', 3));
}

double Bench::heldMillis(StageRun &run, const QString &step)
{
    const auto rows = m_session->exec("SELECT (outcome ->> 'held_ms')::float8 FROM tidemark.run_step "
                                      "WHERE run = $1 AND name = $2",
                                      {run.id(), step});
    must(rows);
    return rows->real(0, 0);
}

void Bench::attach()
{
    exec(
        "CREATE TABLE attached (id bigint, played_at timestamptz NOT NULL, user_id int, note text);"
        "INSERT INTO attached SELECT g, now() - g * interval '1 second', g % 50000, 'note ' || g FROM generate_series(1, "
        + QByteArray::number(m_attachedRows)
        + ") AS g; ALTER TABLE attached ADD PRIMARY KEY (id, played_at); CREATE INDEX attached_user ON attached (user_id);"
          "CREATE INDEX attached_at ON attached (played_at)");
    exec("VACUUM (ANALYZE) attached");
    QElapsedTimer counting;
    counting.start();
    must(m_session->exec("SELECT count(*) FROM public.attached"));
    const double counted = double(counting.nsecsElapsed()) / 1e9;
    StageRun run(*m_database);
    run.create({{QStringLiteral("table"), QStringLiteral("attached")},
                {QStringLiteral("strategy"), QStringLiteral("attach")},
                {QStringLiteral("by"), QStringLiteral("played_at")}},
               RunSettings().toJson());
    Driving driving(*m_database, run.id());
    waitFor(run, driving, QStringLiteral("swap"));
    must(run.ask(QStringLiteral("proceed")));
    waitFor(run, driving, QStringLiteral("retire"));
    const auto steps = m_session->exec(
        "SELECT extract(epoch FROM sum(finished_at - started_at) FILTER (WHERE name <> 'prove'))::float8, "
        "extract(epoch FROM sum(finished_at - started_at) FILTER (WHERE name = 'prove'))::float8 "
        "FROM tidemark.run_step WHERE run = $1 AND state = 'done'",
        {run.id()});
    must(steps);
    print(QString());
    printSteps(run);
    judge(QStringLiteral("attach %1 rows, but for proving their bounds").arg(units::count(m_attachedRows)),
          steps->real(0, 0), 0.2, QStringLiteral("s"),
          QStringLiteral("proving %1 s, count(*) %2 s").arg(steps->real(0, 1), 0, 'f', 2).arg(counted, 0, 'f', 2));
    judge(QStringLiteral("attach, exclusive lock"), heldMillis(run, QStringLiteral("swap")), 10, QStringLiteral("ms"));
    must(run.ask(QStringLiteral("proceed")));
    if (const auto ended = driving.get(); !ended || ended->end != RunEnd::Succeeded)
        qFatal("%s", qPrintable(run.whatHappened()));
}

int Bench::run()
{
    prepare();
    const Cost plain = costOf([this] { plainCopy(); });
    print(QStringLiteral("one statement, then its indexes"), plain);
    exec("DROP TABLE plain; CREATE EXTENSION pg_repack");
    const Cost repacked = costOf([this] { repack(); });
    print(QStringLiteral("pg_repack, same shape, two jobs"), repacked);
    exec("DROP EXTENSION pg_repack CASCADE");
    exec("VACUUM (ANALYZE) plays");
    const Cost sliced = costOf([this] { sliceFill(); });
    print(QStringLiteral("pgslice's fill, its documented statements"), sliced);
    exec("DROP TABLE plays_intermediate");

    StageRun run(*m_database);
    run.create({{QStringLiteral("table"), QStringLiteral("plays")},
                {QStringLiteral("by"), QStringLiteral("played_at")},
                {QStringLiteral("every"), QStringLiteral("1 month")}},
               RunSettings().toJson());
    Cost swap;
    std::unique_ptr<Driving> driving;
    Cost whole = costOf([&] {
        driving = std::make_unique<Driving>(*m_database, run.id());
        swap = migrate(run, *driving);
    });
    whole.seconds = swap.seconds;
    whole.stall = swap.stall;
    print(QStringLiteral("tidemark, all of it: indexes, proof and swap"), whole);
    printSteps(run);
    const Cost back = swapBackBesideReader(run, *driving);
    print(QString());
    judge(QStringLiteral("time against pg_repack"), whole.seconds / repacked.seconds, 1.0, QStringLiteral("x"));
    judge(QStringLiteral("time against pgslice's fill"), whole.seconds / sliced.seconds, 0.45, QStringLiteral("x"));
    judge(QStringLiteral("WAL against one statement and its indexes"), whole.walBytes / plain.walBytes, 1.2,
          QStringLiteral("x"));
    judge(QStringLiteral("longest writer in the swap"), double(swap.stall.count()), 60, QStringLiteral("ms"),
          QStringLiteral("pg_repack's %1").arg(units::duration(repacked.stall)));
    judge(QStringLiteral("longest writer in the swap beside the reader"), double(back.stall.count()), 60,
          QStringLiteral("ms"));
    m_writers.reset();
    attach();
    return m_isMissed ? 1 : 0;
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    const auto number = [&](int index, qint64 otherwise) {
        bool isNumber = false;
        const qint64 given = app.arguments().value(index).toLongLong(&isNumber);
        return isNumber ? given : otherwise;
    };
    return Bench(number(1, 5'000'000), number(2, 2'000'000)).run();
}
