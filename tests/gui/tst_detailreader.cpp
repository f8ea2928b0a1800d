// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/actor.h"
#include "tests/support/standingclock.h"
#include "tests/support/testdatabase.h"
#include "ui/pages/partitionsdetail.h"
#include "ui/services/detailreader.h"

#include <QElapsedTimer>
#include <QLabel>
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

    void thePartitionsPanelAsksForStatistics()
    {
        test::TestDatabase database;
        database.exec("CREATE TABLE plays (id int) PARTITION BY RANGE (id);"
                      "CREATE TABLE plays_1 PARTITION OF plays FOR VALUES FROM (0) TO (1000);"
                      "CREATE TABLE plays_2 PARTITION OF plays FOR VALUES FROM (1000) TO (9000);"
                      "CREATE INDEX ON plays (id);"
                      "INSERT INTO plays SELECT g FROM generate_series(1, 5000) AS g; ANALYZE plays");
        const auto oidOf = [&](const char *name) {
            return database.value("SELECT 'public." + QByteArray(name) + "'::regclass::oid").toUInt();
        };
        AsyncRunner runner;
        DetailReader reader(runner, [&](const QString &) { return database.conn(); });
        test::StandingClock clock;
        PageContext context;
        context.clock = &clock;
        context.runner = &runner;
        context.details = &reader;
        PartitionsDetail detail(context);
        detail.resize(500, 900);
        detail.setVisible(true);
        const auto says = [&detail](const QString &text) {
            const auto labels = detail.findChildren<QLabel *>();
            return std::any_of(labels.begin(), labels.end(), [&](const QLabel *label) {
                // Long names hold places where they may break.
                return label->isVisible() && label->text().remove(QChar(0x200b)).contains(text);
            });
        };
        auto table = std::make_shared<PartitionedTable>();
        table->oid = oidOf("plays");
        table->name = {QStringLiteral("public"), QStringLiteral("plays")};
        const PartitionedTableRow row{QStringLiteral("demo"), database.name(), table, {}, {}};
        detail.show(row, {}, clock.now(), false);
        QTRY_VERIFY(says(QStringLiteral("Exact size")));
        QVERIFY(says(QStringLiteral("Blocks")));

        auto partition = std::make_shared<Partition>();
        partition->oid = oidOf("plays_2");
        partition->name = {QStringLiteral("public"), QStringLiteral("plays_2")};
        partition->isLeaf = true;
        detail.showPartition(partition);
        QTRY_VERIFY(says(QStringLiteral("plays_2_id_idx")));
        QTRY_VERIFY(says(QStringLiteral("HOT")));

        partition = std::make_shared<Partition>(*partition);
        partition->oid = 4'000'000'000U;
        detail.showPartition(partition);
        QTRY_VERIFY(says(QStringLiteral("4000000000")));
        QVERIFY(!says(QStringLiteral("plays_2_id_idx")));

        // What is replayed is the past, and the server tells the present.
        PartitionsDetail past(context);
        past.setVisible(true);
        past.show(row, {}, clock.now(), true);
        QTest::qWait(400);
        const auto labels = past.findChildren<QLabel *>();
        QVERIFY(std::none_of(labels.begin(), labels.end(),
                             [](const QLabel *label) { return label->text() == QLatin1String("Exact size"); }));
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

QTEST_MAIN(DetailReaderTest)
#include "tst_detailreader.moc"
