// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/freshnesscollector.h"
#include "tests/support/actor.h"
#include "tests/support/testserver.h"
#include "tests/support/watched.h"

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

Collectors freshness(std::shared_ptr<HistoryStore> store)
{
    Collectors collectors;
    collectors.push_back(std::make_unique<FreshnessCollector>(std::move(store)));
    return collectors;
}

std::shared_ptr<HistoryStore> memoryStore()
{
    auto local = LocalStore::inMemory();
    if (!local)
        qFatal("%s", describe(local.error()).constData());
    return std::make_shared<HistoryStore>(*local);
}

const QString v = QStringLiteral("v");

FreshnessStatus statusOf(const Watched &watched, const QString &name)
{
    return freshnessStatus(watched.view(name), watched.snapshot()->takenAt);
}

QByteArray wordsOf(const Watched &watched, const QString &name)
{
    const Refreshable &view = watched.view(name);
    return (toWord(statusOf(watched, name)) + QStringLiteral(", changes %1. ").arg(view.sourceChanges.value_or(-1))
            + view.notJudgedBecause)
        .toUtf8();
}

/// A look as `tidemarkctl freshness` makes it: one tick, with the store of the looks before.
class Look
{
public:
    Look(TestDatabase &database, const std::shared_ptr<HistoryStore> &store)
        : m_watched(database.conn(), freshness(store))
    {
        m_watched.tick();
    }
    [[nodiscard]] FreshnessStatus status(const QString &name = v) const { return statusOf(m_watched, name); }
    [[nodiscard]] QByteArray words(const QString &name = v) const { return wordsOf(m_watched, name); }
    [[nodiscard]] QString note(const QString &name = v) const { return m_watched.view(name).notJudgedBecause; }

private:
    Watched m_watched;
};

/// As psql does it: each line a transaction of its own, and the session tells of all when it ends.
void asPsql(const TestDatabase &database, const QByteArray &lines)
{
    Actor psql(database.open());
    psql.run("SET search_path = public");
    for (const QByteArray &line : lines.split('\n')) {
        if (!line.trimmed().isEmpty())
            psql.run(line);
    }
}

/// A database whose counters are all told, with a look at it in the store.
class Scene
{
public:
    explicit Scene(const QByteArray &setup, const QString &server = QStringLiteral("15"))
        : database(server)
        , store(memoryStore())
    {
        asPsql(database, setup);
        static_cast<void>(Look(database, store));
    }
    [[nodiscard]] Look look() { return Look(database, store); }

    TestDatabase database;
    std::shared_ptr<HistoryStore> store;
};

const QByteArray table = "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 5);";

} // namespace

/// A view is never called fresh when it is not, however often and by whom it is looked at; a quiet one is called fresh.
class TstFreshnessTruth : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aQuietViewIsFreshAtTheFirstLookAfterItsRefresh();
    void whatChangedBetweenTwoLooksIsNotCalledFresh_data();
    void whatChangedBetweenTwoLooksIsNotCalledFresh();
    void whatIsCommittedDuringARefreshIsNotCalledFresh_data();
    void whatIsCommittedDuringARefreshIsNotCalledFresh();
    void aSnapshotOfLongBeforeTheRefreshIsNotCalledFresh();
    void rowsAfterARefreshToNoRowsAreNotCalledFresh();
    void ofTwoRefreshesTheOrderTells_data();
    void ofTwoRefreshesTheOrderTells();
    void aLookBesideAWatchTurnsNothingFresh();
    void aViewWithoutOneContentIsNotJudgedAtTheFirstLook_data();
    void aViewWithoutOneContentIsNotJudgedAtTheFirstLook();
    void aRenamedLabelOfAnEnumIsNamed();
    void aChildThatLeavesItsParentIsNamed();
};

