// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/toolkit.h"
#include "tests/support/refreshscene.h"
#include "tests/support/testserver.h"

#include <future>

using namespace tidemark;
using namespace tidemark::refresh;
using namespace tidemark::test;

/// Refreshes on a real server: in order, side by side, blocked, failing, cancelled.
class TstRefreshRun : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_scene = std::make_unique<RefreshScene>();
        m_scene->database().exec("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)");
    }
    void cleanup() { m_scene.reset(); }

    void aDiamondIsRefreshedOnceEachAndSideBySide();
    void viewsBetweenAndFunctionsThatAreParsedMakeTheOrder();
    void aFailureStopsOnlyWhatDependsOnIt();
    void concurrentlyIsChosenWhereItIsPossible();
    void howFarAPlainOneIsCanBeSeen();
    void aStopCancelsWhatRunsAndBeginsNothingMore();
    void namesOfAnyKind();
    void aViewThatIsDroppedOrReplacedMeanwhileIsNotRefreshed();
    void aSessionThatIsTerminatedCostsOneRefresh();
    void aTransactionInDoubtIsAskedForUntilItsEnd();
    void theViewRunsUnderTheSettingsOfItsRole();
    void anotherRolesViewIsToldAndLeftOut();
    void theStatementTimeoutEndsARefresh();

private:
    std::unique_ptr<RefreshScene> m_scene;
};

void TstRefreshRun::aDiamondIsRefreshedOnceEachAndSideBySide()
{
    {
        pg::Session session = m_scene->database().open();
        QVERIFY_RESULT(applyToolkit(session, QStringLiteral("refresh_log"), true));
    }
    m_scene->database().exec("CREATE MATERIALIZED VIEW a AS SELECT id FROM t;"
                             "CREATE MATERIALIZED VIEW b AS SELECT id, pg_sleep(1)::text AS s FROM a;"
                             "CREATE MATERIALIZED VIEW c AS SELECT id, pg_sleep(1)::text AS s FROM a;"
                             "CREATE MATERIALIZED VIEW d AS SELECT b.id FROM b JOIN c USING (id);"
                             "INSERT INTO t VALUES (2)");
    const RefreshPlan planned = m_scene->plan(RefreshScene::of({"a"}, true));
    QCOMPARE(planned.title(), QStringLiteral("Refresh public.a and 3 that depend on it"));
    const RefreshLook look = m_scene->carryOut(planned);
    QCOMPARE(RefreshScene::told(planned, look), QStringLiteral("a succeeded, b succeeded, c succeeded, d succeeded"));
    QCOMPARE(m_scene->database().value("SELECT count(*) FROM d"), QStringLiteral("2"));
    QCOMPARE(m_scene->database().value(
                 "SELECT string_agg(relation_name, ' ' ORDER BY relation_name) FROM tidemark.refresh_log"),
             QStringLiteral("a b c d")); // once each
    const auto &b = look.items[1].outcome;
    const auto &c = look.items[2].outcome;
    QVERIFY(*b.startedAt < *c.finishedAt && *c.startedAt < *b.finishedAt);
    QVERIFY(*look.items[0].outcome.finishedAt <= std::min(*b.startedAt, *c.startedAt) + Millis(1));
    QVERIFY(std::max(*b.finishedAt, *c.finishedAt) <= *look.items[3].outcome.startedAt + Millis(1));
    QCOMPARE(look.items[0].outcome.written, std::optional<qint64>(2));

    // One session does the same one after the other.
    RefreshSpec alone = RefreshScene::of({"a"}, true);
    alone.sessions = 1;
    const RefreshLook slow = m_scene->refresh(alone);
    QVERIFY(*slow.items[1].outcome.finishedAt <= *slow.items[2].outcome.startedAt + Millis(1)
            || *slow.items[2].outcome.finishedAt <= *slow.items[1].outcome.startedAt + Millis(1));
    QTRY_VERIFY(m_scene->noneIsLeft());
}

