// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/standardcollectors.h"
#include "tests/support/refreshscene.h"
#include "tests/support/testserver.h"
#include "tests/support/watched.h"

using namespace tidemark;
using namespace tidemark::refresh;
using namespace tidemark::test;

/// Continuous aggregates refreshed from here, on the server that TIDEMARK_TEST_TIMESCALE names.
class TstRefreshAggregates : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { TIDEMARK_REQUIRE_COMMUNITY_TIMESCALE(); }
    void init()
    {
        m_scene = std::make_unique<RefreshScene>(std::make_unique<TestDatabase>(*communityTimescale()));
        m_scene->database().exec(
            "CREATE EXTENSION timescaledb; CREATE TABLE readings (at timestamptz NOT NULL, value int);"
            "SELECT create_hypertable('readings', 'at', chunk_time_interval => interval '1 day');"
            "INSERT INTO readings SELECT t, 1 FROM generate_series(timestamptz '2026-01-01Z', "
            "'2026-01-05Z', '1 hour') AS t");
        m_scene->database().exec("CREATE MATERIALIZED VIEW \"Hour's\" WITH (timescaledb.continuous, "
                                 "timescaledb.materialized_only = true) AS SELECT time_bucket('1 hour', at) AS bucket, "
                                 "sum(value) AS value FROM readings GROUP BY 1 WITH NO DATA");
        m_scene->database().exec("CREATE MATERIALIZED VIEW total AS SELECT sum(value) AS value FROM \"Hour's\"");
    }
    void cleanup() { m_scene.reset(); }

    void aRangeIsRefreshedAndWhatReadsItAfterwards()
    {
        RefreshSpec spec;
        spec.names = {{QString(), QStringLiteral("Hour's")}};
        spec.cascade = true;
        spec.acceptsLock = true;
        spec.from = QStringLiteral("2026-01-02");
        spec.to = QStringLiteral("2026-01-04");
        const RefreshPlan planned = m_scene->plan(spec);
        QCOMPARE(planned.items.size(), std::size_t(2));
        QCOMPARE(planned.items[1].after, std::vector<int>{0});
        const auto look = m_scene->carryOut(planned);
        QCOMPARE(look.count(ItemState::Succeeded), 2);
        QCOMPARE(m_scene->database().value("SELECT count(*) FROM \"Hour's\""), QStringLiteral("48"));
        QCOMPARE(m_scene->database().value("SELECT value FROM total"), QStringLiteral("48"));

        spec.from.clear();
        spec.to.clear();
        QCOMPARE(m_scene->carryOut(m_scene->plan(spec)).count(ItemState::Succeeded), 2);
        QCOMPARE(m_scene->database().value("SELECT value FROM total"), QStringLiteral("97"));
    }

    void anAggregateOfAnAggregateComesAfterIt()
    {
        // Older TimescaleDB has none of those.
        pg::Session session = m_scene->database().open();
        const auto made = session.exec(
            "CREATE MATERIALIZED VIEW public.daily WITH (timescaledb.continuous, timescaledb.materialized_only = true) "
            "AS SELECT public.time_bucket('1 day', bucket) AS bucket, sum(value) AS value FROM public.\"Hour's\" "
            "GROUP BY 1 WITH NO DATA");
        QVERIFY_RESULT(made);
        RefreshSpec all;
        all.acceptsLock = true;
        const RefreshPlan planned = m_scene->plan(all);
        QCOMPARE(planned.items.size(), std::size_t(3));
        const auto look = m_scene->carryOut(planned);
        QCOMPARE(look.count(ItemState::Succeeded), 3);
        QCOMPARE(m_scene->database().value("SELECT sum(value) FROM daily"), QStringLiteral("97"));
    }

    void aDayIsThatOfTheDatabasesTimeZone()
    {
        m_scene->database().exec("ALTER DATABASE " + pg::quoteIdentifier(m_scene->database().name()).toUtf8()
                                 + " SET timezone = 'Asia/Tokyo'");
        RefreshSpec spec;
        spec.names = {RefreshScene::named("Hour's")};
        spec.from = QStringLiteral("2026-01-02");
        spec.to = QStringLiteral("2026-01-03");
        const RefreshPlan planned = m_scene->plan(spec);
        pg::SessionOptions options;
        options.readOnly = false;
        options.lockTimeout = Millis(70);
        pg::Session session = m_scene->database().open(options);
        const auto settings = [&session] {
            return session
                .exec("SELECT pg_catalog.string_agg(name || '=' || setting, ' ' ORDER BY name) FROM "
                      "pg_catalog.pg_settings WHERE source = 'session'")
                .value()
                .text(0, 0);
        };
        const QString before = settings();
        QVERIFY2(before.contains(QLatin1String("TimeZone=UTC")), qPrintable(before));
        const RefreshOutcome outcome = RefreshWork({}, {}, {}).perform(session, planned.items.at(0), {});
        QVERIFY2(!outcome.error, qPrintable(outcome.error ? outcome.error->summary() : QString()));
        QCOMPARE(m_scene->database().value("SELECT min(bucket) AT TIME ZONE 'UTC' = '2026-01-01 15:00' AND "
                                           "max(bucket) AT TIME ZONE 'UTC' = '2026-01-02 14:00' FROM \"Hour's\""),
                 QStringLiteral("t"));
        QCOMPARE(settings(), before);
    }

    void aRangeThatIsNoneIsTheServersWordAndStopsItsReaders()
    {
        RefreshSpec spec;
        spec.names = {RefreshScene::named("Hour's")};
        spec.cascade = true;
        spec.acceptsLock = true;
        spec.from = QStringLiteral("the day before yesterday or so");
        const auto look = m_scene->carryOut(m_scene->plan(spec));
        QCOMPARE(look.items[0].state, ItemState::Failed);
        QCOMPARE(look.items[1].state, ItemState::Skipped);
    }

    void ourOwnRunAndTheWatermarkThatMovedAreOneRefresh()
    {
        Watched watched(m_scene->database().conn(), standardCollectors(m_scene->history())({}));
        watched.tick(2);
        RefreshSpec spec;
        spec.names = {RefreshScene::named("Hour's")};
        QCOMPARE(m_scene->carryOut(m_scene->plan(spec)).count(ItemState::Succeeded), 1);
        watched.tick(40);
        const auto events = m_scene->history()
                                ->refreshes(databaseRefOf(watched.snapshot()->capabilities),
                                            RefreshScene::named("Hour's"), std::nullopt, 10)
                                .value();
        QCOMPARE(events.size(), std::size_t(1));
        QCOMPARE(events.front().source, RefreshSource::OwnRun);
        QCOMPARE(events.front().kind, RefreshableKind::ContinuousAggregate);
        QVERIFY(events.front().duration.has_value());
    }

private:
    std::unique_ptr<RefreshScene> m_scene;
};

QTEST_GUILESS_MAIN(TstRefreshAggregates)
#include "tst_refreshaggregates.moc"
