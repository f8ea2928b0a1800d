// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/standardcollectors.h"
#include "core/plan/toolkit.h"
#include "tests/support/refreshscene.h"
#include "tests/support/testserver.h"
#include "tests/support/watched.h"

#include <future>

using namespace tidemark;
using namespace tidemark::refresh;
using namespace tidemark::test;

/// What is confirmed before a refresh and written down of it, here and on the server.
class TstRefreshRecord : public QObject
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

    void ourOwnRunAndWhatTheMonitorSeesAreOneRefresh();
    void theToolkitsLogAndTheAuditHoldEach();
    void aLogOfAnEarlierTidemarkIsWrittenAndReadAsItIs();
    void whatGaveUpWaitingIsWrittenDownOnce();
    void onlyWhatWasConfirmedRuns();
    void emptyingHappensOnlyWhenAsked();

private:
    std::unique_ptr<RefreshScene> m_scene;
};

void TstRefreshRecord::ourOwnRunAndWhatTheMonitorSeesAreOneRefresh()
{
    m_scene->database().exec(
        "CREATE MATERIALIZED VIEW a AS SELECT id, pg_sleep(0.6)::text AS s FROM t; CREATE UNIQUE INDEX ON a (id)");
    Watched watched(m_scene->database().conn(), standardCollectors(m_scene->history())({}));
    watched.tick(2);
    m_scene->database().exec("INSERT INTO t VALUES (2)");
    const RefreshPlan planned = m_scene->plan(RefreshScene::of({"a"}));
    QVERIFY(!planned.items[0].expected);
    const auto run = m_scene->runOf(planned);
    auto running = std::async(std::launch::async, [&] {
        return run->run(planned.asPlan().fingerprint(), {true, {}}, {});
    });
    while (running.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready)
        watched.tick();
    const auto look = running.get();
    QVERIFY_RESULT(look);
    QCOMPARE(look->count(ItemState::Succeeded), 1);
    const auto isKnown = [&] { return watched.view(QStringLiteral("a")).lastRefresh.source == RefreshSource::OwnRun; };
    QVERIFY(watched.tickUntil(isKnown));
    watched.tick(10);
    auto events = m_scene->history()
                      ->refreshes(databaseRefOf(watched.snapshot()->capabilities), RefreshScene::named("a"),
                                  std::nullopt, 10)
                      .value();
    // The one before is that of CREATE, which fills it as well.
    std::erase_if(events,
                  [&](const RefreshEvent &event) { return event.finishedAt < look->items[0].outcome.startedAt; });
    QCOMPARE(events.size(), std::size_t(1));
    QCOMPARE(events.front().source, RefreshSource::OwnRun);
    QCOMPARE(events.front().startedAt, look->items[0].outcome.startedAt);
    QCOMPARE(events.front().rows, std::optional<qint64>(1)); // the one that is new
    QVERIFY(events.front().concurrently && events.front().succeeded);
    QCOMPARE(watched.view(QStringLiteral("a")).lastRefresh.confidence, Confidence::Exact);
    // And it is what the next one is expected to take.
    QCOMPARE(m_scene->plan(RefreshScene::of({"a"})).items[0].expected, events.front().duration);
}

