// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/schema.h"
#include "core/store/statement.h"
#include "tests/unit/historysamples.h"

#include <QTemporaryDir>
#include <QTest>

using namespace tidemark;
using namespace tidemark::test;

namespace {

const pg::QualifiedName daily{QStringLiteral("public"), QStringLiteral("daily")};
const DatabaseRef first{server, QStringLiteral("plays"), 16400, 1};
const DatabaseRef second{server, QStringLiteral("plays"), 16999, 1};
const DatabaseRef byName{server, QStringLiteral("plays")};

RefreshEvent refreshedAt(Instant finished)
{
    RefreshEvent event;
    event.name = daily;
    event.startedAt = finished - 1s;
    event.finishedAt = finished;
    event.source = RefreshSource::JobHistory;
    event.confidence = Confidence::Exact;
    return event;
}

RefreshableBaseline baselineOf(const pg::QualifiedName &name)
{
    RefreshableBaseline baseline;
    baseline.oid = 20000;
    baseline.name = name;
    baseline.xmin = 700;
    return baseline;
}

/// Rows as the program of version 1 wrote them.
void writeVersion1(const QString &path)
{
    SQLite::Database file(path.toStdString(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    upgradeSchema(file, schemaSteps().first(1));
    file.exec(
        "INSERT INTO server VALUES (1, '7000000000000000001');"
        "INSERT INTO database VALUES (1, 1, 'plays'), (2, 1, '');"
        "INSERT INTO object VALUES (1, 1, 'public', 'daily');"
        "INSERT INTO baseline VALUES (1, 20000, 1, 700, 20001, 1, x'', 5, 0, 10, 10, 1, 2, 9, NULL, NULL, 0, 9, x'');"
        "INSERT INTO xid_sample VALUES (1, 5, 690), (1, 10, 710);"
        "INSERT INTO refresh VALUES (1, 1, 1, 9, 8, 9, 0, 1, 8, 9, NULL, NULL, 1, 3, '', 'etl', 0, 0, 3, 'job', 700);"
        "INSERT INTO refresh_account VALUES (1, 1, 0, 1, 8, 9, NULL, NULL, 1, 3, '', 'etl', 0, 0, 3, 'job', 700);"
        "INSERT INTO size_sample VALUES (1, 9, 8192, 3, 1);"
        "INSERT INTO target VALUES (1, 'public', 'daily', 60000);"
        "INSERT INTO alert VALUES (1, 1, 'job', 'nightly', 'failed', 9, NULL);");
}

} // namespace

/// Whose history is it? A database is its oid on a server, not its name; transaction ids belong to a timeline.
class TstHistoryKeys : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_history = std::make_unique<HistoryStore>(LocalStore::inMemory().value()); }

    void aDatabaseMadeAgainUnderItsNameBeginsAnew();
    void aRenamedDatabaseKeepsItsHistory();
    void targetsFollowTheName();
    void whatIsToldByNameGoesToTheDatabaseThatHadItThen();
    void aBaselineSaysOnWhichTimelineItWasSeen();
    void samplesOfTheXidClockAreOfOneTimeline();
    void aFileOfVersion1KeepsItsHistoryForTheFirstOfTheName();

private:
    std::unique_ptr<HistoryStore> m_history;
};

void TstHistoryKeys::aDatabaseMadeAgainUnderItsNameBeginsAnew()
{
    QVERIFY(m_history->saveBaselines(first, {baselineOf(daily)}));
    QVERIFY(m_history->addRefresh(first, refreshedAt(at(0s))));
    QVERIFY(m_history->addSizes(first, at(0s), {{daily, {at(0s), 8192, 3, 1}}}));

    QVERIFY(m_history->baselines(second).value().empty());
    QVERIFY(m_history->addRefresh(second, refreshedAt(at(1h))));
    QCOMPARE(static_cast<int>(m_history->refreshes(second, {}, std::nullopt, 10).value().size()), 1);
    QVERIFY(m_history->sizesAt(second, at(2h), 24h).value().empty());
    QCOMPARE(static_cast<int>(m_history->refreshes(first, {}, std::nullopt, 10).value().size()), 1);
    QCOMPARE(m_history->refreshes(byName, {}, std::nullopt, 10).value().front().finishedAt, std::optional(at(1h)));
}

