// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/replay.h"
#include "core/monitor/replayrecorder.h"
#include "core/monitor/standardcollectors.h"
#include "tests/support/testserver.h"
#include "tests/support/watched.h"

#include <QFile>
#include <QTemporaryDir>
#include <QThread>

#include <set>

using namespace tidemark;
using namespace tidemark::test;
using namespace std::chrono_literals;

namespace {

ServerSnapshot serverOf(const Watched &watched)
{
    ServerSnapshot server;
    const auto database = watched.snapshot();
    server.name = QStringLiteral("live");
    server.state = database->state;
    server.takenAt = database->takenAt;
    server.databases[database->name] = database;
    server.locks = database->locks;
    return server;
}

/// Where two rows first differ, for the message.
QString differing(const DatabaseSnapshot &live, const DatabaseSnapshot &replayed)
{
    if (live.freshness->refreshables.size() != replayed.freshness->refreshables.size())
        return QStringLiteral("%1 refreshables, %2 replayed")
            .arg(live.freshness->refreshables.size())
            .arg(replayed.freshness->refreshables.size());
    for (std::size_t i = 0; i < live.freshness->refreshables.size(); ++i) {
        if (live.freshness->refreshables[i] != replayed.freshness->refreshables[i])
            return live.freshness->refreshables[i].name.display();
    }
    if (live.freshness->sources != replayed.freshness->sources)
        return QStringLiteral("the sources");
    if (*live.jobs != *replayed.jobs)
        return QStringLiteral("the jobs");
    if (live.partitions->tables.size() != replayed.partitions->tables.size())
        return QStringLiteral("the number of partitioned tables");
    for (std::size_t i = 0; i < live.partitions->tables.size(); ++i) {
        const PartitionedTable &one = *live.partitions->tables[i];
        const PartitionedTable &other = *replayed.partitions->tables[i];
        if (one.partitions != other.partitions)
            return QStringLiteral("the partitions of ") + one.name.display();
        if (one != other)
            return one.name.display();
    }
    return {};
}

} // namespace

/// The time bar shows what was on screen: live snapshots of a scenario against what is replayed of the same moments.
class TstReplayed : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyMomentComesBackAsItWasOnScreen();
    void numbersAloneAreKeptNowAndThen();
    void aDroppedDatabaseIsThereUntilItWasDropped();

private:
    SystemClock m_clock;
};

void TstReplayed::everyMomentComesBackAsItWasOnScreen()
{
    TestDatabase database;
    const auto history = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
    database.exec("CREATE TABLE s AS SELECT 1 AS a; CREATE MATERIALIZED VIEW v AS SELECT a FROM s; "
                  "CREATE TABLE p (at date) PARTITION BY RANGE (at); "
                  "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2026-02-01'); "
                  "CREATE TABLE p_rest PARTITION OF p DEFAULT");
    Watched watched(database.conn(), standardCollectors(history)({}));
    ReplayRecorder recorder(history, Millis(0));
    std::vector<ServerSnapshot> live;
    const auto look = [&] {
        watched.tick();
        live.push_back(serverOf(watched));
        QVERIFY_RESULT(recorder.record(live.back()));
    };
    look();
    for (const char *step : {"INSERT INTO s SELECT generate_series(1, 500)", "REFRESH MATERIALIZED VIEW v",
                             "INSERT INTO p SELECT date '2026-01-10' FROM generate_series(1, 300); ANALYZE p",
                             "CREATE MATERIALIZED VIEW w AS SELECT a FROM v",
                             "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')",
                             "DELETE FROM s WHERE a < 100", "CREATE UNIQUE INDEX ON v (a); REFRESH MATERIALIZED VIEW w",
                             "DROP MATERIALIZED VIEW w", "DROP TABLE p1", "DROP TABLE p"}) {
        if (QByteArray(step).startsWith("CREATE UNIQUE"))
            database.exec("TRUNCATE s; INSERT INTO s VALUES (1); REFRESH MATERIALIZED VIEW v");
        database.exec(step);
        for (int i = 0; i < 4; ++i)
            look();
    }

    const HistoryReader reader(history);
    const QString systemIdentifier = watched.snapshot()->capabilities.systemIdentifier;
    int differences = 0;
    for (const ServerSnapshot &then : live) {
        const auto replayed = reader.snapshotAt(then.name, {}, systemIdentifier, then.takenAt);
        QVERIFY_RESULT(replayed);
        QVERIFY(replayed->replayed);
        QVERIFY(replayed->databases.contains(database.name()));
        const DatabaseSnapshot &was = *then.databases.at(database.name());
        const DatabaseSnapshot &shown = *replayed->databases.at(database.name());
        const QString what = differing(was, shown);
        QVERIFY2(what.isEmpty(), qPrintable(what));
        QCOMPARE(shown.capabilities.databaseOid, was.capabilities.databaseOid);
        differences += was.freshness->refreshables == live.back().databases.at(database.name())->freshness->refreshables
                           ? 0
                           : 1;
    }
    QVERIFY2(differences > 10, "a scenario in which nothing changes proves nothing");
}

