// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/runner.h"
#include "core/plan/toolkit.h"
#include "core/stage/stagespec.h"
#include "tests/support/tablewriters.h"
#include "tests/support/testserver.h"

#include <future>

using namespace tidemark;
using namespace tidemark::test;

namespace {

quint32 seedOf()
{
    bool given = false;
    const uint seed = qEnvironmentVariable("TIDEMARK_TEST_SEED").toUInt(&given);
    return given ? seed : QRandomGenerator::global()->generate();
}

/// Drives a run on a thread, and again when it was cut off; a test that fails meanwhile detaches it.
class Driving
{
public:
    Driving(const TestDatabase &database, qint64 run, bool undo = false)
        : m_result(std::async(std::launch::async, [conn = database.conn(), run, undo, stop = m_detach.get_token()] {
            Runner runner({conn, QStringLiteral("the test"), Millis(30'000), {}}, stage::stageActions());
            return undo ? runner.undo(run, stop) : runner.run(run, stop);
        }))
    {
    }
    ~Driving() { m_detach.request_stop(); }
    Result<RunResult> get() { return m_result.get(); }
    [[nodiscard]] bool hasEnded() const
    {
        return m_result.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }

private:
    std::stop_source m_detach;
    std::future<Result<RunResult>> m_result;
};

} // namespace

/// Whole staged migrations under clients that never pause, each judged by what the clients know they committed.
class TstStage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_database = std::make_unique<TestDatabase>();
        m_database->exec(
            "CREATE TABLE plays (id bigint PRIMARY KEY, at timestamptz NOT NULL, note text, n int NOT NULL);"
            "CREATE INDEX plays_at ON plays (at);"
            "INSERT INTO plays SELECT g, timestamptz '2026-01-01Z' + g * interval '1 hour', md5(g::text), 0 "
            "FROM generate_series(1, 4000) AS g");
        m_session = m_database->open();
        m_cuts = 0;
    }
    void cleanup()
    {
        m_session.reset();
        m_database.reset();
    }

