// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/standardcollectors.h"
#include "tests/support/testserver.h"
#include "tests/support/watched.h"

#include <QFile>
#include <QProcess>
#include <QThread>

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

const QString v = QStringLiteral("v");

std::shared_ptr<HistoryStore> memoryStore()
{
    return std::make_shared<HistoryStore>(LocalStore::inMemory().value());
}

Collectors collectorsOf(const std::shared_ptr<HistoryStore> &store, bool primary = true)
{
    return standardCollectors(store)({{}, primary, std::make_shared<RelationNames>()});
}

bool copyFolder(const QString &from, const QString &to)
{
    return QProcess::execute(QStringLiteral("cp"), {QStringLiteral("-a"), from, to}) == 0;
}

/// The data of a stopped server as they were in the copy; the server ends that recovery on a timeline of its own.
Status recoverFrom(Cluster &cluster, const QString &copy)
{
    const QString data = cluster.folder() + QStringLiteral("/data");
    TIDEMARK_CHECK(cluster.stop());
    if (QProcess::execute(QStringLiteral("rm"), {QStringLiteral("-rf"), data}) != 0 || !copyFolder(copy, data))
        return fail(Error::local(QStringLiteral("the copy cannot be put back")));
    QFile settings(data + QStringLiteral("/postgresql.conf"));
    QFile signal(data + QStringLiteral("/recovery.signal"));
    if (!settings.open(QIODevice::Append) || settings.write("restore_command = '/bin/false'\nhot_standby = off\n") < 0
        || !signal.open(QIODevice::WriteOnly))
        return fail(Error::local(QStringLiteral("the recovery cannot be configured")));
    settings.close();
    TIDEMARK_CHECK(cluster.start());
    // pg_ctl does not wait for the end of a recovery.
    Status reached = fail(Error::internal(QStringLiteral("never tried")));
    for (int attempt = 0; attempt < 300 && !reached; ++attempt) {
        QThread::msleep(100);
        const auto session = pg::Session::open(cluster.connInfo());
        reached = session ? Status() : Status(fail(session.error()));
    }
    return reached;
}

} // namespace

/// Whose history is it? On servers whose databases are dropped, made again and recovered to an earlier point.
class TstHistoryIdentity : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aDatabaseMadeAgainInheritsNothing();
    void recoveryToAnEarlierPointIsNoRefresh();
    void oneDatabaseOfAServerKeepsItsXidClock();
    void aStandbyThatLagsMisleadsNobody_data();
    void aStandbyThatLagsMisleadsNobody();
};

void TstHistoryIdentity::aDatabaseMadeAgainInheritsNothing()
{
    const auto store = memoryStore();
    const QString name = QStringLiteral("made_again_%1").arg(QCoreApplication::applicationPid());
    QString systemIdentifier;
    for (const bool again : {false, true}) {
        TestDatabase database(QStringLiteral("15"), name);
        database.exec("CREATE TABLE s AS SELECT 1 AS a; CREATE MATERIALIZED VIEW v AS SELECT a FROM s");
        Watched watched(database.conn(), collectorsOf(store));
        watched.tick(2);
        const auto &capabilities = watched.snapshot()->capabilities;
        systemIdentifier = capabilities.systemIdentifier;
        const auto before = store->refreshes(databaseRefOf(capabilities), {}, std::nullopt, 50).value();
        QVERIFY2(!again || before.size() <= 1, "the refreshes of the dropped database are told as this one's");
        for (int i = 0; i < 2; ++i) {
            database.exec("REFRESH MATERIALIZED VIEW v");
            watched.tick(2);
        }
        QVERIFY(store->refreshes(databaseRefOf(capabilities), {}, std::nullopt, 50).value().size() >= 2);
    }
    // By the name alone the newest is meant.
    const auto newest = store->refreshes({systemIdentifier, name}, {}, std::nullopt, 50).value();
    QVERIFY(newest.size() >= 2 && newest.size() <= 3);
}