void TstFreshnessTruth::aQuietViewIsFreshAtTheFirstLookAfterItsRefresh()
{
    Scene scene(table + "CREATE MATERIALIZED VIEW v AS SELECT a FROM t");
    asPsql(scene.database, "REFRESH MATERIALIZED VIEW v");
    for (int look = 0; look < 3; ++look) {
        const Look now(scene.database, scene.store);
        QVERIFY2(now.status() == FreshnessStatus::Fresh, now.words());
    }
    Watched watched(scene.database.conn(), freshness(scene.store));
    watched.tick();
    QVERIFY2(statusOf(watched, v) == FreshnessStatus::Fresh, wordsOf(watched, v));
    asPsql(scene.database, "REFRESH MATERIALIZED VIEW v");
    QVERIFY(watched.tickUntil([&] { return statusOf(watched, v) == FreshnessStatus::Fresh; }, 2s));
    // What comes once the counters have settled is news for certain.
    QTest::qSleep(12'500);
    watched.tick(2);
    QVERIFY2(statusOf(watched, v) == FreshnessStatus::Fresh, wordsOf(watched, v));
    asPsql(scene.database, "INSERT INTO t VALUES (6)");
    QVERIFY(watched.tickUntil([&] { return statusOf(watched, v) == FreshnessStatus::Stale; }, 2s));
    QCOMPARE(watched.view(v).sourceChanges, 1);
    QVERIFY2(watched.view(v).notJudgedBecause.isEmpty(), wordsOf(watched, v));
}

void TstFreshnessTruth::whatChangedBetweenTwoLooksIsNotCalledFresh_data()
{
    QTest::addColumn<QByteArray>("lines");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *what, const char *lines, const char *says) {
        QTest::newRow(what) << QByteArray(lines) << QString::fromLatin1(says);
    };
    const char *around = "rows changed around its refresh";
    row("an insert after the refresh", "REFRESH MATERIALIZED VIEW v\nINSERT INTO t VALUES (6)", around);
    row("an insert before and after",
        "INSERT INTO t VALUES (6)\nREFRESH MATERIALIZED VIEW v\nDELETE FROM t WHERE a = 1", around);
    row("in the transaction of the refresh", "BEGIN; REFRESH MATERIALIZED VIEW v; INSERT INTO t VALUES (6); COMMIT",
        around);
    row("truncated in the transaction of the refresh", "BEGIN; REFRESH MATERIALIZED VIEW v; TRUNCATE t; COMMIT",
        "public.t was truncated");
    row("truncated after the refresh", "REFRESH MATERIALIZED VIEW v\nTRUNCATE t", "public.t was truncated");
    row("a filled partition is attached",
        "REFRESH MATERIALIZED VIEW w\nALTER TABLE p ATTACH PARTITION filled FOR VALUES IN (3)", "");
    row("a partition is made and filled",
        "REFRESH MATERIALIZED VIEW w\nCREATE TABLE p4 PARTITION OF p FOR VALUES IN (4)\nINSERT INTO p VALUES (4)",
        around);
    row("a partition is detached", "REFRESH MATERIALIZED VIEW w\nALTER TABLE p DETACH PARTITION p1",
        "partitions of public.p were");
    row("a partition is truncated", "REFRESH MATERIALIZED VIEW w\nTRUNCATE p1", "partitions of public.p were");
    row("a view made between, and an insert",
        "CREATE MATERIALIZED VIEW later AS SELECT a FROM t\nINSERT INTO t VALUES (6)",
        "changes are counted only since");
}

void TstFreshnessTruth::whatChangedBetweenTwoLooksIsNotCalledFresh()
{
    QFETCH(const QByteArray, lines);
    QFETCH(const QString, says);
    Scene scene(table
                + "CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"
                  "CREATE TABLE filled (a int); INSERT INTO filled VALUES (3); INSERT INTO p VALUES (1);"
                  "CREATE MATERIALIZED VIEW v AS SELECT a FROM t; CREATE MATERIALIZED VIEW w AS SELECT a FROM p");
    asPsql(scene.database, lines);
    const QString name = lines.contains("later")    ? QStringLiteral("later")
                         : lines.contains("VIEW w") ? QStringLiteral("w")
                                                    : v;
    for (int look = 0; look < 3; ++look) {
        const Look now(scene.database, scene.store);
        QVERIFY2(now.status(name) == FreshnessStatus::Unknown || now.status(name) == FreshnessStatus::Stale,
                 now.words(name));
        QVERIFY2(now.note(name).contains(says), now.words(name));
    }
}

