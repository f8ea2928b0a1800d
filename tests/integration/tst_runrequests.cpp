// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/runner.h"
#include "core/plan/toolkit.h"
#include "tests/support/testserver.h"

#include <future>

using namespace tidemark;
using namespace tidemark::test;

/// What is asked of a run comes to its driver over a connection that may break at any moment.
class TstRunRequests : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatWasTakenFromTheServerButNotHeardHereIsNotLost()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        // A commit that waits for a standby which never comes: ended, it has happened, and its client is not told.
        ClusterOptions options;
        options.settings = {{QStringLiteral("synchronous_standby_names"), QStringLiteral("nobody")},
                            {QStringLiteral("synchronous_commit"), QStringLiteral("local")}};
        TestCluster cluster(options);
        QVERIFY_RESULT(cluster.start());
        TestDatabase database(cluster.connInfo());
        pg::Session session = database.open();
        QVERIFY_RESULT(applyToolkit(session, QStringLiteral("runs"), true));
        database.exec("CREATE FUNCTION wait_for_nobody() RETURNS trigger LANGUAGE plpgsql AS "
                      "$$ BEGIN PERFORM set_config('synchronous_commit', 'on', true); RETURN NULL; END $$;"
                      "CREATE TRIGGER wait_for_nobody AFTER UPDATE ON tidemark.run_request FOR EACH STATEMENT "
                      "EXECUTE FUNCTION wait_for_nobody()");
        Plan plan;
        plan.kind = QStringLiteral("sql");
        plan.title = QStringLiteral("a test");
        plan.target = PlanTarget::of(pg::Capabilities::probe(session).value());
        for (const char *name : {"first", "second"}) {
            Step step;
            step.name = step.title = QLatin1String(name);
            step.statements = {QStringLiteral("SELECT pg_sleep(2)")};
            plan.steps.push_back(step);
        }
        const auto id = Journal::create(session, plan, {});
        QVERIFY_RESULT(id);
        const auto drive = [&] {
            return Runner({database.conn(), QStringLiteral("the test"), Millis(20'000), {}}, basicActions())
                .run(*id, {});
        };
        auto driving = std::async(std::launch::async, drive);
        QTRY_COMPARE(database.value("SELECT state FROM tidemark.run_step WHERE name = 'first'"),
                     QStringLiteral("running"));
        QVERIFY_RESULT(requestOfRun(session, *id, QStringLiteral("pause")));
        const QByteArray stuck = " FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        QTRY_COMPARE(database.value("SELECT count(*)" + stuck), QStringLiteral("1"));
        database.exec("SELECT pg_terminate_backend(pid)" + stuck);
        const auto paused = driving.get();
        QVERIFY_RESULT(paused);
        QVERIFY(paused->end == RunEnd::Paused);
        QCOMPARE(database.value("SELECT count(*) FROM tidemark.run_request WHERE taken_at IS NULL"),
                 QStringLiteral("0"));
        database.exec("DROP FUNCTION wait_for_nobody CASCADE");
        const auto resumed = drive();
        QVERIFY_RESULT(resumed);
        QVERIFY(resumed->end == RunEnd::Succeeded);
    }
};

QTEST_GUILESS_MAIN(TstRunRequests)
#include "tst_runrequests.moc"
