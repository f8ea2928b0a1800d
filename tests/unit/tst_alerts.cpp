// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/alertlog.h"
#include "core/monitor/alerts.h"
#include "core/store/profilestore.h"

#include <QTest>

#include <functional>

using namespace tidemark;
using namespace std::chrono_literals;

namespace {

Instant at(std::chrono::microseconds sinceNoon)
{
    return fromEpochMicros(1'767'268'800'000'000) + sinceNoon;
}

/// A live server with one database, built up by each test.
struct Scene
{
    ServerSnapshot server;
    DatabaseSnapshot database;

    Scene()
    {
        server.name = QStringLiteral("prod-eu");
        server.state = WatchState::Live;
        database.name = QStringLiteral("plays");
        database.state = WatchState::Live;
        database.freshness = std::make_shared<FreshnessSnapshot>();
        database.partitions = std::make_shared<PartitionSnapshot>();
        database.jobs = std::make_shared<std::vector<Job>>();
        server.locks = std::make_shared<LockSnapshot>();
    }

    Scene &with(const std::vector<Refreshable> &refreshables)
    {
        auto part = std::make_shared<FreshnessSnapshot>();
        part->refreshables = refreshables;
        database.freshness = part;
        return *this;
    }

    Scene &with(const PartitionedTable &table)
    {
        auto part = std::make_shared<PartitionSnapshot>();
        part->tables.push_back(std::make_shared<PartitionedTable>(table));
        database.partitions = part;
        return *this;
    }

    Scene &with(const Job &job)
    {
        database.jobs = std::make_shared<std::vector<Job>>(std::vector{job});
        return *this;
    }

    Scene &with(const LockSnapshot &locks)
    {
        server.locks = std::make_shared<LockSnapshot>(locks);
        return *this;
    }

    [[nodiscard]] ServerSnapshot snapshot() const
    {
        ServerSnapshot whole = server;
        whole.databases[database.name] = std::make_shared<DatabaseSnapshot>(database);
        return whole;
    }
};

Refreshable view(std::chrono::seconds refreshedAt, std::optional<Millis> target,
                 Confidence confidence = Confidence::Exact)
{
    Refreshable refreshable;
    refreshable.name = {QStringLiteral("public"), QStringLiteral("mv_daily")};
    refreshable.lastRefresh.at = at(refreshedAt);
    refreshable.lastRefresh.confidence = confidence;
    refreshable.target = target;
    return refreshable;
}

PartitionedTable table(std::optional<std::chrono::hours> runway, bool runsOut = true)
{
    PartitionedTable partitioned;
    partitioned.name = {QStringLiteral("public"), QStringLiteral("plays")};
    partitioned.runsOut = runsOut;
    if (runway)
        partitioned.runwayUntil = at(*runway);
    return partitioned;
}

Job job(std::optional<bool> succeeded, bool active = true)
{
    Job nightly;
    nightly.id = 3;
    nightly.name = QStringLiteral("nightly");
    nightly.active = active;
    nightly.lastSucceeded = succeeded;
    nightly.lastFinishedAt = at(-5min);
    nightly.lastMessage = QStringLiteral("ERROR: division by zero\nCONTEXT: …");
    return nightly;
}

/// pid 1 blocks pid 2, which blocks pid 3; both have waited since the given moments.
LockSnapshot waiting(std::chrono::seconds takenAt, std::optional<std::chrono::seconds> second,
                     std::optional<std::chrono::seconds> third)
{
    LockSnapshot locks;
    locks.takenAt = at(takenAt);
    for (int pid = 1; pid <= 3; ++pid) {
        LockParty party;
        party.pid = pid;
        party.database = QStringLiteral("plays");
        party.applicationName = QStringLiteral("psql");
        party.state = pid == 1 ? QStringLiteral("idle in transaction") : QStringLiteral("active");
        if (pid > 1)
            party.object = QStringLiteral("public.plays");
        locks.parties.push_back(party);
    }
    if (second)
        locks.parties[1].waitingSince = at(*second);
    if (third)
        locks.parties[2].waitingSince = at(*third);
    locks.edges = {{1, 0, false}, {2, 1, true}};
    return locks;
}

LockSnapshot nobody(std::chrono::seconds takenAt)
{
    LockSnapshot locks;
    locks.takenAt = at(takenAt);
    return locks;
}

QStringList messages(const std::vector<Alert> &alerts)
{
    QStringList texts;
    for (const Alert &alert : alerts)
        texts << alert.message;
    return texts;
}

} // namespace

class TstAlerts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachRuleSaysObjectNumberAndLimit_data();
    void eachRuleSaysObjectNumberAndLimit();
    void aBreachIsRaisedOnceAndClearedOnce();
    void aViewWithoutDataFailsItsTarget();
    void anAlertThatStandsTellsTheNewestNumber();
    void notToKnowNeitherRaisesNorClears_data();
    void notToKnowNeitherRaisesNorClears();
    void aDroppedObjectClearsItsAlert();
    void blockingStaysWhileTheRootHoldsUpAnybody();
    void oneSampleWithoutTheRootDoesNotClear();
    void theSameLockSampleTwiceIsOneSample();
    void aBlockerOfAnOldServerIsTimedByItsSamples();
    void aCutSampleDoesNotClear();
    void newRulesHoldFromTheNextEvaluation();
    void whatStoodOpenIsTakenUpAndCleared();
    void aDatabaseThatNeverComesEndsItsAlerts();
    void alertsOfADroppedDatabaseEndWithThatReason();
    void ofSeveralProgramsEachKeepsToItsDatabases();
    void whatAnotherProgramRaisedIsSeenOnlyWhenFoundToHold();
    void transitionsAreWrittenToTheHistory();
    void rulesAreKeptInTheSettings();
    void aProfileTakesItsOwnRulesAlong();
};

