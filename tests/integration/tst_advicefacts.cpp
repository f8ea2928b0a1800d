// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/refresh/refreshadvice.h"
#include "tests/support/refreshscene.h"
#include "tests/support/testserver.h"

using namespace tidemark;
using namespace tidemark::refresh;
using namespace tidemark::test;

namespace {

using Verdict = KeyCandidate::Verdict;

const AdviceFacts &of(const std::vector<AdviceFacts> &all, const char *name)
{
    for (const AdviceFacts &facts : all) {
        if (facts.name.name == QLatin1String(name))
            return facts;
    }
    qFatal("no facts of %s", name);
}

} // namespace

/// What advice is made of, read from a real server.
class TstAdviceFacts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_scene = std::make_unique<RefreshScene>();
        m_scene->database().exec(
            "CREATE TABLE p (day int, shop int, amount int) PARTITION BY LIST (shop);"
            "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);"
            "INSERT INTO p SELECT g % 30, 1 + g % 2, g FROM generate_series(1, 3000) AS g;"
            "CREATE MATERIALIZED VIEW sales AS SELECT day, shop, sum(amount) AS amount FROM p GROUP BY 1, 2;"
            "CREATE MATERIALIZED VIEW twice AS SELECT day FROM p;"
            "CREATE MATERIALIZED VIEW nulls AS SELECT nullif(day, 3) AS \"The day\" FROM p GROUP BY 1;"
            "CREATE MATERIALIZED VIEW good AS SELECT DISTINCT day FROM sales; CREATE UNIQUE INDEX ON good (day)");
    }
    void cleanup() { m_scene.reset(); }

    void aKeyIsFoundWhereTheRowsHaveOne()
    {
        const auto all = read({});
        const AdviceFacts &sales = of(all, "sales");
        QVERIFY(sales.keys.back().verdict == Verdict::Unique);
        const Advice advice = adviseOn(sales).front();
        QCOMPARE(advice.kind, AdviceKind::IndexForConcurrently);
        m_scene->database().exec("INSERT INTO p VALUES (99, 1, 1)");
        m_scene->database().exec(advice.sql.toUtf8());
        RefreshSpec spec;
        spec.names = {RefreshScene::named("sales")};
        QCOMPARE(m_scene->plan(spec).items[0].choice.method, Method::Concurrently);
        QCOMPARE(m_scene->refresh(spec).count(ItemState::Succeeded), 1);
        QVERIFY(of(read({}), "sales").keys.empty());

        for (const KeyCandidate &key : of(all, "twice").keys)
            QVERIFY(key.verdict == Verdict::Duplicates);
        QVERIFY(of(all, "nulls").keys.back().verdict == Verdict::WithNulls);
        QCOMPARE(of(all, "nulls").keys.back().columns, QStringList{QStringLiteral("The day")});
        QVERIFY(of(all, "good").keys.empty());
    }

    void aLookThatTakesTooLongPromisesNothing()
    {
        AdviceOptions options;
        options.names = {RefreshScene::named("sales")};
        pg::Session session = m_scene->database().open();
        pg::Session blocker = m_scene->database().open();
        QVERIFY_RESULT(blocker.execScript("BEGIN; ALTER MATERIALIZED VIEW public.sales OWNER TO postgres"));
        QVERIFY_RESULT(session.execScript("SET lock_timeout = 100"));
        const auto all = readAdviceFacts(session, nullptr, options);
        QVERIFY_RESULT(all);
        QVERIFY(all->front().keys.back().verdict == Verdict::NotChecked);
        QVERIFY(adviseOn(all->front()).empty());
        options.checkKeys = false;
        QVERIFY(readAdviceFacts(session, nullptr, options)->front().keys.empty());
    }

    void usesAreCountedThroughPartitionsAndOtherViews()
    {
        m_scene->database().exec("SELECT pg_stat_force_next_flush(); SELECT pg_stat_reset()");
        const qint64 before = of(read({}), "good").sourceModifications.value_or(-1);
        QVERIFY(before >= 0);
        m_scene->database().exec("INSERT INTO p VALUES (1, 1, 1), (1, 2, 1); SELECT pg_stat_force_next_flush();"
                                 "SELECT count(*) FROM good; SELECT pg_stat_force_next_flush()");
        m_scene->database().exec("SELECT 1");
        QTRY_COMPARE(of(read({}), "good").sourceModifications, std::optional<qint64>(before + 2));
        QTRY_VERIFY(of(read({}), "good").scans >= std::optional<qint64>(1));
        QVERIFY(of(read({}), "good").countedSince.has_value());
    }

    void theHistoryIsPartOfIt()
    {
        RefreshSpec spec = RefreshScene::of({"good"});
        for (int round = 0; round < 6; ++round)
            QCOMPARE(m_scene->refresh(spec).count(ItemState::Succeeded), 1);
        AdviceOptions options;
        options.names = {RefreshScene::named("good")};
        const auto all = read(options);
        QCOMPARE(all.front().refreshes.size(), std::size_t(6));
        QCOMPARE(adviseOn(all.front()).front().kind, AdviceKind::NothingChanged);
    }

    void aNameThatNoViewHasIsSaid()
    {
        AdviceOptions options;
        options.names = {RefreshScene::named("p")};
        pg::Session session = m_scene->database().open();
        const auto none = readAdviceFacts(session, nullptr, options);
        QVERIFY(!none && none.error().kind == ErrorKind::Missing);
    }

private:
    [[nodiscard]] std::vector<AdviceFacts> read(const AdviceOptions &options)
    {
        pg::Session session = m_scene->database().open(pg::SessionOptions());
        auto all = readAdviceFacts(session, m_scene->history().get(), options);
        if (!all)
            qFatal("%s", describe(all.error()).constData());
        return *all;
    }

    std::unique_ptr<RefreshScene> m_scene;
};

QTEST_GUILESS_MAIN(TstAdviceFacts)
#include "tst_advicefacts.moc"
