// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/relationfeedreader.h"
#include "core/pg/sqllibrary.h"
#include "tests/support/testserver.h"

#include <algorithm>

using namespace tidemark;
using namespace tidemark::test;

/// What one scan of pg_class tells of change, on every supported server.
class TstRelationFeed : public QObject
{
    Q_OBJECT

private:
    static RelationFeed read(pg::Session &session, RelationFeedReader &reader)
    {
        const auto &query = pg::SqlLibrary::builtIn().query(QStringLiteral("server/feed"), session.serverVersion());
        const auto rows = session.exec(query.sql, reader.params());
        if (!rows)
            qFatal("%s", describe(rows.error()).constData());
        return reader.absorb(*rows);
    }

    static bool has(const RelationFeed &feed, const QString &oid)
    {
        return std::find(feed.changed.begin(), feed.changed.end(), oid.toUInt()) != feed.changed.end();
    }

    static void addServers()
    {
        QTest::addColumn<QString>("server");
        for (const char *name : {"12", "13", "14", "15", "16", "17", "18"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }

private Q_SLOTS:
    void changesAreReportedOnce_data() { addServers(); }
    void changesAreReportedOnce()
    {
        QFETCH(const QString, server);
        TIDEMARK_REQUIRE_SERVER(server.toUtf8());
        TestDatabase database(server);
        database.exec(
            "CREATE TABLE source (id int); CREATE MATERIALIZED VIEW derived AS SELECT count(*) AS n FROM source");
        const QString derived = database.value("SELECT 'derived'::regclass::oid");
        pg::Session session = database.open(pg::SessionOptions{});
        RelationFeedReader reader;

        QVERIFY2(read(session, reader).changed.empty(), "the first reading has nothing to compare with");
        static_cast<void>(read(session, reader)); // what was within the horizon
        QVERIFY(read(session, reader).changed.empty());

        database.exec("REFRESH MATERIALIZED VIEW derived");
        QVERIFY(has(read(session, reader), derived));
        QVERIFY(read(session, reader).changed.empty());

        database.exec("GRANT SELECT ON derived TO public");
        QVERIFY(has(read(session, reader), derived));
    }

    void whatCommitsLateIsNotMissed()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        database.exec("CREATE TABLE late (id int); CREATE TABLE other (id int)");
        const QString late = database.value("SELECT 'late'::regclass::oid");
        pg::Session session = database.open(pg::SessionOptions{});
        RelationFeedReader reader;
        // That it was made is told as long as anybody else on this server is in an older transaction.
        QTRY_VERIFY_WITH_TIMEOUT(!has(read(session, reader), late), 30'000);

        pg::Session slow = database.open();
        QVERIFY_RESULT(slow.execScript("BEGIN; ALTER TABLE public.late ADD COLUMN v int"));
        for (int i = 0; i < 20; ++i) { // the world goes on meanwhile
            database.exec("ALTER TABLE other SET (fillfactor = 90); ALTER TABLE other RESET (fillfactor)");
            QVERIFY(!has(read(session, reader), late));
        }
        QVERIFY_RESULT(slow.exec("COMMIT"));
        QVERIFY(has(read(session, reader), late));
        // Told again only as long as anybody else on this server is in an older transaction.
        QTRY_VERIFY_WITH_TIMEOUT(!has(read(session, reader), late), 30'000);
    }

    void comingAndGoingIsToldAndTemporaryTablesAreNot()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        database.exec("CREATE TABLE t (id int); CREATE MATERIALIZED VIEW m AS SELECT 1 AS one");
        pg::Session session = database.open(pg::SessionOptions{});
        RelationFeedReader reader;
        static_cast<void>(read(session, reader));

        database.exec("CREATE TEMPORARY TABLE passing (id int)");
        RelationFeed feed = read(session, reader);
        QVERIFY(!feed.relationsChanged);
        QVERIFY(!feed.matviewsChanged);

        database.exec("DROP MATERIALIZED VIEW m");
        feed = read(session, reader);
        QVERIFY(feed.matviewsChanged);
        QVERIFY(!feed.relationsChanged);

        database.exec("DROP TABLE t; CREATE TABLE u (id int)");
        feed = read(session, reader);
        QVERIFY2(feed.relationsChanged, "one gone and one come must not cancel out");
    }
};

QTEST_GUILESS_MAIN(TstRelationFeed)
#include "tst_relationfeed.moc"