void TstAlerts::eachRuleSaysObjectNumberAndLimit_data()
{
    QTest::addColumn<ServerSnapshot>("snapshot");
    QTest::addColumn<QString>("subject");
    QTest::addColumn<QString>("message");
    const auto row = [](const char *name, const Scene &scene, const char *subject, const QString &message) {
        QTest::newRow(name) << scene.snapshot() << QString::fromLatin1(subject) << message;
    };
    const QString limit = QStringLiteral("; the limit is 30 s");

    row("fresh", Scene().with({view(-30min, Millis(1h))}), "", {});
    row("no target", Scene().with({view(-999h, std::nullopt)}), "", {});
    row("breached", Scene().with({view(-2h, Millis(1h))}), "public.mv_daily",
        QStringLiteral("public.mv_daily was last refreshed 2 h ago; its target is 1 h"));
    row("breached by a bracket", Scene().with({view(-2h, Millis(1h), Confidence::Bracketed)}), "public.mv_daily",
        QStringLiteral("public.mv_daily was last refreshed at least 2 h ago; its target is 1 h"));

    row("long runway", Scene().with(table(73h)), "", {});
    row("no end in time", Scene().with(table(1h, false)), "", {});
    row("short runway", Scene().with(table(50h)), "public.plays",
        QStringLiteral(
            "public.plays runs out of partitions in 2 d 02 h, at 2026-01-03 14:00:00 UTC; the limit is 3 d"));
    row("no runway", Scene().with(table(-2h)), "public.plays",
        QStringLiteral("public.plays ran out of partitions 2 h ago, at 2026-01-01 10:00:00 UTC"));

    row("job succeeded", Scene().with(job(true)), "", {});
    row("job never ran", Scene().with(job(std::nullopt)), "", {});
    row("switched off job failed", Scene().with(job(false, false)), "", {});
    row("job failed", Scene().with(job(false)), "pg_cron job 3",
        QStringLiteral("pg_cron job 3 (nightly) failed 5 min ago: ERROR: division by zero"));

    row("short wait", Scene().with(waiting(0s, -29s, -2s)), "", {});
    row("long wait", Scene().with(waiting(0s, -45s, -2s)), "pid 1",
        QStringLiteral(
            "pid 1 (psql, idle in transaction) holds up 2 sessions; the longest has waited 45 s for public.plays")
            + limit);
    row("long wait behind a waiter", Scene().with(waiting(0s, -2s, -70s)), "pid 1",
        QStringLiteral(
            "pid 1 (psql, idle in transaction) holds up 2 sessions; the longest has waited 1 min 10 s for public.plays")
            + limit);
    LockSnapshot prepared = waiting(0s, -45s, -2s);
    prepared.parties[0] = {};
    prepared.parties[0].preparedGid = QStringLiteral("order 17");
    row("prepared transaction", Scene().with(prepared), "prepared transaction order 17",
        QStringLiteral(
            "prepared transaction order 17 holds up 2 sessions; the longest has waited 45 s for public.plays")
            + limit);
    LockSnapshot deadlock = waiting(0s, -45s, -45s);
    deadlock.edges = {{1, 2, false}, {2, 1, false}};
    row("a deadlock has no root", Scene().with(deadlock), "", {});
}

