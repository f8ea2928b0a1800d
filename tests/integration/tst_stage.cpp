// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/fidelity.h"
#include "tests/support/actor.h"
#include "tests/support/stagerun.h"
#include "tests/support/tablewriters.h"
#include "tests/support/testserver.h"

using namespace tidemark;
using namespace tidemark::test;

namespace {

quint32 seedOf()
{
    bool given = false;
    const uint seed = qEnvironmentVariable("TIDEMARK_TEST_SEED").toUInt(&given);
    return given ? seed : QRandomGenerator::global()->generate();
}

} // namespace

/// Whole staged migrations under clients that never pause, each judged by what the clients know they committed.
class TstStage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
        m_database->exec(
            "CREATE TABLE plays (id bigint PRIMARY KEY, at timestamptz NOT NULL, note text, n int NOT NULL);"
            "CREATE INDEX plays_at ON plays (at);"
            "INSERT INTO plays SELECT g, timestamptz '2026-01-01Z' + g * interval '1 hour', md5(g::text), 0 "
            "FROM generate_series(1, 4000) AS g");
        m_cuts = 0;
    }
    void cleanup() { m_database.reset(); }

    void clientsNoticeNothingAndLoseNothing_data()
    {
        QTest::addColumn<bool>("mirror");
        QTest::addColumn<bool>("truncates");
        QTest::addColumn<bool>("swapsBack");
        QTest::addColumn<bool>("isCut");
        QTest::addColumn<QString>("shape");
        QTest::newRow("keys") << false << false << false << false << QStringLiteral("native");
        QTest::newRow("keys, swapped back") << false << false << true << false << QStringLiteral("native");
        QTest::newRow("keys, truncated") << false << true << true << false << QStringLiteral("native");
        QTest::newRow("keys, connections cut") << false << false << true << true << QStringLiteral("native");
        QTest::newRow("mirror, swapped back") << true << false << true << false << QStringLiteral("native");
        QTest::newRow("mirror, truncated, connections cut")
            << true << true << false << true << QStringLiteral("native");
        QTest::newRow("attached") << false << true << false << false << QStringLiteral("attach");
        QTest::newRow("attached, connections cut, and back")
            << false << true << true << true << QStringLiteral("attach");
        QTest::newRow("same shape, swapped back") << false << true << true << false << QStringLiteral("same");
    }
    void clientsNoticeNothingAndLoseNothing()
    {
        QFETCH(bool, mirror);
        QFETCH(bool, truncates);
        QFETCH(bool, swapsBack);
        QFETCH(bool, isCut);
        QFETCH(QString, shape);
        const quint32 seed = seedOf();
        QRandomGenerator random(seed);
        qInfo("seed %u", seed);

        const bool isAttached = shape == QLatin1String("attach");
        StageRun run(*m_database);
        run.create({{QStringLiteral("table"), QStringLiteral("plays")},
                    {QStringLiteral("strategy"), isAttached ? QStringLiteral("attach") : QStringLiteral("copy")},
                    {QStringLiteral("shape"), isAttached ? QStringLiteral("native") : shape},
                    {QStringLiteral("by"), shape == QLatin1String("same") ? QString() : QStringLiteral("at")},
                    // So that no client writes beyond the bound of what is attached before it is.
                    {QStringLiteral("every"), isAttached ? QStringLiteral("1 year") : QStringLiteral("1 month")},
                    {QStringLiteral("mirror"), mirror}});
        TableWriters writers(*m_database, seed, 3, {.truncate = truncates});
        {
            Driving driving(*m_database, run.id());
            const auto untilWaiting = [&](const QString &step) {
                QTRY_VERIFY2_WITH_TIMEOUT((isCut ? cut(random) : void(), run.waitsAt(step) || driving.hasEnded()),
                                          qPrintable(step), 60'000);
                QVERIFY2(!driving.hasEnded(), qPrintable(run.whatHappened()));
            };
            untilWaiting(QStringLiteral("swap"));
            QTest::qWait(int(random.bounded(300)));
            QVERIFY_RESULT(run.ask(QStringLiteral("proceed")));
            untilWaiting(QStringLiteral("retire"));
            QTest::qWait(int(random.bounded(500)));
            if (swapsBack) {
                QVERIFY_RESULT(run.ask(QStringLiteral("undo")));
                const auto undone = driving.get();
                QVERIFY_RESULT(undone);
                QVERIFY2(undone->end == RunEnd::Undone, qPrintable(run.whatHappened()));
                QTest::qWait(int(random.bounded(200)));
            } else {
                QVERIFY_RESULT(run.ask(QStringLiteral("proceed")));
                const auto done = driving.get();
                QVERIFY_RESULT(done);
                QVERIFY2(done->end == RunEnd::Succeeded, qPrintable(run.whatHappened()));
            }
        }
        writers.stop();
        QVERIFY2(writers.errors().isEmpty(), qPrintable(writers.errors().join(QLatin1Char('\n'))));
        QVERIFY2(writers.transactions() > 50, qPrintable(QString::number(writers.transactions())));
        qInfo("%lld transactions, the longest statement took %lld ms", writers.transactions(),
              qint64(writers.longestStatement().count()));
        const QString difference = TableWriters::difference(TableWriters::content(*m_database), writers.expected());
        QVERIFY2(difference.isEmpty(), qPrintable(difference));
        QCOMPARE(m_database->value("SELECT relkind FROM pg_class WHERE oid = 'plays'::regclass"),
                 swapsBack || shape == QLatin1String("same") ? QStringLiteral("r") : QStringLiteral("p"));
        if (isAttached && !swapsBack)
            QCOMPARE(m_database->value("SELECT count(*) FROM plays"),
                     m_database->value("SELECT count(*) FROM plays_history"));
        // Nothing of ours is left but the memory of the run.
        QCOMPARE(run.leftOver(swapsBack), QString());
    }

    void whatComesInWhileAReaderIsInTheWayIsNotLeftForTheLock()
    {
        StageRun run(*m_database);
        run.create({{QStringLiteral("table"), QStringLiteral("plays")}, {QStringLiteral("by"), QStringLiteral("at")}},
                   {{QStringLiteral("stall_budget_ms"), 300}});
        TableWriters writers(*m_database, seedOf(), 2, {.replicate = false});
        Driving driving(*m_database, run.id());
        QTRY_VERIFY2_WITH_TIMEOUT(run.waitsAt(QStringLiteral("swap")), qPrintable(run.whatHappened()), 60'000);
        Actor reader(m_database->open());
        reader.start("BEGIN; SELECT FROM public.plays LIMIT 1; SELECT pg_sleep(3); COMMIT");
        QTest::qWait(300); // it is old by then
        const qint64 before = writers.transactions();
        QVERIFY_RESULT(run.ask(QStringLiteral("proceed")));
        QVERIFY_RESULT(reader.finish());
        const qint64 meanwhile = writers.transactions() - before;
        QTRY_VERIFY2_WITH_TIMEOUT(run.waitsAt(QStringLiteral("retire")), qPrintable(run.whatHappened()), 60'000);
        const qint64 drained = m_database
                                   ->value("SELECT outcome ->> 'drained' FROM tidemark.run_step "
                                           "WHERE run = $1 AND name = 'swap'",
                                           {run.id()})
                                   .toLongLong();
        QVERIFY2(drained < meanwhile,
                 qPrintable(QStringLiteral("%1 drained of what %2 transactions changed").arg(drained).arg(meanwhile)));
        QVERIFY_RESULT(run.ask(QStringLiteral("undo")));
        QVERIFY_RESULT(driving.get());
        writers.stop();
        QVERIFY2(writers.errors().isEmpty(), qPrintable(writers.errors().join(QLatin1Char('\n'))));
    }

    void whatHangsOnTheTableComesAlong_data()
    {
        QTest::addColumn<QByteArray>("setup");
        QTest::addColumn<QByteArray>("refresh");
        QTest::addColumn<QByteArray>("isRight");
        QTest::addColumn<QString>("strategy");
        QTest::addColumn<bool>("swapsBack");
        const QByteArray keys =
            "CREATE TABLE artists (id int PRIMARY KEY); INSERT INTO artists SELECT generate_series(1, 9);"
            "ALTER TABLE plays ADD artist int NOT NULL DEFAULT 1 REFERENCES artists, ADD CONSTRAINT once UNIQUE (id, at);"
            "CREATE TABLE likes (play bigint, at timestamptz, CONSTRAINT of_play FOREIGN KEY (play, at) "
            "REFERENCES plays (id, at) ON UPDATE CASCADE ON DELETE CASCADE);"
            "INSERT INTO likes SELECT id, at FROM plays WHERE id % 3 = 0";
        const QByteArray keysHold =
            "SELECT (SELECT count(*) FROM likes AS l LEFT JOIN plays AS p ON p.id = l.play AND p.at = l.at "
            "WHERE p.id IS NULL) = 0 AND (SELECT count(*) FROM likes) BETWEEN 1 AND 1333 "
            "AND (SELECT string_agg(conrelid::regclass || ' ' || confrelid::regclass || ' ' || convalidated, ', ' "
            "ORDER BY conrelid::regclass::text) FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 "
            "AND connamespace = 'public'::regnamespace) = 'likes plays true, plays artists true'";
        const QByteArray views =
            "CREATE MATERIALIZED VIEW days AS SELECT date_trunc('day', at, 'UTC') AS day, count(*) AS n, sum(plays.n) AS s "
            "FROM plays GROUP BY 1; CREATE UNIQUE INDEX days_day ON days (day);"
            "CREATE VIEW months AS SELECT date_trunc('month', day, 'UTC') AS month, sum(n) AS n FROM days GROUP BY 1;"
            "CREATE VIEW total AS SELECT sum(n) AS n FROM months; CREATE VIEW newest AS SELECT max(at) AS at FROM plays";
        const QByteArray viewsFollow =
            "SELECT (SELECT n FROM total) = (SELECT count(*) FROM plays) AND (SELECT at FROM newest) = (SELECT max(at) FROM plays) "
            "AND (SELECT string_agg(DISTINCT v.relname || ' ' || t.relname, ', ' ORDER BY v.relname || ' ' || t.relname) "
            "FROM pg_depend AS d JOIN pg_rewrite AS r ON r.oid = d.objid JOIN pg_class AS v ON v.oid = r.ev_class "
            "JOIN pg_class AS t ON t.oid = d.refobjid WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = "
            "'pg_class'::regclass AND v.oid <> t.oid AND v.relnamespace = 'public'::regnamespace) = "
            "'days plays, months days, newest plays, total months'";
        for (const bool back : {false, true}) {
            for (const char *strategy : {"copy", "attach"}) {
                const auto row = [&](const char *what, const QByteArray &setup, const QByteArray &refresh,
                                     const QByteArray &isRight) {
                    QTest::addRow("%s, %s%s", what, strategy, back ? ", swapped back" : "")
                        << setup << refresh << isRight << QString::fromLatin1(strategy) << back;
                };
                row("foreign keys in and out", keys, "SELECT 1", keysHold);
                row("a materialized view and a view on a view above it", views,
                    "REFRESH MATERIALIZED VIEW CONCURRENTLY days", viewsFollow);
            }
        }
    }
    void whatHangsOnTheTableComesAlong()
    {
        QFETCH(QByteArray, setup);
        QFETCH(QByteArray, refresh);
        QFETCH(QByteArray, isRight);
        QFETCH(QString, strategy);
        QFETCH(bool, swapsBack);
        const quint32 seed = seedOf();
        qInfo("seed %u", seed);
        m_database->exec(setup);
        StageRun run(*m_database);
        run.create({{QStringLiteral("table"), QStringLiteral("plays")},
                    {QStringLiteral("strategy"), strategy},
                    {QStringLiteral("by"), QStringLiteral("at")},
                    {QStringLiteral("every"), QStringLiteral("1 year")}});
        const auto before = readTableInventory(
            run.session(), pg::QualifiedName{QStringLiteral("public"), QStringLiteral("plays")}, {});
        QVERIFY_RESULT(before);
        TableWriters writers(*m_database, seed, 2, {.replicate = false});
        {
            Driving driving(*m_database, run.id());
            for (const char *step : {"swap", "retire"}) {
                QTRY_VERIFY2_WITH_TIMEOUT(run.waitsAt(QLatin1String(step)) || driving.hasEnded(), step, 60'000);
                QVERIFY2(!driving.hasEnded(), qPrintable(run.whatHappened()));
                const bool goesBack = swapsBack && qstrcmp(step, "retire") == 0;
                QVERIFY_RESULT(run.ask(goesBack ? QStringLiteral("undo") : QStringLiteral("proceed")));
            }
            const auto ended = driving.get();
            QVERIFY_RESULT(ended);
            QVERIFY2(ended->end == (swapsBack ? RunEnd::Undone : RunEnd::Succeeded), qPrintable(run.whatHappened()));
        }
        writers.stop();
        QVERIFY2(writers.errors().isEmpty(), qPrintable(writers.errors().join(QLatin1Char('\n'))));
        const QString difference = TableWriters::difference(TableWriters::content(*m_database), writers.expected());
        QVERIFY2(difference.isEmpty(), qPrintable(difference));
        // The old view shows what came in while the new one stood for it.
        if (swapsBack && !refresh.startsWith("SELECT"))
            QVERIFY(m_database->value("SELECT n FROM total") != QLatin1String("4000"));
        m_database->exec(refresh);
        QCOMPARE(m_database->value(isRight), QStringLiteral("t"));
        QCOMPARE(run.leftOver(swapsBack), QString());
        if (swapsBack) {
            const auto after = readTableInventory(run.session(), before->facts.name, {});
            QVERIFY_RESULT(after);
            QStringList differences;
            for (const Difference &found : diff(*before, *after))
                differences << found.key() + QStringLiteral(": ") + found.source + QStringLiteral(" -> ")
                                   + found.target;
            QCOMPARE(differences, QStringList());
        }
    }

private:
    void cut(QRandomGenerator &random)
    {
        if (random.bounded(20) != 0 || ++m_cuts > 6)
            return;
        m_database->exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                         "AND application_name LIKE 'tidemark run%' AND random() < 0.5");
    }

    int m_cuts = 0;
    std::unique_ptr<TestDatabase> m_database;
};

QTEST_GUILESS_MAIN(TstStage)
#include "tst_stage.moc"
