// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/continuousaggregates.h"
#include "core/monitor/databaseticker.h"
#include "core/monitor/jobcollector.h"
#include "core/monitor/partitioncollector.h"
#include "tests/support/testserver.h"

#include <thread>

using namespace Qt::Literals::StringLiterals;
using namespace tidemark;
using namespace tidemark::test;

namespace {

class Watch
{
public:
    explicit Watch(const pg::ConnInfo &info)
        : m_ticker(info, collectors(), m_clock, u"tidemark test"_s)
    {
    }

    void tick()
    {
        if (const Status ticked = m_ticker.tick(Millis(2000)); !ticked)
            qFatal("%s", describe(ticked.error()).constData());
    }

    template<typename Done>
    bool tickUntil(Done done, int most = 60)
    {
        for (int i = 0; i < most; ++i) {
            tick();
            if (done())
                return true;
            std::this_thread::sleep_for(Millis(100));
        }
        return false;
    }

    [[nodiscard]] std::shared_ptr<const DatabaseSnapshot> snapshot() const { return m_ticker.snapshot(); }
    [[nodiscard]] QString error() const
    {
        return snapshot()->errors.isEmpty() ? QString() : snapshot()->errors.first().summary();
    }
    [[nodiscard]] std::shared_ptr<const PartitionedTable> table(const QString &name) const
    {
        for (const auto &table : snapshot()->partitions->tables) {
            if (table->name.name == name)
                return table;
        }
        return {};
    }
    [[nodiscard]] const Refreshable *aggregate(const QString &name) const
    {
        if (!snapshot()->freshness)
            return nullptr;
        for (const Refreshable &row : snapshot()->freshness->refreshables) {
            if (row.name.name == name)
                return &row;
        }
        return nullptr;
    }

private:
    static Collectors collectors()
    {
        Collectors collectors;
        collectors.push_back(std::make_unique<JobCollector>(nullptr));
        collectors.push_back(std::make_unique<PartitionCollector>());
        collectors.push_back(std::make_unique<ContinuousAggregates>());
        return collectors;
    }

    SystemClock m_clock;
    DatabaseTicker m_ticker;
};

const QByteArray readings =
    "CREATE EXTENSION timescaledb;"
    "CREATE TABLE \"Read ings\" (\"At\" timestamptz NOT NULL, sensor int, value float8);"
    "SELECT create_hypertable('\"Read ings\"', 'At', chunk_time_interval => interval '1 day');"
    "INSERT INTO \"Read ings\" SELECT g, 1, 1 FROM generate_series(timestamptz '2026-01-01Z', '2026-01-09 23:00Z', '1 hour') AS g";

Instant at(const char *text)
{
    return parseTimestamp(QString::fromLatin1(text)).value();
}

/// A backend's counters are sure to be sent when it ends.
void apart(const TestDatabase &database, const QByteArray &sql)
{
    pg::Session session = database.open();
    const auto done = session.exec(sql);
    QVERIFY_RESULT(done);
}

} // namespace