void TstAlerts::eachRuleSaysObjectNumberAndLimit()
{
    QFETCH(ServerSnapshot, snapshot);
    QFETCH(QString, subject);
    QFETCH(QString, message);
    AlertEngine engine;
    const auto transitions = engine.evaluate(snapshot, at(0s));
    QCOMPARE(messages(transitions.raised), message.isEmpty() ? QStringList() : QStringList{message});
    if (!message.isEmpty()) {
        QCOMPARE(transitions.raised.front().key.subject, subject);
        QVERIFY(transitions.raised.front().raisedAt == at(0s));
    }
    QCOMPARE(engine.active().size(), transitions.raised.size());
}

void TstAlerts::aBreachIsRaisedOnceAndClearedOnce()
{
    AlertEngine engine;
    Scene scene;
    QVERIFY(engine.evaluate(scene.with({view(0s, Millis(1min))}).snapshot(), at(50s)).raised.empty());
    QCOMPARE(engine.evaluate(scene.snapshot(), at(61s)).raised.size(), 1U);
    const auto again = engine.evaluate(scene.snapshot(), at(63s));
    QVERIFY(again.raised.empty() && again.cleared.empty());
    const auto cleared = engine.evaluate(scene.with({view(64s, Millis(1min))}).snapshot(), at(65s));
    QCOMPARE(cleared.cleared.size(), 1U);
    QVERIFY(cleared.cleared.front().raisedAt == at(61s));
    const auto after = engine.evaluate(scene.snapshot(), at(66s));
    QVERIFY(after.raised.empty() && after.cleared.empty() && engine.active().empty());
}

void TstAlerts::aViewWithoutDataFailsItsTarget()
{
    AlertEngine engine;
    Scene scene;
    Refreshable empty = view(0s, Millis(1min));
    empty.populated = false;
    const auto raised = engine.evaluate(scene.with({empty}).snapshot(), at(1s)).raised;
    QCOMPARE(messages(raised),
             QStringList{QStringLiteral("public.mv_daily holds no data, and reading it fails; its target is 1 min")});
    empty.lastRefresh = {};
    QVERIFY(engine.evaluate(scene.with({empty}).snapshot(), at(2s)).cleared.empty());
}

void TstAlerts::anAlertThatStandsTellsTheNewestNumber()
{
    AlertEngine engine;
    Scene scene;
    scene.with({view(0s, Millis(1min))});
    QVERIFY(!engine.evaluate(scene.snapshot(), at(2min)).raised.empty());
    QVERIFY(engine.evaluate(scene.snapshot(), at(10min)).raised.empty());
    QVERIFY(engine.active().begin()->second.message.contains(QLatin1String("10 min ago")));
}

