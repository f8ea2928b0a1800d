// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/capture/contentproof.h"
#include "tests/support/capturescene.h"
#include "tests/support/testserver.h"

#include <map>
#include <thread>

using namespace tidemark;
using namespace tidemark::test;
using pg::QualifiedName;

/// A proof that could say no: every way in which two tables may differ is seen, and nothing else is.
class TstContentProof : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        for (const QString &server : {QStringLiteral("15"), QStringLiteral("12"), QStringLiteral("18")}) {
            if (isAvailable(server))
                m_databases[server] = std::make_unique<TestDatabase>(server);
        }
    }
    void cleanupTestCase() { m_databases.clear(); }

    void cleanup()
    {
        m_scene.reset();
        for (const auto &[server, database] : m_databases)
            database->exec("DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS tidemark CASCADE; CREATE SCHEMA public");
    }

    void everyDifferenceIsSeenAndNamed_data()
    {
        QTest::addColumn<QString>("server");
        QTest::addColumn<QByteArray>("change");
        QTest::addColumn<QStringList>("keys");
        const auto row = [](const char *name, const QByteArray &change, const QStringList &keys,
                            const QString &server = QStringLiteral("15")) {
            QTest::addRow("%s on %s", name, qPrintable(server)) << server << change << keys;
        };
        const auto key = [](int id) { return QStringLiteral("(%1)").arg(id); };
        row("nothing", "SELECT 1", {});
        row("a row is missing", "DELETE FROM copied WHERE id = 7", {key(7)});
        row("a row is surplus", "INSERT INTO copied (id) VALUES (5000)", {key(5000)});
        row("a row stands twice", "INSERT INTO copied SELECT * FROM copied WHERE id = 9", {key(9)});
        row("a row stands twice and another not at all",
            "INSERT INTO copied SELECT * FROM copied WHERE id = 9; DELETE FROM copied WHERE id = 265",
            {key(265), key(9)});
        row("one byte", "UPDATE copied SET t = 't8!' WHERE id = 8", {key(8)});
        row("NULL and nothing", "UPDATE copied SET t = NULL WHERE id = 8", {key(8)});
        row("NULL and empty", "UPDATE copied SET e = NULL WHERE id = 8", {key(8)});
        row("two rows changed places",
            "UPDATE copied SET t = CASE id WHEN 3 THEN 't259' ELSE 't3' END WHERE id IN (3, 259)", {key(259), key(3)});
        row("two columns changed places", "UPDATE copied SET t = u, u = t WHERE id = 4", {key(4)});
        row("trailing zeros", "UPDATE copied SET n = 1.00 WHERE id = 5", {key(5)});
        row("minus zero", "UPDATE copied SET f = '-0' WHERE id = 5", {key(5)});
        row("the last digit of a float", "UPDATE copied SET f = 0.30000000000000004 WHERE id = 6", {key(6)});
        row("the case under a loose collation", "UPDATE copied SET l = 'LOOSE' WHERE id = 5", {key(5)});
        row("spaces in json", "UPDATE copied SET j = '{\"a\":  1}' WHERE id = 5", {key(5)});
        row("the scale in jsonb", "UPDATE copied SET b = '{\"a\": 1.0}' WHERE id = 5", {key(5)});
        row("24 hours and a day", "UPDATE copied SET i = '24:00:00' WHERE id = 5", {key(5)});
        row("a point", "UPDATE copied SET p = '(1,2.5)' WHERE id = 5", {key(5)});
        row("the dimensions of an array", "UPDATE copied SET a = '{{1,2}}' WHERE id = 5", {key(5)});
        row("a toasted value", "UPDATE copied SET big = overlay(big PLACING 'x' FROM 70000) WHERE id = 5", {key(5)});
        const QByteArray many =
            "DELETE FROM copied WHERE id = 7; INSERT INTO copied SELECT * FROM copied WHERE id = 9;"
            "UPDATE copied SET t = NULL WHERE id = 10; UPDATE copied SET n = 1.00 WHERE id = 11;"
            "UPDATE copied SET f = '-0' WHERE id = 12; UPDATE copied SET l = 'LOOSE' WHERE id = 13;"
            "UPDATE copied SET p = '(1,2.5)' WHERE id = 14; UPDATE copied SET f = 0.30000000000000004 WHERE id = 6";
        for (const QString &server : {QStringLiteral("12"), QStringLiteral("18")})
            row("many at once", many, {key(10), key(11), key(12), key(13), key(14), key(6), key(7), key(9)}, server);
    }

    void everyDifferenceIsSeenAndNamed()
    {
        QFETCH(const QString, server);
        QFETCH(const QByteArray, change);
        QFETCH(const QStringList, keys);
        TIDEMARK_REQUIRE_SERVER(server.toUtf8());
        prepare(server);
        m_databases[server]->exec(change);
        const auto proof = prove();
        QVERIFY_RESULT(proof);
        QStringList found;
        for (const ProofMismatch &mismatch : proof->mismatches)
            found << mismatch.key;
        found.sort();
        QCOMPARE(found, keys);
        QCOMPARE(proof->mismatched, keys.size());
        QCOMPARE(proof->isEqual(), keys.isEmpty());
        QVERIFY(proof->isComplete());
        QCOMPARE(proof->sourceRows, 300);
    }

    void valuesThatChangedPlacesBetweenRowsNeverCancelOut()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        prepare(QStringLiteral("15"));
        for (int id = 1; id <= 20; ++id) { // each with the row that shares its bucket
            const QByteArray swap =
                QByteArray("UPDATE copied SET t = 't' || (%1 + %2 - substr(t, 2)::int) WHERE id IN (%1, %2)")
                    .replace("%1", QByteArray::number(id))
                    .replace("%2", QByteArray::number(id + 256));
            m_databases[QStringLiteral("15")]->exec(swap);
            const auto proof = prove();
            QVERIFY_RESULT(proof);
            QCOMPARE(proof->mismatched, 2);
            m_databases[QStringLiteral("15")]->exec(swap);
        }
    }

    void whatWaitsInTheLogExplainsADifferenceAndNothingElseDoes()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        prepare(QStringLiteral("15"));
        m_databases[QStringLiteral("15")]->exec(
            "UPDATE source SET t = 'changed' WHERE id <= 10; DELETE FROM source WHERE id = 11;"
            "UPDATE source SET id = 1012 WHERE id = 12; DELETE FROM copied WHERE id = 100");
        const auto proof = prove();
        QVERIFY_RESULT(proof);
        QCOMPARE(proof->mismatches, (std::vector<ProofMismatch>{{QStringLiteral("(100)"), 1, 0}}));
        QCOMPARE(proof->pending, 13);
        QVERIFY(!proof->isComplete());
        QCOMPARE(proof->sourceRows, 288);
        QCOMPARE(proof->targetRows, 287);
    }

    void aFewWaitingKeysAreTakenOffTheSumsOfAll()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        prepare(QStringLiteral("15"));
        TestDatabase &database = *m_databases[QStringLiteral("15")];
        database.exec("ANALYZE source"); // one of 300 is few, and that is known
        database.exec(
            "UPDATE source SET t = 'changed' WHERE id = 5; INSERT INTO copied SELECT * FROM copied WHERE id = 5");
        auto proof = prove();
        QVERIFY_RESULT(proof);
        QCOMPARE(proof->pending, 1);
        QVERIFY(proof->isEqual());
        QCOMPARE(proof->sourceRows, 299);
        QCOMPARE(proof->targetRows, 299);
        database.exec("UPDATE copied SET t = 'wrong' WHERE id = 100");
        proof = prove();
        QVERIFY_RESULT(proof);
        QCOMPARE(proof->mismatches, (std::vector<ProofMismatch>{{QStringLiteral("(100)"), 1, 1}}));
    }

    void rowsOfATruncateThatWaitsAreNoDifference()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        prepare(QStringLiteral("15"));
        m_databases[QStringLiteral("15")]->exec("TRUNCATE source; INSERT INTO source (id) VALUES (1), (400)");
        auto proof = prove();
        QVERIFY_RESULT(proof);
        QVERIFY(proof->isEqual());
        QVERIFY(!proof->isComplete());
        QCOMPARE(proof->truncations, 1);
        m_scene->reconcileAll();
        proof = prove();
        QVERIFY_RESULT(proof);
        QVERIFY(proof->isEqual());
        QVERIFY(proof->isComplete());
        QCOMPARE(proof->targetRows, 2);
    }

    void repairPutsTheKeysInTheLogAndReconcileHealsThem()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        prepare(QStringLiteral("15"));
        m_databases[QStringLiteral("15")]->exec(
            "INSERT INTO copied SELECT * FROM copied WHERE id = 9; DELETE FROM copied WHERE id BETWEEN 50 AND 250;"
            "UPDATE copied SET t = 'wrong' WHERE id < 5; INSERT INTO copied (id) VALUES (7000)");
        const auto broken = prove();
        QVERIFY_RESULT(broken);
        QCOMPARE(broken->mismatched, 201 + 4 + 1 + 1);
        QCOMPARE(broken->mismatches.size(), 100u);
        const auto repaired = ContentProof(m_spec).repair(m_scene->driver(), *broken);
        QVERIFY_RESULT(repaired);
        QCOMPARE(*repaired, 207);
        m_scene->reconcileAll();
        QCOMPARE(m_scene->difference(), QString());
        const auto healed = prove();
        QVERIFY_RESULT(healed);
        QVERIFY(healed->isEqual() && healed->isComplete());
    }

    void aRangeIsComparedAlone()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        prepare(QStringLiteral("15"));
        m_databases[QStringLiteral("15")]->exec(
            "DELETE FROM copied WHERE id IN (10, 20); UPDATE copied SET ts = NULL WHERE id = 30");
        m_spec.range = ProofRange{QStringLiteral("id"), QStringLiteral("11"), QStringLiteral("30")};
        auto proof = prove();
        QVERIFY_RESULT(proof);
        QCOMPARE(proof->mismatches, (std::vector<ProofMismatch>{{QStringLiteral("(20)"), 1, 0}}));
        QCOMPARE(proof->sourceRows, 19);
        m_spec.range = ProofRange{QStringLiteral("ts"), std::nullopt, QStringLiteral("2026-01-20Z")};
        proof = prove();
        QVERIFY_RESULT(proof);
        QCOMPARE(proof->mismatches, (std::vector<ProofMismatch>{{QStringLiteral("(10)"), 1, 0}}));
        m_spec.range = ProofRange{QStringLiteral("ts"), std::nullopt, std::nullopt, true};
        proof = prove();
        QVERIFY_RESULT(proof);
        QCOMPARE(proof->mismatches, (std::vector<ProofMismatch>{{QStringLiteral("(30)"), 0, 1}}));
    }

    void twoSessionsSeeOneSnapshotWhileWritersGoOn()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        prepare(QStringLiteral("15"));
        TestDatabase &database = *m_databases[QStringLiteral("15")];
        pg::Session helper = database.open();
        std::jthread writer([session = database.open()](std::stop_token stop) mutable {
            while (!stop.stop_requested())
                static_cast<void>(session.execScript(
                    "UPDATE public.source SET t = t || 'x' WHERE id % 50 = 1;"
                    "INSERT INTO public.source (id) SELECT coalesce(max(id), 0) + 1 FROM public.source"));
        });
        for (int round = 0; round < 20; ++round) {
            const auto proof = ContentProof(m_spec).run(m_scene->driver(), &helper);
            QVERIFY_RESULT(proof);
            QCOMPARE(proof->mismatches, std::vector<ProofMismatch>());
            if (round % 4 == 0)
                QVERIFY_RESULT(m_scene->reconciler().step(50));
        }
    }

    void aKeyOfManyColumnsAndTypesIsDrilledDownTo()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase &database = *m_databases[QStringLiteral("15")];
        database.exec(
            "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
            "CREATE TABLE source (a uuid, \"B c\" text COLLATE loose, n numeric, PRIMARY KEY (a, \"B c\", n));"
            "INSERT INTO source SELECT md5(g::text)::uuid, 'k' || g, g FROM generate_series(1, 500) AS g;"
            "CREATE TABLE copied (LIKE source); INSERT INTO copied SELECT * FROM source;"
            "UPDATE copied SET \"B c\" = 'K7' WHERE n = 7; UPDATE copied SET n = 8.0 WHERE n = 8; DELETE FROM copied WHERE n = 9");
        watch(database);
        const auto proof = prove();
        QVERIFY_RESULT(proof);
        QCOMPARE(proof->mismatched, 3);
        QCOMPARE(proof->mismatchedBuckets().size(), 5u);
    }

