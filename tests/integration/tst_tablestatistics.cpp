// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/tablestatistics.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>

using namespace Qt::Literals::StringLiterals;
using namespace tidemark;
using namespace tidemark::test;

class TstTableStatistics : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyFigureOfATableIsRead_data()
    {
        QTest::addColumn<QString>("server");
        for (const QString &name : plainServerNames())
            QTest::newRow(qPrintable(name)) << name;
    }
    void everyFigureOfATableIsRead()
    {
        QFETCH(const QString, server);
        TIDEMARK_REQUIRE_SERVER(server.toUtf8());
        TestDatabase database(server);
        database.exec("CREATE TABLE \"Pl\"\"ays\" (id int PRIMARY KEY, v text)");
        { // counters are sure to be sent when the backend ends
            pg::Session writer = database.open();
            for (const char *sql :
                 {"INSERT INTO public.\"Pl\"\"ays\" SELECT g, repeat('x', 100) FROM generate_series(1, 1000) AS g",
                  "UPDATE public.\"Pl\"\"ays\" SET v = 'y' WHERE id <= 100",
                  "DELETE FROM public.\"Pl\"\"ays\" WHERE id > 950", "SELECT count(*) FROM public.\"Pl\"\"ays\"",
                  "SET enable_seqscan = off", "SELECT v FROM public.\"Pl\"\"ays\" WHERE id = 7"})
                QVERIFY_RESULT(writer.exec(sql));
        }
        const quint32 oid = database.value("SELECT '\"Pl\"\"ays\"'::regclass::oid").toUInt();
        pg::Session session = database.open(pg::SessionOptions{});
        Result<TableStatistics> read = fail(Error::internal({}));
        QTRY_VERIFY_WITH_TIMEOUT(((read = readTableStatistics(session, oid, {})), read && read->deleted == 50), 20'000);
        QVERIFY_RESULT(read);
        QCOMPARE(read->name.name, u"Pl\"ays"_s);
        QCOMPARE(read->inserted, 1000);
        QCOMPARE(read->updated, 100);
        QCOMPARE(read->liveRows, 950);
        QVERIFY(read->deadRows > 0 && read->deadRows <= 150); // pruning may have taken some already
        QVERIFY(read->sequentialScans >= 1);
        QVERIFY(read->indexScans >= 1);
        QVERIFY(read->heapCache.hitRatio().value() > 0.5);
        QCOMPARE(read->totalBytes, database.value("SELECT pg_total_relation_size('\"Pl\"\"ays\"')").toLongLong());
        QVERIFY(read->heapBytes + read->indexBytes + read->toastBytes <= read->totalBytes);
        QCOMPARE(read->indexes.size(), 1U);
        QVERIFY(read->indexes.front().isUnique);
        QCOMPARE(read->indexes.front().bytes,
                 database.value("SELECT pg_relation_size('\"Pl\"\"ays_pkey\"')").toLongLong());
        QVERIFY(!read->lastAnalyze);
        database.exec("VACUUM \"Pl\"\"ays\"");
        database.exec("ANALYZE \"Pl\"\"ays\"");
        QTRY_VERIFY_WITH_TIMEOUT(
            ((read = readTableStatistics(session, oid, {})), read && read->lastAnalyze && read->lastVacuum), 20'000);
        QCOMPARE(read->rowEstimate, 950);
        QVERIFY(read->frozenAge.has_value());
    }

    void leavesOfATreeAreReadOnceEach_data() { everyFigureOfATableIsRead_data(); }
    void leavesOfATreeAreReadOnceEach()
    {
        QFETCH(const QString, server);
        TIDEMARK_REQUIRE_SERVER(server.toUtf8());
        TestDatabase database(server);
        database.exec(
            "CREATE TABLE p (a int, b int) PARTITION BY LIST (a); CREATE TABLE p_1 PARTITION OF p FOR VALUES IN (1) PARTITION BY LIST (b);"
            "CREATE TABLE p_1_1 PARTITION OF p_1 FOR VALUES IN (1); CREATE TABLE p_2 PARTITION OF p DEFAULT;"
            "INSERT INTO p SELECT 1, 1 FROM generate_series(1, 1000)");
        pg::Session session = database.open(pg::SessionOptions{});
        const auto read = readPartitionStatistics(session, database.value("SELECT 'p'::regclass::oid").toUInt(), {});
        QVERIFY_RESULT(read);
        QCOMPARE(read->size(), 2U);
        QCOMPARE(read->at(0).name.name, u"p_1_1"_s);
        QCOMPARE(read->at(0).tableBytes, database.value("SELECT pg_table_size('p_1_1')").toLongLong());
        QCOMPARE(read->at(1).name.name, u"p_2"_s);
        QCOMPARE(read->at(1).tableBytes, 0);
    }

    void aLockedTableIsAnErrorAndNotAWait()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        database.exec("CREATE TABLE busy (id int)");
        const quint32 oid = database.value("SELECT 'busy'::regclass::oid").toUInt();
        pg::Session owner = database.open();
        QVERIFY_RESULT(owner.execScript("BEGIN; LOCK TABLE public.busy IN ACCESS EXCLUSIVE MODE"));
        pg::Session session = database.open(pg::SessionOptions{});
        QElapsedTimer elapsed;
        elapsed.start();
        const auto read = readTableStatistics(session, oid, {});
        QVERIFY(!read);
        QCOMPARE(read.error().kind, ErrorKind::LockTimeout);
        QVERIFY(!read.error().hint.isEmpty());
        QVERIFY(elapsed.elapsed() < 5'000);
        QVERIFY_RESULT(owner.exec("ROLLBACK"));
        QVERIFY_RESULT(readTableStatistics(session, oid, {}));
    }

    void aTableThatIsGoneIsMissing()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        pg::Session session = database.open(pg::SessionOptions{});
        const auto read = readTableStatistics(session, 4'000'000'000U, {});
        QVERIFY(!read);
        QCOMPARE(read.error().kind, ErrorKind::Missing);
    }
};

QTEST_GUILESS_MAIN(TstTableStatistics)
#include "tst_tablestatistics.moc"
