// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/freshnesscollector.h"
#include "tests/support/actor.h"
#include "tests/support/testserver.h"
#include "tests/support/watched.h"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

Collectors freshness(std::shared_ptr<HistoryStore> history = nullptr)
{
    Collectors collectors;
    collectors.push_back(std::make_unique<FreshnessCollector>(std::move(history)));
    return collectors;
}

const QString v = QStringLiteral("v");

} // namespace

/// How much changed in what a view reads since it was refreshed, and what the server's counters cannot tell of it.
class TstSourceChanges : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void changesAreCountedThroughViewsPartitionsAndNestedViews();
    void aRefreshStartsTheCountAnew();
    void whatBecameOfPartitionsWhileNobodyWatchedIsNamed_data();
    void whatBecameOfPartitionsWhileNobodyWatchedIsNamed();
    void whatCountersDoNotTellIsNamed_data();
    void whatCountersDoNotTellIsNamed();
};

void TstSourceChanges::changesAreCountedThroughViewsPartitionsAndNestedViews()
{
    TestDatabase database;
    database.exec(
        "CREATE TABLE plain (a int, t text);"
        "CREATE TABLE parted (a int) PARTITION BY RANGE (a);"
        "CREATE TABLE low PARTITION OF parted FOR VALUES FROM (0) TO (100) PARTITION BY LIST (a);"
        "CREATE TABLE low_1 PARTITION OF low FOR VALUES IN (1);"
        "CREATE TABLE high PARTITION OF parted FOR VALUES FROM (100) TO (200);"
        "CREATE TABLE parent (a int); CREATE TABLE child () INHERITS (parent);"
        "CREATE VIEW one AS SELECT a FROM plain; CREATE VIEW two AS SELECT a FROM one;"
        "CREATE MATERIALIZED VIEW nested AS SELECT a FROM two;"
        "CREATE MATERIALIZED VIEW v AS SELECT n.a FROM nested n JOIN parted p USING (a) JOIN parent c USING (a)");
    Watched watched(database.conn(), freshness());
    watched.tick(2);
    const auto changes = [&](const char *name) {
        return watched.view(QString::fromLatin1(name)).sourceChanges.value_or(-1);
    };
    QCOMPARE(changes("v"), 0);
    QCOMPARE(changes("nested"), 0);

    // Every table that v reads, each with a number of rows of its own.
    Actor writer(database.open());
    writer.run("INSERT INTO public.parted SELECT 1 FROM generate_series(1, 3)");
    writer.run("INSERT INTO public.parted SELECT 150 FROM generate_series(1, 10)");
    writer.run("INSERT INTO public.child SELECT 1 FROM generate_series(1, 100)");
    writer.run("INSERT INTO public.parent SELECT 1 FROM generate_series(1, 1000)");
    writer.run("INSERT INTO public.plain SELECT 1 FROM generate_series(1, 10000)");
    QVERIFY(watched.tickUntil([&] { return changes("v") == 1113; }));
    QVERIFY(watched.tickUntil([&] { return changes("nested") == 10000; }));

    // A partition made later counts too, and its rows are news.
    writer.run("CREATE TABLE public.more PARTITION OF public.parted FOR VALUES FROM (200) TO (300)");
    watched.tick(3);
    writer.run("INSERT INTO public.parted SELECT 250 FROM generate_series(1, 7)");
    writer.run("UPDATE public.parted SET a = a WHERE a = 1");
    QVERIFY(watched.tickUntil([&] { return changes("v") == 1113 + 7 + 3; }));

    // Refreshing what it reads changes what it reads.
    writer.run("REFRESH MATERIALIZED VIEW public.nested");
    QVERIFY(watched.tickUntil([&] { return changes("v") == 1123 + 10000 && changes("nested") == 0; }));

    const FreshnessSnapshot &board = *watched.snapshot()->freshness;
    QStringList sources;
    for (const SourceRelation &source : board.sources)
        sources << source.name.name;
    sources.sort();
    QCOMPARE(sources.join(QLatin1Char(' ')), QStringLiteral("nested parent parted plain"));
    QCOMPARE(watched.view(QStringLiteral("nested")).dependents, std::vector<quint32>{watched.view(v).oid});
}

