// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/monitor.h"
#include "core/monitor/standardcollectors.h"
#include "tests/support/testserver.h"

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

/// What is asked of the monitor reaches the servers it is meant for.
class TstMonitorControl : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { TIDEMARK_REQUIRE_SERVER("15"); }

    void pausingReachesServersAddedLater()
    {
        Monitor monitor(m_clock, noCollectors(), observer());
        monitor.setPaused(true);
        monitor.add(profile(QStringLiteral("late"), 50ms), {});
        QTRY_VERIFY(readings(QStringLiteral("late")) > 0); // once, so that there is something to see
        std::this_thread::sleep_for(500ms);
        QCOMPARE(readings(QStringLiteral("late")), 1);
        monitor.setPaused(false);
        QTRY_VERIFY(readings(QStringLiteral("late")) > 3);
    }

    void retryingReadsTheOneServerAlone()
    {
        Monitor monitor(m_clock, noCollectors(), observer());
        monitor.add(profile(QStringLiteral("one"), 1h), {});
        monitor.add(profile(QStringLiteral("other"), 1h), {});
        QTRY_VERIFY(readings(QStringLiteral("one")) == 1 && readings(QStringLiteral("other")) == 1);
        monitor.tickNow(QStringLiteral("one"));
        QTRY_COMPARE(readings(QStringLiteral("one")), 2);
        monitor.tickNow(QStringLiteral("nobody"));
        std::this_thread::sleep_for(200ms);
        QCOMPARE(readings(QStringLiteral("other")), 1);
    }

    void whatIsNotWatchedForWantOfConnectionsIsNamed()
    {
        // Its own server: the databases of other tests on a shared one come and go.
        TestCluster cluster;
        QVERIFY_RESULT(cluster.start());
        auto session = pg::Session::open(cluster.connInfo(), writable());
        QVERIFY_RESULT(session);
        for (int i = 0; i < 18; ++i)
            QVERIFY_RESULT(session->exec("CREATE DATABASE many_" + QByteArray::number(i) + " TEMPLATE template0"));
        Profile all = profile(QStringLiteral("all"), 200ms);
        all.connInfo = cluster.connInfo();
        all.databases.clear();
        std::atomic<qsizetype> unwatched = 0;
        Monitor monitor(m_clock, standardCollectors(nullptr), [&](const std::shared_ptr<const ServerSnapshot> &server) {
            unwatched = server->unwatchedDatabases.size();
        });
        monitor.add(all, {});
        QTRY_COMPARE_WITH_TIMEOUT(unwatched.load(), 3, 20'000); // 18 and postgres, less 16

        // A role that may have few connections leaves half of them.
        QVERIFY_RESULT(session->exec("CREATE ROLE few LOGIN CONNECTION LIMIT 6"));
        Profile few = profile(QStringLiteral("few"), 200ms);
        few.connInfo = cluster.connInfo().with(QStringLiteral("user"), QStringLiteral("few"));
        few.databases.clear();
        std::atomic<qsizetype> left = 0;
        Monitor ofFew(m_clock, standardCollectors(nullptr), [&](const std::shared_ptr<const ServerSnapshot> &server) {
            left = server->unwatchedBecause.contains(QLatin1String("half of the 6")) ? server->unwatchedDatabases.size()
                                                                                     : 0;
        });
        ofFew.add(few, {});
        QTRY_COMPARE_WITH_TIMEOUT(left.load(), 16, 20'000);
        QVERIFY(session->exec("SELECT count(*) FROM pg_stat_activity WHERE usename = 'few'")->int64(0, 0) <= 3);
    }

    void aChosenIntervalReachesServersAddedLater()
    {
        Monitor monitor(m_clock, noCollectors(), observer());
        monitor.setInterval(50ms);
        monitor.add(profile(QStringLiteral("late"), 1h), {});
        QTRY_VERIFY(readings(QStringLiteral("late")) > 3);
    }

private:
    static CollectorFactory noCollectors()
    {
        return [](const WatchScope &) { return Collectors(); };
    }
    Monitor::Observer observer()
    {
        const std::lock_guard lock(m_mutex);
        m_readings.clear();
        return [this](const std::shared_ptr<const ServerSnapshot> &server) {
            const std::lock_guard counting(m_mutex);
            ++m_readings[server->name];
        };
    }
    int readings(const QString &server)
    {
        const std::lock_guard lock(m_mutex);
        return m_readings[server];
    }
    Profile profile(const QString &name, Millis interval)
    {
        Profile profile;
        profile.name = name;
        profile.connInfo = server(QStringLiteral("15"));
        profile.databases = {QStringLiteral("postgres")};
        profile.interval = interval;
        return profile;
    }

    SystemClock m_clock;
    std::mutex m_mutex;
    std::map<QString, int> m_readings;
};

QTEST_GUILESS_MAIN(TstMonitorControl)
#include "tst_monitorcontrol.moc"