void TstRefreshRun::viewsBetweenAndFunctionsThatAreParsedMakeTheOrder()
{
    m_scene->database().exec(
        "CREATE MATERIALIZED VIEW z AS SELECT id FROM t;"
        "CREATE VIEW v1 AS SELECT id FROM z; CREATE VIEW v2 AS SELECT id FROM v1;"
        "CREATE MATERIALIZED VIEW y AS SELECT id FROM v2;"
        "CREATE FUNCTION inner_count() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM y; END;"
        "CREATE FUNCTION outer_count() RETURNS bigint BEGIN ATOMIC SELECT inner_count(); END;"
        "CREATE MATERIALIZED VIEW x AS SELECT outer_count() AS n;"
        "CREATE TABLE p (id int) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"
        "CREATE MATERIALIZED VIEW w AS SELECT id FROM p;"
        "CREATE MATERIALIZED VIEW u AS SELECT id FROM p1 UNION ALL SELECT n FROM x;"
        "INSERT INTO t VALUES (2); INSERT INTO p VALUES (1)");
    RefreshSpec all;
    all.acceptsLock = true;
    const RefreshPlan planned = m_scene->plan(all);
    const RefreshLook look = m_scene->carryOut(planned);
    QCOMPARE(look.count(ItemState::Succeeded), 5);
    QCOMPARE(m_scene->database().value("SELECT n FROM x"), QStringLiteral("2"));
    QCOMPARE(m_scene->database().value("SELECT sum(id) FROM u"), QStringLiteral("3"));
    QCOMPARE(m_scene->plan(RefreshScene::of({"z"}, true)).items.size(), std::size_t(4)); // not w
    QCOMPARE(m_scene->plan(RefreshScene::of({"y"})).items.size(), std::size_t(1));
}

void TstRefreshRun::aFailureStopsOnlyWhatDependsOnIt()
{
    m_scene->database().exec(
        "CREATE MATERIALIZED VIEW a AS SELECT id, 10 / (2 - id) AS q FROM t;"
        "CREATE MATERIALIZED VIEW b AS SELECT id FROM a; CREATE MATERIALIZED VIEW c AS SELECT id FROM b;"
        "CREATE MATERIALIZED VIEW e AS SELECT id FROM t; CREATE MATERIALIZED VIEW f AS SELECT id FROM e;"
        "INSERT INTO t VALUES (2)");
    RefreshSpec all;
    all.acceptsLock = true;
    const RefreshPlan planned = m_scene->plan(all);
    const RefreshLook look = m_scene->carryOut(planned);
    QCOMPARE(RefreshScene::told(planned, look),
             QStringLiteral("a failed, b skipped, c skipped, e succeeded, f succeeded"));
    QVERIFY2(look.items[0].text.contains(QLatin1String("division by zero")), qPrintable(look.items[0].text));
    QCOMPARE(look.items[1].text, QStringLiteral("public.a, which it reads, failed"));
    QCOMPARE(look.items[2].text, QStringLiteral("public.b, which it reads, was not refreshed"));
    QCOMPARE(m_scene->database().value("SELECT count(*) FROM f"), QStringLiteral("2"));
    QCOMPARE(m_scene->database().value("SELECT count(*) FROM a"), QStringLiteral("1")); // as it was
    pg::Session session = m_scene->database().open();
    const DatabaseRef database = databaseRefOf(pg::Capabilities::probe(session).value());
    const auto events = m_scene->history()->refreshes(database, RefreshScene::named("a"), std::nullopt, 10).value();
    QCOMPARE(events.size(), std::size_t(1));
    QVERIFY(!events.front().succeeded && events.front().error.contains(QLatin1String("division by zero")));
    QVERIFY(m_scene->history()->refreshes(database, RefreshScene::named("b"), std::nullopt, 10).value().empty());
}

void TstRefreshRun::concurrentlyIsChosenWhereItIsPossible()
{
    m_scene->database().exec(
        "CREATE MATERIALIZED VIEW a AS SELECT id FROM t WITH NO DATA; CREATE UNIQUE INDEX ON a (id);"
        "CREATE MATERIALIZED VIEW b AS SELECT id FROM t; CREATE UNIQUE INDEX ON b (id) WHERE id > 0");
    RefreshSpec careful;
    careful.names = {RefreshScene::named("a")};
    QCOMPARE(m_scene->plan(careful).items[0].choice.method, Method::Plain);
    QCOMPARE(m_scene->refresh(careful).count(ItemState::Succeeded), 1);
    m_scene->database().exec("INSERT INTO t VALUES (2), (3); DELETE FROM t WHERE id = 1");
    QCOMPARE(m_scene->plan(careful).items[0].choice.method, Method::Concurrently);
    const RefreshLook look = m_scene->refresh(careful);
    QCOMPARE(look.items[0].outcome.written, std::optional<qint64>(2));
    QCOMPARE(look.items[0].outcome.removed, std::optional<qint64>(1));
    const RefreshLook again = m_scene->refresh(careful);
    QCOMPARE(again.items[0].outcome.written, std::optional<qint64>(0));
    // Plain is nothing that happens by accident.
    careful.names = {RefreshScene::named("b")};
    const RefreshPlan refused = m_scene->plan(careful);
    QCOMPARE(refused.toBeAccepted(), std::vector<int>{0});
    QCOMPARE(m_scene->carryOut(refused).count(ItemState::Skipped), 1);
    QCOMPARE(m_scene->database().value("SELECT count(*) FROM b"), QStringLiteral("1"));
    QCOMPARE(m_scene->refresh(RefreshScene::of({"b"})).count(ItemState::Succeeded), 1);
    QCOMPARE(m_scene->database().value("SELECT count(*) FROM b"), QStringLiteral("2"));
}

