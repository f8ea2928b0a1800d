// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/pause.h"
#include "tests/support/stagerun.h"
#include "tests/support/testserver.h"

#include <QRandomGenerator>

#include <map>
#include <set>
#include <thread>

using namespace tidemark;
using namespace tidemark::test;

namespace {

/// A client that outlives its server: it inserts one key after the other and knows which were acknowledged.
class Survivor
{
public:
    explicit Survivor(const TestDatabase &database)
        : m_thread([this, &database](std::stop_token stop) { write(database, std::move(stop)); })
    {
    }
    void stop()
    {
        m_thread.request_stop();
        m_thread.join();
    }
    /// After stop().
    [[nodiscard]] const std::set<qint64> &acknowledged() const { return m_acknowledged; }
    [[nodiscard]] const std::set<qint64> &tried() const { return m_tried; }
    [[nodiscard]] QStringList errors() const { return m_errors; }

private:
    void write(const TestDatabase &database, std::stop_token stop)
    {
        std::optional<pg::Session> session;
        for (qint64 key = 1'000'000; !stop.stop_requested(); ++key) {
            if (!session || !session->isAlive()) {
                auto opened = pg::Session::open(database.conn(), writable());
                if (!opened) {
                    static_cast<void>(pauseFor(Millis(20), stop));
                    continue;
                }
                session = std::move(*opened);
            }
            m_tried.insert(key);
            const auto written = session->exec(
                "WITH gone AS (DELETE FROM public.plays WHERE id = $1::int8 - 1000000), "
                "changed AS (UPDATE public.plays SET n = n + 1 WHERE id = $1::int8 - 999000) "
                "INSERT INTO public.plays (id, at, n) VALUES ($1, now(), 1)",
                {key});
            if (written)
                m_acknowledged.insert(key);
            else if (!written.error().poisonsSession && written.error().kind != ErrorKind::Conflict
                     && written.error().kind != ErrorKind::Connection)
                m_errors << QString::fromUtf8(describe(written.error()));
        }
    }

    std::set<qint64> m_acknowledged;
    std::set<qint64> m_tried;
    QStringList m_errors;
    std::jthread m_thread;
};

} // namespace