void TstHistoryKeys::aRenamedDatabaseKeepsItsHistory()
{
    QVERIFY(m_history->addRefresh(first, refreshedAt(at(0s))));
    DatabaseRef renamed = first;
    renamed.database = QStringLiteral("plays_2025");
    QVERIFY(m_history->addRefresh(renamed, refreshedAt(at(1h))));
    QCOMPARE(static_cast<int>(m_history->refreshes(renamed, {}, std::nullopt, 10).value().size()), 2);
    QCOMPARE(m_history->databases(server).value(), QStringList{QStringLiteral("plays_2025")});
}

void TstHistoryKeys::targetsFollowTheName()
{
    QVERIFY(m_history->setTarget(first, daily, Millis(60'000)));
    QVERIFY(m_history->saveBaselines(second, {baselineOf(daily)}));
    QCOMPARE(m_history->targets(second).value().value(daily), Millis(60'000));
}

void TstHistoryKeys::whatIsToldByNameGoesToTheDatabaseThatHadItThen()
{
    const Instant now = std::chrono::time_point_cast<Instant::duration>(std::chrono::system_clock::now());
    QVERIFY(m_history->saveBaselines(first, {baselineOf(daily)}));
    QVERIFY(m_history->saveBaselines(second, {baselineOf(daily)}));
    QVERIFY(m_history->addRefreshes(byName, {refreshedAt(now - 1h), refreshedAt(now + 1h)}));
    const auto old = m_history->refreshes(first, {}, std::nullopt, 10).value();
    const auto fresh = m_history->refreshes(second, {}, std::nullopt, 10).value();
    QCOMPARE(static_cast<int>(old.size()), 1);
    QCOMPARE(old.front().finishedAt, std::optional(now - 1h));
    QCOMPARE(static_cast<int>(fresh.size()), 1);
    QCOMPARE(fresh.front().finishedAt, std::optional(now + 1h));
}

void TstHistoryKeys::aBaselineSaysOnWhichTimelineItWasSeen()
{
    QVERIFY(m_history->saveBaselines(first, {baselineOf(daily)}));
    DatabaseRef recovered = first;
    recovered.timeline = 2;
    QCOMPARE(m_history->baselines(recovered).value().front().timeline, 1);
    QVERIFY(m_history->addRefresh(recovered, refreshedAt(at(0s))));
    QCOMPARE(m_history->refreshes(first, {}, std::nullopt, 10).value().front().timeline, 2);
}

void TstHistoryKeys::samplesOfTheXidClockAreOfOneTimeline()
{
    QVERIFY(m_history->addXidSample(server, 1, {at(0s), 1000}));
    QVERIFY(m_history->addXidSample(server, 1, {at(10s), 2000}));
    QVERIFY(m_history->addXidSample(server, 2, {at(20s), 1500}));
    QCOMPARE(m_history->xidSamples(server, 2).value(), (std::vector<XidSample>{{at(20s), 1500}}));
    QCOMPARE(static_cast<int>(m_history->xidSamples(server, 1).value().size()), 2);
}

void TstHistoryKeys::aFileOfVersion1KeepsItsHistoryForTheFirstOfTheName()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("tidemark.sqlite"));
    writeVersion1(path);
    const auto store = LocalStore::open(path);
    QVERIFY2(store, store ? "" : qPrintable(store.error().summary()));
    HistoryStore history(*store);

    const auto baselines = history.baselines(first).value();
    QCOMPARE(static_cast<int>(baselines.size()), 1);
    QCOMPARE(baselines.front().name, daily);
    QCOMPARE(baselines.front().timeline, 0);
    QVERIFY(history.saveBaselines(first, baselines));
    QCOMPARE(history.refreshes(first, daily, std::nullopt, 10).value().front().user, QStringLiteral("etl"));
    QCOMPARE(history.targets(first).value().value(daily), Millis(60'000));
    QCOMPARE(static_cast<int>(history.openAlerts(server).value().size()), 1);
    QCOMPARE(history.databases(server).value(), QStringList{QStringLiteral("plays")});

    QVERIFY(history.baselines(second).value().empty());
    QVERIFY(history.xidSamples(server, 1).value().empty());
    QVERIFY(history.xidSamples(server, 0).value().empty());
    QVERIFY((*store)->read([](SQLite::Database &db) {
        QCOMPARE(db.execAndGet("SELECT count(*) FROM pragma_foreign_key_check").getInt(), 0);
        QCOMPARE(db.execAndGet("PRAGMA user_version").getInt(), schemaSteps().back().version);
    }));
}

QTEST_GUILESS_MAIN(TstHistoryKeys)
#include "tst_historykeys.moc"