void TstRefreshRun::howFarAPlainOneIsCanBeSeen()
{
    m_scene->database().exec("CREATE TABLE pace (ms float8); INSERT INTO pace VALUES (0);"
                             "CREATE MATERIALIZED VIEW a AS SELECT g, repeat('x', 1000) AS filling, "
                             "CASE WHEN g % 2000 = 0 THEN pg_sleep((SELECT ms FROM pace) / 1000)::text END AS s "
                             "FROM generate_series(1, 40000) AS g; ANALYZE a; UPDATE pace SET ms = 150");
    const RefreshPlan planned = m_scene->plan(RefreshScene::of({"a"}));
    QVERIFY(planned.items[0].bytes > 40'000'000);
    const auto run = m_scene->runOf(planned);
    auto running = std::async(std::launch::async, [&] {
        return run->run(planned.asPlan().fingerprint(), {true, {}}, {});
    });
    std::vector<double> seen;
    while (running.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready) {
        const auto filled = run->look().items[0].filled;
        if (filled && (seen.empty() || *filled != seen.back()))
            seen.push_back(*filled);
    }
    QVERIFY_RESULT(running.get());
    QVERIFY2(seen.size() >= 2, qPrintable(QString::number(seen.size())));
    QVERIFY(std::is_sorted(seen.begin(), seen.end()) && seen.front() < 0.7 && seen.back() <= 1);
}

void TstRefreshRun::aStopCancelsWhatRunsAndBeginsNothingMore()
{
    m_scene->database().exec(
        "CREATE MATERIALIZED VIEW a AS SELECT id FROM t;"
        "CREATE MATERIALIZED VIEW b AS SELECT id, CASE WHEN id > 1 THEN pg_sleep(60)::text END AS s FROM a;"
        "CREATE MATERIALIZED VIEW c AS SELECT id FROM b; CREATE MATERIALIZED VIEW d AS SELECT id FROM c;"
        "INSERT INTO t VALUES (2)");
    RefreshSpec spec = RefreshScene::of({"a"}, true);
    spec.sessions = 1;
    const RefreshPlan planned = m_scene->plan(spec);
    const auto run = m_scene->runOf(planned);
    std::stop_source stop;
    auto running = std::async(std::launch::async, [&] {
        return run->run(planned.asPlan().fingerprint(), {true, {}}, stop.get_token());
    });
    QTRY_VERIFY(run->look().items[1].state == ItemState::Running);
    QVERIFY(run->look().items[1].runningFor.has_value());
    const auto asked = std::chrono::steady_clock::now();
    stop.request_stop();
    const auto look = running.get();
    QVERIFY_RESULT(look);
    QVERIFY(std::chrono::steady_clock::now() - asked < std::chrono::seconds(3));
    QCOMPARE(RefreshScene::told(planned, *look), QStringLiteral("a succeeded, b stopped, c skipped, d skipped"));
    QCOMPARE(look->items[1].text, QStringLiteral("cancelled"));
    QCOMPARE(m_scene->database().value("SELECT count(*) FROM a"), QStringLiteral("2"));
    QCOMPARE(m_scene->database().value("SELECT count(*) FROM b"), QStringLiteral("1"));
    QTRY_VERIFY(m_scene->noneIsLeft());
}

