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

/// Refreshed while watched, with nothing that the server still has to tell of: from here on it is judged.
void refreshWhileWatched(TestDatabase &database, Watched &watched)
{
    watched.tick(2);
    database.exec("SELECT pg_stat_force_next_flush()");
    watched.tick(2);
    database.exec("REFRESH MATERIALIZED VIEW v");
    QVERIFY(watched.tickUntil([&] { return watched.view(v).notJudgedBecause.isEmpty(); }, 3s));
    QCOMPARE(watched.view(v).sourceChanges, 0);
}

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
    void whatARuleWritesIsNotRead();
    void whatWasNotCountedBeforeTheFirstLookIsNotJudged();
    void whatIsNoRefreshKeepsTheJudgement_data();
    void whatIsNoRefreshKeepsTheJudgement();
    void aViewDefinedAnewIsNamedUntilTheNextRefresh();
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
    // Loaded and refreshed at once, as a nightly job does: statistics of the load come after the refresh. Whether the
    // refresh saw them cannot be told, but that they are news cannot be said either.
    for (int night = 0; night < 3; ++night) {
        Actor job(database.open());
        job.run("INSERT INTO public.source SELECT g, 'x' FROM generate_series(1, 500) AS g");
        job.run("REFRESH MATERIALIZED VIEW public.v");
        watched.tick();
        QTest::qSleep(1200);
        watched.tick();
        QVERIFY(watched.tickUntil([&] { return watched.view(v).sourceChanges == 0; }, 3s));
    }
    database.exec("REFRESH MATERIALIZED VIEW v");
    QVERIFY(watched.tickUntil([&] { return watched.view(v).sourceChanges == 0; }, 3s));
    QTest::qSleep(12'500); // what is counted until then may be of before the refresh
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
        refreshWhileWatched(database, watched);
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
    row("an attached partition that was filled before", "SELECT a FROM parted",
        "SELECT pg_stat_reset_single_table_counters('filled'::regclass);"
        "ALTER TABLE parted ATTACH PARTITION filled FOR VALUES IN (3)",
        "partition with rows was attached to public.parted");
    row("a new partition, empty", "SELECT a FROM parted", "CREATE TABLE part_3 PARTITION OF parted FOR VALUES IN (3)",
        "");
    row("a view between, defined anew", "SELECT a FROM between_1",
        "CREATE OR REPLACE VIEW between_1 AS SELECT a FROM parted", "the definition of public.between_1 changed");
    row("a view below a view, defined anew", "SELECT a FROM between_2",
        "CREATE OR REPLACE VIEW between_1 AS SELECT a + 1 AS a FROM source",
        "the definition of public.between_1 changed");
    row("a view between, granted", "SELECT a FROM between_1", "GRANT SELECT ON between_1 TO PUBLIC", "");
    row("an emptied nested view", "SELECT a FROM nested", "DELETE FROM source; REFRESH MATERIALIZED VIEW nested",
        "public.nested was rewritten, or refreshed to no rows");
    row("a foreign table", "SELECT a FROM far", "SELECT 1", "foreign table public.far");
    row("a clock", "SELECT a FROM source WHERE at > now() - interval '1 day'", "SELECT 1", "now()");
    row("a clock in a view between", "SELECT a FROM today", "SELECT 1", "CURRENT_TIMESTAMP");
    row("a volatile function", "SELECT a, random() AS r FROM source", "SELECT 1", "random()");
    row("a function that may read", "SELECT a, total() AS r FROM source", "SELECT 1", "public.total()");
    row("a pivot that reads what its text names",
        "SELECT s.a, c.x FROM source AS s, crosstab('SELECT a, t, a FROM public.parted_text') AS c(r int, x int)",
        "SELECT 1", "crosstab(text)");
    row("an age", "SELECT a, age(at) AS old FROM source", "SELECT 1", "it ages by itself");
    row("a catalogue beside a table", "SELECT a, (SELECT count(*) FROM pg_catalog.pg_class) AS n FROM source",
        "SELECT 1", "it reads pg_class");
    row("a view of the information schema", "SELECT a FROM source, information_schema.tables AS t", "SELECT 1",
        "information_schema.tables");
    row("a sequence", "SELECT a, (SELECT last_value FROM counter) AS n FROM source", "SELECT 1", "public.counter");
    row("a function that is what it was", "SELECT net(a) AS n FROM source",
        "CREATE FUNCTION other(int) RETURNS int LANGUAGE sql AS 'SELECT 1'", "");
    row("a function defined anew", "SELECT net(a) AS n FROM source",
        "CREATE OR REPLACE FUNCTION net(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 3';"
        "SELECT pg_stat_force_next_flush()",
        "functions were defined anew");
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
        "CREATE FUNCTION total() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM public.source';"
        "CREATE EXTENSION tablefunc; CREATE TABLE parted_text (a int, t text); INSERT INTO parted_text VALUES (1, 'x');"
        "CREATE SEQUENCE counter;"
        "CREATE FUNCTION net(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';"
        "CREATE TABLE filled (a int);"
        "CREATE VIEW between_1 AS SELECT a FROM source; CREATE VIEW between_2 AS SELECT a FROM between_1;"
        "CREATE MATERIALIZED VIEW nested AS SELECT a FROM source;");
    {
        Actor filler(database.open());
        filler.run("INSERT INTO public.filled VALUES (3)");
        filler.run("ANALYZE public.filled");
    }
    const bool populates = !definition.contains("far");
    database.exec("CREATE MATERIALIZED VIEW v AS " + definition + (populates ? "" : " WITH NO DATA"));
    Watched watched(database.conn(), freshness());
    QVERIFY(watched.tickUntil(
        [&] { return watched.view(v).sourceChanges || !watched.view(v).notJudgedBecause.isEmpty(); }));
    {
        Actor writer(database.open()); // reports its counters at its end at the latest
        writer.run("INSERT INTO public.source VALUES (2); INSERT INTO public.parted VALUES (1)");
    }
    const bool counts = definition.contains("source") || definition.contains("parted") || definition.contains("today")
                        || definition.contains("between");
    QVERIFY(!counts || watched.tickUntil([&] { return watched.view(v).sourceChanges.value_or(0) > 0; }));
    database.exec(afterwards);
    const auto told = [&] {
        const QString &note = watched.view(v).notJudgedBecause;
        // It was not refreshed under our eyes; what else there were to say would be said first.
        const bool isNothing = note.isEmpty() || note.startsWith(QLatin1String("changes are counted only since"));
        return says.isEmpty() ? !isNothing : note.contains(says);
    };
    QVERIFY2(watched.tickUntil(told, says.isEmpty() ? 1500ms : 5s) != says.isEmpty(),
             qPrintable(watched.view(v).notJudgedBecause));
    if (!says.isEmpty())
        QVERIFY(freshnessStatus(watched.view(v), watched.snapshot()->takenAt) != FreshnessStatus::Fresh);
}