class TstHypertables : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void chunksAreReadAndFollowed_data()
    {
        QTest::addColumn<bool>("community");
        QTest::newRow("apache") << false;
        QTest::newRow("community") << true;
    }
    void chunksAreReadAndFollowed()
    {
        QFETCH(const bool, community);
        if (community)
            TIDEMARK_REQUIRE_COMMUNITY_TIMESCALE();
        else
            TIDEMARK_REQUIRE_SERVER("timescale");
        TestDatabase database(community ? *communityTimescale() : server(u"timescale"_s));
        database.exec(readings);
        database.exec(
            "CREATE TABLE native (at date) PARTITION BY RANGE (at); CREATE TABLE native_1 PARTITION OF native DEFAULT;"
            "CREATE TABLE counted (n bigint NOT NULL, place int NOT NULL);"
            "SELECT create_hypertable('counted', 'n', chunk_time_interval => 1000);"
            "SELECT add_dimension('counted', 'place', number_partitions => 2);"
            "INSERT INTO counted SELECT g, g % 7 FROM generate_series(1, 2500) AS g");
        database.exec("ANALYZE");
        Watch watch(database.conn());
        watch.tick();
        QCOMPARE(watch.error(), QString());
        QCOMPARE(watch.snapshot()->partitions->tables.size(), 3U); // chunks are nobody's inheritance children

        const auto table = watch.table(u"Read ings"_s);
        QVERIFY(table);
        QCOMPARE(table->kind, PartitioningKind::Hypertable);
        QCOMPARE(table->managedBy, u"timescaledb"_s);
        QCOMPARE(table->intervalText, u"1 day"_s);
        QCOMPARE(table->keyText, u"RANGE (\"At\")"_s);
        QCOMPARE(table->leafCount, 9);
        QCOMPARE(table->rowsEstimate, 216);
        QVERIFY(!table->runsOut);
        QCOMPARE(table->partitions.front().from.axis.value(), toEpochMicros(at("2026-01-01")));
        QCOMPARE(table->partitions.front().from.text, u"2026-01-01 00:00:00+00"_s);
        QCOMPARE(table->partitions.back().to.axis.value(), toEpochMicros(at("2026-01-10")));
        QVERIFY(table->totalBytes > 0);

        const auto counted = watch.table(u"counted"_s);
        QCOMPARE(counted->unit, BoundUnit::Integer);
        QCOMPARE(counted->intervalText, u"1000"_s);
        QCOMPARE(counted->leafCount, 6);
        QVERIFY2(counted->partitions.front().boundText.contains("place"_L1),
                 qPrintable(counted->partitions.front().boundText));

        apart(database, "INSERT INTO public.\"Read ings\" VALUES ('2026-02-01Z', 1, 1)");
        QVERIFY(watch.tickUntil([&] { return watch.table(u"Read ings"_s)->leafCount == 10; }));
        QVERIFY(watch.tickUntil([&] { return watch.table(u"Read ings"_s)->rowsEstimate == 217; }));
        QCOMPARE(watch.table(u"counted"_s).get(), counted.get());
        apart(database, "SELECT public.drop_chunks('public.\"Read ings\"', older_than => timestamptz '2026-01-04Z')");
        QVERIFY(watch.tickUntil([&] { return watch.table(u"Read ings"_s)->leafCount == 7; }));
        QCOMPARE(watch.table(u"Read ings"_s)->partitions.front().from.axis.value(), toEpochMicros(at("2026-01-04")));
        apart(database, "SELECT public.set_chunk_time_interval('public.\"Read ings\"', interval '7 days')");
        QVERIFY(watch.tickUntil([&] { return watch.table(u"Read ings"_s)->intervalText == "7 days"_L1; }));
        apart(database, "DROP TABLE public.counted");
        QVERIFY(watch.tickUntil([&] { return !watch.table(u"counted"_s); }));
        QCOMPARE(watch.error(), QString());
    }

    void noTickWaitsBehindALockedChunk()
    {
        TIDEMARK_REQUIRE_SERVER("timescale");
        TestDatabase database(u"timescale"_s);
        database.exec(readings);
        pg::Session owner = database.open();
        QVERIFY_RESULT(owner.execScript("BEGIN; LOCK TABLE public.\"Read ings\" IN ACCESS EXCLUSIVE MODE"));
        Watch watch(database.conn());
        double least = 1e9;
        for (int i = 0; i < 7; ++i) {
            watch.tick();
            QCOMPARE(watch.error(), QString());
            least = std::min(least, watch.snapshot()->overhead.lastTickServerMs);
        }
        QVERIFY2(least < 100, "each tick waited on the server");
        QCOMPARE(watch.table(u"Read ings"_s)->leafCount, 9);
    }

    void compressionAndPoliciesAreShown()
    {
        TIDEMARK_REQUIRE_COMMUNITY_TIMESCALE();
        TestDatabase database(*communityTimescale());
        database.exec(readings);
        database.exec("ALTER TABLE \"Read ings\" SET (timescaledb.compress, timescaledb.compress_segmentby = 'sensor');"
                      "SELECT add_compression_policy('\"Read ings\"', interval '100 years');"
                      "SELECT add_retention_policy('\"Read ings\"', interval '200 years')");
        Watch watch(database.conn());
        watch.tick();
        QCOMPARE(watch.error(), QString());
        QCOMPARE(watch.table(u"Read ings"_s)->compressAfter, std::optional(Millis(100LL * 365 * 86'400'000)));
        QCOMPARE(watch.table(u"Read ings"_s)->retention, std::optional(Millis(200LL * 365 * 86'400'000)));
        apart(
            database,
            "SELECT public.compress_chunk(c) FROM public.show_chunks('public.\"Read ings\"', older_than => timestamptz '2026-01-03Z') AS c");
        QVERIFY(watch.tickUntil([&] { return watch.table(u"Read ings"_s)->compressedCount == 2; }));
        const auto table = watch.table(u"Read ings"_s);
        QVERIFY(table->partitions.front().compressed);
        QCOMPARE(table->partitions.front().uncompressedBytes.value_or(0) > 0, true);
        QVERIFY(table->totalUncompressedBytes.has_value());
        QCOMPARE(watch.snapshot()->partitions->tables.size(),
                 1U); // what holds compressed chunks is not a table of its own
    }

    void continuousAggregatesTellHowFarTheyAre()
    {
        TIDEMARK_REQUIRE_COMMUNITY_TIMESCALE();
        TestDatabase database(*communityTimescale());
        database.exec(readings);
        database.exec(
            "CREATE MATERIALIZED VIEW \"Hour ly\" WITH (timescaledb.continuous) AS "
            "SELECT time_bucket('1 hour', \"At\") AS bucket, avg(value) FROM \"Read ings\" GROUP BY 1 WITH NO DATA");
        database.exec( // in one transaction, so that the scheduler never sees it scheduled
            "SELECT add_continuous_aggregate_policy('\"Hour ly\"', NULL, interval '1 hour', interval '7 days');"
            "SELECT alter_job(job_id, scheduled => false) FROM timescaledb_information.jobs WHERE proc_name LIKE 'policy_refresh%'");
        Watch watch(database.conn());
        watch.tick();
        QCOMPARE(watch.error(), QString());
        const Refreshable *hourly = watch.aggregate(u"Hour ly"_s);
        QVERIFY(hourly);
        QCOMPARE(hourly->kind, RefreshableKind::ContinuousAggregate);
        QVERIFY(!hourly->populated);
        QVERIFY(!hourly->lastRefresh.at);
        QCOMPARE(hourly->aggregate->hypertable, u"public.\"Read ings\""_s);
        QVERIFY2(hourly->aggregate->policy.contains("until 01:00:00 before now"_L1),
                 qPrintable(hourly->aggregate->policy));

        const Instant before = watch.snapshot()->takenAt;
        apart(database, "CALL public.refresh_continuous_aggregate('public.\"Hour ly\"', NULL, '2026-01-08Z')");
        QVERIFY(watch.tickUntil([&] { return watch.aggregate(u"Hour ly"_s)->populated; }));
        hourly = watch.aggregate(u"Hour ly"_s);
        QCOMPARE(toIso8601(hourly->aggregate->watermark.value()), u"2026-01-08T00:00:00Z"_s);
        QVERIFY(hourly->aggregate->invalidRanges.empty());
        QVERIFY(hourly->lastRefresh.at.value_or(before) > before);
        QVERIFY(watch.tickUntil([&] { return watch.aggregate(u"Hour ly"_s)->aggregate->tailLag.has_value(); }));
        QCOMPARE(watch.aggregate(u"Hour ly"_s)->aggregate->tailLag.value(),
                 Millis(47LL * 3'600'000)); // to 2026-01-09 23:00

        apart(database, "INSERT INTO public.\"Read ings\" VALUES ('2026-01-03 05:05Z', 1, 9)");
        QVERIFY(watch.tickUntil([&] { return !watch.aggregate(u"Hour ly"_s)->aggregate->invalidRanges.empty(); }));
        const auto invalid = watch.aggregate(u"Hour ly"_s)->aggregate->invalidRanges;
        QCOMPARE(invalid.size(), 1U);
        QVERIFY(invalid.front().from <= at("2026-01-03 05:05") && invalid.front().to > at("2026-01-03 05:05"));
        apart(database, "CALL public.refresh_continuous_aggregate('public.\"Hour ly\"', NULL, NULL)");
        QVERIFY(watch.tickUntil([&] { return watch.aggregate(u"Hour ly"_s)->aggregate->invalidRanges.empty(); }));
        QVERIFY(watch.table(u"Hour ly"_s)); // its hypertable, under the view's name

        database.exec("DROP MATERIALIZED VIEW \"Hour ly\"");
        QVERIFY(watch.tickUntil([&] { return !watch.aggregate(u"Hour ly"_s); }));
    }

    void anAggregateOfIntegersHasNoTimes()
    {
        TIDEMARK_REQUIRE_COMMUNITY_TIMESCALE();
        TestDatabase database(*communityTimescale());
        database.exec("CREATE EXTENSION timescaledb; CREATE TABLE counted (n bigint NOT NULL, v int);"
                      "SELECT create_hypertable('counted', 'n', chunk_time_interval => 1000);"
                      "CREATE FUNCTION latest() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT 5000::bigint';"
                      "SELECT set_integer_now_func('counted', 'latest')");
        database.exec(
            "CREATE MATERIALIZED VIEW hundreds WITH (timescaledb.continuous) AS SELECT time_bucket(100::bigint, n) AS b, count(*) "
            "FROM counted GROUP BY 1 WITH NO DATA");
        Watch watch(database.conn());
        watch.tick();
        QCOMPARE(watch.error(), QString());
        QVERIFY(watch.aggregate(u"hundreds"_s));
        QVERIFY(!watch.aggregate(u"hundreds"_s)->aggregate->watermark);
    }
};

QTEST_GUILESS_MAIN(TstHypertables)
#include "tst_hypertables.moc"