void TstRefreshRun::namesOfAnyKind()
{
    const QStringList names{QStringLiteral("we\"ird; drop"), QStringLiteral("MiXed"), QString::fromUtf8("näme 表"),
                            QString(63, QLatin1Char('x')),   QStringLiteral("it's"),  QStringLiteral("new\nline")};
    RefreshSpec spec;
    spec.acceptsLock = true;
    QByteArray source = "public.t";
    for (const QString &name : names) {
        const pg::QualifiedName view{QStringLiteral("a \"schema\""), name};
        m_scene->database().exec("CREATE SCHEMA IF NOT EXISTS \"a \"\"schema\"\"\"; CREATE MATERIALIZED VIEW "
                                 + view.quoted().toUtf8() + " AS SELECT id FROM " + source + "; CREATE UNIQUE INDEX ON "
                                 + view.quoted().toUtf8() + " (id)");
        source = view.quoted().toUtf8();
        spec.names.insert(spec.names.begin(), {QString(), name});
    }
    m_scene->database().exec("INSERT INTO t VALUES (2)");
    const RefreshPlan planned = m_scene->plan(spec);
    QCOMPARE(planned.items.front().name.name, names.front());
    QCOMPARE(planned.items.front().choice.method, Method::Concurrently);
    QCOMPARE(m_scene->carryOut(planned).count(ItemState::Succeeded), static_cast<int>(names.size()));
    QCOMPARE(m_scene->database().value("SELECT count(*) FROM " + source), QStringLiteral("2"));
    // A name that two schemas have is asked about.
    m_scene->database().exec("CREATE MATERIALIZED VIEW public.\"it's\" AS SELECT 1 AS one");
    spec.names = {{QString(), QStringLiteral("it's")}};
    pg::Session session = m_scene->database().open();
    const auto ambiguous = planRefresh(session, spec);
    QVERIFY(!ambiguous && ambiguous.error().kind == ErrorKind::Input);
    QVERIFY2(ambiguous.error().message.contains(QLatin1String("public.\"it's\"")),
             qPrintable(ambiguous.error().message));
}

void TstRefreshRun::aViewThatIsDroppedOrReplacedMeanwhileIsNotRefreshed()
{
    m_scene->database().exec(
        "CREATE MATERIALIZED VIEW a AS SELECT id FROM t; CREATE MATERIALIZED VIEW b AS SELECT id FROM a;"
        "CREATE MATERIALIZED VIEW c AS SELECT id FROM t; CREATE MATERIALIZED VIEW d AS SELECT id FROM t");
    const RefreshPlan planned = m_scene->plan(RefreshScene::of({"a", "b", "c", "d"}));
    m_scene->database().exec("DROP MATERIALIZED VIEW a CASCADE; DROP MATERIALIZED VIEW c;"
                             "CREATE MATERIALIZED VIEW c AS SELECT 7 AS seven WITH NO DATA");
    const RefreshLook look = m_scene->carryOut(planned);
    QCOMPARE(RefreshScene::told(planned, look), QStringLiteral("a failed, b skipped, c failed, d succeeded"));
    QCOMPARE(look.items[0].outcome.error->kind, ErrorKind::Missing);
    QVERIFY2(look.items[2].text.contains(QLatin1String("replaced by another")), qPrintable(look.items[2].text));
    QCOMPARE(m_scene->database().value("SELECT relispopulated FROM pg_class WHERE relname = 'c'"), QStringLiteral("f"));
}

void TstRefreshRun::aSessionThatIsTerminatedCostsOneRefresh()
{
    m_scene->database().exec(
        "CREATE MATERIALIZED VIEW a AS SELECT id, CASE WHEN id > 1 THEN pg_sleep(60)::text END AS s FROM t;"
        "CREATE MATERIALIZED VIEW b AS SELECT id FROM t; INSERT INTO t VALUES (2)");
    RefreshSpec spec = RefreshScene::of({"a", "b"});
    spec.sessions = 1;
    const RefreshPlan planned = m_scene->plan(spec);
    const auto run = m_scene->runOf(planned);
    auto running = std::async(std::launch::async, [&] {
        return run->run(planned.asPlan().fingerprint(), {true, {}}, {});
    });
    QTRY_VERIFY(run->look().items[0].state == ItemState::Running);
    QTest::qWait(100);
    m_scene->database().exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ '^REFRESH' "
                             "AND application_name = 'refreshing'");
    const auto look = running.get();
    QVERIFY_RESULT(look);
    QCOMPARE(RefreshScene::told(planned, *look), QStringLiteral("a failed, b succeeded"));
    QCOMPARE(m_scene->database().value("SELECT count(*) FROM b"), QStringLiteral("2"));
}