void TstHistoryIdentity::recoveryToAnEarlierPointIsNoRefresh()
{
    ClusterOptions options;
    options.settings.insert(QStringLiteral("track_commit_timestamp"), QStringLiteral("off"));
    TestCluster cluster(options);
    QVERIFY_RESULT(cluster.start());
    const QString copy = cluster.folder() + QStringLiteral("/copy");
    const auto store = memoryStore();
    std::optional<Instant> last;
    {
        TestDatabase database(cluster.connInfo(), QStringLiteral("plays"));
        database.exec("CREATE TABLE s AS SELECT 1 AS a; CREATE MATERIALIZED VIEW v AS SELECT a FROM s; "
                      "REFRESH MATERIALIZED VIEW v");
        QVERIFY_RESULT(cluster.stop());
        QVERIFY(copyFolder(cluster.folder() + QStringLiteral("/data"), copy));
        QVERIFY_RESULT(cluster.start());

        Watched watched(cluster.connInfo().withDatabase(QStringLiteral("plays")), collectorsOf(store), 50ms);
        watched.tick(2);
        QCOMPARE(watched.snapshot()->capabilities.timeline, 1);
        {
            TestDatabase again(cluster.connInfo(), QStringLiteral("other"));
            again.exec("CREATE TABLE burn (a int)");
            for (int i = 0; i < 20; ++i)
                again.exec("INSERT INTO burn VALUES (1)");
            pg::Session session =
                pg::Session::open(cluster.connInfo().withDatabase(QStringLiteral("plays")), writable()).value();
            QVERIFY_RESULT(session.exec("REFRESH MATERIALIZED VIEW public.v"));
            watched.tick(3);
        }
        QCOMPARE(watched.view(v).lastRefresh.confidence, Confidence::Bracketed);
        last = watched.view(v).lastRefresh.at;
        QVERIFY_RESULT(recoverFrom(cluster, copy));

        Watched recovered(cluster.connInfo().withDatabase(QStringLiteral("plays")), collectorsOf(store), 50ms);
        recovered.tick(3);
        QCOMPARE(recovered.snapshot()->capabilities.timeline, 2);
        QCOMPARE(recovered.snapshot()->capabilities.systemIdentifier,
                 watched.snapshot()->capabilities.systemIdentifier);
        QCOMPARE(recovered.snapshot()->capabilities.databaseOid, watched.snapshot()->capabilities.databaseOid);
        // The row version is one of before the copy: no refresh of now, and not the one that the recovery undid.
        const LastRefresh refresh = recovered.view(v).lastRefresh;
        QVERIFY2(refresh.confidence == Confidence::AtLeast || refresh.confidence == Confidence::Unknown,
                 qPrintable(toWord(refresh.confidence)));
        QCOMPARE(
            static_cast<int>(store->refreshes(databaseRefOf(recovered.snapshot()->capabilities), {}, std::nullopt, 50)
                                 .value()
                                 .size()),
            1);
        const auto samples = store->xidSamples(recovered.snapshot()->capabilities.systemIdentifier, 2).value();
        QVERIFY(!samples.empty() && samples.front().at > *last);
    }
}

void TstHistoryIdentity::oneDatabaseOfAServerKeepsItsXidClock()
{
    const auto store = memoryStore();
    TestDatabase one;
    TestDatabase other;
    Watched secondary(other.conn(), collectorsOf(store, false));
    secondary.tick(3);
    const auto &capabilities = secondary.snapshot()->capabilities;
    QVERIFY(store->xidSamples(capabilities.systemIdentifier, capabilities.timeline).value().empty());
    Watched primary(one.conn(), collectorsOf(store, true));
    primary.tick(3);
    QVERIFY(!store->xidSamples(capabilities.systemIdentifier, capabilities.timeline).value().empty());
}

void TstHistoryIdentity::aStandbyThatLagsMisleadsNobody_data()
{
    QTest::addColumn<bool>("commitTimes");
    QTest::newRow("commit times") << true;
    QTest::newRow("no commit times") << false;
}

