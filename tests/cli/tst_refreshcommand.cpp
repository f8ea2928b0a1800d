// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/actor.h"
#include "tests/support/program.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>

#include <csignal>

using namespace tidemark;
using namespace tidemark::test;

/// tidemarkctl refresh as a script meets it.
class TstRefreshCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
        m_database->exec("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1);"
                         "CREATE MATERIALIZED VIEW a AS SELECT id FROM t; CREATE UNIQUE INDEX ON a (id);"
                         "CREATE MATERIALIZED VIEW b AS SELECT id FROM a; CREATE UNIQUE INDEX ON b (id);"
                         "CREATE MATERIALIZED VIEW bare AS SELECT id FROM t");
    }
    void cleanup() { m_database.reset(); }

    void whatIsNamedAndWhatReadsItIsRefreshed()
    {
        m_database->exec("INSERT INTO t VALUES (2)");
        const Ran ran = ctl({"a", "--cascade", "--yes"});
        QCOMPARE(ran.exitCode, 0);
        QVERIFY2(ran.out.contains(QLatin1String("public.a: refreshed in ")), qPrintable(ran.out));
        QVERIFY2(ran.out.contains(QLatin1String("1 rows written, 0 removed")), qPrintable(ran.out));
        QVERIFY2(ran.out.endsWith(QLatin1String("2 refreshed, 0 failed, 0 skipped, 0 stopped\n")), qPrintable(ran.out));
        QVERIFY2(ran.err.contains(QLatin1String("REFRESH MATERIALIZED VIEW CONCURRENTLY \"public\".\"b\";")),
                 qPrintable(ran.err));
        QCOMPARE(rowsOf("b"), 2);
        QCOMPARE(rowsOf("bare"), 1);
    }

    void nothingIsDoneWithoutAYes()
    {
        m_database->exec("INSERT INTO t VALUES (2)");
        QCOMPARE(ctl({"a"}).exitCode, 6);
        QCOMPARE(rowsOf("a"), 1);
    }

    void lockingReadersOutIsAcceptedInSoManyWords()
    {
        m_database->exec("INSERT INTO t VALUES (2)");
        const Ran refused = ctl({"bare", "--yes"});
        QCOMPARE(refused.exitCode, 6);
        QVERIFY2(refused.err.contains(QLatin1String("--accept-lock")), qPrintable(refused.err));
        QCOMPARE(rowsOf("bare"), 1);
        QCOMPARE(ctl({"bare", "--yes", "--concurrently"}).exitCode, 1);
        QCOMPARE(rowsOf("bare"), 1);
        QCOMPARE(ctl({"bare", "--yes", "--accept-lock"}).exitCode, 0);
        QCOMPARE(rowsOf("bare"), 2);
    }

    void emptyingTakesTheExactWords()
    {
        QCOMPARE(ctl({"a", "--yes", "--with-no-data", "yes"}).exitCode, 6);
        QCOMPARE(ctl({"a", "--yes", "--with-no-data"}).exitCode, 2);
        QCOMPARE(rowsOf("a"), 1);
        QCOMPARE(ctl({"a", "--yes", "--with-no-data", "empty until the next refresh"}).exitCode, 0);
        QCOMPARE(m_database->value("SELECT relispopulated FROM pg_class WHERE relname = 'a'"), QStringLiteral("f"));
    }

    void aDryRunTellsWhatAndWhoIsInTheWayAndChangesNothing()
    {
        m_database->exec("INSERT INTO t VALUES (2)");
        const Ran free = ctl({"a", "--cascade", "--dry-run", "--json"});
        QCOMPARE(free.exitCode, 0);
        const QJsonArray items = free.json()[QLatin1String("items")].toArray();
        QCOMPARE(items.size(), 2);
        QCOMPARE(items[1][QLatin1String("after")][0][QLatin1String("name")].toString(), QStringLiteral("a"));
        QCOMPARE(items[0][QLatin1String("method")].toString(), QStringLiteral("concurrently"));
        QCOMPARE(free.json()[QLatin1String("waits")].toArray().size(), 0);
        Actor blocker(m_database->open());
        blocker.run("BEGIN; SELECT * FROM public.bare");
        const Ran blocked = ctl({"bare", "--plain", "--dry-run"});
        QCOMPARE(blocked.exitCode, 3);
        QVERIFY2(blocked.out.contains(QStringLiteral("would wait for pid %1 ").arg(blocker.pid())),
                 qPrintable(blocked.out));
        QVERIFY2(blocked.out.contains(QLatin1String("\nREFRESH MATERIALIZED VIEW \"public\".\"bare\";\n")),
                 qPrintable(blocked.out));
        QCOMPARE(rowsOf("a"), 1);
        QCOMPARE(rowsOf("bare"), 1);
    }

    void eachThingThatHappensIsALineOfJson()
    {
        m_database->exec("CREATE MATERIALIZED VIEW broken AS SELECT 1 / (id - id) AS q FROM a WITH NO DATA;"
                         "CREATE MATERIALIZED VIEW behind AS SELECT q FROM broken WITH NO DATA");
        const Ran ran = ctl({"--all", "--accept-lock", "--yes", "--json", "--jobs", "1"});
        QCOMPARE(ran.exitCode, 1);
        QHash<QString, QString> ends;
        QJsonObject last;
        for (const QString &line : ran.out.split(QLatin1Char('\n'), Qt::SkipEmptyParts)) {
            last = QJsonDocument::fromJson(line.toUtf8()).object();
            QCOMPARE(last[QLatin1String("version")].toInt(), 1);
            ends.insert(last[QLatin1String("name")].toString(), last[QLatin1String("event")].toString());
        }
        QCOMPARE(ends.value(QStringLiteral("a")), QStringLiteral("succeeded"));
        QCOMPARE(ends.value(QStringLiteral("broken")), QStringLiteral("failed"));
        QCOMPARE(ends.value(QStringLiteral("behind")), QStringLiteral("skipped"));
        QCOMPARE(last[QLatin1String("succeeded")].toInt(), 3);
        QCOMPARE(last[QLatin1String("failed")].toInt(), 1);
        QCOMPARE(last[QLatin1String("skipped")].toInt(), 1);
    }

    void whatIsNotStaleIsLeftAlone()
    {
        // Only of what was watched before it is known that nothing came around its refresh.
        m_database->exec("INSERT INTO t VALUES (3)");
        m_database->exec("SELECT pg_stat_force_next_flush()");
        QTest::qWait(12'500);
        QCOMPARE(ctl({"freshness"}, true).exitCode, 0);
        QCOMPARE(ctl({"--all", "--accept-lock", "--yes"}).exitCode, 0);
        // What came around the refresh of a view that b reads may be missing in b.
        const Ran none = ctl({"a", "bare", "--stale", "--accept-lock", "--yes"});
        QCOMPARE(none.exitCode, 0);
        QVERIFY2(none.err.contains(QLatin1String("Nothing is stale")), qPrintable(none.err + none.out));
        m_database->exec("INSERT INTO t VALUES (2)");
        m_database->exec("SELECT pg_stat_force_next_flush()");
        QTest::qWait(1'100);
        const Ran some = ctl({"--all", "--stale", "--cascade", "--accept-lock", "--yes"});
        QCOMPARE(some.exitCode, 0);
        QCOMPARE(rowsOf("b"), 3);
        QCOMPARE(rowsOf("bare"), 3);
    }

    void mistakesAreToldInTheirOwnWords()
    {
        QCOMPARE(ctl({}).exitCode, 2);
        QCOMPARE(ctl({"a", "--all"}).exitCode, 2);
        QCOMPARE(ctl({"a", "--plain", "--concurrently"}).exitCode, 2);
        QCOMPARE(ctl({"a", "--jobs", "0"}).exitCode, 2);
        QCOMPARE(ctl({"a", "--lock-timeout", "soon"}).exitCode, 2);
        const Ran missing = ctl({"nowhere", "--yes"});
        QCOMPARE(missing.exitCode, 1);
        QVERIFY2(missing.err.contains(QLatin1String("nothing refreshable is named nowhere")), qPrintable(missing.err));
        const Ran notStale = ctl({"a", "nowhere", "--stale", "--yes"});
        QCOMPARE(notStale.exitCode, 1);
        QCOMPARE(notStale.err, missing.err);
    }

    void adviceNamesTheIndexThatLetsReadersGoOn()
    {
        const Ran told = runCtl(arguments({"advice", "bare"}, true));
        QCOMPARE(told.exitCode, 0);
        QVERIFY2(
            told.out.contains(QLatin1String("CREATE UNIQUE INDEX CONCURRENTLY ON \"public\".\"bare\" (\"id\");\n")),
            qPrintable(told.out));
        const Ran checked = runCtl(arguments({"advice", "--json", "--check"}, true));
        QCOMPARE(checked.exitCode, 3);
        const QJsonArray advice = checked.json()[QLatin1String("advice")].toArray();
        QCOMPARE(advice.size(), 1);
        QCOMPARE(advice[0][QLatin1String("kind")].toString(), QStringLiteral("index_for_concurrently"));
        QCOMPARE(ctl({"advice", "--check", "--no-scan"}, true).exitCode, 0);
        QCOMPARE(ctl({"advice", "nowhere"}, true).exitCode, 1);
    }

    void aProgramThatIsKilledLeavesNothing()
    {
        m_database->exec(
            "CREATE MATERIALIZED VIEW slow AS SELECT id, CASE WHEN id > 1 THEN pg_sleep(600)::text END AS s FROM t;"
            "INSERT INTO t VALUES (2)");
        QProcess process;
        start(process, {"slow", "--accept-lock", "--yes"});
        QTRY_COMPARE(refreshing(), 1);
        process.kill();
        process.waitForFinished();
        QTRY_COMPARE_WITH_TIMEOUT(refreshing(), 0, 10'000);
        QCOMPARE(rowsOf("slow"), 1); // and it can be read
        QCOMPARE(m_database->value("SELECT count(*) FROM pg_locks WHERE relation = 'slow'::regclass"),
                 QStringLiteral("0"));
    }

    void anInterruptCancelsAndSaysSo()
    {
        m_database->exec(
            "CREATE MATERIALIZED VIEW slow AS SELECT id, CASE WHEN id > 1 THEN pg_sleep(600)::text END AS s FROM t;"
            "INSERT INTO t VALUES (2)");
        QProcess process;
        start(process, {"slow", "--accept-lock", "--yes"});
        QTRY_COMPARE(refreshing(), 1);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(10'000));
        QCOMPARE(process.exitCode(), 5);
        const QString out = QString::fromUtf8(process.readAllStandardOutput());
        QVERIFY2(out.contains(QLatin1String("public.slow: stopped: cancelled")), qPrintable(out));
        QCOMPARE(refreshing(), 0);
    }

private:
    [[nodiscard]] QStringList arguments(std::initializer_list<const char *> rest, bool isWhole) const
    {
        QStringList all{QStringLiteral("-d"), m_database->conn().withoutPassword()};
        if (!isWhole)
            all << QStringLiteral("refresh");
        for (const char *word : rest)
            all << QString::fromUtf8(word);
        return all;
    }
    [[nodiscard]] Ran ctl(std::initializer_list<const char *> rest, bool isWhole = false) const
    {
        return runCtl(arguments(rest, isWhole));
    }
    void start(QProcess &process, std::initializer_list<const char *> rest) const
    {
        process.setStandardInputFile(QProcess::nullDevice());
        process.start(QStringLiteral(TIDEMARK_BIN_DIR "/tidemarkctl"), arguments(rest, false));
        QVERIFY(process.waitForStarted());
    }
    [[nodiscard]] int rowsOf(const char *view) const
    {
        return m_database->value(QByteArray("SELECT count(*) FROM ") + view).toInt();
    }
    /// Backends that do.
    [[nodiscard]] int refreshing() const
    {
        return m_database
            ->value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query ~ '^REFRESH'"
                    " AND state = 'active'")
            .toInt();
    }

    std::unique_ptr<TestDatabase> m_database;
};

QTEST_GUILESS_MAIN(TstRefreshCommand)
#include "tst_refreshcommand.moc"
