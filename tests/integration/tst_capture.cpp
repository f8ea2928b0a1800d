// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/capture/capturesql.h"
#include "core/pg/transaction.h"
#include "tests/support/actor.h"
#include "tests/support/capturescene.h"
#include "tests/support/testserver.h"

using namespace tidemark;
using namespace tidemark::test;
using pg::QualifiedName;

namespace {

const QualifiedName plays{QStringLiteral("public"), QStringLiteral("plays")};
const QualifiedName copyOfPlays{QStringLiteral("public"), QStringLiteral("plays_new")};

} // namespace

/// What other tools lose, what no writer may notice, and what is refused. Random schedules are in tst_captureschedules.
class TstCapture : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
    }

    void init() { m_scene = std::make_unique<CaptureScene>(*m_database, plays, copyOfPlays); }

    void cleanup()
    {
        m_scene.reset();
        m_database->exec("DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS tidemark CASCADE; CREATE SCHEMA public");
    }

    void cleanupTestCase() { m_database.reset(); }

    // What pg-osc loses (its compaction of NULLs, its one batch at the swap, its WHERE on the new key).

    void aColumnSetToNullStaysNull()
    {
        stage("c text DEFAULT 'given'");
        m_database->exec("UPDATE plays SET c = NULL WHERE id % 2 = 0; INSERT INTO plays VALUES (5000, NULL)");
        QCOMPARE(m_scene->differenceAfterDrain(), QString());
    }

    void allFiveThousandRowsOfOneTransactionArriveBeforeTheSwap()
    {
        stage("c text");
        m_database->exec(
            "UPDATE plays SET c = 'late'; INSERT INTO plays SELECT g, 'later' FROM generate_series(5001, 9000) AS g");
        QCOMPARE(m_scene->differenceAfterDrain(), QString());
        QCOMPARE(m_database->value("SELECT count(*) FROM plays_new WHERE c LIKE 'late%'"), QStringLiteral("5000"));
    }

    void aChangedKeyLeavesNoRowUnderItsOldOne()
    {
        stage("c text");
        m_database->exec("UPDATE plays SET id = id + 100000 WHERE id <= 500; UPDATE plays SET id = -id WHERE id > 900");
        QCOMPARE(m_scene->differenceAfterDrain(), QString());
    }

    void aKeyOfTwoColumnsIsOneKey()
    {
        m_database->exec("CREATE TABLE plays (a int, b text, c int, PRIMARY KEY (a, b));"
                         "INSERT INTO plays SELECT g % 3, 'b' || g, g FROM generate_series(1, 300) AS g;"
                         "CREATE TABLE plays_new (LIKE plays)");
        follow("ALTER TABLE plays_new ADD PRIMARY KEY (a, b)");
        m_database->exec(
            "DELETE FROM plays WHERE a = 1 AND b = 'b1'; UPDATE plays SET c = -c WHERE a = 2 AND b LIKE 'b1%'");
        QCOMPARE(m_scene->differenceAfterDrain(), QString());
    }

    void aHandfulOfKeysReadsNoPartitionWhole()
    {
        m_database->exec(
            "CREATE TABLE plays (id bigint, at timestamptz, n int, PRIMARY KEY (id, at));"
            "INSERT INTO plays SELECT g, timestamptz '2026-01-01Z' + g * interval '8 minutes', 0 FROM generate_series(1, 60000) AS g;"
            "CREATE TABLE plays_new (LIKE plays, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);"
            "DO $$ BEGIN FOR m IN 1..12 LOOP EXECUTE format('CREATE TABLE plays_%s PARTITION OF plays_new FOR VALUES FROM (%L) "
            "TO (%L)', m, make_timestamptz(2026, m, 1, 0, 0, 0), make_timestamptz(2026, m, 1, 0, 0, 0) + interval '1 month'); "
            "END LOOP; END $$");
        m_scene->install();
        m_database->exec("INSERT INTO plays_new SELECT * FROM plays; ANALYZE plays; ANALYZE plays_new");
        const auto scans = [&] {
            m_scene->run({QStringLiteral("SELECT pg_catalog.pg_stat_force_next_flush()")});
            return m_database->value("SELECT sum(seq_scan) FROM pg_stat_user_tables WHERE relname ~ '^plays_[0-9]'");
        };
        m_database->exec("SELECT pg_stat_force_next_flush()");
        const QString before = scans();
        m_database->exec("UPDATE plays SET n = n + 1 WHERE id IN (7, 1111, 22222, 33333, 55555)");
        m_scene->reconcileAll(20'000);
        QCOMPARE(scans(), before);
        QCOMPARE(m_scene->differenceAfterDrain(), QString());
    }

    // What pgslice loses: whatever is no INSERT.

    void aThousandUpdatesAndFiveHundredDeletesDuringTheCopyAreKept()
    {
        m_database->exec("CREATE TABLE plays (id bigint PRIMARY KEY, c text);"
                         "INSERT INTO plays SELECT g, repeat('x', 100) FROM generate_series(1, 3000) AS g;"
                         "CREATE TABLE plays_new (LIKE plays)");
        m_scene->install();
        const qint64 pages = m_scene->pages();
        for (qint64 page = 0; page < pages; ++page) {
            QVERIFY_RESULT(m_scene->driver().exec(m_scene->copyPages(page, page + 1)));
            m_database->exec(QStringLiteral("UPDATE plays SET c = 'changed' WHERE id % %1 = %2 AND id <= 1000;"
                                            "DELETE FROM plays WHERE id % %1 = %2 AND id > 2500")
                                 .arg(pages)
                                 .arg(page)
                                 .toUtf8());
        }
        m_scene->purge();
        m_database->exec("ALTER TABLE plays_new ADD PRIMARY KEY (id)");
        m_scene->reconcileAll();
        QCOMPARE(m_scene->difference(), QString());
        QCOMPARE(m_database->value("SELECT count(*) || ' ' || count(*) FILTER (WHERE c = 'changed') FROM plays_new"),
                 QStringLiteral("2500 1000"));
    }

    // The race in which a backfill reads old rows while their change is under way (migration.md 2.9).

    void theCopyOfARowWhoseChangeIsUncommittedIsCorrectedByThatChange()
    {
        m_database->exec("CREATE TABLE plays (id bigint PRIMARY KEY, c text);"
                         "INSERT INTO plays SELECT g, 'old' FROM generate_series(1, 5) AS g;"
                         "CREATE TABLE plays_new (LIKE plays)");
        m_scene->install();
        Actor writer(m_database->open());
        writer.run("BEGIN; UPDATE public.plays SET c = 'new' WHERE id = 1; DELETE FROM public.plays WHERE id = 2;"
                   "UPDATE public.plays SET id = 103 WHERE id = 3");
        m_scene->copy();
        m_scene->purge();
        m_database->exec("ALTER TABLE plays_new ADD PRIMARY KEY (id)");
        m_scene->reconcileAll();
        writer.run("COMMIT");
        m_scene->reconcileAll();
        QCOMPARE(m_scene->difference(), QString());
    }

    void aWriterWithAnOldSnapshotIsCapturedLikeAnyOther()
    {
        m_database->exec("CREATE TABLE plays (id bigint PRIMARY KEY, c text); CREATE TABLE plays_new (LIKE plays)");
        Actor old(m_database->open());
        old.run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
        m_scene->install();
        m_scene->purge();
        m_database->exec("ALTER TABLE plays_new ADD PRIMARY KEY (id); INSERT INTO plays VALUES (1, 'one')");
        m_scene->reconcileAll();
        old.run("INSERT INTO public.plays VALUES (2, 'two'); COMMIT");
        m_scene->reconcileAll();
        QCOMPARE(m_scene->difference(), QString());
    }

    void aRowThatMovedBetweenPagesIsNotCopiedTwice()
    {
        m_database->exec("CREATE TABLE plays (id bigint PRIMARY KEY, c text);"
                         "INSERT INTO plays SELECT g, repeat('x', 500) FROM generate_series(1, 60) AS g;"
                         "CREATE TABLE plays_new (LIKE plays)");
        m_scene->install();
        const qint64 pages = m_scene->pages();
        QVERIFY(pages > 2);
        m_database->exec("DELETE FROM plays WHERE id > 50");
        m_database->exec("VACUUM (TRUNCATE false) plays");
        QVERIFY_RESULT(m_scene->driver().exec(m_scene->copyPages(0, 1)));
        m_database->exec("UPDATE plays SET c = repeat('y', 500) WHERE id < 10"); // to the freed space at the end
        QVERIFY_RESULT(m_scene->driver().exec(m_scene->copyPages(1, pages)));
        QVERIFY(m_database->value("SELECT count(*) - count(DISTINCT id) FROM plays_new").toInt() > 0);
        m_scene->purge();
        m_database->exec("ALTER TABLE plays_new ADD PRIMARY KEY (id)");
        m_scene->reconcileAll();
        QCOMPARE(m_scene->difference(), QString());
    }

    // TRUNCATE.

    void truncateDuringTheCopyLeavesNothingOfBefore()
    {
        m_database->exec("CREATE TABLE plays (id bigint PRIMARY KEY, c text);"
                         "INSERT INTO plays SELECT g, 'before' FROM generate_series(1, 1000) AS g;"
                         "CREATE TABLE plays_new (LIKE plays)");
        m_scene->install();
        m_scene->copy();
        m_database->exec(
            "INSERT INTO plays VALUES (2000, 'before'); TRUNCATE plays; INSERT INTO plays VALUES (1, 'after')");
        m_scene->copy();
        m_scene->purge();
        m_database->exec("ALTER TABLE plays_new ADD PRIMARY KEY (id)");
        m_scene->reconcileAll();
        QCOMPARE(m_scene->difference(), QString());
        QCOMPARE(m_database->value("SELECT count(*) FROM plays_new"), QStringLiteral("1"));
    }

    void truncateAfterTheCopyIsFollowedByEitherMeans_data()
    {
        QTest::addColumn<bool>("byTruncate");
        QTest::newRow("truncate") << true;
        QTest::newRow("delete") << false;
    }

    void truncateAfterTheCopyIsFollowedByEitherMeans()
    {
        QFETCH(const bool, byTruncate);
        stage("c text");
        m_scene->spec().truncateTarget = byTruncate;
        m_database->exec(
            "UPDATE plays SET c = 'x' WHERE id < 10; BEGIN; TRUNCATE plays; INSERT INTO plays VALUES (1, 'new'); COMMIT;"
            "INSERT INTO plays VALUES (2, 'new')");
        QCOMPARE(m_scene->pending(), 12);
        m_scene->reconcileAll(1);
        QCOMPARE(m_scene->difference(), QString());
    }

    void aTruncateThatIsRolledBackTakesNothing()
    {
        stage("c text");
        m_database->exec(
            "BEGIN; TRUNCATE plays; ROLLBACK; BEGIN; SAVEPOINT s; TRUNCATE plays; ROLLBACK TO s; DELETE FROM plays WHERE id = 1; COMMIT");
        m_scene->reconcileAll();
        QCOMPARE(m_scene->difference(), QString());
        QCOMPARE(m_database->value("SELECT count(*) FROM plays_new"), QStringLiteral("999"));
    }

    // Partitioned sources, as reverse sync has them.

    void directWritersOfPartitionsAreSeenAndTheirTruncateTakesTheirRowsAlone()
    {
        m_database->exec(
            "CREATE TABLE plays (id bigint, at date NOT NULL, c text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);"
            "CREATE TABLE plays_1 PARTITION OF plays FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
            "CREATE TABLE plays_2 PARTITION OF plays FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (id);"
            "CREATE TABLE plays_2_rest PARTITION OF plays_2 DEFAULT;"
            "CREATE TABLE plays_rest PARTITION OF plays DEFAULT;"
            "CREATE TABLE plays_new (LIKE plays)");
        follow("ALTER TABLE plays_new ADD PRIMARY KEY (id, at)");
        QCOMPARE(m_scene->capture().partitions.size(), 4u);
        m_database->exec("INSERT INTO plays SELECT g, date '2025-12-15' + g, 'c' FROM generate_series(1, 200) AS g");
        m_scene->reconcileAll();
        QCOMPARE(m_scene->difference(), QString());
        m_database->exec(
            "UPDATE plays_1 SET c = 'direct'; INSERT INTO plays_2 VALUES (900, '2026-02-02', 'direct');"
            "DELETE FROM plays_rest WHERE id > 150; UPDATE plays SET at = '2026-01-01' WHERE id BETWEEN 60 AND 70;"
            "BEGIN; TRUNCATE plays_2; INSERT INTO plays_2_rest VALUES (901, '2026-02-03', 'after'); COMMIT;"
            "TRUNCATE plays_rest; INSERT INTO plays VALUES (902, '2030-01-01', 'after')");
        m_scene->reconcileAll(7);
        QCOMPARE(m_scene->difference(), QString());
        QVERIFY(m_database->value("SELECT count(*) FROM plays_new").toInt() > 30);
        m_database->exec("TRUNCATE plays; INSERT INTO plays VALUES (1, '2026-01-01', 'last')");
        QCOMPARE(m_scene->differenceAfterDrain(), QString());
    }

    void theTruncateOfAPartitionThatWasDetachedTakesNothing()
    {
        m_database->exec(
            "CREATE TABLE plays (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);"
            "CREATE TABLE plays_1 PARTITION OF plays FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
            "CREATE TABLE plays_rest PARTITION OF plays DEFAULT; CREATE TABLE plays_new (LIKE plays)");
        follow("ALTER TABLE plays_new ADD PRIMARY KEY (id, at)");
        m_database->exec(
            "INSERT INTO plays VALUES (1, '2026-03-01'); ALTER TABLE plays DETACH PARTITION plays_1; TRUNCATE plays_1");
        m_scene->reconcileAll();
        QCOMPARE(m_scene->difference(), QString());
        QCOMPARE(m_database->value("SELECT count(*) FROM plays_new"), QStringLiteral("1"));
    }

    void aPartitionAloneIsFollowedThroughStatementsOnItsParent()
    {
        m_database->exec(
            "CREATE TABLE above (id bigint, at date NOT NULL, c text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);"
            "CREATE TABLE plays PARTITION OF above FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
            "CREATE TABLE other PARTITION OF above DEFAULT; CREATE TABLE plays_new (LIKE plays)");
        follow("ALTER TABLE plays_new ADD PRIMARY KEY (id, at)");
        m_database->exec(
            "INSERT INTO above SELECT g, date '2026-01-01' + g, 'c' FROM generate_series(1, 60) AS g;"
            "UPDATE above SET at = at + 20 WHERE id < 20; DELETE FROM above WHERE id = 21; UPDATE plays SET c = 'direct' WHERE id = 22;"
            "UPDATE above SET at = '2026-01-15' WHERE id = 50");
        m_scene->reconcileAll(7);
        QCOMPARE(m_scene->difference(), QString());
        QVERIFY(m_database->value("SELECT count(*) FROM plays_new").toInt() > 10);
        m_database->exec("TRUNCATE above; INSERT INTO above VALUES (1, '2026-01-03', 'after')");
        QCOMPARE(m_scene->differenceAfterDrain(), QString());
    }

    void aPartitionThatCameLaterIsNamedByTheProbe()
    {
        m_database->exec(
            "CREATE TABLE plays (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);"
            "CREATE TABLE plays_1 PARTITION OF plays FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
            "CREATE TABLE plays_new (LIKE plays)");
        m_scene->install();
        m_database->exec("CREATE TABLE plays_2 PARTITION OF plays FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')");
        auto probe = probeCapture(m_scene->driver(), m_scene->capture());
        QVERIFY_RESULT(probe);
        QVERIFY(probe->isInstalled());
        QVERIFY(probe->isEnabled);
        const QualifiedName later{QStringLiteral("public"), QStringLiteral("plays_2")};
        QCOMPARE(probe->unwatched, std::vector<QualifiedName>{later});
        m_scene->run(capturesql::enableOn(m_scene->capture(), probe->unwatched));
        probe = probeCapture(m_scene->driver(), m_scene->capture());
        QVERIFY_RESULT(probe);
        QVERIFY(probe->unwatched.empty());
        m_database->exec("INSERT INTO plays_2 VALUES (1, '2026-02-05'); DELETE FROM plays_2");
        QCOMPARE(m_scene->pending(), 2);
    }

    // Unique columns beside the key.

    void aUniqueValueThatMovedToAnotherKeyFindsItsPlace()
    {
        stage("c text, u int UNIQUE", "ALTER TABLE plays_new ADD UNIQUE (u)");
        m_database->exec("UPDATE plays SET u = id; ");
        m_scene->reconcileAll();
        // Each value goes to the neighbour, so that every batch meets rows of the next.
        m_database->exec("BEGIN; UPDATE plays SET u = -u; UPDATE plays SET u = -u + 1; COMMIT");
        m_database->exec("DELETE FROM plays WHERE id = 500; UPDATE plays SET u = 501 WHERE id = 1");
        const auto first = m_scene->reconciler().step(10);
        QVERIFY_RESULT(first);
        m_scene->reconcileAll(10);
        QCOMPARE(m_scene->difference(), QString());
    }

    void swappedUniqueValuesOfTwoBatchesDoNotCollide()
    {
        stage("c text, u int UNIQUE", "ALTER TABLE plays_new ADD UNIQUE (u)");
        m_database->exec("UPDATE plays SET u = id");
        m_scene->reconcileAll();
        m_database->exec("UPDATE plays SET u = NULL WHERE id = 1; UPDATE plays SET u = 1 WHERE id = 2");
        QCOMPARE(m_scene->pending(), 2);
        // The batch of key 2 alone: key 1 still has the value in the target.
        m_database->exec("DELETE FROM " + m_scene->capture().log().quoted().toUtf8() + " WHERE k1 = 1");
        m_database->exec("INSERT INTO " + m_scene->capture().log().quoted().toUtf8() + " (k1) VALUES (1)");
        const auto first = m_scene->reconciler().step(1);
        QVERIFY_RESULT(first);
        QVERIFY(first->widened);
        QCOMPARE(first->entries, 1);
        m_scene->reconcileAll(1);
        QCOMPARE(m_scene->difference(), QString());
    }

private:
    /// A table of a thousand rows with that beside its id, copied, indexed, and followed.
    void stage(const QByteArray &columns, const QByteArray &index = {})
    {
        m_database->exec("CREATE TABLE plays (id bigint PRIMARY KEY, " + columns
                         + "); INSERT INTO plays SELECT g FROM generate_series(1, 1000) AS g;"
                           "CREATE TABLE plays_new (LIKE plays INCLUDING DEFAULTS)");
        follow("ALTER TABLE plays_new ADD PRIMARY KEY (id);" + index);
    }

    void follow(const QByteArray &index)
    {
        m_scene->install();
        m_scene->copy();
        m_scene->purge();
        m_database->exec(index);
    }

    std::unique_ptr<TestDatabase> m_database;
    std::unique_ptr<CaptureScene> m_scene;
};

QTEST_GUILESS_MAIN(TstCapture)
#include "tst_capture.moc"
