// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/strategies.h"
#include "tests/support/actor.h"
#include "tests/support/stagerun.h"
#include "tests/support/testserver.h"

using namespace tidemark;
using namespace tidemark::stage;
using namespace tidemark::test;

namespace {

StageSpec byMonth()
{
    StageSpec spec;
    spec.table = {QStringLiteral("public"), QStringLiteral("plays")};
    spec.keyColumn = QStringLiteral("at");
    return spec;
}

QString textOf(const std::vector<Finding> &findings)
{
    QStringList lines;
    for (const Finding &finding : findings)
        lines << finding.subject + QStringLiteral(": ") + finding.text;
    return lines.join(QLatin1Char('\n'));
}

} // namespace

/// What planning finds on a server before anything is done, and the strategies side by side.
class TstPreflight : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        ClusterOptions options;
        options.settings = {{QStringLiteral("max_prepared_transactions"), QStringLiteral("5")},
                            {QStringLiteral("wal_level"), QStringLiteral("logical")},
                            {QStringLiteral("shared_preload_libraries"), QStringLiteral("pg_stat_statements")}};
        m_cluster = std::make_unique<TestCluster>(options);
        QVERIFY_RESULT(m_cluster->start());
    }
    void cleanupTestCase() { m_cluster.reset(); }
    void init()
    {
        m_database = std::make_unique<TestDatabase>(m_cluster->connInfo());
        m_database->exec(
            "CREATE TABLE plays (id bigint PRIMARY KEY, at timestamptz NOT NULL, n int);"
            "INSERT INTO plays SELECT g, timestamptz '2026-01-01Z' + g * interval '1 hour', g FROM generate_series(1, 9000) AS g");
        m_session = m_database->open(pg::SessionOptions());
    }
    void cleanup()
    {
        m_session.reset();
        m_database.reset();
    }

    void aDiskThatIsToldToBeTooSmallIsRefusedUpFront()
    {
        StageSpec spec = byMonth();
        const auto unknown = planStage(*m_session, spec);
        QVERIFY_RESULT(unknown);
        QVERIFY(unknown->plan);
        QVERIFY(unknown->diskNeeded >= m_database->value("SELECT pg_relation_size('plays')").toLongLong());
        QVERIFY2(textOf(unknown->findings).contains(QLatin1String("no query tells how much is free")),
                 qPrintable(textOf(unknown->findings)));

        spec.freeDisk = unknown->diskNeeded - 1;
        const auto small = planStage(*m_session, spec);
        QVERIFY_RESULT(small);
        QVERIFY(!small->plan);
        QCOMPARE(small->obstacles.front().object, QStringLiteral("disk"));
        QCOMPARE(small->obstacles.front().gravity, Obstacle::Gravity::Refused);

        spec.freeDisk = unknown->diskNeeded;
        const auto enough = planStage(*m_session, spec);
        QVERIFY_RESULT(enough);
        QVERIFY(enough->plan);
        QVERIFY(!textOf(enough->findings).contains(QLatin1String("disk")));
        // Attaching needs room for the key alone.
        spec.strategy = Strategy::Attach;
        spec.freeDisk.reset();
        const auto attached = planStage(*m_session, spec);
        QVERIFY_RESULT(attached);
        QVERIFY(attached->diskNeeded > 0 && attached->diskNeeded < enough->diskNeeded);
    }

    void preparedTransactionsAndIdleSlotsAreNamed()
    {
        m_database->exec("SELECT pg_create_physical_replication_slot('forgotten', true);"
                         "CREATE TABLE other (id int)");
        m_database->exec("BEGIN; INSERT INTO other VALUES (1); PREPARE TRANSACTION 'left behind'");
        const auto planned = planStage(*m_session, byMonth());
        m_database->exec("ROLLBACK PREPARED 'left behind'");
        m_database->exec("SELECT pg_drop_replication_slot('forgotten')");
        QVERIFY_RESULT(planned);
        const QString text = textOf(planned->findings);
        QVERIFY2(text.contains(QLatin1String("prepared transaction 'left behind' of")), qPrintable(text));
        QVERIFY2(text.contains(QLatin1String("replication slot forgotten (physical): It is read by nobody")),
                 qPrintable(text));
    }

    void conflictTargetsWithoutThePartitionKeyAreNamed()
    {
        m_database->exec("CREATE EXTENSION pg_stat_statements;"
                         "CREATE FUNCTION upsert() RETURNS void LANGUAGE plpgsql AS "
                         "'BEGIN INSERT INTO plays VALUES (1, now(), 1) ON CONFLICT (id) DO UPDATE SET n = 2; END';"
                         "CREATE FUNCTION fine() RETURNS void LANGUAGE plpgsql AS "
                         "'BEGIN INSERT INTO plays VALUES (1, now(), 1) ON CONFLICT DO NOTHING; END'");
        m_database->exec("INSERT INTO plays VALUES (5, now(), 1) ON CONFLICT (id) DO NOTHING");
        const auto planned = planStage(*m_session, byMonth());
        QVERIFY_RESULT(planned);
        const QString text = textOf(planned->findings);
        QVERIFY2(text.contains(QLatin1String("function public.upsert(): ON CONFLICT (id) finds no such unique key")),
                 qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("statement “INSERT INTO plays VALUES ($1, now(), $2) ON CONFLICT (id)")),
                 qPrintable(text));
        QVERIFY2(!text.contains(QLatin1String("fine()")) && !text.contains(QStringLiteral("“CREATE")),
                 qPrintable(text));

        // A key that has the column already stays what it is.
        m_database->exec("ALTER TABLE plays DROP CONSTRAINT plays_pkey, ADD PRIMARY KEY (id, at)");
        const auto kept = planStage(*m_session, byMonth());
        QVERIFY_RESULT(kept);
        QVERIFY2(!textOf(kept->findings).contains(QLatin1String("ON CONFLICT")), qPrintable(textOf(kept->findings)));
    }

    void whomAStepWouldWaitForIsNamedWithWhoQueuesBehind()
    {
        Actor writer(m_database->open());
        writer.run("BEGIN; UPDATE public.plays SET n = 0 WHERE id = 1");
        const auto planned = planStage(*m_session, byMonth());
        QVERIFY_RESULT(planned);
        const auto wait = std::find_if(planned->waits.begin(), planned->waits.end(),
                                       [](const StepWait &each) { return each.step == QLatin1String("capture"); });
        QVERIFY(wait != planned->waits.end());
        QCOMPARE(wait->holders.size(), 1U);
        QCOMPARE(wait->holders.front().pid, writer.pid());
        QCOMPARE(wait->behind(), QStringLiteral("everybody who writes it"));
        QVERIFY(wait->text({}).contains(QStringLiteral("would wait for pid %1").arg(writer.pid())));
        writer.run("COMMIT");
        const auto free = planStage(*m_session, byMonth());
        QVERIFY_RESULT(free);
        for (const StepWait &each : free->waits)
            QVERIFY2(each.holders.empty(), qPrintable(each.text({})));
    }

    void theStrategiesStandSideBySide()
    {
        m_database->exec("ANALYZE plays");
        auto outlooks = compareStrategies(*m_session, byMonth());
        QVERIFY_RESULT(outlooks);
        QCOMPARE(outlooks->size(), 2U); // no TimescaleDB here
        const StrategyOutlook &attach = outlooks->at(0);
        const StrategyOutlook &copy = outlooks->at(1);
        QCOMPARE(attach.strategy, Strategy::Attach);
        QVERIFY(attach.isFeasible() && copy.isFeasible());
        QVERIFY(attach.takes.has_value());
        QVERIFY(attach.bytesWritten > 0 && attach.bytesWritten < copy.bytesWritten);
        QVERIFY2(attach.locks.contains(QStringLiteral("ACCESS EXCLUSIVE on public.plays (bounds, swap)")),
                 qPrintable(attach.locks.join(QLatin1Char('\n'))));
        // Nobody has copied here, so nobody knows how long it takes; a run that did tells the next.
        QVERIFY(!copy.takes.has_value());
        QVERIFY(!copy.basis.isEmpty());
        StageRun run(*m_database);
        run.create({{QStringLiteral("table"), QStringLiteral("plays")}, {QStringLiteral("by"), QStringLiteral("at")}});
        {
            Driving driving(*m_database, run.id());
            QTRY_VERIFY2_WITH_TIMEOUT(run.waitsAt(QStringLiteral("swap")), qPrintable(run.whatHappened()), 30'000);
            QVERIFY_RESULT(run.ask(QStringLiteral("undo")));
            QVERIFY_RESULT(driving.get());
        }
        outlooks = compareStrategies(*m_session, byMonth());
        QVERIFY_RESULT(outlooks);
        // What was undone is no measure; a run that stands is.
        QVERIFY(!outlooks->at(1).takes.has_value());
        run.create({{QStringLiteral("table"), QStringLiteral("plays")}, {QStringLiteral("by"), QStringLiteral("at")}});
        Driving driving(*m_database, run.id());
        QTRY_VERIFY2_WITH_TIMEOUT(run.waitsAt(QStringLiteral("swap")), qPrintable(run.whatHappened()), 30'000);
        outlooks = compareStrategies(*m_session, byMonth());
        QVERIFY_RESULT(outlooks);
        QVERIFY2(outlooks->at(1).takes.has_value(), qPrintable(outlooks->at(1).basis));

        m_database->exec("CREATE TABLE loose (at timestamptz NOT NULL)");
        StageSpec keyless = byMonth();
        keyless.table.name = QStringLiteral("loose");
        outlooks = compareStrategies(*m_session, keyless);
        QVERIFY_RESULT(outlooks);
        QVERIFY(outlooks->at(0).isFeasible());
        QVERIFY(!outlooks->at(1).isFeasible()); // no key to capture by
    }

private:
    std::unique_ptr<TestCluster> m_cluster;
    std::unique_ptr<TestDatabase> m_database;
    std::optional<pg::Session> m_session;
};

QTEST_GUILESS_MAIN(TstPreflight)
#include "tst_preflight.moc"
