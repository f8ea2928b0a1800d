// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/serveroverview.h"

#include <QTest>

using namespace tidemark;
using namespace tidemark::ui;
using namespace std::chrono_literals;

namespace {

const Instant now = fromEpochMicros(1'790'000'000'000'000);

Refreshable view(const QString &name, std::optional<Millis> age, std::optional<Millis> target)
{
    Refreshable row;
    row.oid = static_cast<quint32>(qHash(name) | 1U);
    row.name = {QStringLiteral("public"), name};
    row.target = target;
    row.sourceChanges = 0;
    if (age) {
        row.lastRefresh.at = now - *age;
        row.lastRefresh.confidence = Confidence::Exact;
    }
    return row;
}

std::shared_ptr<const PartitionedTable> table(const QString &name, std::optional<Instant> runway, bool runsOut = true)
{
    auto result = std::make_shared<PartitionedTable>();
    result->name = {QStringLiteral("public"), name};
    result->runsOut = runsOut;
    result->runwayUntil = runway;
    result->leafCount = 3;
    result->totalBytes = 100;
    return result;
}

ServerSnapshot serverWith(std::vector<Refreshable> rows, std::vector<std::shared_ptr<const PartitionedTable>> tables)
{
    auto freshness = std::make_shared<FreshnessSnapshot>();
    freshness->refreshables = std::move(rows);
    auto partitions = std::make_shared<PartitionSnapshot>();
    partitions->tables = std::move(tables);
    auto database = std::make_shared<DatabaseSnapshot>();
    database->name = QStringLiteral("plays");
    database->freshness = freshness;
    database->partitions = partitions;
    ServerSnapshot server;
    server.name = QStringLiteral("prod");
    server.databases[database->name] = database;
    return server;
}

} // namespace

class ServerOverviewTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theWorstIsTheMostUrgentAndOfThoseTheOldest()
    {
        const ServerSnapshot server = serverWith(
            {view(QStringLiteral("fresh"), 1min, 1h), view(QStringLiteral("breached"), 2h, 1h),
             view(QStringLiteral("breached_longer"), 3h, 1h), view(QStringLiteral("ancient_without_target"), 900h, {})},
            {});
        const ServerOverview overview = overviewOf(server, {}, now);
        QVERIFY(overview.freshness);
        QCOMPARE(overview.freshness->total, 4);
        QCOMPARE(overview.freshness->worst->name.name, QStringLiteral("breached_longer"));
        QCOMPARE(overview.freshness->byStatus[static_cast<size_t>(FreshnessStatus::Breached)], 2);
    }

    void theNearestRunwayLeavesOutWhatNeverRunsOut()
    {
        const ServerSnapshot server = serverWith(
            {}, {table(QStringLiteral("by_hash"), now - 1h, false), table(QStringLiteral("later"), now + 48h),
                 table(QStringLiteral("sooner"), now + 5h), table(QStringLiteral("unknown"), {})});
        const ServerOverview overview = overviewOf(server, {}, now);
        QCOMPARE(overview.partitions->nearest->name.name, QStringLiteral("sooner"));
        QCOMPARE(overview.partitions->tables, 4);
        QCOMPARE(overview.partitions->leaves, 12);
        QCOMPARE(overview.partitions->bytes, 400);
    }

    void whatWasNeverReadIsNotZero()
    {
        ServerSnapshot server;
        server.name = QStringLiteral("prod");
        auto database = std::make_shared<DatabaseSnapshot>();
        database->name = QStringLiteral("plays");
        server.databases[database->name] = database;
        const ServerOverview overview = overviewOf(server, {}, now);
        QVERIFY(!overview.freshness && !overview.partitions && !overview.locks && !overview.jobs);
        QCOMPARE(overview.databases, 1);
    }

    void theScopeLeavesOtherDatabasesOut()
    {
        const ServerSnapshot server = serverWith({view(QStringLiteral("breached"), 2h, 1h)}, {});
        QVERIFY(!overviewOf(server, {QStringLiteral("prod"), QStringLiteral("other")}, now).freshness);
        QVERIFY(overviewOf(server, {QStringLiteral("prod"), QStringLiteral("plays")}, now).freshness);
    }

    void theRootBlockerIsNamedWithWhatItHoldsUp()
    {
        auto locks = std::make_shared<LockSnapshot>();
        locks->takenAt = now;
        for (int i = 0; i < 4; ++i) {
            LockParty party;
            party.pid = 100 + i;
            party.applicationName = i == 0 ? QStringLiteral("psql") : QString();
            party.user = QStringLiteral("app");
            if (i > 0)
                party.waitingSince = now - std::chrono::seconds(i);
            locks->parties.push_back(party);
        }
        locks->edges = {{1, 0, false}, {2, 1, false}, {3, 0, false}};
        locks->waiterCount = 3;
        ServerSnapshot server;
        server.name = QStringLiteral("prod");
        server.locks = locks;
        const ServerOverview overview = overviewOf(server, {}, now);
        QCOMPARE(overview.locks->waiters, 3);
        QCOMPARE(overview.locks->depth, 2);
        QCOMPARE(overview.locks->rootBlocks, 3);
        QCOMPARE(overview.locks->rootName, QStringLiteral("psql (100)"));
        QCOMPARE(overview.locks->root->pid, 100);
        QCOMPARE(overview.locks->longestWait, std::optional<Millis>(3s));
    }

    void aPartyIsNamedByWhatIsKnownOfIt()
    {
        LockParty party;
        party.pid = 7;
        QCOMPARE(partyName(party), QStringLiteral("backend (7)"));
        party.user = QStringLiteral("app");
        QCOMPARE(partyName(party), QStringLiteral("app (7)"));
        party.pid = 0;
        party.preparedGid = QStringLiteral("two-phase 1");
        QCOMPARE(partyName(party), QStringLiteral("prepared transaction two-phase 1"));
    }
};

QTEST_APPLESS_MAIN(ServerOverviewTest)
#include "tst_serveroverview.moc"