private:
    void prepare(const QString &server)
    {
        TestDatabase &database = *m_databases[server];
        database.exec(
            "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
            "CREATE TABLE source (id int PRIMARY KEY, ts timestamptz, t text, u text, e text, n numeric, f float8, l text COLLATE loose,"
            " j json, b jsonb, i interval, p point, a int[], x xml, big text, g int GENERATED ALWAYS AS (id * 2) STORED);"
            "INSERT INTO source (id, ts, t, u, e, n, f, l, j, b, i, p, a, x) SELECT g, timestamptz '2026-01-01Z' + g * interval '1 day',"
            " 't' || g, 'u' || g, '', 1.0, CASE g WHEN 6 THEN 0.3 ELSE 0 END, 'loose', '{\"a\": 1}', '{\"a\": 1}', '1 day', '(1,2)', '{1,2}',"
            " '<a/>' FROM generate_series(1, 300) AS g;"
            "UPDATE source SET big = (SELECT string_agg(md5(g::text), '') FROM generate_series(1, 3000) AS g) WHERE id = 5;"
            "CREATE TABLE copied (LIKE source);"
            "INSERT INTO copied (id, ts, t, u, e, n, f, l, j, b, i, p, a, x, big)"
            " SELECT id, ts, t, u, e, n, f, l, j, b, i, p, a, x, big FROM source");
        watch(database);
    }

    void watch(TestDatabase &database)
    {
        m_scene = std::make_unique<CaptureScene>(database,
                                                 QualifiedName{QStringLiteral("public"), QStringLiteral("source")},
                                                 QualifiedName{QStringLiteral("public"), QStringLiteral("copied")});
        m_scene->install();
        const auto columns = readRowColumns(m_scene->driver(), m_scene->capture().source);
        QVERIFY_RESULT(columns);
        m_spec = ProofSpec();
        m_spec.capture = m_scene->capture();
        m_spec.target = m_scene->spec().target;
        m_spec.columns = *columns;
    }

    Result<ProofResult> prove() { return ContentProof(m_spec).run(m_scene->driver()); }

    std::map<QString, std::unique_ptr<TestDatabase>> m_databases;
    std::unique_ptr<CaptureScene> m_scene;
    ProofSpec m_spec;
};

QTEST_GUILESS_MAIN(TstContentProof)
#include "tst_contentproof.moc"