void TstAlerts::notToKnowNeitherRaisesNorClears_data()
{
    QTest::addColumn<ServerSnapshot>("blind");
    const auto row = [](const char *name, const std::function<void(Scene &)> &blind) {
        Scene scene;
        blind(scene);
        QTest::newRow(name) << scene.snapshot();
    };
    row("the server is not live", [](Scene &scene) { scene.server.state = WatchState::Failed; });
    row("a replayed past", [](Scene &scene) { scene.server.replayed = true; });
    row("the database is not live, the locks unknown", [](Scene &scene) {
        scene.database.state = WatchState::Connecting;
        scene.server.locks.reset();
    });
    row("nothing is loaded", [](Scene &scene) {
        scene.database.freshness.reset();
        scene.database.partitions.reset();
        scene.database.jobs.reset();
        scene.server.locks.reset();
    });
    row("every part failed", [](Scene &scene) {
        for (const char *part : {"freshness", "partitions", "jobs", "locks"})
            scene.database.errors.insert(QString::fromLatin1(part), Error::internal(QStringLiteral("no")));
    });
    row("every value is unknown", [](Scene &scene) {
        Refreshable unknown = view(0s, Millis(1min));
        unknown.lastRefresh = {};
        scene.with({unknown}).with(table(std::nullopt)).with(job(std::nullopt));
        scene.server.locks.reset();
    });
}

void TstAlerts::notToKnowNeitherRaisesNorClears()
{
    QFETCH(ServerSnapshot, blind);
    AlertEngine engine;
    Scene scene;
    scene.with({view(-2h, Millis(1h))}).with(table(1h)).with(job(false)).with(waiting(0s, -45s, -2s));
    QCOMPARE(engine.evaluate(scene.snapshot(), at(0s)).raised.size(), 4U);
    for (int second = 1; second < 5; ++second) {
        const auto transitions = engine.evaluate(blind, at(std::chrono::seconds(second)));
        QCOMPARE(messages(transitions.cleared), QStringList());
        QCOMPARE(messages(transitions.raised), QStringList());
    }
    QCOMPARE(engine.active().size(), 4U);
}

void TstAlerts::aDroppedObjectClearsItsAlert()
{
    AlertEngine engine;
    Scene scene;
    QVERIFY(!engine.evaluate(scene.with({view(-2h, Millis(1h))}).snapshot(), at(0s)).raised.empty());
    QCOMPARE(engine.evaluate(scene.with(std::vector<Refreshable>()).snapshot(), at(2s)).cleared.size(), 1U);
}

void TstAlerts::blockingStaysWhileTheRootHoldsUpAnybody()
{
    AlertEngine engine;
    Scene scene;
    QCOMPARE(engine.evaluate(scene.with(waiting(0s, -45s, -2s)).snapshot(), at(0s)).raised.size(), 1U);
    // The one that waited long gave up; the others have waited for seconds only.
    for (int second = 2; second < 20; second += 2) {
        const auto now = std::chrono::seconds(second);
        const auto transitions = engine.evaluate(scene.with(waiting(now, now - 1s, now - 1s)).snapshot(), at(now));
        QVERIFY(transitions.raised.empty() && transitions.cleared.empty());
    }
}

void TstAlerts::oneSampleWithoutTheRootDoesNotClear()
{
    AlertEngine engine;
    Scene scene;
    QCOMPARE(engine.evaluate(scene.with(waiting(0s, -45s, -2s)).snapshot(), at(0s)).raised.size(), 1U);
    for (int round = 0; round < 5; ++round) {
        const auto gone = std::chrono::seconds(4 * round + 2);
        const auto back = std::chrono::seconds(4 * round + 4);
        QVERIFY(engine.evaluate(scene.with(nobody(gone)).snapshot(), at(gone)).cleared.empty());
        QVERIFY(engine.evaluate(scene.with(waiting(back, -45s, -2s)).snapshot(), at(back)).raised.empty());
    }
    QVERIFY(engine.evaluate(scene.with(nobody(30s)).snapshot(), at(30s)).cleared.empty());
    QCOMPARE(engine.evaluate(scene.with(nobody(32s)).snapshot(), at(32s)).cleared.size(), 1U);
    QVERIFY(engine.active().empty());
}