void TstRefreshRecord::theToolkitsLogAndTheAuditHoldEach()
{
    {
        pg::Session session = m_scene->database().open();
        QVERIFY_RESULT(applyToolkit(session, QStringLiteral("refresh_log"), true));
    }
    m_scene->database().exec("CREATE MATERIALIZED VIEW a AS SELECT id FROM t;"
                             "CREATE MATERIALIZED VIEW b AS SELECT 1 / (id - id) AS q FROM a WITH NO DATA");
    const RefreshLook look = m_scene->refresh(RefreshScene::of({"a", "b"}));
    QCOMPARE(look.count(ItemState::Failed), 1);
    QCOMPARE(
        m_scene->database().value(
            "SELECT string_agg(concat_ws(' ', relation_name, application_name, rows_written, waited_ms IS NOT NULL, "
            "error), ', ' ORDER BY id) FROM tidemark.refresh_log"),
        QStringLiteral("a refreshing 1 t, b refreshing t division by zero"));
    // What another machine reads there is what it would have seen here.
    auto elsewhere = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
    Watched watched(m_scene->database().conn(), standardCollectors(elsewhere)({}));
    watched.tick(3);
    const auto read = [&](const std::shared_ptr<HistoryStore> &history, const char *view) {
        return history
            ->refreshes(databaseRefOf(watched.snapshot()->capabilities), RefreshScene::named(view), std::nullopt, 10)
            .value();
    };
    QCOMPARE(read(elsewhere, "a").front().rows, std::optional<qint64>(1));
    QCOMPARE(read(elsewhere, "b").size(), std::size_t(1));
    QVERIFY(!read(elsewhere, "b").front().succeeded);
    QCOMPARE(read(elsewhere, "b").front().error, QStringLiteral("division by zero"));
    // And here both tell of one.
    Watched here(m_scene->database().conn(), standardCollectors(m_scene->history())({}));
    here.tick(3);
    QCOMPARE(read(m_scene->history(), "b").size(), std::size_t(1));
    QCOMPARE(read(m_scene->history(), "b").front().source, RefreshSource::OwnRun);
    QStringList audit;
    const auto entries = m_scene->history()->audit(10).value();
    for (const AuditEntry &entry : entries)
        audit.prepend(entry.statement + QLatin1String(": ") + entry.outcome);
    QCOMPARE(audit.size(), 4);
    QCOMPARE(audit.mid(0, 3).join(QLatin1Char('\n')),
             QStringLiteral("REFRESH MATERIALIZED VIEW \"public\".\"a\": begun\n"
                            "REFRESH MATERIALIZED VIEW \"public\".\"a\": done\n"
                            "REFRESH MATERIALIZED VIEW \"public\".\"b\": begun"));
    QVERIFY2(audit.last().contains(QLatin1String("division by zero")), qPrintable(audit.last()));
}

void TstRefreshRecord::aLogOfAnEarlierTidemarkIsWrittenAndReadAsItIs()
{
    {
        pg::Session session = m_scene->database().open();
        QVERIFY_RESULT(applyToolkit(session, QStringLiteral("refresh_log"), true));
    }
    m_scene->database().exec(
        "DROP FUNCTION tidemark.note_refresh(oid, timestamptz, boolean, bigint, bigint, bigint, text);"
        "ALTER TABLE tidemark.refresh_log DROP rows_written, DROP rows_removed, DROP waited_ms, DROP error;"
        "CREATE MATERIALIZED VIEW a AS SELECT id FROM t");
    QCOMPARE(m_scene->refresh(RefreshScene::of({"a"})).count(ItemState::Succeeded), 1);
    QCOMPARE(m_scene->database().value("SELECT count(*) FROM tidemark.refresh_log"), QStringLiteral("1"));
    auto elsewhere = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
    Watched watched(m_scene->database().conn(), standardCollectors(elsewhere)({}));
    watched.tick(3);
    QCOMPARE(watched.view(QStringLiteral("a")).lastRefresh.source, RefreshSource::EventTrigger);
}

void TstRefreshRecord::whatGaveUpWaitingIsWrittenDownOnce()
{
    {
        pg::Session session = m_scene->database().open();
        QVERIFY_RESULT(applyToolkit(session, QStringLiteral("refresh_log"), true));
    }
    m_scene->database().exec("CREATE MATERIALIZED VIEW a AS SELECT id FROM t");
    pg::Session blocker = m_scene->database().open();
    QVERIFY_RESULT(blocker.execScript("BEGIN; SELECT count(*) FROM public.a"));
    QTest::qWait(300);
    RefreshSpec spec = RefreshScene::of({"a"});
    spec.lockPatience = Millis(700);
    QCOMPARE(m_scene->refresh(spec).count(ItemState::Failed), 1);
    QCOMPARE(m_scene->database().value(
                 "SELECT count(*) FROM tidemark.refresh_log WHERE waited_ms >= 600 AND error ~ '^no lock'"),
             QStringLiteral("1"));
    QVERIFY_RESULT(blocker.execScript("ROLLBACK"));
    Watched here(m_scene->database().conn(), standardCollectors(m_scene->history())({}));
    here.tick(3);
    int failures = 0;
    const auto events = m_scene->eventsOf("a");
    for (const RefreshEvent &event : events)
        failures += event.succeeded ? 0 : 1;
    QCOMPARE(failures, 1);
}

