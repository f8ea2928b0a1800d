// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/actor.h"
#include "tests/support/testdatabase.h"
#include "ui/services/detailreader.h"

#include <QElapsedTimer>
#include <QTest>

using namespace tidemark;
using namespace tidemark::ui;

class DetailReaderTest : public QObject
{
    Q_OBJECT

private:
    static ObjectRef object(test::TestDatabase &database)
    {
        ObjectRef ref{ObjectKind::Refreshable,
                      QStringLiteral("demo"),
                      database.name(),
                      0,
                      {QStringLiteral("public"), QStringLiteral("daily")},
                      0};
        ref.oid = database.value("SELECT 'public.daily'::regclass::oid").toUInt();
        return ref;
    }

private Q_SLOTS:
    void definitionSizesAndCommentAreRead()
    {
        test::TestDatabase database;
        database.exec("CREATE TABLE plays AS SELECT g AS id FROM generate_series(1, 5000) AS g;"
                      "CREATE MATERIALIZED VIEW daily AS SELECT id % 7 AS day, count(*) AS n FROM plays GROUP BY 1;"
                      "CREATE UNIQUE INDEX ON daily (day); COMMENT ON MATERIALIZED VIEW daily IS 'plays a day'");
        const auto detail = readRelation(database.conn(), object(database), {});
        QVERIFY2(detail.has_value(), detail ? "" : qPrintable(detail.error().summary()));
        QVERIFY(detail->definition.startsWith(QStringLiteral("SELECT")));
        QVERIFY(
            detail->definition.contains(QStringLiteral("public.plays"))); // an empty search_path qualifies everything
        QCOMPARE(detail->comment, QStringLiteral("plays a day"));
        QVERIFY(detail->indexBytes > 0 && detail->tableBytes > 0);
        QCOMPARE(detail->totalBytes, detail->tableBytes + detail->indexBytes);
    }

    void behindARefreshItGivesUpSoonAndSaysWhy()
    {
        test::TestDatabase database;
        database.exec("CREATE MATERIALIZED VIEW daily AS SELECT 1 AS one");
        const ObjectRef view = object(database);
        test::Actor refresher(database.open());
        refresher.run("BEGIN");
        refresher.run("REFRESH MATERIALIZED VIEW public.daily");
        QElapsedTimer timer;
        timer.start();
        const auto detail = readRelation(database.conn(), view, {});
        QVERIFY(!detail);
        QCOMPARE(detail.error().kind, ErrorKind::LockTimeout);
        QVERIFY(detail.error().message.contains(QStringLiteral("public.daily is locked")));
        QVERIFY(timer.elapsed() < 5000);
        refresher.run("ROLLBACK");
        QVERIFY(readRelation(database.conn(), view, {}).has_value());
    }

    void whatIsGoneIsSaidToBeGone()
    {
        test::TestDatabase database;
        const auto detail = readRelation(database.conn(),
                                         {ObjectKind::Refreshable,
                                          {},
                                          database.name(),
                                          4'000'000'000U,
                                          {QStringLiteral("public"), QStringLiteral("gone")},
                                          0},
                                         {});
        QVERIFY(!detail);
        QCOMPARE(detail.error().kind, ErrorKind::Missing);
    }

    void anUnwatchedServerIsAnError()
    {
        AsyncRunner runner;
        DetailReader reader(runner, [](const QString &) { return std::nullopt; });
        LatestOnly latest;
        bool answered = false;
        reader.read(this, latest, {}, [&](const Result<RelationDetail> &detail) { answered = !detail.has_value(); });
        QVERIFY(answered);
    }
};

QTEST_GUILESS_MAIN(DetailReaderTest)
#include "tst_detailreader.moc"