void TstAlerts::theSameLockSampleTwiceIsOneSample()
{
    AlertEngine engine;
    Scene scene;
    QCOMPARE(engine.evaluate(scene.with(waiting(0s, -45s, -2s)).snapshot(), at(0s)).raised.size(), 1U);
    scene.with(nobody(2s));
    for (int published = 0; published < 5; ++published)
        QVERIFY(engine.evaluate(scene.snapshot(), at(2s)).cleared.empty());
    QCOMPARE(engine.evaluate(scene.with(nobody(4s)).snapshot(), at(4s)).cleared.size(), 1U);
}

void TstAlerts::aBlockerOfAnOldServerIsTimedByItsSamples()
{
    AlertEngine engine;
    Scene scene;
    for (int second = 0; second <= 30; second += 2) {
        const auto now = std::chrono::seconds(second);
        QVERIFY(
            engine.evaluate(scene.with(waiting(now, std::nullopt, std::nullopt)).snapshot(), at(now)).raised.empty());
    }
    const auto transitions = engine.evaluate(scene.with(waiting(32s, std::nullopt, std::nullopt)).snapshot(), at(32s));
    QCOMPARE(transitions.raised.size(), 1U);
    QVERIFY(transitions.raised.front().message.contains(QLatin1String("waited 32 s")));
}

void TstAlerts::aCutSampleDoesNotClear()
{
    AlertEngine engine;
    Scene scene;
    QCOMPARE(engine.evaluate(scene.with(waiting(0s, -45s, -2s)).snapshot(), at(0s)).raised.size(), 1U);
    for (int second = 2; second < 10; second += 2) {
        LockSnapshot cut = nobody(std::chrono::seconds(second));
        cut.truncated = true;
        QVERIFY(engine.evaluate(scene.with(cut).snapshot(), at(std::chrono::seconds(second))).cleared.empty());
    }
}

void TstAlerts::newRulesHoldFromTheNextEvaluation()
{
    AlertEngine engine;
    Scene scene;
    scene.with({view(-2h, Millis(1h))}).with(table(50h)).with(job(false)).with(waiting(0s, -45s, -2s));
    QCOMPARE(engine.evaluate(scene.snapshot(), at(0s)).raised.size(), 4U);
    engine.setRules({false, std::nullopt, Millis(49h), false});
    QCOMPARE(engine.evaluate(scene.with(waiting(2s, -45s, -2s)).snapshot(), at(2s)).cleared.size(), 4U);
    engine.setRules({});
    QCOMPARE(engine.evaluate(scene.with(waiting(4s, -45s, -2s)).snapshot(), at(4s)).raised.size(), 4U);
}

void TstAlerts::whatStoodOpenIsTakenUpAndCleared()
{
    AlertRecord record;
    record.database = QStringLiteral("plays");
    record.kind = QStringLiteral("freshness");
    record.subject = QStringLiteral("public.mv_daily");
    record.raisedAt = at(-1h);
    AlertRecord unheardOf = record;
    unheardOf.kind = QStringLiteral("of a later version");

    AlertEngine engine;
    engine.restore({record, unheardOf});
    Scene scene;
    QVERIFY(engine.evaluate(scene.with({view(-2h, Millis(1h))}).snapshot(), at(0s)).raised.empty());
    const auto cleared = engine.evaluate(scene.with({view(0s, Millis(1h))}).snapshot(), at(2s)).cleared;
    QCOMPARE(cleared.size(), 1U);
    QVERIFY(cleared.front().raisedAt == at(-1h));
}

