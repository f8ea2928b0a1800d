// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/historystore.h"
#include "core/store/profilestore.h"
#include "tests/support/program.h"
#include "tests/support/tablewriters.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>

using namespace tidemark;
using namespace tidemark::test;

/// A staged migration by the program, which is killed over and over while clients write.
class TstStageCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
        m_database->exec(
            "CREATE TABLE plays (id bigint PRIMARY KEY, at timestamptz NOT NULL, note text, n int NOT NULL);"
            "INSERT INTO plays SELECT g, timestamptz '2026-01-01Z' + g * interval '1 hour', md5(g::text), 0 "
            "FROM generate_series(1, 4000) AS g");
    }
    void cleanup() { m_database.reset(); }

    void killedAtAnyMomentThereAndBackNoRowIsLostOrDoubled()
    {
        bool given = false;
        quint32 seed = qEnvironmentVariable("TIDEMARK_TEST_SEED").toUInt(&given);
        if (!given)
            seed = QRandomGenerator::global()->generate();
        qInfo("seed %u", seed);
        m_random = QRandomGenerator(seed);
        const QString plan = m_folder.filePath(QStringLiteral("plan.json"));
        const Ran planned = ctl({QStringLiteral("plan"), QStringLiteral("stage"), QStringLiteral("plays"),
                                 QStringLiteral("--by"), QStringLiteral("at"), QStringLiteral("-o"), plan});
        QVERIFY2(planned.exitCode == 0, qPrintable(planned.err));
        QCOMPARE(m_database->value("SELECT to_regnamespace('tidemark') IS NULL"),
                 QStringLiteral("t")); // planning writes nothing

        TableWriters writers(*m_database, seed, 2, {});
        drive({QStringLiteral("run"), plan, QStringLiteral("--yes"), QStringLiteral("--set"),
               QStringLiteral("chunk_pages=8"), QStringLiteral("--set"), QStringLiteral("stall_budget_ms=3000")},
              QStringLiteral("swap"));
        QVERIFY(!QTest::currentTestFailed());
        drive({QStringLiteral("resume"), QStringLiteral("1"), QStringLiteral("--yes")}, QStringLiteral("retire"));
        QVERIFY(!QTest::currentTestFailed());
        QCOMPARE(m_database->value("SELECT relkind FROM pg_class WHERE oid = 'plays'::regclass"), QStringLiteral("p"));
        QTest::qWait(200);
        undo();
        QVERIFY(!QTest::currentTestFailed());
        writers.stop();
        QVERIFY2(writers.errors().isEmpty(), qPrintable(writers.errors().join(QLatin1Char('\n'))));
        qInfo("%d kills, %lld transactions", m_kills, writers.transactions());
        const QString difference = TableWriters::difference(TableWriters::content(*m_database), writers.expected());
        QVERIFY2(difference.isEmpty(), qPrintable(difference));
        QCOMPARE(m_database->value("SELECT relkind FROM pg_class WHERE oid = 'plays'::regclass"), QStringLiteral("r"));
        QCOMPARE(m_database->value(
                     "SELECT count(*) FROM pg_class WHERE relname ~ '_tidemark_|^(stage|return)_[0-9]|plays_p2026'"),
                 QStringLiteral("0"));
    }

    void whatCannotBePartitionedIsToldAndNothingIsWritten()
    {
        m_database->exec("CREATE TABLE keyless (at timestamptz NOT NULL)");
        Ran ran = ctl({QStringLiteral("plan"), QStringLiteral("stage"), QStringLiteral("keyless"),
                       QStringLiteral("--by"), QStringLiteral("at")});
        QVERIFY2(ran.exitCode != 0 && ran.err.contains(QLatin1String("key")), qPrintable(ran.err));
        ran = ctl({QStringLiteral("plan"), QStringLiteral("stage"), QStringLiteral("plays"), QStringLiteral("--by"),
                   QStringLiteral("when")});
        QVERIFY2(ran.err.contains(QStringLiteral("no column “when”")), qPrintable(ran.err));
        ran = ctl({QStringLiteral("plan"), QStringLiteral("stage"), QStringLiteral("plays"), QStringLiteral("--by"),
                   QStringLiteral("at"), QStringLiteral("--every"), QStringLiteral("fortnight")});
        QCOMPARE(ran.exitCode, 2);
        QVERIFY2(ran.err.contains(QStringLiteral("“fortnight” is no width")), qPrintable(ran.err));
        QCOMPARE(m_database->value("SELECT to_regnamespace('tidemark') IS NULL"), QStringLiteral("t"));
    }

    void theStrategiesAreComparedAndNothingIsWritten()
    {
        Ran ran = ctl({QStringLiteral("plan"), QStringLiteral("stage"), QStringLiteral("plays"), QStringLiteral("--by"),
                       QStringLiteral("at"), QStringLiteral("--compare")});
        QVERIFY2(ran.exitCode == 0, qPrintable(ran.err));
        QVERIFY2(ran.out.contains(QLatin1String("native attach")) && ran.out.contains(QLatin1String("native copy"))
                     && ran.out.contains(QLatin1String("  lock: ACCESS EXCLUSIVE on public.plays")),
                 qPrintable(ran.out));
        ran = ctl({QStringLiteral("--json"), QStringLiteral("plan"), QStringLiteral("stage"), QStringLiteral("plays"),
                   QStringLiteral("--by"), QStringLiteral("at"), QStringLiteral("--compare")});
        const QJsonArray strategies =
            QJsonDocument::fromJson(ran.out.toUtf8()).object().value(QStringLiteral("strategies")).toArray();
        QCOMPARE(strategies.size(), 2);
        QVERIFY(strategies.at(0).toObject().value(QStringLiteral("feasible")).toBool());
        QVERIFY(strategies.at(1).toObject().value(QStringLiteral("estimated_ms")).isNull());

        ran = ctl({QStringLiteral("plan"), QStringLiteral("stage"), QStringLiteral("plays"), QStringLiteral("--by"),
                   QStringLiteral("at"), QStringLiteral("--free-disk"), QStringLiteral("1000")});
        QCOMPARE(ran.exitCode, 3);
        QVERIFY2(ran.err.contains(QLatin1String("refused: disk")), qPrintable(ran.err));
        ran = ctl({QStringLiteral("plan"), QStringLiteral("stage"), QStringLiteral("plays"), QStringLiteral("--by"),
                   QStringLiteral("at"), QStringLiteral("--strategy"), QStringLiteral("attach")});
        QVERIFY2(ran.exitCode == 0 && ran.out.contains(QLatin1String("ATTACH PARTITION"))
                     && ran.err.contains(QLatin1String("now: swap: ACCESS EXCLUSIVE on public.plays: nobody")),
                 qPrintable(ran.out + ran.err));
        QCOMPARE(m_database->value("SELECT to_regnamespace('tidemark') IS NULL"), QStringLiteral("t"));
    }

    void aRehearsalIsAskedAboutWhateverTheProfileAllowsAndStandsInTheAuditWithItsEnd()
    {
        const QString plan = m_folder.filePath(QStringLiteral("rehearsed.json"));
        QCOMPARE(ctl({QStringLiteral("plan"), QStringLiteral("stage"), QStringLiteral("plays"), QStringLiteral("--by"),
                      QStringLiteral("at"), QStringLiteral("-o"), plan})
                     .exitCode,
                 0);
        const QString store = m_folder.filePath(QStringLiteral("rehearsed.sqlite"));
        Profile profile;
        profile.name = QStringLiteral("free");
        profile.safety = Safety::Free;
        profile.connInfo = m_database->conn();
        QVERIFY_RESULT(ProfileStore(LocalStore::open(store).value()).add(profile));
        const QStringList rehearse{QStringLiteral("--store"),  store, QStringLiteral("--profile"), profile.name,
                                   QStringLiteral("rehearse"), plan};
        const Ran refused = runCtl(rehearse);
        QCOMPARE(refused.exitCode, 6);
        QVERIFY2(refused.err.contains(QLatin1String("A scratch database is made")), qPrintable(refused.err));
        const Ran done = runCtl(rehearse + QStringList{QStringLiteral("--yes")});
        QVERIFY2(done.exitCode == 0, qPrintable(done.err));
        const auto audit = HistoryStore(LocalStore::open(store).value()).audit(10);
        QVERIFY_RESULT(audit);
        QStringList outcomes;
        for (const AuditEntry &entry : *audit)
            outcomes << entry.outcome;
        outcomes.sort();
        QCOMPARE(outcomes, (QStringList{QStringLiteral("begun"), QStringLiteral("succeeded")}));
    }