/// A server that stops at once in the middle of a staged migration: the same driver goes on when it is back, or takes it
/// back, and no row is lost or there twice.
class TstStageFaults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        m_cluster = std::make_unique<TestCluster>();
        QVERIFY_RESULT(m_cluster->start());
    }
    void cleanupTestCase() { m_cluster.reset(); }

    void theServerStopsAtOnce_data()
    {
        QTest::addColumn<QString>("strategy");
        QTest::addColumn<QString>("during");
        QTest::addColumn<bool>("isUndone");
        for (const char *strategy : {"copy", "attach"}) {
            for (const char *during : {"copy", "swap", "swap back"}) {
                const bool isCopy = qstrcmp(strategy, "copy") == 0;
                if (!isCopy && qstrcmp(during, "copy") == 0)
                    continue;
                for (const bool isUndone : {false, true}) {
                    if (qstrcmp(during, "swap back") == 0 && !isUndone)
                        continue;
                    QTest::addRow("%s, during the %s, %s", strategy, during, isUndone ? "undone" : "to the end")
                        << QString::fromLatin1(strategy) << QString::fromLatin1(during) << isUndone;
                }
            }
        }
    }
    void theServerStopsAtOnce()
    {
        QFETCH(QString, strategy);
        QFETCH(QString, during);
        QFETCH(bool, isUndone);
        const quint32 seed = QRandomGenerator::global()->generate();
        QRandomGenerator random(seed);
        qInfo("seed %u", seed);
        TestDatabase database(m_cluster->connInfo());
        database.exec(
            "CREATE TABLE plays (id bigint PRIMARY KEY, at timestamptz NOT NULL, note text, n int NOT NULL);"
            "INSERT INTO plays SELECT g, timestamptz '2026-01-01Z' + g * interval '1 hour', repeat(md5(g::text), 40), 0 "
            "FROM generate_series(1, 8000) AS g");
        StageRun run(database);
        run.create({{QStringLiteral("table"), QStringLiteral("plays")},
                    {QStringLiteral("strategy"), strategy},
                    {QStringLiteral("by"), QStringLiteral("at")},
                    {QStringLiteral("every"), QStringLiteral("1 year")}});
        Survivor client(database);
        {
            Driving driving(database, run.id());
            const auto until = [&](const QString &step) {
                QTRY_VERIFY2_WITH_TIMEOUT(run.waitsAt(step) || driving.hasEnded(),
                                          qPrintable(step + QLatin1Char('\n') + run.whatHappened()), 60'000);
                QVERIFY2(!driving.hasEnded(), qPrintable(run.whatHappened()));
            };
            const auto crash = [&] {
                QTest::qWait(int(random.bounded(60)));
                QVERIFY_RESULT(m_cluster->stop(QStringLiteral("immediate")));
                QVERIFY_RESULT(m_cluster->start());
            };
            if (during == QLatin1String("copy")) {
                // Looked for without a pause: the copy is a matter of a tenth of a second.
                while (!run.runs(QStringLiteral("copy")))
                    QVERIFY2(!run.waitsAt(QStringLiteral("swap")) && !driving.hasEnded(),
                             qPrintable(run.whatHappened()));
                crash();
            }
            until(QStringLiteral("swap"));
            QVERIFY_RESULT(run.ask(QStringLiteral("proceed")));
            if (during == QLatin1String("swap")) {
                crash();
                // The word may have died with the server.
                QTRY_VERIFY2_WITH_TIMEOUT(
                    run.waitsAt(QStringLiteral("retire"))
                        || (run.waitsAt(QStringLiteral("swap"))
                            && (static_cast<void>(requestOfRun(run.session(), run.id(), QStringLiteral("proceed"))),
                                false)),
                    qPrintable(run.whatHappened()), 60'000);
            }
            until(QStringLiteral("retire"));
            QVERIFY_RESULT(run.ask(isUndone ? QStringLiteral("undo") : QStringLiteral("proceed")));
            if (during == QLatin1String("swap back"))
                crash();
            const auto ended = driving.get();
            QVERIFY_RESULT(ended);
            QVERIFY2(ended->end == (isUndone ? RunEnd::Undone : RunEnd::Succeeded), qPrintable(run.whatHappened()));
        }
        client.stop();
        QVERIFY2(client.errors().isEmpty(), qPrintable(client.errors().join(QLatin1Char('\n'))));
        const auto rows = run.session().exec("SELECT id, n FROM public.plays ORDER BY id");
        QVERIFY_RESULT(rows);
        std::map<qint64, int> found;
        for (int row = 0; row < rows->rowCount(); ++row) {
            QVERIFY2(found.emplace(rows->int64(row, 0), rows->int32(row, 1)).second,
                     qPrintable(QStringLiteral("row %1 is there twice").arg(rows->int64(row, 0))));
        }
        for (const qint64 key : client.acknowledged()) {
            QVERIFY2(found.contains(key), qPrintable(QStringLiteral("row %1 is lost").arg(key)));
            QVERIFY2(!found.contains(key - 1'000'000),
                     qPrintable(QStringLiteral("row %1 is back from the dead").arg(key - 1'000'000)));
            if (const auto changed = found.find(key - 999'000); changed != found.end() && changed->first <= 8'000)
                QCOMPARE(changed->second, 1);
        }
        for (const auto &[key, n] : found) {
            if (key >= 1'000'000)
                QVERIFY2(client.tried().contains(key), qPrintable(QString::number(key)));
            else
                QVERIFY2(client.tried().contains(key + 999'000) || n == 0, qPrintable(QString::number(key)));
        }
        QVERIFY(client.acknowledged().size() > 20);
        QCOMPARE(run.leftOver(isUndone), QString());
    }

private:
    std::unique_ptr<TestCluster> m_cluster;
};

QTEST_GUILESS_MAIN(TstStageFaults)
#include "tst_stagefaults.moc"