void TstAlerts::aDatabaseThatNeverComesEndsItsAlerts()
{
    AlertRecord record;
    record.database = QStringLiteral("no longer watched");
    record.kind = QStringLiteral("job");
    record.subject = QStringLiteral("pg_cron job 9");
    AlertEngine engine;
    engine.restore({record});
    const Scene scene;
    QVERIFY(engine.evaluate(scene.snapshot(), at(0s)).cleared.empty());
    QVERIFY(engine.evaluate(scene.snapshot(), at(4min)).cleared.empty());
    QCOMPARE(engine.evaluate(scene.snapshot(), at(6min)).cleared.size(), 1U);
}

void TstAlerts::alertsOfADroppedDatabaseEndWithThatReason()
{
    const auto history = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
    AlertEngine engine;
    AlertLog log(history, QStringLiteral("7000"));
    Scene scene;
    scene.with({view(-2h, Millis(1h))}).with(waiting(0s, -45s, -2s));
    const auto raised = engine.evaluate(scene.snapshot(), at(0s));
    QCOMPARE(raised.raised.size(), 2U);
    QVERIFY(log.record(raised, at(0s)));

    // It was the only one, so that the server is lost as well.
    scene.server.state = scene.database.state = WatchState::Failed;
    QVERIFY(engine.evaluate(scene.snapshot(), at(1s)).cleared.empty());
    scene.server.goneDatabases[QStringLiteral("plays")] = QStringLiteral("was dropped");
    const auto ended = engine.evaluate(scene.snapshot(), at(2s));
    QCOMPARE(ended.cleared.size(), 2U);
    QCOMPARE(ended.cleared.front().endedBecause, QStringLiteral("the database plays was dropped"));
    QVERIFY(engine.active().empty());
    QVERIFY(log.record(ended, at(2s)));
    for (const AlertRecord &alert : history->alerts({QStringLiteral("7000"), {}}, {at(0s), at(1h)}).value()) {
        QVERIFY(alert.clearedAt == at(2s));
        QVERIFY2(alert.message.endsWith(QLatin1String(" (the database plays was dropped)")), qPrintable(alert.message));
    }
}

void TstAlerts::ofSeveralProgramsEachKeepsToItsDatabases()
{
    AlertRecord ofAnother;
    ofAnother.database = QStringLiteral("orders");
    ofAnother.kind = QStringLiteral("freshness");
    ofAnother.subject = QStringLiteral("public.mv_orders");
    const auto clearedAfter = [&](const Scene &scene) {
        AlertEngine engine;
        engine.restore({ofAnother});
        std::size_t cleared = 0;
        for (const auto now : {0min, 6min, 12min})
            cleared += engine.evaluate(scene.snapshot(), at(now)).cleared.size();
        return cleared;
    };
    Scene scene;
    QCOMPARE(clearedAfter(scene), 1U); // it watches all there are: that one is no more
    scene.server.chosenDatabases = QStringList{QStringLiteral("plays")};
    QCOMPARE(clearedAfter(scene), 0U);
    scene.server.chosenDatabases.clear();
    scene.server.unwatchedDatabases = QStringList{QStringLiteral("orders")};
    QCOMPARE(clearedAfter(scene), 0U);

    // Locks are seen of the whole server: those of others are theirs, unless they hold up ours.
    scene.server.unwatchedDatabases.clear();
    scene.server.chosenDatabases = QStringList{QStringLiteral("orders")};
    LockSnapshot locks = waiting(0s, -45s, -2s);
    QVERIFY(AlertEngine().evaluate(scene.with(locks).snapshot(), at(0s)).raised.empty());
    locks.parties[2].database = QStringLiteral("orders");
    QCOMPARE(AlertEngine().evaluate(scene.with(locks).snapshot(), at(0s)).raised.size(), 1U);
}