void TstRefreshRun::aTransactionInDoubtIsAskedForUntilItsEnd()
{
    m_scene->database().exec("CREATE MATERIALIZED VIEW a AS SELECT id FROM t");
    const RefreshItem item = m_scene->plan(RefreshScene::of({"a"})).items.at(0);
    pg::Session asking = m_scene->database().open();
    const auto begin = [](pg::Session &session) {
        const auto xid = session.execScript(
            "BEGIN; REFRESH MATERIALIZED VIEW public.a; SELECT pg_catalog.txid_current()");
        return xid ? xid->int64(0, 0) : 0;
    };

    pg::Session refreshing = m_scene->database().open();
    const qint64 committed = begin(refreshing);
    const auto still = RefreshWork::isCommitted(asking, item, committed, Millis(0));
    QVERIFY(!still);
    QCOMPARE(still.error().kind, ErrorKind::InDoubt);
    auto committing = std::async(std::launch::async, [&refreshing] {
        std::this_thread::sleep_for(std::chrono::milliseconds(700));
        return refreshing.execScript("COMMIT");
    });
    const auto waitedFor = RefreshWork::isCommitted(asking, item, committed, Millis(30'000));
    QVERIFY_RESULT(committing.get());
    QVERIFY_RESULT(waitedFor);
    QVERIFY(*waitedFor);

    const qint64 undone = begin(refreshing);
    QVERIFY_RESULT(refreshing.execScript("ROLLBACK"));
    QCOMPARE(RefreshWork::isCommitted(asking, item, undone, Millis(0)).value(), false);
    // Another refresh of the view by now does not make the first one undone.
    m_scene->database().exec("REFRESH MATERIALIZED VIEW a");
    QCOMPARE(RefreshWork::isCommitted(asking, item, committed, Millis(0)).value(), true);
}

void TstRefreshRun::theViewRunsUnderTheSettingsOfItsRole()
{
    m_scene->database().exec("ALTER DATABASE " + pg::quoteIdentifier(m_scene->database().name()).toUtf8()
                             + " SET timezone = 'Pacific/Auckland'");
    m_scene->database().exec("ALTER DATABASE " + pg::quoteIdentifier(m_scene->database().name()).toUtf8()
                             + " SET search_path = public");
    m_scene->database().exec(
        "CREATE FUNCTION rows_of_t() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM t); END';"
        "CREATE MATERIALIZED VIEW a AS SELECT 1 AS id, rows_of_t() AS n, "
        "date_trunc('day', timestamptz '2026-01-01 12:00Z')::text AS day WITH NO DATA");
    QCOMPARE(m_scene->refresh(RefreshScene::of({"a"})).count(ItemState::Succeeded), 1);
    // The odd date style is that of the test servers.
    QCOMPARE(m_scene->database().value("SELECT day FROM a"), QStringLiteral("02/01/2026 00:00:00 NZDT"));
    QCOMPARE(m_scene->database().value("SELECT n FROM a"), QStringLiteral("1"));
}

void TstRefreshRun::anotherRolesViewIsToldAndLeftOut()
{
    const QByteArray role = "tidemark_test_refresher_" + QByteArray::number(QCoreApplication::applicationPid());
    m_scene->database().exec(
        "CREATE MATERIALIZED VIEW a AS SELECT 1 AS id; CREATE MATERIALIZED VIEW b AS SELECT id FROM a;"
        "CREATE ROLE "
        + role
        + " LOGIN; CREATE MATERIALIZED VIEW c AS SELECT id FROM t;"
          "ALTER MATERIALIZED VIEW c OWNER TO "
        + role + "; GRANT SELECT ON t TO " + role);
    const auto conn = m_scene->database().conn().with(QStringLiteral("user"), QString::fromLatin1(role));
    auto session = pg::Session::open(conn, writable());
    QVERIFY_RESULT(session);
    RefreshSpec all;
    all.acceptsLock = true;
    const auto planned = planRefresh(*session, all);
    QVERIFY_RESULT(planned);
    RefreshRunOptions options;
    options.server = conn;
    options.profile.safety = Safety::Free;
    const auto look =
        RefreshRun(*planned, options, m_scene->clock()).run(planned->asPlan().fingerprint(), {true, {}}, {});
    QVERIFY_RESULT(look);
    QCOMPARE(RefreshScene::told(*planned, *look), QStringLiteral("a skipped, b skipped, c succeeded"));
    QVERIFY2(look->items[0].text.contains(QLatin1String("this role may not")), qPrintable(look->items[0].text));
    session = pg::Session::open(m_scene->database().conn(), writable());
    m_scene->database().exec("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

void TstRefreshRun::theStatementTimeoutEndsARefresh()
{
    m_scene->database().exec("CREATE MATERIALIZED VIEW a AS SELECT id, pg_sleep(30)::text AS s FROM t WITH NO DATA");
    RefreshSpec spec = RefreshScene::of({"a"});
    spec.statementTimeout = Millis(500);
    const RefreshLook look = m_scene->refresh(spec);
    QCOMPARE(look.items[0].outcome.error->kind, ErrorKind::Timeout);
    QVERIFY(look.items[0].outcome.took >= Millis(400) && look.items[0].outcome.took < Millis(5'000));
}

QTEST_GUILESS_MAIN(TstRefreshRun)
#include "tst_refreshrun.moc"