void TstSourceChanges::whatARuleWritesIsNotRead()
{
    TestDatabase database;
    database.exec("CREATE TABLE read (a int); CREATE TABLE written (a int);"
                  "CREATE RULE elsewhere AS ON INSERT TO read DO INSTEAD INSERT INTO written VALUES (new.a);"
                  "CREATE VIEW between AS SELECT a FROM read;"
                  "CREATE RULE through AS ON INSERT TO between DO INSTEAD INSERT INTO written VALUES (new.a);"
                  "CREATE MATERIALIZED VIEW v AS SELECT a FROM between");
    Watched watched(database.conn(), freshness());
    watched.tick(2);
    Actor(database.open()).run("INSERT INTO public.between VALUES (1)");
    Actor(database.open()).run("UPDATE public.written SET a = 2");
    QVERIFY(!watched.tickUntil([&] { return watched.view(v).sourceChanges != 0; }, 1500ms));
    for (const SourceRelation &source : watched.snapshot()->freshness->sources)
        QCOMPARE(source.name.name, QStringLiteral("read"));
}

void TstSourceChanges::whatWasNotCountedBeforeTheFirstLookIsNotJudged()
{
    TestDatabase database;
    database.exec("CREATE TABLE source (a int, t text); CREATE MATERIALIZED VIEW v AS SELECT a, t FROM source");
    database.exec("REFRESH MATERIALIZED VIEW v");
    Actor(database.open()).run("INSERT INTO public.source VALUES (1)");
    QTest::qSleep(2'200); // over a poll period
    Watched watched(database.conn(), freshness());
    watched.tick(3);
    const Refreshable &view = watched.view(v);
    QCOMPARE(view.lastRefresh.confidence, Confidence::Commit);
    QVERIFY2(view.notJudgedBecause.startsWith(QLatin1String("changes are counted only since")),
             qPrintable(view.notJudgedBecause));
    QCOMPARE(freshnessStatus(view, watched.snapshot()->takenAt), FreshnessStatus::Unknown);
    database.exec("REFRESH MATERIALIZED VIEW v");
    QVERIFY(watched.tickUntil([&] { return watched.view(v).notJudgedBecause.isEmpty(); }));
    QCOMPARE(freshnessStatus(watched.view(v), watched.snapshot()->takenAt), FreshnessStatus::Fresh);
}

void TstSourceChanges::whatIsNoRefreshKeepsTheJudgement_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::newRow("grant") << QByteArray("GRANT SELECT ON v TO PUBLIC");
    QTest::newRow("alter") << QByteArray("ALTER MATERIALIZED VIEW v SET (fillfactor = 90)");
    QTest::newRow("owner") << QByteArray("ALTER MATERIALIZED VIEW v OWNER TO pg_monitor");
}

