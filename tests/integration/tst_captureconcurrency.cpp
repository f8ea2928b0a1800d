// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/capture/capturesql.h"
#include "tests/support/capturescene.h"
#include "tests/support/randomwriter.h"
#include "tests/support/testserver.h"

#include <QElapsedTimer>

#include <atomic>
#include <thread>

using namespace tidemark;
using namespace tidemark::test;

namespace {

constexpr int writers = 3;

pg::SessionOptions brief()
{
    pg::SessionOptions options = writable();
    options.lockTimeout = Millis(50);
    return options;
}

/// Writers on threads of their own, until it ends.
class Traffic
{
public:
    Traffic(TestDatabase &database, const RandomTable &table, quint32 seed)
    {
        for (quint32 i = 0; i < writers; ++i) {
            m_threads.emplace_back([session = database.open(brief()), &table, seed, i](std::stop_token stop) mutable {
                QRandomGenerator random(seed + i);
                QStringList journal;
                RandomWriter writer(session, table, random, journal);
                while (!stop.stop_requested()) {
                    writer.act();
                    journal.clear();
                }
                writer.finish();
            });
        }
    }

private:
    std::vector<std::jthread> m_threads;
};

/// Terminates the backend it is told of, again and again.
class Killer
{
public:
    Killer(TestDatabase &database, quint32 seed)
        : m_thread([this, session = database.open(), seed](std::stop_token stop) mutable {
            QRandomGenerator random(seed);
            while (!stop.stop_requested()) {
                std::this_thread::sleep_for(std::chrono::milliseconds(random.bounded(5, 120)));
                const auto killed = session.exec("SELECT pg_catalog.pg_terminate_backend($1)", {victim.load()});
                kills += killed && killed->boolean(0, 0) ? 1 : 0;
            }
        })
    {
    }

    std::atomic<int> victim = 0;
    std::atomic<int> kills = 0;

private:
    std::jthread m_thread;
};

} // namespace

/// Real threads, so that statements overlap where a schedule's only alternate.
class TstCaptureConcurrency : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
    }

    void cleanup() { m_database.reset(); }

    void writersNeverPauseAndTheDriverIsKilledAgainAndAgain_data()
    {
        QTest::addColumn<bool>("partitionedTarget");
        QTest::addColumn<bool>("mirrors");
        QTest::newRow("one table") << false << false;
        QTest::newRow("partitions") << true << false;
        QTest::newRow("one table with a mirror") << false << true;
        QTest::newRow("partitions with a mirror") << true << true;
    }

    void writersNeverPauseAndTheDriverIsKilledAgainAndAgain()
    {
        QFETCH(const bool, partitionedTarget);
        QFETCH(const bool, mirrors);
        const quint32 seed = QRandomGenerator::system()->generate();
        qInfo("seed %u (threads do not repeat it exactly)", seed);
        RandomTable table;
        table.key = RandomTable::Key::Composite;
        table.hasMerge = true;
        m_database->exec(table.create(60));
        m_database->exec(
            partitionedTarget
                ? "CREATE TABLE target (LIKE source INCLUDING GENERATED) PARTITION BY RANGE (ts);"
                  "CREATE TABLE target_1 PARTITION OF target FOR VALUES FROM ('2026-01-01Z') TO ('2026-02-01Z');"
                  "CREATE TABLE target_rest PARTITION OF target DEFAULT"
                : "CREATE TABLE target (LIKE source INCLUDING GENERATED)");
        m_database->exec("CREATE TABLE copied (page int8 PRIMARY KEY)");
        CaptureScene scene(*m_database, {QStringLiteral("public"), QStringLiteral("source")},
                           {QStringLiteral("public"), QStringLiteral("target")});
        auto traffic = std::make_unique<Traffic>(*m_database, table, seed);
        scene.prepare();
        auto killer = std::make_unique<Killer>(*m_database, seed);

        // Each step again until it is known to have happened: a commit that was cut off may have.
        const auto untilDone = [&](const auto &step) {
            for (int attempt = 0; attempt < 1000 && !scene.failed(); ++attempt) {
                if (killer)
                    killer->victim = scene.driver().backendPid();
                const Status done = step();
                if (done)
                    return;
                if (!done.error().poisonsSession && done.error().kind != ErrorKind::LockTimeout
                    && done.error().kind != ErrorKind::Conflict)
                    scene.fail(done.error(), "a step");
            }
        };
        untilDone([&]() -> Status {
            TIDEMARK_TRY(const auto probe, probeCapture(scene.driver(), scene.capture()));
            return probe.isEnabled ? Status() : scene.tryRun(capturesql::enable(scene.capture()));
        });
        const qint64 pages = m_database->value("SELECT pg_relation_size('source') / 8192").toLongLong();
        for (qint64 page = 0; page < pages; ++page) {
            const QByteArray number = QByteArray::number(page);
            untilDone([&]() -> Status {
                TIDEMARK_TRY(const auto there, scene.driver().exec("SELECT FROM public.copied WHERE page = " + number));
                if (!there.isEmpty())
                    return {};
                TIDEMARK_TRY([[maybe_unused]] const auto copied,
                             scene.driver().exec("WITH c AS (" + scene.copyPages(page, page + 1)
                                                 + ") INSERT INTO public.copied VALUES (" + number + ")"));
                return {};
            });
        }
        untilDone([&] { return scene.tryRun(capturesql::purge(scene.capture(), scene.spec().target)); });
        m_database->exec(partitionedTarget
                             ? "CREATE UNIQUE INDEX ON target (a, \"B \"\"c\"\"\", ts)"
                             : "CREATE UNIQUE INDEX ON target (a, \"B \"\"c\"\"\"); CREATE UNIQUE INDEX ON target (u)");

        if (mirrors) {
            scene.spec().skipEqual = true;
            untilDone([&] {
                return scene.tryRun(
                    capturesql::startMirror(scene.capture(), {scene.spec().target, scene.spec().columns}));
            });
        }
        QElapsedTimer elapsed;
        elapsed.start();
        QRandomGenerator random(seed);
        qint64 entries = 0;
        int looks = 0;
        const auto look = [&]() -> Status {
            TIDEMARK_TRY(const QString difference, scene.tryDifferenceAfterDrain());
            ++looks;
            return difference.isEmpty() ? Status() : Status(fail(Error::internal(difference)));
        };
        while (elapsed.elapsed() < 2000 && !scene.failed()) {
            untilDone([&]() -> Status {
                TIDEMARK_TRY(const auto done, scene.reconciler().step(random.bounded(1, 200)));
                entries += done.entries;
                return {};
            });
            if (random.bounded(20) == 0)
                untilDone(look);
        }
        killer->victim = 0;
        const int kills = killer->kills;
        killer.reset();
        traffic.reset();
        untilDone(look);
        QVERIFY(!scene.failed());
        qInfo("%lld entries in batches, %d looks under the lock, %d kills", static_cast<long long>(entries), looks,
              kills);
        QVERIFY(entries > 0);
        QVERIFY(kills > 0);
    }

private:
    std::unique_ptr<TestDatabase> m_database;
};

QTEST_GUILESS_MAIN(TstCaptureConcurrency)
#include "tst_captureconcurrency.moc"