void TstSourceChanges::aRefreshStartsTheCountAnew()
{
    TestDatabase database;
    database.exec("CREATE TABLE source (a int, t text); CREATE MATERIALIZED VIEW v AS SELECT a, t FROM source");
    Watched watched(database.conn(), freshness());
    watched.tick(2);
    QVERIFY(watched.view(v).notJudgedBecause.isEmpty()); // created a moment ago: nothing can have been missed
    // Loaded and refreshed at once, as a nightly job does: statistics of the load come after the refresh.
    for (int night = 0; night < 3; ++night) {
        Actor job(database.open());
        job.run("INSERT INTO public.source SELECT g, 'x' FROM generate_series(1, 500) AS g");
        job.run("REFRESH MATERIALIZED VIEW public.v");
        watched.tick();
        QTest::qSleep(1200);
        watched.tick();
        QVERIFY(watched.tickUntil([&] { return watched.view(v).sourceChanges == 0; }, 3s));
    }
    QTest::qSleep(2000);
    watched.tick();
    database.exec("INSERT INTO source VALUES (1)");
    QVERIFY(watched.tickUntil([&] { return watched.view(v).sourceChanges == 1; }));
    QCOMPARE(freshnessStatus(watched.view(v), watched.snapshot()->takenAt), FreshnessStatus::Stale);
}

void TstSourceChanges::whatBecameOfPartitionsWhileNobodyWatchedIsNamed_data()
{
    QTest::addColumn<QByteArray>("meanwhile");
    QTest::addColumn<bool>("named");
    QTest::newRow("nothing") << QByteArray("SELECT 1") << false;
    QTest::newRow("truncated") << QByteArray("TRUNCATE part_1") << true;
    QTest::newRow("dropped") << QByteArray("DROP TABLE part_1") << true;
    QTest::newRow("one more, empty") << QByteArray("CREATE TABLE part_3 PARTITION OF parted FOR VALUES IN (3)")
                                     << false;
}

