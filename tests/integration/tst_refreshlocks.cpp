// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/actor.h"
#include "tests/support/refreshscene.h"
#include "tests/support/steadyreader.h"
#include "tests/support/testserver.h"

#include <thread>

using namespace tidemark;
using namespace tidemark::refresh;
using namespace tidemark::test;

/// What a refresh waits for, and that nobody waits behind it.
class TstRefreshLocks : public QObject
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

    void whoBlocksIsNamedAndNobodyQueuesBehindTheWaiting();
    void aBlockerThatGoesIsWaitedFor();
    void aSourceThatIsLockedKeepsNoReaderFromTheView();
    void aConcurrentRefreshLetsReadersPassAndWaitsForAnother();

private:
    std::unique_ptr<RefreshScene> m_scene;
};

void TstRefreshLocks::whoBlocksIsNamedAndNobodyQueuesBehindTheWaiting()
{
    m_scene->database().exec(
        "CREATE MATERIALIZED VIEW a AS SELECT id FROM t; CREATE MATERIALIZED VIEW b AS SELECT id FROM a;"
        "CREATE MATERIALIZED VIEW c AS SELECT id FROM t; INSERT INTO t VALUES (2)");
    Actor blocker(m_scene->database().open());
    blocker.run("BEGIN; SELECT count(*) FROM public.a");
    QTest::qWait(300);
    SteadyReader reader(m_scene->database().open(), "public.a");
    RefreshSpec spec = RefreshScene::of({"a", "b", "c"});
    spec.lockPatience = Millis(2'000);
    const RefreshPlan planned = m_scene->plan(spec);
    pg::Session session = m_scene->database().open();
    const auto waits = whatRefreshWaitsFor(session, planned);
    QVERIFY_RESULT(waits);
    QStringList said;
    for (const StepWait &wait : *waits)
        said << wait.text({});
    const QString inTheWay = QStringLiteral("would wait for pid %1 ").arg(blocker.pid());
    QCOMPARE(said.filter(inTheWay).size(), 1);
    QVERIFY2(said.filter(inTheWay).front().contains(QLatin1String("everybody who reads or writes it queues behind")),
             qPrintable(said.join(QLatin1Char('\n'))));

    const auto begun = std::chrono::steady_clock::now();
    const RefreshLook look = m_scene->carryOut(planned);
    const auto took = std::chrono::steady_clock::now() - begun;
    QCOMPARE(RefreshScene::told(planned, look), QStringLiteral("a failed, b skipped, c succeeded"));
    const QString pid = QStringLiteral("pid %1 ").arg(blocker.pid());
    QVERIFY2(look.items[0].text.contains(pid), qPrintable(look.items[0].text));
    QVERIFY(look.items[0].outcome.waited >= Millis(1'900) && took < std::chrono::seconds(6));
    QVERIFY(!look.items[0].outcome.startedAt);
    const bool isTold = std::any_of(m_scene->news().begin(), m_scene->news().end(), [&pid](const RefreshNews &news) {
        return news.standing.state == ItemState::Waiting && news.standing.text.contains(pid);
    });
    QVERIFY(isTold);
    const Millis longest = reader.longest();
    QVERIFY2(longest < Millis(500), qPrintable(QString::number(longest.count())));
}

void TstRefreshLocks::aBlockerThatGoesIsWaitedFor()
{
    m_scene->database().exec("CREATE MATERIALIZED VIEW a AS SELECT id FROM t; INSERT INTO t VALUES (2)");
    Actor blocker(m_scene->database().open());
    blocker.run("BEGIN; SELECT count(*) FROM public.a");
    QTest::qWait(300);
    blocker.start("SELECT pg_sleep(1)");
    std::jthread freeing([&] {
        static_cast<void>(blocker.finish());
        blocker.run("COMMIT");
    });
    const RefreshLook look = m_scene->refresh(RefreshScene::of({"a"}));
    QCOMPARE(look.count(ItemState::Succeeded), 1);
    QVERIFY2(look.items[0].outcome.waited >= Millis(700) && look.items[0].outcome.took < Millis(900),
             qPrintable(QString::number(look.items[0].outcome.waited.count())));
    QCOMPARE(m_scene->database().value("SELECT count(*) FROM a"), QStringLiteral("2"));
}

void TstRefreshLocks::aSourceThatIsLockedKeepsNoReaderFromTheView()
{
    m_scene->database().exec("CREATE MATERIALIZED VIEW a AS SELECT id FROM t");
    Actor blocker(m_scene->database().open());
    blocker.run("BEGIN; LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE");
    QTest::qWait(300);
    SteadyReader reader(m_scene->database().open(), "public.a");
    RefreshSpec spec = RefreshScene::of({"a"});
    spec.lockPatience = Millis(1'500);
    const RefreshLook look = m_scene->refresh(spec);
    QCOMPARE(look.count(ItemState::Failed), 1);
    QVERIFY2(look.items[0].text.contains(QStringLiteral("pid %1 ").arg(blocker.pid())), qPrintable(look.items[0].text));
    const Millis longest = reader.longest();
    QVERIFY2(longest < Millis(500), qPrintable(QString::number(longest.count())));
}

void TstRefreshLocks::aConcurrentRefreshLetsReadersPassAndWaitsForAnother()
{
    m_scene->database().exec(
        "CREATE MATERIALIZED VIEW a AS SELECT id, pg_sleep(0.5)::text AS s FROM t; CREATE UNIQUE INDEX ON a (id);"
        "INSERT INTO t VALUES (2)");
    Actor reading(m_scene->database().open());
    reading.run("BEGIN; SELECT count(*) FROM public.a"); // in nobody's way
    SteadyReader reader(m_scene->database().open(), "public.a");
    const RefreshLook look = m_scene->refresh(RefreshScene::of({"a"}));
    QCOMPARE(look.count(ItemState::Succeeded), 1);
    const Millis longest = reader.longest();
    QVERIFY2(longest < Millis(400), qPrintable(QString::number(longest.count())));

    Actor other(m_scene->database().open());
    other.run("BEGIN; REFRESH MATERIALIZED VIEW CONCURRENTLY public.a");
    QTest::qWait(300);
    RefreshSpec spec = RefreshScene::of({"a"});
    spec.lockPatience = Millis(1'000);
    const RefreshLook blocked = m_scene->refresh(spec);
    QVERIFY2(blocked.items[0].text.contains(QStringLiteral("pid %1 ").arg(other.pid())),
             qPrintable(blocked.items[0].text));
}

QTEST_GUILESS_MAIN(TstRefreshLocks)
#include "tst_refreshlocks.moc"