void TstAlerts::whatAnotherProgramRaisedIsSeenOnlyWhenFoundToHold()
{
    AlertRecord record;
    record.database = QStringLiteral("plays");
    record.kind = QStringLiteral("freshness");
    record.subject = QStringLiteral("public.mv_daily");
    AlertEngine engine;
    engine.restore({record});
    Scene scene;
    scene.database.freshness.reset();
    static_cast<void>(engine.evaluate(scene.snapshot(), at(0s)));
    QVERIFY(!engine.active().begin()->second.seen);
    QVERIFY(engine.evaluate(scene.with({view(-2h, Millis(1h))}).snapshot(), at(2s)).raised.empty());
    QVERIFY(engine.active().begin()->second.seen);
}

void TstAlerts::transitionsAreWrittenToTheHistory()
{
    const auto history = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
    const auto server = QStringLiteral("7000");
    Scene scene;
    scene.with({view(-2h, Millis(1h))}).with(job(false));
    {
        AlertEngine engine;
        AlertLog log(history, server);
        QVERIFY(log.takeUp().value().empty());
        QVERIFY(log.record(engine.evaluate(scene.snapshot(), at(0s)), at(0s)));
    }
    QCOMPARE(history->openAlerts(server).value().size(), 2U);

    // The next start: one goes on, one ends.
    AlertEngine engine;
    AlertLog log(history, server);
    engine.restore(log.takeUp().value());
    const auto transitions = engine.evaluate(scene.with({view(9min, Millis(1h))}).snapshot(), at(10min));
    QVERIFY(transitions.raised.empty());
    QVERIFY(log.record(transitions, at(10min)));
    const auto open = history->openAlerts(server).value();
    QCOMPARE(open.size(), 1U);
    QCOMPARE(open.front().kind, QStringLiteral("job"));
    QVERIFY(open.front().raisedAt == at(0s));
    const auto all = history->alerts({server, QStringLiteral("plays")}, {at(0s), at(1h)}).value();
    QCOMPARE(all.size(), 2U);
    QVERIFY(std::any_of(all.begin(), all.end(), [](const AlertRecord &alert) { return alert.clearedAt == at(10min); }));
}

void TstAlerts::rulesAreKeptInTheSettings()
{
    SettingsStore settings(LocalStore::inMemory().value());
    QVERIFY(loadAlertSettings(settings) == AlertSettings());
    AlertSettings rules;
    rules.common = {false, std::nullopt, Millis(1h), false};
    rules.own[QStringLiteral("prod-eu")] = {true, Millis(5s), std::nullopt, true};
    QVERIFY(saveAlertSettings(settings, rules));
    QVERIFY(loadAlertSettings(settings) == rules);
    QVERIFY(rules.of(QStringLiteral("prod-eu")).blockingLongerThan == Millis(5s));
    QVERIFY(rules.of(QStringLiteral("another")) == rules.common);
    rules.own.clear();
    QVERIFY(saveAlertSettings(settings, rules));
    QVERIFY(loadAlertSettings(settings) == rules);
}

void TstAlerts::aProfileTakesItsOwnRulesAlong()
{
    const auto store = LocalStore::inMemory().value();
    SettingsStore settings(store);
    ProfileStore profiles(store);
    Profile profile;
    profile.name = QStringLiteral("Prod");
    QVERIFY(profiles.add(profile));
    AlertSettings rules;
    rules.own[profile.name].blockingLongerThan = Millis(5s);
    QVERIFY(saveAlertSettings(settings, rules));
    QVERIFY(profiles.rename(QStringLiteral("prod"), QStringLiteral("prod-eu")));
    QVERIFY(loadAlertSettings(settings).of(QStringLiteral("prod-eu")).blockingLongerThan == Millis(5s));
    QVERIFY(loadAlertSettings(settings).own.size() == 1);
    QVERIFY(profiles.remove(QStringLiteral("prod-eu")));
    QVERIFY(loadAlertSettings(settings).own.empty());
}

QTEST_GUILESS_MAIN(TstAlerts)
#include "tst_alerts.moc"