void TstRefreshRecord::onlyWhatWasConfirmedRuns()
{
    m_scene->database().exec("CREATE MATERIALIZED VIEW a AS SELECT id FROM t; INSERT INTO t VALUES (2)");
    const RefreshPlan planned = m_scene->plan(RefreshScene::of({"a"}));
    const auto other = m_scene->runOf(planned)->run(QStringLiteral("another"), {true, {}}, {});
    QVERIFY(!other && other.error().kind == ErrorKind::Input);

    TestDatabase elsewhere;
    RefreshRunOptions options;
    options.server = elsewhere.conn();
    options.profile.safety = Safety::Free;
    const auto there =
        RefreshRun(planned, options, m_scene->clock()).run(planned.asPlan().fingerprint(), {true, {}}, {});
    QVERIFY(!there && there.error().kind == ErrorKind::Input);

    options.server = m_scene->database().conn();
    options.profile.safety = Safety::ReadOnly;
    const auto readOnly =
        RefreshRun(planned, options, m_scene->clock()).run(planned.asPlan().fingerprint(), {true, {}}, {});
    QVERIFY(!readOnly && readOnly.error().kind == ErrorKind::Safety);
    options.profile.safety = Safety::Confirm;
    const auto unasked = RefreshRun(planned, options, m_scene->clock()).run(planned.asPlan().fingerprint(), {}, {});
    QVERIFY(!unasked && unasked.error().kind == ErrorKind::Safety);
    options.profile.environment = Environment::Production;
    const auto mistyped = RefreshRun(planned, options, m_scene->clock())
                              .run(planned.asPlan().fingerprint(), {true, QStringLiteral("b")}, {});
    QVERIFY(!mistyped && mistyped.error().kind == ErrorKind::Safety);
    QCOMPARE(m_scene->database().value("SELECT count(*) FROM a"), QStringLiteral("1"));
    const auto typed = RefreshRun(planned, options, m_scene->clock())
                           .run(planned.asPlan().fingerprint(), {true, QStringLiteral("public.a")}, {});
    QVERIFY_RESULT(typed);
    QCOMPARE(m_scene->database().value("SELECT count(*) FROM a"), QStringLiteral("2"));
}

void TstRefreshRecord::emptyingHappensOnlyWhenAsked()
{
    m_scene->database().exec("CREATE MATERIALIZED VIEW a AS SELECT id FROM t");
    RefreshSpec spec = RefreshScene::of({"a"});
    spec.withNoData = true;
    const RefreshPlan planned = m_scene->plan(spec);
    QCOMPARE(planned.title(), QStringLiteral("Empty public.a"));
    QCOMPARE(m_scene->carryOut(planned).count(ItemState::Succeeded), 1);
    QCOMPARE(m_scene->database().value("SELECT relispopulated FROM pg_class WHERE relname = 'a'"), QStringLiteral("f"));
    // It was no refresh.
    pg::Session session = m_scene->database().open();
    const DatabaseRef database = databaseRefOf(pg::Capabilities::probe(session).value());
    QVERIFY(m_scene->history()->refreshes(database, RefreshScene::named("a"), std::nullopt, 10).value().empty());
}

QTEST_GUILESS_MAIN(TstRefreshRecord)
#include "tst_refreshrecord.moc"
