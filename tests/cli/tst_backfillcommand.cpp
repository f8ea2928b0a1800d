// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QProcess>
#include <QRandomGenerator>
#include <QTemporaryDir>

using namespace tidemark;
using namespace tidemark::test;

/// A backfill by the program, which is killed over and over, as is the server's every session of it.
class TstBackfillCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
        m_database->exec("CREATE TABLE plays (id bigint PRIMARY KEY, price int NOT NULL, tag text);"
                         "INSERT INTO plays SELECT g, 100, md5(g::text) FROM generate_series(1, 100000) AS g");
    }
    void cleanup() { m_database.reset(); }

    void killedAtAnyMomentThereAndBackEachRowIsFilledOnce()
    {
        const quint32 seed = QRandomGenerator::global()->generate();
        qInfo("seed %u", seed);
        QRandomGenerator random(seed);
        const QString plan = m_folder.filePath(QStringLiteral("plan.json"));
        // Twice the price of what was doubled already would be seen.
        QCOMPARE(ended({QStringLiteral("plan"), QStringLiteral("backfill"), QStringLiteral("plays"),
                        QStringLiteral("--set"), QStringLiteral("price=price * 2"), QStringLiteral("--where"),
                        QStringLiteral("true"), QStringLiteral("-o"), plan}),
                 0);
        const auto isHeld = [this] {
            return hasRun()
                   && m_database->value(
                          "SELECT count(*) FROM tidemark.run_step WHERE name = 'finish' AND state = 'waiting'")
                          == QLatin1String("1");
        };
        killUntil(isHeld, random,
                  {QStringLiteral("run"), plan, QStringLiteral("--yes"), QStringLiteral("--set"),
                   QStringLiteral("chunk_pages=16"), QStringLiteral("--set"), QStringLiteral("chunk_time_ms=5"),
                   QStringLiteral("--set"), QStringLiteral("workers=1")},
                  {QStringLiteral("resume"), QStringLiteral("1"), QStringLiteral("--yes")});
        QVERIFY(!QTest::currentTestFailed());
        QCOMPARE(m_database->value("SELECT min(price) || ' ' || max(price) FROM plays"), QStringLiteral("200 200"));

        const auto isUndone = [this] {
            return m_database->value("SELECT state FROM tidemark.run") == QLatin1String("undone");
        };
        const QStringList undo{QStringLiteral("undo"), QStringLiteral("1"), QStringLiteral("--yes")};
        killUntil(isUndone, random, undo, undo);
        QVERIFY(!QTest::currentTestFailed());
        qInfo("%d kills", m_kills);
        QCOMPARE(m_database->value("SELECT min(price) || ' ' || max(price) FROM plays"), QStringLiteral("100 100"));
        QCOMPARE(m_database->value("SELECT count(*) FROM pg_class WHERE relname ~ '^backfill_'"), QStringLiteral("0"));
    }

    void aMistakeOnTheCommandLineIsToldInItsOwnWords()
    {
        QString told;
        QCOMPARE(ended({QStringLiteral("plan"), QStringLiteral("backfill"), QStringLiteral("plays"),
                        QStringLiteral("--set"), QStringLiteral("price")},
                       &told),
                 2);
        QVERIFY2(told.contains(QLatin1String("--set price names no column")), qPrintable(told));
        QCOMPARE(ended({QStringLiteral("plan"), QStringLiteral("backfill"), QStringLiteral("plays")}, &told), 2);
        QVERIFY2(told.contains(QLatin1String("sets no column of public.plays")), qPrintable(told));
    }

private:
    bool hasRun()
    {
        return m_database->value("SELECT to_regclass('tidemark.run_step') IS NOT NULL") == QLatin1String("t")
               && m_database->value("SELECT count(*) FROM tidemark.run") == QLatin1String("1");
    }

    void start(QProcess &process, const QStringList &arguments)
    {
        process.setStandardInputFile(QProcess::nullDevice());
        process.start(QStringLiteral(TIDEMARK_BIN_DIR "/tidemarkctl"),
                      QStringList{QStringLiteral("-d"), m_database->conn().withoutPassword()} + arguments);
        QVERIFY(process.waitForStarted());
    }

    int ended(const QStringList &arguments, QString *err = nullptr)
    {
        QProcess process;
        start(process, arguments);
        if (!process.waitForFinished(60'000))
            qFatal("tidemarkctl did not end");
        if (err)
            *err = QString::fromUtf8(process.readAllStandardError());
        return process.exitCode();
    }

    template<typename Condition>
    void killUntil(Condition isReached, QRandomGenerator &random, const QStringList &first, const QStringList &again)
    {
        QElapsedTimer limit;
        limit.start();
        for (bool hasBegun = false; !isReached(); hasBegun = hasBegun || hasRun()) {
            QVERIFY2(limit.elapsed() < 90'000, "it does not get there");
            QProcess process;
            start(process, hasBegun ? again : first);
            QElapsedTimer lived;
            lived.start();
            const int patience = m_kills % 16 < 15 ? random.bounded(50, 400) : 30'000;
            while (lived.elapsed() < patience && !isReached() && process.state() == QProcess::Running)
                process.waitForFinished(20);
            if (process.state() == QProcess::Running)
                ++m_kills;
            process.kill();
            process.waitForFinished();
            QVERIFY2(process.exitStatus() == QProcess::CrashExit || process.exitCode() != 2,
                     process.readAllStandardError().constData());
        }
    }

    std::unique_ptr<TestDatabase> m_database;
    QTemporaryDir m_folder;
    int m_kills = 0;
};

QTEST_GUILESS_MAIN(TstBackfillCommand)
#include "tst_backfillcommand.moc"