    void clientsNoticeNothingAndLoseNothing_data()
    {
        QTest::addColumn<bool>("mirror");
        QTest::addColumn<bool>("truncates");
        QTest::addColumn<bool>("swapsBack");
        QTest::addColumn<bool>("isCut");
        QTest::addColumn<QString>("shape");
        QTest::newRow("keys") << false << false << false << false << QStringLiteral("native");
        QTest::newRow("keys, swapped back") << false << false << true << false << QStringLiteral("native");
        QTest::newRow("keys, truncated") << false << true << true << false << QStringLiteral("native");
        QTest::newRow("keys, connections cut") << false << false << true << true << QStringLiteral("native");
        QTest::newRow("mirror, swapped back") << true << false << true << false << QStringLiteral("native");
        QTest::newRow("mirror, truncated, connections cut")
            << true << true << false << true << QStringLiteral("native");
        QTest::newRow("same shape, swapped back") << false << true << true << false << QStringLiteral("same");
    }
    void clientsNoticeNothingAndLoseNothing()
    {
        QFETCH(bool, mirror);
        QFETCH(bool, truncates);
        QFETCH(bool, swapsBack);
        QFETCH(bool, isCut);
        QFETCH(QString, shape);
        const quint32 seed = seedOf();
        QRandomGenerator random(seed);
        qInfo("seed %u", seed);

        const qint64 run = create(
            {{QStringLiteral("table"), QStringLiteral("plays")},
             {QStringLiteral("shape"), shape},
             {QStringLiteral("by"), shape == QLatin1String("native") ? QStringLiteral("at") : QString()},
             {QStringLiteral("mirror"), mirror}});
        TableWriters writers(*m_database, seed, 3, truncates);
        {
            Driving driving(*m_database, run);
            const auto untilWaiting = [&](const QString &step) {
                QTRY_VERIFY2_WITH_TIMEOUT((isCut ? cut(random) : void(), waitsAt(run, step) || driving.hasEnded()),
                                          qPrintable(step), 60'000);
                QVERIFY2(!driving.hasEnded(), qPrintable(whatHappened(run)));
            };
            untilWaiting(QStringLiteral("swap"));
            QTest::qWait(int(random.bounded(300)));
            proceed(run);
            untilWaiting(QStringLiteral("retire"));
            QTest::qWait(int(random.bounded(500)));
            if (swapsBack) {
                QVERIFY_RESULT(ask(run, QStringLiteral("undo")));
                const auto undone = driving.get();
                QVERIFY_RESULT(undone);
                QVERIFY2(undone->end == RunEnd::Undone, qPrintable(whatHappened(run)));
                QTest::qWait(int(random.bounded(200)));
            } else {
                proceed(run);
                const auto done = driving.get();
                QVERIFY_RESULT(done);
                QVERIFY2(done->end == RunEnd::Succeeded, qPrintable(whatHappened(run)));
            }
        }
        writers.stop();
        QVERIFY2(writers.errors().isEmpty(), qPrintable(writers.errors().join(QLatin1Char('\n'))));
        QVERIFY2(writers.transactions() > 50, qPrintable(QString::number(writers.transactions())));
        qInfo("%lld transactions, the longest statement took %lld ms", writers.transactions(),
              qint64(writers.longestStatement().count()));
        const QString difference = TableWriters::difference(TableWriters::content(*m_database), writers.expected());
        QVERIFY2(difference.isEmpty(), qPrintable(difference));
        QCOMPARE(m_database->value("SELECT relkind FROM pg_class WHERE oid = 'plays'::regclass"),
                 swapsBack || shape == QLatin1String("same") ? QStringLiteral("r") : QStringLiteral("p"));
        // Nothing of ours is left but the memory of the run.
        QCOMPARE(m_database->value("SELECT coalesce(string_agg(relname, ','), '') FROM pg_class WHERE relname ~ "
                                   "'_tidemark_|^(stage|return)_[0-9]' OR (relname ~ 'plays_p2026' AND $1)",
                                   {swapsBack}),
                 QString());
        QCOMPARE(m_database->value("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'tidemark%'"),
                 QStringLiteral("0"));
        QCOMPARE(m_database->value("SELECT count(*) FROM pg_proc WHERE pronamespace = 'tidemark'::regnamespace"),
                 QStringLiteral("0"));
    }

private:
    qint64 create(const QJsonObject &asked)
    {
        const auto made = [&]() -> Result<qint64> {
            TIDEMARK_TRY(const auto spec, stage::StageSpec::fromJson(asked));
            TIDEMARK_TRY(const auto planned, stage::planStage(*m_session, spec));
            if (!planned.plan)
                return fail(Error::input(planned.obstacles.front().why));
            TIDEMARK_CHECK(applyToolkit(*m_session, QStringLiteral("runs"), true));
            RunSettings settings;
            settings.chunkPages = 16;
            settings.chunkTime = Millis(30);
            settings.stallBudget = Millis(2'000); // the machine is shared; the figure is the benchmark's business
            return Journal::create(*m_session, *planned.plan, settings);
        }();
        if (!made)
            qFatal("%s", describe(made.error()).constData());
        return *made;
    }

    bool waitsAt(qint64 run, const QString &name)
    {
        return m_database->value(
                   "SELECT count(*) FROM tidemark.run_step WHERE run = $1 AND name = $2 AND state = 'waiting'",
                   {run, name})
               == QLatin1String("1");
    }

    /// A driver whose connection was just cut is not there for a moment.
    Status ask(qint64 run, const QString &verb)
    {
        for (int attempt = 0;; ++attempt) {
            auto asked = requestOfRun(*m_session, run, verb);
            if (asked || attempt == 100)
                return asked;
            QTest::qWait(100);
        }
    }

    void proceed(qint64 run) { QVERIFY_RESULT(ask(run, QStringLiteral("proceed"))); }

    void cut(QRandomGenerator &random)
    {
        if (random.bounded(20) != 0 || ++m_cuts > 6)
            return;
        m_database->exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                         "AND application_name LIKE 'tidemark run%' AND random() < 0.5");
    }

    QString whatHappened(qint64 run)
    {
        QStringList lines;
        const RunDetail detail = readRun(*m_session, run).value();
        for (const RunEvent &event : detail.events)
            lines << event.kind + QStringLiteral(": ") + event.text;
        return lines.mid(std::max<qsizetype>(0, lines.size() - 8)).join(QLatin1Char('\n'));
    }

    int m_cuts = 0;
    std::unique_ptr<TestDatabase> m_database;
    std::optional<pg::Session> m_session;
};

QTEST_GUILESS_MAIN(TstStage)
#include "tst_stage.moc"