void TstFreshnessTruth::whatIsCommittedDuringARefreshIsNotCalledFresh_data()
{
    QTest::addColumn<QByteArray>("refresh");
    QTest::addColumn<bool>("isWatched");
    QTest::addColumn<bool>("isLookedAtMeanwhile");
    for (const bool isWatched : {true, false}) {
        for (const bool isLookedAt : {true, false}) {
            const QByteArray how = QByteArray(isWatched ? ", watched" : "")
                                   + (isLookedAt ? ", looked at meanwhile" : "");
            QTest::newRow("plain" + how) << QByteArray("REFRESH MATERIALIZED VIEW public.v") << isWatched << isLookedAt;
            QTest::newRow("concurrently" + how)
                << QByteArray("REFRESH MATERIALIZED VIEW CONCURRENTLY public.v") << isWatched << isLookedAt;
        }
    }
}

void TstFreshnessTruth::whatIsCommittedDuringARefreshIsNotCalledFresh()
{
    QFETCH(const QByteArray, refresh);
    QFETCH(const bool, isWatched);
    QFETCH(const bool, isLookedAtMeanwhile);
    Scene scene(table
                + "CREATE TABLE gate (a int); CREATE MATERIALIZED VIEW v AS SELECT a FROM t UNION SELECT a FROM gate;"
                  "CREATE UNIQUE INDEX ON v (a)");
    std::optional<Watched> watched;
    if (isWatched) {
        watched.emplace(scene.database.conn(), freshness(scene.store));
        watched->tick(3);
    }
    // The refresh has its snapshot, and waits until the gate is open.
    Actor gate(scene.database.open());
    gate.run("BEGIN; LOCK TABLE public.gate IN ACCESS EXCLUSIVE MODE");
    Actor refresher(scene.database.open());
    refresher.start(refresh);
    QTest::qSleep(300);
    if (isWatched && isLookedAtMeanwhile)
        watched->tick(2);
    asPsql(scene.database, "INSERT INTO t VALUES (6)");
    if (isLookedAtMeanwhile)
        static_cast<void>(Look(scene.database, scene.store));
    if (isWatched)
        watched->tick(2); // the run is seen, and the row counted, for the first time
    gate.run("ROLLBACK");
    QVERIFY_RESULT(refresher.finish());
    QCOMPARE(scene.database.value("SELECT count(*) FROM v"), QStringLiteral("5"));

    if (isWatched) {
        QVERIFY(!watched->tickUntil([&] { return statusOf(*watched, v) == FreshnessStatus::Fresh; }, 14s));
        QVERIFY2(watched->view(v).notJudgedBecause.contains(QLatin1String("rows changed around its refresh")),
                 wordsOf(*watched, v));
    }
    for (int look = 0; look < 2; ++look) {
        const Look now(scene.database, scene.store);
        QVERIFY2(now.status() != FreshnessStatus::Fresh, now.words());
    }
}

void TstFreshnessTruth::aSnapshotOfLongBeforeTheRefreshIsNotCalledFresh()
{
    Scene scene(table + "CREATE MATERIALIZED VIEW v AS SELECT a FROM t");
    Watched watched(scene.database.conn(), freshness(scene.store));
    watched.tick(2);
    Actor refresher(scene.database.open());
    refresher.run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
    asPsql(scene.database, "INSERT INTO t VALUES (6)");
    QTest::qSleep(300);
    watched.tick(3);
    refresher.run("REFRESH MATERIALIZED VIEW public.v; COMMIT");
    QCOMPARE(scene.database.value("SELECT count(*) FROM v"), QStringLiteral("5"));
    QVERIFY(!watched.tickUntil([&] { return statusOf(watched, v) == FreshnessStatus::Fresh; }, 14s));
}

