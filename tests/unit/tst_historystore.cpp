// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/historystore.h"

#include "core/store/statement.h"
#include "tests/unit/historysamples.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <map>
#include <thread>

using namespace tidemark;
using namespace std::chrono_literals;
using namespace tidemark::test;

namespace {

pg::QualifiedName named(const QString &name)
{
    return {QStringLiteral("public"), name};
}

RefreshableBaseline baselineOf(quint32 oid)
{
    RefreshableBaseline baseline;
    baseline.oid = oid;
    baseline.name = named(QStringLiteral("mv_%1 \"we''ird\" Ærø").arg(oid));
    baseline.xmin = 4'294'967'290U;
    baseline.relfilenode = 4'000'000'000U;
    baseline.populated = oid % 2 == 0;
    baseline.attributes = QByteArray("\0\1\2", 3);
    baseline.tuplesInserted = 1'000'000'000'000;
    baseline.tuplesDeleted = 3;
    baseline.seenAt = at(5s);
    baseline.firstSeenAt = at(1s);
    baseline.lastRefresh = {Confidence::Bracketed, RefreshSource::XidClock, at(1s), TimeRange{at(0s), at(1s)}, true};
    baseline.lastChangedAt = at(-9s);
    baseline.sources.modifications = {{16'001, 4'000'000'000'000}, {16'002, 0}};
    baseline.sources.fileNodes = {{16'001, 4'000'000'001U}};
    baseline.sources.leaves = {{16'001, {16'010, 7}}};
    baseline.sources.definitions = {{16'020, 4'294'967'290U}};
    baseline.sources.doubtful = true;
    baseline.sources.around = {{16'001, 12}};
    baseline.sources.isWhole = true;
    baseline.sources.included = {{16'002, 4'294'967'289U}};
    baseline.sources.ofXmin = 4'294'967'290U;
    baseline.sources.settlesAt = at(17s);
    baseline.sources.enumChanges = 3;
    baseline.sources.functionChanges = 5;
    if (oid % 2 == 0) {
        SourceReading &reading = baseline.sources.lastReading.emplace();
        static_cast<SourceState &>(reading) = baseline.sources;
        reading.modifications = {{16'001, 7}};
        reading.enumChanges = 2;
        reading.functionChanges = 4;
        reading.at = at(4s);
        reading.nextXid = 8'000'000'000;
        reading.open = {{4711, 1'700'000'000'000'000, 4'294'967'290U, true}, {1, 0, 0, false}};
    }
    baseline.sources.blindSpot = QStringLiteral("the statistics of a.b were reset");
    return baseline;
}

SizeSample sizeOf(qint64 bytes)
{
    SizeSample size;
    size.bytes = bytes;
    size.rows = bytes / 100;
    size.partitions = 12;
    return size;
}

/// What this thread has worked, not how long others made it wait: the machine may be busy with more than this test.
double workedMs()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

#ifdef __SANITIZE_ADDRESS__
constexpr double slowness = 10;
#else
constexpr double slowness = 1;
#endif

constexpr TimeRange allTime{Instant::min(), Instant::max()};

} // namespace

class TstHistoryStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_local = LocalStore::inMemory().value();
        m_history = std::make_unique<HistoryStore>(m_local);
    }

    void baselinesComeBackAsTheyWereSaved();
    void baselinesOfOneDatabaseAreNotAnothers();
    void aStandingXidClockKeepsItsTwoEnds();
    void refreshesComeNewestFirstAndWithinTheRange();
    void aRefreshWithoutAnyTimeIsRefused();
    void sizesThatRestAreTwoPoints();
    void theNewestSizeBeforeAMomentIsFound();
    void aTargetOfANameWinsOverItsSchemasAndTheDatabases();
    void anAlertIsOpenOnceAndClearedOnce();
    void theAuditIsNeverRewritten();
    void statesOfAMomentKnowNothingLater();
    void theTimelineIsBoundedAndCountsAll();
    void pruningThinsSamplesOutAndIsDoneOnce();
    void pruningForgetsAYearButNotTheAudit();
    void prunedAccountsStillJoinTheirRefresh();
    void aHundredEdgesAreStoredWithinFiveMilliseconds();
    void aThousandBaselinesAreSavedWithinFiftyMilliseconds();
    void twoProgramsMayWriteAtOnce();

private:
    [[nodiscard]] int count(const char *sql) const
    {
        int rows = -1;
        return m_local->read([&](SQLite::Database &db) { rows = db.execAndGet(sql).getInt(); }) ? rows : -2;
    }

    std::shared_ptr<LocalStore> m_local;
    std::unique_ptr<HistoryStore> m_history;
};

void TstHistoryStore::baselinesComeBackAsTheyWereSaved()
{
    RefreshableBaseline bare;
    bare.oid = 4'294'967'295U;
    bare.name = named(QStringLiteral("bare"));
    QVERIFY(m_history->saveBaselines(plays, {baselineOf(2), baselineOf(1), bare}));
    QCOMPARE(m_history->baselines(plays).value(), (std::vector{baselineOf(1), baselineOf(2), bare}));

    RefreshableBaseline changed = baselineOf(1);
    changed.name = named(QStringLiteral("renamed"));
    changed.xmin = 7;
    changed.lastRefresh = {};
    QVERIFY(m_history->saveBaselines(plays, {changed}));
    QVERIFY(m_history->removeBaselines(plays, {2, 99}));
    QCOMPARE(m_history->baselines(plays).value(), (std::vector{changed, bare}));
}

void TstHistoryStore::baselinesOfOneDatabaseAreNotAnothers()
{
    QVERIFY(m_history->saveBaselines(plays, {baselineOf(1)}));
    QVERIFY(m_history->baselines({server, QStringLiteral("sensors")}).value().empty());
    QVERIFY(m_history->baselines({QStringLiteral("another"), QStringLiteral("plays")}).value().empty());
    QVERIFY(m_history->removeBaselines({QStringLiteral("another"), QStringLiteral("plays")}, {1}));
    QCOMPARE(static_cast<int>(m_history->baselines(plays).value().size()), 1);
    QCOMPARE(m_history->databases(server).value(), QStringList{QStringLiteral("plays")});
}

void TstHistoryStore::aStandingXidClockKeepsItsTwoEnds()
{
    for (const auto &[second, xid] : {std::pair{0, 10}, {2, 10}, {4, 10}, {6, 10}, {8, 11}, {10, 11}, {12, 15}})
        QVERIFY(m_history->addXidSample(server, 1, {at(std::chrono::seconds(second)), xid}));
    const std::vector<XidSample> expected{{at(0s), 10}, {at(6s), 10}, {at(8s), 11}, {at(10s), 11}, {at(12s), 15}};
    QCOMPARE(m_history->xidSamples(server, 1).value(), expected);
    QVERIFY(m_history->xidSamples(QStringLiteral("another"), 1).value().empty());
}

void TstHistoryStore::refreshesComeNewestFirstAndWithinTheRange()
{
    for (int minute = 0; minute < 10; ++minute) {
        RefreshEvent event;
        event.name = named(minute % 2 == 0 ? QStringLiteral("even") : QStringLiteral("odd"));
        event.finishedAt = at(std::chrono::minutes(minute));
        event.confidence = Confidence::Exact;
        event.source = RefreshSource::OwnRun;
        event.rows = minute;
        event.concurrently = minute == 9;
        event.xid = 4'000'000'000U + static_cast<quint32>(minute);
        const auto id = m_history->addRefresh(plays, event);
        QVERIFY(id && *id > 0);
    }
    const auto rowsOf = [&](const pg::QualifiedName &name, std::optional<TimeRange> range, int limit) {
        std::vector<qint64> rows;
        for (const auto found = m_history->refreshes(plays, name, range, limit).value();
             const RefreshEvent &event : found)
            rows.push_back(event.rows.value_or(-1));
        return rows;
    };
    QCOMPARE(rowsOf({}, std::nullopt, 3), (std::vector<qint64>{9, 8, 7}));
    QCOMPARE(rowsOf(named(QStringLiteral("even")), std::nullopt, 100), (std::vector<qint64>{8, 6, 4, 2, 0}));
    QCOMPARE(rowsOf({}, TimeRange{at(2min), at(4min)}, 100), (std::vector<qint64>{4, 3, 2}));
    QVERIFY(rowsOf(named(QStringLiteral("unheard of")), std::nullopt, 100).empty());
    const RefreshEvent newest = m_history->refreshes(plays, {}, std::nullopt, 1).value().front();
    QVERIFY(newest.concurrently);
    QCOMPARE(newest.xid, 4'000'000'009U);
    QVERIFY(newest.name == named(QStringLiteral("odd")));
}

void TstHistoryStore::aRefreshWithoutAnyTimeIsRefused()
{
    RefreshEvent event;
    event.name = named(QStringLiteral("mv"));
    const auto id = m_history->addRefresh(plays, event);
    QVERIFY(!id);
    QCOMPARE(id.error().kind, ErrorKind::Input);
    QVERIFY(id.error().message.contains(QLatin1String("public.mv")));
}

void TstHistoryStore::sizesThatRestAreTwoPoints()
{
    const auto table = named(QStringLiteral("plays"));
    for (const auto &[minute, bytes] : {std::pair{0, 100}, {1, 100}, {2, 100}, {3, 100}, {4, 200}, {5, 200}, {6, 300}})
        QVERIFY(m_history->addSizes(plays, at(std::chrono::minutes(minute)), {{table, sizeOf(bytes)}}));
    const auto sizes = m_history->sizes(plays, table, allTime).value();
    std::vector<std::pair<qint64, qint64>> points;
    for (const SizeSample &size : sizes) {
        points.emplace_back((size.at - at(0s)) / 1min, size.bytes);
        QCOMPARE(size.partitions, 12);
        QCOMPARE(size.rows, size.bytes / 100);
    }
    QCOMPARE(points, (std::vector<std::pair<qint64, qint64>>{{0, 100}, {3, 100}, {4, 200}, {5, 200}, {6, 300}}));
}

void TstHistoryStore::theNewestSizeBeforeAMomentIsFound()
{
    const auto table = named(QStringLiteral("plays"));
    QVERIFY(m_history->addSizes(plays, at(0min), {{table, sizeOf(100)}, {named(QStringLiteral("gone")), sizeOf(1)}}));
    QVERIFY(m_history->addSizes(plays, at(60min), {{table, sizeOf(200)}}));
    QVERIFY(m_history->addSizes(plays, at(90min), {{table, sizeOf(300)}}));
    const auto then = m_history->sizesAt(plays, at(70min), Millis(30min)).value();
    QCOMPARE(static_cast<int>(then.size()), 1);
    QVERIFY(then.front().first == table);
    QCOMPARE(then.front().second.bytes, 200);
}

void TstHistoryStore::aTargetOfANameWinsOverItsSchemasAndTheDatabases()
{
    QVERIFY(m_history->setTarget(plays, {}, Millis(1h)));
    QVERIFY(m_history->setTarget(plays, {QStringLiteral("public"), {}}, Millis(30min)));
    QVERIFY(m_history->setTarget(plays, named(QStringLiteral("mv")), Millis(5min)));
    auto targets = m_history->targets(plays).value();
    QVERIFY(targetFor(targets, named(QStringLiteral("mv"))) == Millis(5min));
    QVERIFY(targetFor(targets, named(QStringLiteral("other"))) == Millis(30min));
    QVERIFY(targetFor(targets, {QStringLiteral("mart"), QStringLiteral("mv")}) == Millis(1h));
    QVERIFY(m_history->setTarget(plays, {}, std::nullopt));
    QVERIFY(m_history->setTarget(plays, named(QStringLiteral("mv")), std::nullopt));
    targets = m_history->targets(plays).value();
    QVERIFY(targetFor(targets, named(QStringLiteral("mv"))) == Millis(30min));
    QVERIFY(!targetFor(targets, {QStringLiteral("mart"), QStringLiteral("mv")}));
}

void TstHistoryStore::anAlertIsOpenOnceAndClearedOnce()
{
    AlertRecord alert;
    alert.kind = QStringLiteral("freshness");
    alert.subject = QStringLiteral("public.mv");
    alert.message = QStringLiteral("1 h late");
    alert.raisedAt = at(0s);
    const qint64 id = m_history->raiseAlert(plays, alert).value();
    alert.message = QStringLiteral("2 h late");
    alert.raisedAt = at(1h);
    QCOMPARE(m_history->raiseAlert(plays, alert).value(), id);
    const qint64 other = m_history->raiseAlert({server, QStringLiteral("sensors")}, alert).value();
    QVERIFY(other != id);

    const auto open = m_history->openAlerts(server).value();
    QCOMPARE(static_cast<int>(open.size()), 2);
    QCOMPARE(open[1].message, QStringLiteral("2 h late"));
    QVERIFY(open[1].raisedAt == at(0s));
    QCOMPARE(open[1].database, QStringLiteral("plays"));

    QVERIFY(m_history->clearAlert(id, at(2h)));
    QVERIFY(m_history->clearAlert(id, at(9h)));
    QCOMPARE(static_cast<int>(m_history->openAlerts(server).value().size()), 1);
    QVERIFY(m_history->alerts(plays, {at(1h), at(3h)}).value().front().clearedAt == at(2h));
    QVERIFY(m_history->alerts(plays, {at(3h), at(4h)}).value().empty());
    QCOMPARE(static_cast<int>(m_history->alerts({server, {}}, {at(90min), at(4h)}).value().size()), 2);
    QVERIFY(m_history->raiseAlert(plays, alert).value() != id);
}

void TstHistoryStore::theAuditIsNeverRewritten()
{
    QVERIFY(m_history->addAudit(
        {at(0s), QStringLiteral("prod"), QStringLiteral("plays"), QStringLiteral("SELECT 1"), QStringLiteral("done")}));
    QVERIFY(m_history->addAudit(
        {at(1s), QStringLiteral("prod"), QStringLiteral("plays"), QStringLiteral("SELECT 2"), QStringLiteral("done")}));
    const Status changed = m_local->write(
        [](SQLite::Database &db) { db.exec("UPDATE audit SET outcome = 'never happened'"); });
    QVERIFY(!changed);
    QVERIFY(changed.error().message.contains(QLatin1String("never rewritten")));
    QVERIFY(!m_local->write([](SQLite::Database &db) { db.exec("DELETE FROM audit"); }));
    const auto entries = m_history->audit(1).value();
    QCOMPARE(static_cast<int>(entries.size()), 1);
    QCOMPARE(entries.front().statement, QStringLiteral("SELECT 2"));
    QCOMPARE(entries.front().outcome, QStringLiteral("done"));
}

void TstHistoryStore::statesOfAMomentKnowNothingLater()
{
    RefreshableBaseline baseline;
    baseline.oid = 77;
    baseline.name = named(QStringLiteral("mv"));
    baseline.lastRefresh = {Confidence::Exact, RefreshSource::OwnRun, at(30min), std::nullopt, false};
    baseline.lastChangedAt = at(30min);
    QVERIFY(m_history->saveBaselines(plays, {baseline}));
    for (int tens = 0; tens < 4; ++tens) {
        RefreshEvent event;
        event.name = baseline.name;
        event.finishedAt = at(tens * 10min);
        event.duration = Millis(1000 + tens);
        event.confidence = Confidence::Exact;
        event.source = RefreshSource::OwnRun;
        event.succeeded = tens != 2;
        QVERIFY(m_history->addRefresh(plays, event));
        if (tens < 2) {
            // A view that was dropped after its second refresh.
            event.name = named(QStringLiteral("dropped"));
            QVERIFY(m_history->addRefresh(plays, event));
        }
    }
    const auto at25 = m_history->refreshStatesAt(plays, at(25min)).value();
    QCOMPARE(static_cast<int>(at25.size()), 1);
    QVERIFY(at25.front().lastRefresh.at == at(10min));
    QVERIFY(!at25.front().lastChangedAt);
    QCOMPARE(at25.front().oid, 77U);
    QCOMPARE(at25.front().recentDurations, (std::vector{Millis(1000), Millis(1001)}));
    QCOMPARE(static_cast<int>(m_history->refreshStatesAt(plays, at(5min)).value().size()), 2);
    const auto now = m_history->refreshStatesAt(plays, at(1h)).value();
    QVERIFY(now.front().lastRefresh.at == at(30min));
    QVERIFY(now.front().lastChangedAt == at(30min));
}

void TstHistoryStore::theTimelineIsBoundedAndCountsAll()
{
    std::vector<RefreshEvent> events;
    for (int second = 0; second < 3000; ++second) {
        RefreshEvent event;
        event.name = named(QStringLiteral("mv_%1").arg(second % 7));
        event.finishedAt = at(std::chrono::seconds(second));
        event.confidence = Confidence::Exact;
        event.source = RefreshSource::OwnRun;
        event.succeeded = second % 100 != 0;
        events.push_back(event);
    }
    QVERIFY(m_history->addRefreshes(plays, events));
    QVERIFY(m_history->addLockSample(server, crowd(at(100s), 5)));
    QVERIFY(m_history->addLockSample(server, crowd(at(130s), 5)));
    AlertRecord alert;
    alert.kind = QStringLiteral("blocking");
    alert.subject = QStringLiteral("pid 100");
    alert.message = QStringLiteral("pid 100 holds up 5 sessions");
    alert.raisedAt = at(131s);
    QVERIFY(m_history->raiseAlert(plays, alert));

    const auto marks = m_history->timeline(server, {at(0s), at(3000s)}, 50).value();
    QVERIFY(static_cast<int>(marks.size()) <= 4 * 50);
    QVERIFY(std::is_sorted(marks.begin(), marks.end(),
                           [](const auto &one, const auto &other) { return one.from < other.from; }));
    std::map<TimelineMark::Kind, int> counted;
    for (const TimelineMark &mark : marks)
        counted[mark.kind] += mark.count;
    QCOMPARE(counted[TimelineMark::Kind::Refreshed], 2970);
    QCOMPARE(counted[TimelineMark::Kind::RefreshFailed], 30);
    QCOMPARE(counted[TimelineMark::Kind::LockWait], 5);
    QCOMPARE(counted[TimelineMark::Kind::Alert], 1);
    const auto wait = std::find_if(marks.begin(), marks.end(),
                                   [](const auto &mark) { return mark.kind == TimelineMark::Kind::LockWait; });
    QVERIFY(wait->from == at(100s) && wait->to == at(130s));
    QCOMPARE(wait->subject, QStringLiteral("public.plays behind pid 100"));
    QVERIFY(m_history->timeline(server, {at(0s), at(-1s)}, 50).value().empty());
}

void TstHistoryStore::pruningThinsSamplesOutAndIsDoneOnce()
{
    const Instant now = at(0s);
    const auto table = named(QStringLiteral("plays"));
    // Every 10 s for ten minutes, at three ages: today, this week, this year.
    for (const auto age :
         {std::chrono::minutes(600), std::chrono::minutes(3 * 1440), std::chrono::minutes(30 * 1440)}) {
        for (int sample = 0; sample < 60; ++sample) {
            const Instant then = now - age + sample * 10s;
            QVERIFY(m_history->addXidSample(server, 1, {then, 1'000'000 + (then - at(-90 * 24h)) / 1s}));
            QVERIFY(m_history->addSizes(plays, then, {{table, sizeOf(1000 + sample)}}));
            QVERIFY(m_history->addOverhead(server, {then, sample % 6 == 0 ? 6.0 : 0.0, 100, sample, 1}));
        }
    }
    const auto samplesOf = [&](std::chrono::minutes age) {
        const TimeRange range{now - age, now - age + 10min};
        const auto clock = m_history->xidSamples(server, 1).value();
        const auto inRange = [&](const XidSample &sample) { return sample.at >= range.from && sample.at <= range.to; };
        return std::tuple{static_cast<int>(std::count_if(clock.begin(), clock.end(), inRange)),
                          static_cast<int>(m_history->sizes(plays, table, range).value().size()),
                          static_cast<int>(m_history->overhead(server, range).value().size())};
    };
    QVERIFY(m_history->prune(now));
    QCOMPARE(samplesOf(600min), (std::tuple{60, 60, 60}));
    QCOMPARE(samplesOf(std::chrono::minutes(3 * 1440)), (std::tuple{10, 10, 10}));
    QCOMPARE(samplesOf(std::chrono::minutes(30 * 1440)), (std::tuple{1, 1, 1}));

    // A size is that of the last moment, a cost the mean, waiters the most.
    const Instant week = now - 3 * 24h;
    QCOMPARE(m_history->sizes(plays, table, {week, week + 59s}).value().front().bytes, 1005);
    const OverheadSample cost = m_history->overhead(server, {week, week + 59s}).value().front();
    QCOMPARE(cost.serverMsPerSecond, 1.0);
    QCOMPARE(cost.waiters, 5);

    const int before = count("SELECT total_changes()");
    QVERIFY(m_history->prune(now + 10s));
    QVERIFY(count("SELECT total_changes()") - before < 10);
    QCOMPARE(samplesOf(std::chrono::minutes(3 * 1440)), (std::tuple{10, 10, 10}));
}

void TstHistoryStore::pruningForgetsAYearButNotTheAudit()
{
    const Instant old = at(-400 * 24h);
    RefreshEvent event;
    event.name = named(QStringLiteral("mv"));
    event.finishedAt = old;
    event.source = RefreshSource::OwnRun;
    event.confidence = Confidence::Exact;
    QVERIFY(m_history->addRefresh(plays, event));
    event.finishedAt = at(-300 * 24h);
    QVERIFY(m_history->addRefresh(plays, event));
    QVERIFY(m_history->addLockSample(server, crowd(old, 5)));
    QVERIFY(m_history->addLockSample(server, nobody(old + 2s)));
    QVERIFY(m_history->addLockSample(server, nobody(old + 4s)));
    QVERIFY(m_history->addXidSample(server, 1, {old, 5}));
    AlertRecord alert;
    alert.kind = QStringLiteral("job");
    alert.raisedAt = old;
    QVERIFY(m_history->clearAlert(m_history->raiseAlert(plays, alert).value(), old + 1h));
    QVERIFY(m_history->addAudit({old, {}, {}, QStringLiteral("SELECT 1"), QStringLiteral("done")}));

    QVERIFY(m_history->prune(at(0s)));
    QCOMPARE(count("SELECT count(*) FROM refresh"), 1);
    QCOMPARE(count("SELECT count(*) FROM refresh_account"), 0);
    for (const char *table : {"lock_episode", "lock_party", "query_text", "xid_sample", "alert"})
        QCOMPARE(count((std::string("SELECT count(*) FROM ") + table).c_str()), 0);
    QCOMPARE(count("SELECT count(*) FROM audit"), 1);
}

void TstHistoryStore::prunedAccountsStillJoinTheirRefresh()
{
    const Instant then = at(-60 * 24h);
    RefreshEvent commit;
    commit.name = named(QStringLiteral("mv"));
    commit.source = RefreshSource::CommitTimestamp;
    commit.confidence = Confidence::Commit;
    commit.finishedAt = then;
    RefreshEvent job = commit;
    job.source = RefreshSource::JobHistory;
    job.confidence = Confidence::Exact;
    job.startedAt = then - 10s;
    job.finishedAt = then + 20ms;
    job.sourceDetail = QStringLiteral("pg_cron job 3");
    QVERIFY(m_history->addRefreshes(plays, {commit, job}));
    QVERIFY(m_history->prune(at(0s)));
    QCOMPARE(count("SELECT count(*) FROM refresh_account"), 0);
    QVERIFY(m_history->addRefreshes(plays, {job, commit}));
    QCOMPARE(count("SELECT count(*) FROM refresh"), 1);
}

void TstHistoryStore::aHundredEdgesAreStoredWithinFiveMilliseconds()
{
    QTemporaryDir folder;
    HistoryStore history(LocalStore::open(folder.filePath(QStringLiteral("t.sqlite"))).value());
    std::vector<double> milliseconds;
    for (int sample = 0; sample < 41; ++sample) {
        const LockSnapshot snapshot = crowd(at(sample * 1s), 100);
        const double before = workedMs();
        QVERIFY(history.addLockSample(server, snapshot));
        milliseconds.push_back(workedMs() - before);
    }
    const double first = milliseconds.front();
    std::sort(milliseconds.begin(), milliseconds.end());
    const double median = milliseconds[milliseconds.size() / 2];
    qInfo("first %.2f ms, median %.2f ms, slowest %.2f ms", first, median, milliseconds.back());
    QVERIFY(median < 5 * slowness);
}

void TstHistoryStore::aThousandBaselinesAreSavedWithinFiftyMilliseconds()
{
    QTemporaryDir folder;
    HistoryStore history(LocalStore::open(folder.filePath(QStringLiteral("t.sqlite"))).value());
    std::vector<RefreshableBaseline> baselines;
    for (quint32 oid = 1; oid <= 1000; ++oid)
        baselines.push_back(baselineOf(oid));
    std::vector<double> milliseconds;
    for (int round = 0; round < 11; ++round) {
        for (RefreshableBaseline &baseline : baselines)
            ++baseline.xmin;
        const double before = workedMs();
        QVERIFY(history.saveBaselines(plays, baselines));
        milliseconds.push_back(workedMs() - before);
    }
    const double first = milliseconds.front();
    std::sort(milliseconds.begin(), milliseconds.end());
    const double median = milliseconds[milliseconds.size() / 2];
    qInfo("first %.2f ms, median %.2f ms, slowest %.2f ms", first, median, milliseconds.back());
    QVERIFY(median < 50 * slowness);
    QCOMPARE(history.baselines(plays).value(), baselines);
}

void TstHistoryStore::twoProgramsMayWriteAtOnce()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("t.sqlite"));
    std::atomic<int> failures = 0;
    std::vector<std::thread> programs;
    for (int program = 0; program < 2; ++program) {
        programs.emplace_back([&, program] {
            HistoryStore history(LocalStore::open(path).value());
            for (int sample = 0; sample < 100; ++sample) {
                const Instant then = at(sample * 2s + program * 1s);
                if (!history.addLockSample(server, crowd(then, 10)) || !history.addXidSample(server, 1, {then, sample}))
                    ++failures;
            }
        });
    }
    for (std::thread &program : programs)
        program.join();
    QCOMPARE(failures.load(), 0);
    HistoryStore history(LocalStore::open(path).value());
    QCOMPARE(static_cast<int>(history.xidSamples(server, 1).value().size()), 200);
}

QTEST_GUILESS_MAIN(TstHistoryStore)
#include "tst_historystore.moc"