void TstSourceChanges::whatBecameOfPartitionsWhileNobodyWatchedIsNamed()
{
    QFETCH(const QByteArray, meanwhile);
    QFETCH(const bool, named);
    TestDatabase database;
    database.exec("CREATE TABLE parted (a int) PARTITION BY LIST (a);"
                  "CREATE TABLE part_1 PARTITION OF parted FOR VALUES IN (1);"
                  "CREATE TABLE part_2 PARTITION OF parted FOR VALUES IN (2); INSERT INTO parted VALUES (1), (2);"
                  "CREATE MATERIALIZED VIEW v AS SELECT a FROM parted");
    const auto history = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
    {
        Watched watched(database.conn(), freshness(history));
        QVERIFY(watched.tickUntil([&] { return watched.view(v).sourceChanges == 0; }));
        QVERIFY2(watched.view(v).notJudgedBecause.isEmpty(), qPrintable(watched.view(v).notJudgedBecause));
        QTest::qSleep(1'600); // what counters tell late belongs to the base
        watched.tick(2);
    }
    database.exec(meanwhile);
    for (int start = 0; start < 2; ++start) { // what is once blind stays so until the next refresh
        Watched watched(database.conn(), freshness(history));
        QVERIFY(watched.tickUntil([&] { return watched.view(v).sourceChanges.has_value(); }));
        watched.tick(3);
        const QString note = watched.view(v).notJudgedBecause;
        QVERIFY2(note.contains(QLatin1String("partitions of public.parted were truncated")) == named, qPrintable(note));
        const FreshnessStatus status = freshnessStatus(watched.view(v), watched.snapshot()->takenAt);
        if (named)
            QVERIFY(status != FreshnessStatus::Fresh);
        else
            QVERIFY2(note.isEmpty() || note.startsWith(QLatin1String("changes are counted only since")),
                     qPrintable(note));
    }
    database.exec("REFRESH MATERIALIZED VIEW v");
    Watched watched(database.conn(), freshness(history));
    QVERIFY(watched.tickUntil([&] { return watched.view(v).notJudgedBecause.isEmpty(); }));
}

void TstSourceChanges::whatCountersDoNotTellIsNamed_data()
{
    QTest::addColumn<QByteArray>("definition");
    QTest::addColumn<QByteArray>("afterwards");
    QTest::addColumn<QString>("says"); // empty: it is judged
    const auto row = [](const char *what, const char *definition, const char *afterwards, const char *says) {
        QTest::newRow(what) << QByteArray(definition) << QByteArray(afterwards) << QString::fromLatin1(says);
    };
    row("nothing special", "SELECT upper(t) AS t FROM source", "SELECT 1", "");
    row("truncated", "SELECT a FROM source", "TRUNCATE source", "public.source was truncated or rewritten");
    row("a truncated partition", "SELECT a FROM parted", "TRUNCATE part_1",
        "a partition of public.parted was truncated");
    row("a dropped partition", "SELECT a FROM parted", "DROP TABLE part_1", "partitions of public.parted were dropped");
    row("a detached partition", "SELECT a FROM parted", "ALTER TABLE parted DETACH PARTITION part_1",
        "partitions of public.parted were dropped or detached");
    row("a foreign table", "SELECT a FROM far", "SELECT 1", "foreign table public.far");
    row("a clock", "SELECT a FROM source WHERE at > now() - interval '1 day'", "SELECT 1", "now()");
    row("a clock in a view between", "SELECT a FROM today", "SELECT 1", "CURRENT_TIMESTAMP");
    row("a volatile function", "SELECT a, random() AS r FROM source", "SELECT 1", "random()");
    row("a function that may read", "SELECT a, total() AS r FROM source", "SELECT 1", "public.total()");
    row("no table at all", "SELECT 1 AS a", "SELECT 1", "names no table");
    row("reset statistics", "SELECT a FROM source", "SELECT pg_stat_reset()", "statistics of");
    row("reset statistics of one table", "SELECT a FROM source",
        "SELECT pg_stat_reset_single_table_counters('source'::regclass)", "statistics of public.source were reset");
}

void TstSourceChanges::whatCountersDoNotTellIsNamed()
{
    QFETCH(const QByteArray, definition);
    QFETCH(const QByteArray, afterwards);
    QFETCH(const QString, says);
    TestDatabase database;
    database.exec(
        "CREATE TABLE source (a int, t text, at timestamptz); INSERT INTO source VALUES (1, 'x', now());"
        "CREATE TABLE parted (a int) PARTITION BY LIST (a); CREATE TABLE part_1 PARTITION OF parted FOR VALUES IN (1);"
        "CREATE TABLE part_2 PARTITION OF parted FOR VALUES IN (2); INSERT INTO parted VALUES (1), (2);"
        "CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER elsewhere FOREIGN DATA WRAPPER nowhere;"
        "CREATE FOREIGN TABLE far (a int) SERVER elsewhere;"
        "CREATE VIEW today AS SELECT a FROM source WHERE at > CURRENT_TIMESTAMP;"
        "CREATE FUNCTION total() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM public.source';");
    const bool populates = !definition.contains("far");
    database.exec("CREATE MATERIALIZED VIEW v AS " + definition + (populates ? "" : " WITH NO DATA"));
    Watched watched(database.conn(), freshness());
    QVERIFY(watched.tickUntil(
        [&] { return watched.view(v).sourceChanges || !watched.view(v).notJudgedBecause.isEmpty(); }));
    {
        Actor writer(database.open()); // reports its counters at its end at the latest
        writer.run("INSERT INTO public.source VALUES (2); INSERT INTO public.parted VALUES (1)");
    }
    const bool counts = definition.contains("source") || definition.contains("parted") || definition.contains("today");
    QVERIFY(!counts || watched.tickUntil([&] { return watched.view(v).sourceChanges.value_or(0) > 0; }));
    database.exec(afterwards);
    const auto told = [&] {
        const QString &note = watched.view(v).notJudgedBecause;
        return says.isEmpty() ? note.isEmpty() : note.contains(says);
    };
    QVERIFY2(watched.tickUntil(told, 5s), qPrintable(watched.view(v).notJudgedBecause));
}

QTEST_GUILESS_MAIN(TstSourceChanges)
#include "tst_sourcechanges.moc"