void TstHistoryIdentity::aStandbyThatLagsMisleadsNobody()
{
    QFETCH(const bool, commitTimes);
    ClusterOptions options;
    options.settings.insert(QStringLiteral("track_commit_timestamp"),
                            commitTimes ? QStringLiteral("on") : QStringLiteral("off"));
    TestCluster primary(options);
    QVERIFY_RESULT(primary.start());
    TestDatabase database(primary.connInfo(), QStringLiteral("plays"));
    // Each in a session of its own, for a session tells its counters when it ends; one that goes idle may keep them for ten
    // seconds and more.
    const auto inItsOwnSession = [&](const char *sql) {
        pg::Session session = pg::Session::open(database.conn(), writable()).value();
        QVERIFY_RESULT(session.exec(sql));
    };
    inItsOwnSession("CREATE TABLE public.s AS SELECT g AS a FROM generate_series(1, 100) AS g");
    inItsOwnSession("CREATE MATERIALIZED VIEW public.v AS SELECT a FROM public.s");
    TestCluster standby(options);
    QVERIFY_RESULT(standby.createStandbyOf(primary));
    QVERIFY_RESULT(standby.start());
    const pg::ConnInfo ofStandby = standby.connInfo().withDatabase(QStringLiteral("plays"));
    pg::Session replay = pg::Session::open(ofStandby).value();
    const auto store = memoryStore();

    Watched followed(ofStandby, collectorsOf(store), 50ms);
    followed.tick(3);
    QVERIFY(followed.snapshot()->capabilities.inRecovery);
    QVERIFY(followed.view(v).notJudgedBecause.contains(QLatin1String("standby")));
    const auto created = followed.view(v).lastRefresh;
    QVERIFY_RESULT(replay.exec("SELECT pg_catalog.pg_wal_replay_pause()"));
    QTRY_COMPARE(replay.exec("SELECT pg_catalog.pg_get_wal_replay_pause_state()").value().text(0, 0),
                 QStringLiteral("paused"));

    const auto watchPrimary = [&] { return std::make_unique<Watched>(database.conn(), collectorsOf(store), 50ms); };
    auto watched = watchPrimary();
    watched->tick(3);
    inItsOwnSession("REFRESH MATERIALIZED VIEW public.v");
    const auto isNoted = [&] {
        return watched->view(v).lastRefresh.confidence == (commitTimes ? Confidence::Commit : Confidence::Bracketed)
               && watched->view(v).lastRefresh.at > created.at;
    };
    QVERIFY(watched->tickUntil(isNoted));
    watched->tick(3); // the counters of the refresh have come with the end of its session
    const LastRefresh refreshed = watched->view(v).lastRefresh;

    // Started now, with all that the store knows of the primary: it still shows the data of the creation.
    {
        Watched late(ofStandby, collectorsOf(store), 50ms);
        late.tick(3);
        if (commitTimes)
            QCOMPARE(late.view(v).lastRefresh, created);
        else
            QCOMPARE(late.view(v).lastRefresh.confidence, Confidence::AtLeast);
        QVERIFY_RESULT(replay.exec("SELECT pg_catalog.pg_wal_replay_resume()"));
        QVERIFY(late.tickUntil(
            [&] {
                return replay.exec("SELECT pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn()")
                    .value()
                    .boolean(0, 0);
            },
            10s));
        late.tick(3);
        if (commitTimes) {
            QCOMPARE(late.view(v).lastRefresh.at, refreshed.at);
        } else {
            // When it was replayed says nothing of when it was done.
            QCOMPARE(late.view(v).lastRefresh.confidence, Confidence::AtLeast);
            QVERIFY(late.view(v).lastRefresh.at >= refreshed.at);
        }
    }

    // What the standby saw has not become the primary's past.
    const auto events =
        store->refreshes(databaseRefOf(watched->snapshot()->capabilities), {}, std::nullopt, 50).value();
    QCOMPARE(events.size(), std::size_t(commitTimes ? 2 : 1)); // its creation has a time only where commits have one
    watched = watchPrimary();
    watched->tick(3);
    QCOMPARE(watched->view(v).lastRefresh.at, refreshed.at);
    QVERIFY2(watched->view(v).sourceChanges == 0, qPrintable(watched->view(v).notJudgedBecause));
    inItsOwnSession("INSERT INTO public.s SELECT generate_series(1, 30)");
    // So soon after the refresh they count as rows around it.
    const auto areTold = [&] { return watched->view(v).notJudgedBecause.endsWith(QLatin1String("may lack them: 30")); };
    QVERIFY2(watched->tickUntil(areTold), qPrintable(watched->view(v).notJudgedBecause));
    QVERIFY(followed.snapshot()->capabilities.systemIdentifier != watched->snapshot()->capabilities.systemIdentifier);
}

QTEST_GUILESS_MAIN(TstHistoryIdentity)
#include "tst_historyidentity.moc"