private:
    [[nodiscard]] QStringList withDatabase(const QStringList &arguments) const
    {
        return QStringList{QStringLiteral("-d"), m_database->conn().withoutPassword()} + arguments;
    }

    Ran ctl(const QStringList &arguments) { return runCtl(withDatabase(arguments)); }

    bool waitsAt(const QString &step)
    {
        return m_database->value("SELECT to_regclass('tidemark.run_step') IS NOT NULL") == QLatin1String("t")
               && m_database->value("SELECT count(*) FROM tidemark.run_step WHERE name = $1 AND state = 'waiting'",
                                    {step})
                      == QLatin1String("1");
    }

    /// Runs the program, killing it after a random while and starting it again with `resume`, until the run waits at that
    /// step. A wait before it gets the word.
    void drive(QStringList arguments, const QString &step)
    {
        QElapsedTimer limit;
        limit.start();
        for (int kills = 0; limit.elapsed() < 120'000;) {
            QProcess process;
            process.start(QStringLiteral(TIDEMARK_BIN_DIR "/tidemarkctl"), withDatabase(arguments));
            QElapsedTimer alive;
            alive.start();
            const int patience = int(m_random.bounded(600)) + kills * 150;
            while (process.state() != QProcess::NotRunning && alive.elapsed() < patience) {
                process.waitForFinished(50);
                if (waitsAt(step))
                    break;
                if (step == QLatin1String("retire") && waitsAt(QStringLiteral("swap")))
                    ctl({QStringLiteral("proceed"), QStringLiteral("1")});
            }
            const bool isThere = waitsAt(step);
            process.kill();
            process.waitForFinished();
            ++m_kills;
            ++kills;
            if (isThere)
                return;
            const bool isBegun = m_database->value("SELECT to_regclass('tidemark.run') IS NOT NULL")
                                     == QLatin1String("t")
                                 && m_database->value("SELECT count(*) FROM tidemark.run") != QLatin1String("0");
            if (isBegun)
                arguments = {QStringLiteral("resume"), QStringLiteral("1"), QStringLiteral("--yes")};
        }
        QFAIL(qPrintable(QStringLiteral("it did not come to %1").arg(step)));
    }

    void undo()
    {
        for (int kills = 0; kills < 40; ++kills) {
            QProcess process;
            process.start(QStringLiteral(TIDEMARK_BIN_DIR "/tidemarkctl"),
                          withDatabase({QStringLiteral("undo"), QStringLiteral("1"), QStringLiteral("--yes")}));
            if (process.waitForFinished(int(m_random.bounded(500)) + kills * 150) && process.exitCode() == 0)
                return;
            process.kill();
            process.waitForFinished();
            ++m_kills;
        }
        QFAIL("it was not undone");
    }

    int m_kills = 0;
    QRandomGenerator m_random;
    QTemporaryDir m_folder;
    std::unique_ptr<TestDatabase> m_database;
};

QTEST_GUILESS_MAIN(TstStageCommand)
#include "tst_stagecommand.moc"