void TstReplayed::numbersAloneAreKeptNowAndThen()
{
    TestDatabase database;
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("store.sqlite"));
    const auto history = std::make_shared<HistoryStore>(LocalStore::open(path).value());
    database.exec("CREATE TABLE s AS SELECT 1 AS a; CREATE MATERIALIZED VIEW v AS SELECT a FROM s");
    Watched watched(database.conn(), standardCollectors(nullptr)({}));
    watched.tick(5);
    ServerSnapshot server = serverOf(watched);
    const Instant began = server.takenAt;
    const auto showAt = [&](ReplayRecorder &recorder, Instant at, qint64 changes) {
        auto snapshot = std::make_shared<DatabaseSnapshot>(*server.databases.at(database.name()));
        auto freshness = std::make_shared<FreshnessSnapshot>(*snapshot->freshness);
        freshness->refreshables.front().sourceChanges = changes;
        snapshot->freshness = std::move(freshness);
        snapshot->takenAt = at;
        server.takenAt = at;
        server.databases[database.name()] = std::move(snapshot);
        QVERIFY_RESULT(recorder.record(server));
    };
    const HistoryReader reader(history);
    const auto changesAt = [&](Instant at) {
        const auto replayed = reader.snapshotAt({}, {}, watched.snapshot()->capabilities.systemIdentifier, at).value();
        return replayed.databases.at(database.name())->freshness->refreshables.front().sourceChanges.value_or(-1);
    };
    ReplayRecorder recorder(history);
    for (int second = 0; second < 60; ++second)
        showAt(recorder, began + std::chrono::seconds(second), 100 + second);
    std::set<qint64> kept;
    for (int second = 0; second < 60; ++second)
        kept.insert(changesAt(began + std::chrono::seconds(second)));
    QCOMPARE(kept, std::set<qint64>({100, 110, 120, 130, 140, 150}));
    showAt(recorder, began + 61s, 0); // judged differently: told at once
    QCOMPARE(changesAt(began + 61s), 0);

    const auto written = [&] {
        QByteArray bytes;
        for (const char *suffix : {"", "-wal"}) {
            QFile file(path + QLatin1String(suffix));
            bytes += file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        }
        return bytes;
    };
    const QByteArray before = written();
    showAt(recorder, began + 62s, 0);
    ReplayRecorder anotherStart(history);
    showAt(anotherStart, began + 63s, 0);
    QVERIFY2(written() == before, "what rests was written again");
    showAt(anotherStart, began + 64s, 5);
    QVERIFY(written() != before);
}

void TstReplayed::aDroppedDatabaseIsThereUntilItWasDropped()
{
    const auto history = std::make_shared<HistoryStore>(LocalStore::inMemory().value());
    ReplayRecorder recorder(history);
    TestDatabase stays;
    TestDatabase goes;
    Watched one(stays.conn(), standardCollectors(nullptr)({}));
    Watched other(goes.conn(), standardCollectors(nullptr)({{}, false, std::make_shared<RelationNames>()}));
    other.tick(2);
    one.tick(2);
    ServerSnapshot server = serverOf(one);
    server.databases[goes.name()] = other.snapshot();
    QVERIFY_RESULT(recorder.record(server));
    const Instant before = server.takenAt;
    QThread::msleep(20);
    one.tick();
    server = serverOf(one);
    QVERIFY_RESULT(recorder.record(server));

    const HistoryReader reader(history);
    const QString systemIdentifier = one.snapshot()->capabilities.systemIdentifier;
    const auto then = reader.snapshotAt({}, {}, systemIdentifier, before).value();
    QVERIFY(then.databases.contains(stays.name()) && then.databases.contains(goes.name()));
    const auto now = reader.snapshotAt({}, {}, systemIdentifier, server.takenAt).value();
    QVERIFY(now.databases.contains(stays.name()) && !now.databases.contains(goes.name()));
}

QTEST_GUILESS_MAIN(TstReplayed)
#include "tst_replayed.moc"