void TstFreshnessTruth::rowsAfterARefreshToNoRowsAreNotCalledFresh()
{
    Scene scene(
        table
        + "CREATE MATERIALIZED VIEW v AS SELECT a FROM t; CREATE MATERIALIZED VIEW none AS SELECT a FROM t WHERE a > 1000");
    const QString none = QStringLiteral("none");
    Watched watched(scene.database.conn(), freshness(scene.store));
    watched.tick(2);
    asPsql(scene.database, "TRUNCATE t");
    QTest::qSleep(300);
    watched.tick(2);
    asPsql(scene.database, "REFRESH MATERIALIZED VIEW v\nREFRESH MATERIALIZED VIEW none");
    watched.tick(2);
    QTest::qSleep(3'000);
    asPsql(scene.database, "INSERT INTO t VALUES (2000)");
    QTest::qSleep(300);
    watched.tick();
    QVERIFY(!watched.tickUntil(
        [&] {
            return statusOf(watched, v) == FreshnessStatus::Fresh || statusOf(watched, none) == FreshnessStatus::Fresh;
        },
        14s));
}

void TstFreshnessTruth::ofTwoRefreshesTheOrderTells_data()
{
    QTest::addColumn<QByteArray>("lines");
    QTest::addColumn<bool>("isFresh");
    const QByteArray first = "REFRESH MATERIALIZED VIEW v";
    const QByteArray second = "REFRESH MATERIALIZED VIEW m2";
    QTest::newRow("in order") << first + "\n" + second << true;
    QTest::newRow("reversed") << second + "\n" + first << false;
    QTest::newRow("in order in one transaction") << "BEGIN; " + first + ";" + second + "; COMMIT" << true;
    QTest::newRow("reversed in one transaction") << "BEGIN; " + second + ";" + first + "; COMMIT" << false;
    QTest::newRow("reversed in one transaction, then rewritten")
        << "BEGIN; " + second + ";" + first + "; COMMIT\nVACUUM FULL m2" << false;
    QTest::newRow("reversed, then rewritten") << second + "\n" + first + "\nVACUUM FULL m2" << false;
    QTest::newRow("in order, and once more below") << first + "\n" + second + "\n" + first << false;
}

void TstFreshnessTruth::ofTwoRefreshesTheOrderTells()
{
    QFETCH(const QByteArray, lines);
    QFETCH(const bool, isFresh);
    const QString m2 = QStringLiteral("m2");
    Scene scene(table
                + "CREATE MATERIALIZED VIEW v AS SELECT a FROM t; CREATE MATERIALIZED VIEW m2 AS SELECT a FROM v");
    asPsql(scene.database, "INSERT INTO t VALUES (6)");
    const Look meanwhile(scene.database, scene.store);
    Watched watched(scene.database.conn(), freshness(memoryStore()));
    watched.tick(2);
    asPsql(scene.database, lines);
    QTest::qSleep(300);
    for (int look = 0; look < 2; ++look) {
        const Look now(scene.database, scene.store);
        QVERIFY2((now.status(m2) == FreshnessStatus::Fresh) == isFresh, now.words(m2));
        watched.tick(2);
        QVERIFY2((statusOf(watched, m2) == FreshnessStatus::Fresh) == isFresh, wordsOf(watched, m2));
    }
}

void TstFreshnessTruth::aLookBesideAWatchTurnsNothingFresh()
{
    Scene scene(table + "CREATE MATERIALIZED VIEW v AS SELECT a FROM t");
    Watched watched(scene.database.conn(), freshness(scene.store));
    watched.tick(2);
    for (int round = 0; round < 3; ++round) {
        asPsql(scene.database, round == 1
                                   ? "INSERT INTO t VALUES (7)\nREFRESH MATERIALIZED VIEW v\nINSERT INTO t VALUES (6)"
                                   : "REFRESH MATERIALIZED VIEW v\nINSERT INTO t VALUES (6)");
        QTest::qSleep(300);
        for (int look = 0; look < 3; ++look) {
            const Look now(scene.database, scene.store);
            QVERIFY2(now.status() != FreshnessStatus::Fresh, now.words());
            watched.tick(2);
            QVERIFY2(statusOf(watched, v) != FreshnessStatus::Fresh, wordsOf(watched, v));
        }
    }
    QTest::qSleep(13'000);
    watched.tick(2);
    QVERIFY2(statusOf(watched, v) != FreshnessStatus::Fresh, wordsOf(watched, v));
    const Look last(scene.database, scene.store);
    QVERIFY2(last.status() != FreshnessStatus::Fresh, last.words());
}

void TstFreshnessTruth::aViewWithoutOneContentIsNotJudgedAtTheFirstLook_data()
{
    QTest::addColumn<QByteArray>("definition");
    QTest::addColumn<QString>("says");
    QTest::newRow("a sample") << QByteArray("SELECT a FROM t TABLESAMPLE BERNOULLI (10)")
                              << QStringLiteral("TABLESAMPLE");
    QTest::newRow("random") << QByteArray("SELECT a, random() AS r FROM t") << QStringLiteral("random()");
    QTest::newRow("now") << QByteArray("SELECT a, now() AS n FROM t") << QStringLiteral("now()");
    QTest::newRow("a clock") << QByteArray("SELECT a, clock_timestamp() AS n FROM t")
                             << QStringLiteral("clock_timestamp()");
    QTest::newRow("below a view") << QByteArray("SELECT a FROM sampled") << QStringLiteral("TABLESAMPLE");
}

void TstFreshnessTruth::aViewWithoutOneContentIsNotJudgedAtTheFirstLook()
{
    QFETCH(const QByteArray, definition);
    QFETCH(const QString, says);
    TestDatabase database;
    asPsql(database, table
                         + "CREATE VIEW sampled AS SELECT a FROM t TABLESAMPLE SYSTEM (50);"
                           "CREATE MATERIALIZED VIEW v AS "
                         + definition);
    const auto store = memoryStore();
    for (int look = 0; look < 2; ++look) {
        const Look now(database, store);
        QVERIFY2(now.status() == FreshnessStatus::Unknown, now.words());
        QVERIFY2(now.note().contains(says), now.words());
        asPsql(database, "REFRESH MATERIALIZED VIEW v");
    }
}

void TstFreshnessTruth::aRenamedLabelOfAnEnumIsNamed()
{
    Scene scene("CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE TABLE e (m mood); INSERT INTO e VALUES ('glad');"
                "CREATE TABLE t (a int); CREATE MATERIALIZED VIEW v AS SELECT m::text AS m FROM e;"
                "CREATE MATERIALIZED VIEW w AS SELECT a FROM t");
    asPsql(scene.database, "REFRESH MATERIALIZED VIEW v\nREFRESH MATERIALIZED VIEW w");
    QVERIFY2(scene.look().status() == FreshnessStatus::Fresh, scene.look().words());
    asPsql(scene.database, "ALTER TYPE mood RENAME VALUE 'glad' TO 'happy'");
    QTest::qSleep(300);
    const Look now(scene.database, scene.store);
    QVERIFY2(now.status() == FreshnessStatus::Unknown && now.note().contains(QLatin1String("labels of enum types")),
             now.words());
    QVERIFY2(now.status(QStringLiteral("w")) == FreshnessStatus::Fresh, now.words(QStringLiteral("w")));
}

void TstFreshnessTruth::aChildThatLeavesItsParentIsNamed()
{
    Scene scene("CREATE TABLE parent (a int); CREATE TABLE child () INHERITS (parent); INSERT INTO child VALUES (1);"
                "CREATE MATERIALIZED VIEW v AS SELECT a FROM parent");
    Watched watched(scene.database.conn(), freshness(scene.store));
    watched.tick(2);
    asPsql(scene.database, "REFRESH MATERIALIZED VIEW v");
    QVERIFY(watched.tickUntil([&] { return statusOf(watched, v) == FreshnessStatus::Fresh; }, 2s));
    asPsql(scene.database, "ALTER TABLE child NO INHERIT parent");
    QVERIFY(watched.tickUntil(
        [&] { return watched.view(v).notJudgedBecause.contains(QLatin1String("partitions of public.parent")); }, 3s));
    QVERIFY(statusOf(watched, v) != FreshnessStatus::Fresh);
}

QTEST_GUILESS_MAIN(TstFreshnessTruth)
#include "tst_freshnesstruth.moc"