void TstSourceChanges::whatIsNoRefreshKeepsTheJudgement()
{
    QFETCH(const QByteArray, sql);
    TestDatabase database;
    database.exec("CREATE TABLE source (a int, t text); CREATE MATERIALIZED VIEW v AS SELECT a, t FROM source");
    const auto history = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
    Watched watched(database.conn(), freshness(history));
    refreshWhileWatched(database, watched);
    const LastRefresh before = watched.view(v).lastRefresh;
    QTest::qSleep(2'200); // over a poll period
    database.exec(sql);
    watched.tick(5);
    QCOMPARE(watched.view(v).lastRefresh, before);
    QVERIFY2(watched.view(v).notJudgedBecause.isEmpty(), qPrintable(watched.view(v).notJudgedBecause));
    QCOMPARE(freshnessStatus(watched.view(v), watched.snapshot()->takenAt), FreshnessStatus::Fresh);
}

void TstSourceChanges::aViewDefinedAnewIsNamedUntilTheNextRefresh()
{
    TestDatabase database;
    database.exec("CREATE TABLE t1 (a int, t text); CREATE TABLE t2 (a int, t text);"
                  "CREATE VIEW between AS SELECT a, t FROM t1; CREATE MATERIALIZED VIEW v AS SELECT a, t FROM between");
    const auto history = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
    {
        Watched watched(database.conn(), freshness(history));
        refreshWhileWatched(database, watched);
    }
    database.exec("CREATE OR REPLACE VIEW between AS SELECT a, t FROM t2");
    const auto named = [&](const Watched &watched) {
        return watched.view(v).notJudgedBecause.contains(QLatin1String("the definition of public.between changed"));
    };
    for (int start = 0; start < 2; ++start) {
        Watched watched(database.conn(), freshness(history));
        QVERIFY(watched.tickUntil([&] { return watched.view(v).sourceChanges.has_value(); }));
        watched.tick(2);
        QVERIFY2(named(watched), qPrintable(watched.view(v).notJudgedBecause));
        QVERIFY(freshnessStatus(watched.view(v), watched.snapshot()->takenAt) != FreshnessStatus::Fresh);
    }

    Watched watched(database.conn(), freshness(history));
    watched.tick(2);
    // As a deployment does it: both before the next poll, in one transaction or in two. What it reads now was not counted
    // before, so that only the refresh after that can be judged.
    for (const char *table : {"t1", "t2"}) {
        const bool together = QByteArray(table) == "t1";
        const QByteArray define = "CREATE OR REPLACE VIEW between AS SELECT a, t FROM " + QByteArray(table);
        if (!together)
            database.exec(define);
        database.exec(together ? define + "; REFRESH MATERIALIZED VIEW v" : QByteArray("REFRESH MATERIALIZED VIEW v"));
        watched.tick(3);
        QVERIFY(!watched.view(v).notJudgedBecause.isEmpty());
        QVERIFY(freshnessStatus(watched.view(v), watched.snapshot()->takenAt) != FreshnessStatus::Fresh);
        refreshWhileWatched(database, watched);
        QTest::qSleep(12'500); // what is counted until then may be of before the refresh
        watched.tick(3);
        QVERIFY2(watched.view(v).notJudgedBecause.isEmpty(), qPrintable(watched.view(v).notJudgedBecause));
        QCOMPARE(watched.view(v).sourceChanges, 0);
        Actor(database.open()).run("INSERT INTO public." + QByteArray(table) + " VALUES (1)");
        QVERIFY(watched.tickUntil([&] { return watched.view(v).sourceChanges == 1; }, 3s));
        QVERIFY2(watched.view(v).notJudgedBecause.isEmpty(), qPrintable(watched.view(v).notJudgedBecause));
    }
    // In the same poll too, but after it.
    database.exec("REFRESH MATERIALIZED VIEW v");
    database.exec("CREATE OR REPLACE VIEW between AS SELECT a, t FROM t1");
    QVERIFY(watched.tickUntil([&] { return named(watched); }, 3s));
}

QTEST_GUILESS_MAIN(TstSourceChanges)
#include "tst_sourcechanges.moc"
