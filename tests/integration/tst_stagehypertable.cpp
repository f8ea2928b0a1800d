// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/fidelity.h"
#include "tests/support/stagerun.h"
#include "tests/support/tablewriters.h"
#include "tests/support/testserver.h"

using namespace tidemark;
using namespace tidemark::test;

/// A plain table becomes a hypertable, and a plain table again, under clients that never pause.
class TstStageHypertable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void clientsNoticeNothingAndLoseNothing_data()
    {
        QTest::addColumn<bool>("truncates");
        QTest::addColumn<bool>("mirror");
        QTest::addColumn<bool>("swapsBack");
        QTest::newRow("keys") << false << false << false;
        QTest::newRow("keys, swapped back") << false << false << true;
        QTest::newRow("keys, truncated, swapped back") << true << false << true;
        QTest::newRow("mirror, swapped back") << false << true << true;
    }
    void clientsNoticeNothingAndLoseNothing()
    {
        QFETCH(bool, truncates);
        QFETCH(bool, mirror);
        QFETCH(bool, swapsBack);
        TIDEMARK_REQUIRE_SERVER("timescale");
        TestDatabase database(QStringLiteral("timescale"));
        database.exec(
            "CREATE EXTENSION timescaledb;"
            "CREATE TABLE plays (id bigint, at timestamptz NOT NULL, note text, n int NOT NULL, PRIMARY KEY (id, at));"
            "CREATE INDEX plays_at ON plays (at DESC); CREATE INDEX plays_n ON plays (n) WHERE n > 3;"
            "COMMENT ON TABLE plays IS 'what was played'; GRANT SELECT ON plays TO PUBLIC;"
            "INSERT INTO plays SELECT g, timestamptz '2026-01-01Z' + g * interval '1 hour', md5(g::text), 0 "
            "FROM generate_series(1, 4000) AS g");
        const quint32 seed = QRandomGenerator::global()->generate();
        QRandomGenerator random(seed);
        qInfo("seed %u", seed);
        StageRun run(database);
        const pg::QualifiedName plays{QStringLiteral("public"), QStringLiteral("plays")};
        const auto before = readTableInventory(run.session(), plays, {});
        QVERIFY_RESULT(before);
        run.create({{QStringLiteral("table"), QStringLiteral("plays")},
                    {QStringLiteral("shape"), QStringLiteral("hypertable")},
                    {QStringLiteral("by"), QStringLiteral("at")},
                    {QStringLiteral("every"), QStringLiteral("30 days")},
                    {QStringLiteral("mirror"), mirror}});
        TableWriters writers(database, seed, 2, {.truncate = truncates, .replicate = false, .move = false});
        {
            Driving driving(database, run.id());
            for (const char *step : {"swap", "retire"}) {
                QTRY_VERIFY2_WITH_TIMEOUT(run.waitsAt(QLatin1String(step)) || driving.hasEnded(), step, 60'000);
                QVERIFY2(!driving.hasEnded(), qPrintable(run.whatHappened()));
                QTest::qWait(int(random.bounded(300)));
                const bool goesBack = swapsBack && qstrcmp(step, "retire") == 0;
                QVERIFY_RESULT(run.ask(goesBack ? QStringLiteral("undo") : QStringLiteral("proceed")));
            }
            const auto ended = driving.get();
            QVERIFY_RESULT(ended);
            QVERIFY2(ended->end == (swapsBack ? RunEnd::Undone : RunEnd::Succeeded), qPrintable(run.whatHappened()));
        }
        writers.stop();
        QVERIFY2(writers.errors().isEmpty(), qPrintable(writers.errors().join(QLatin1Char('\n'))));
        QVERIFY2(writers.transactions() > 50, qPrintable(QString::number(writers.transactions())));
        const QString difference = TableWriters::difference(TableWriters::content(database), writers.expected());
        QVERIFY2(difference.isEmpty(), qPrintable(difference));
        QCOMPARE(database.value("SELECT count(*) FROM timescaledb_information.hypertables"),
                 swapsBack ? QStringLiteral("0") : QStringLiteral("1"));
        QCOMPARE(run.leftOver(swapsBack), QString());
        const auto after = readTableInventory(run.session(), plays, {});
        QVERIFY_RESULT(after);
        FidelityRules rules;
        if (!swapsBack) {
            rules.shape = FidelityRules::Shape::Hypertable;
            rules.partitionKey = QStringLiteral("at");
        }
        QStringList differences;
        for (const Difference &found : unwaived(diff(*before, *after, rules), {}))
            differences << found.key() + QStringLiteral(": ") + found.source + QStringLiteral(" -> ") + found.target;
        QCOMPARE(differences, QStringList());
    }
};

QTEST_GUILESS_MAIN(TstStageHypertable)
#include "tst_stagehypertable.moc"
