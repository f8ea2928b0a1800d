// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/deltarefresh.h"
#include "core/monitor/freshnesscollector.h"
#include "core/plan/toolkit.h"
#include "tests/support/testserver.h"
#include "tests/support/watched.h"

using namespace tidemark;
using namespace tidemark::test;

namespace {

Collectors freshness(std::shared_ptr<HistoryStore> store = nullptr)
{
    Collectors collectors;
    collectors.push_back(std::make_unique<FreshnessCollector>(std::move(store)));
    return collectors;
}

} // namespace

/// Managed tables on the freshness board.
class TstManagedFreshness : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aManagedTableTellsExactlyWhenItWasRefreshedAndWhenItChanged()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestDatabase database;
        database.exec("CREATE TABLE source (a int PRIMARY KEY); INSERT INTO source VALUES (1);"
                      "CREATE VIEW kept_def AS SELECT a FROM source; CREATE UNLOGGED TABLE kept (a int PRIMARY KEY)");
        pg::Session session = database.open();
        Watched watched(database.conn(), freshness());
        watched.tick();
        const auto names = [&] {
            QStringList all;
            for (const Refreshable &row : watched.snapshot()->freshness->refreshables)
                all << row.name.name;
            return all;
        };
        QCOMPARE(names(), QStringList());

        QVERIFY_RESULT(applyToolkit(session, QStringLiteral("managed"), true));
        database.exec(
            "INSERT INTO tidemark.managed_table (relation, definition, key_columns) VALUES ('kept', 'kept_def', '{a}')");
        watched.tick();
        const QString name = QStringLiteral("kept");
        QCOMPARE(watched.view(name).kind, RefreshableKind::ManagedTable);
        QVERIFY(!watched.view(name).populated); // nothing has filled it yet
        const pg::QualifiedName table{QStringLiteral("public"), name};
        QVERIFY_RESULT(managed::refreshManaged(session, table));
        watched.tick();
        const Refreshable filled = watched.view(name);
        QVERIFY(filled.populated);
        QCOMPARE(filled.lastRefresh.confidence, Confidence::Exact);
        QCOMPARE(filled.lastRefresh.at, filled.lastChangedAt);
        QVERIFY_RESULT(managed::refreshManaged(session, table)); // changes nothing
        watched.tick();
        QVERIFY(watched.view(name).lastRefresh.at > filled.lastRefresh.at);
        QCOMPARE(watched.view(name).lastChangedAt, filled.lastChangedAt);
        QCOMPARE(watched.view(name).recentDurations.size(), 2U);

        QVERIFY_RESULT(applyToolkit(session, QStringLiteral("managed"), false));
        watched.tick();
        QCOMPARE(names(), QStringList());
        QVERIFY(watched.snapshot()->errors.isEmpty());
    }

    void aStandbyTellsOfThemThoughItCannotReadWhatIsUnlogged()
    {
        TIDEMARK_REQUIRE_SERVER("15");
        TestCluster primary;
        QVERIFY_RESULT(primary.start());
        {
            TestDatabase database(primary.connInfo(), QStringLiteral("kept"));
            database.exec("CREATE TABLE source (a int PRIMARY KEY); CREATE VIEW kept_def AS SELECT a FROM source;"
                          "CREATE UNLOGGED TABLE kept (a int PRIMARY KEY)");
            pg::Session session = database.open();
            QVERIFY_RESULT(applyToolkit(session, QStringLiteral("managed"), true));
            database.exec(
                "INSERT INTO tidemark.managed_table (relation, definition, key_columns) VALUES ('kept', 'kept_def', '{a}')");
            QVERIFY_RESULT(managed::refreshManaged(session, {QStringLiteral("public"), QStringLiteral("kept")}));
            TestCluster standby;
            QVERIFY_RESULT(standby.createStandbyOf(primary));
            QVERIFY_RESULT(standby.start());
            Watched watched(standby.connInfo().withDatabase(QStringLiteral("kept")), freshness());
            watched.tick();
            watched.tick();
            QCOMPARE(watched.view(QStringLiteral("kept")).lastRefresh.confidence, Confidence::Exact);
            QVERIFY(watched.snapshot()->errors.isEmpty());
            standby.remove();
        }
    }
};

QTEST_GUILESS_MAIN(TstManagedFreshness)
#include "tst_managedfreshness.moc"
