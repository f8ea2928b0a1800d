// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/refreshmerge.h"

#include "core/store/historystore.h"

#include <QTest>

#include <algorithm>
#include <numeric>

using namespace tidemark;

namespace {

using Source = RefreshSource;

/// Seconds after some noon; every case happens within minutes of it.
Instant at(double seconds)
{
    return fromEpochMicros(1'767'268'800'000'000)
           + std::chrono::microseconds(static_cast<qint64>(seconds * 1e6 + (seconds < 0 ? -0.5 : 0.5)));
}

RefreshEvent account(Source source)
{
    RefreshEvent event;
    event.name = {QStringLiteral("public"), QStringLiteral("mv")};
    event.source = source;
    return event;
}

RefreshEvent point(Source source, double finish, std::optional<double> start = {})
{
    RefreshEvent event = account(source);
    event.finishedAt = at(finish);
    event.confidence = source == Source::CommitTimestamp ? Confidence::Commit : Confidence::Exact;
    if (start) {
        event.startedAt = at(*start);
        if (source != Source::CommitTimestamp)
            event.duration = Millis(static_cast<qint64>((finish - *start) * 1000));
    }
    return event;
}

RefreshEvent bracket(Source source, double from, double to, std::optional<double> start = {})
{
    RefreshEvent event = account(source);
    event.finishedBracket = TimeRange{at(from), at(to)};
    event.finishedAt = at(to);
    event.confidence = Confidence::Bracketed;
    if (start)
        event.startedAt = at(*start);
    return event;
}

RefreshEvent job(double start, double finish, const char *name = "pg_cron job 3")
{
    RefreshEvent event = point(Source::JobHistory, finish, start);
    event.sourceDetail = QString::fromLatin1(name);
    return event;
}

RefreshEvent withXid(RefreshEvent event, quint32 xid)
{
    event.xid = xid;
    return event;
}

RefreshEvent failedOne(RefreshEvent event)
{
    event.succeeded = false;
    event.error = QStringLiteral("ERROR: division by zero");
    return event;
}

using Accounts = std::vector<RefreshEvent>;

/// What the store makes of accounts told in this order.
std::vector<RefreshEvent> stored(const Accounts &accounts)
{
    HistoryStore history(*LocalStore::inMemory());
    const DatabaseRef database{QStringLiteral("7000"), QStringLiteral("plays")};
    for (const RefreshEvent &told : accounts) {
        if (!history.addRefresh(database, told))
            return {};
    }
    auto found = history.refreshes(database, {}, std::nullopt, 1000).value();
    std::reverse(found.begin(), found.end());
    return found;
}

} // namespace

Q_DECLARE_METATYPE(Accounts)

class TstRefreshMerge : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void accountsBecomeAsManyRefreshesAsThereWere_data();
    void accountsBecomeAsManyRefreshesAsThereWere();
    void eachFieldComesFromTheSourceThatKnowsItBest_data();
    void eachFieldComesFromTheSourceThatKnowsItBest();
    void bracketsAreIntersected();
    void aSampledRunDoesNotOutvoteAFailure();
    void tellingTheSameAgainChangesNothing();
    void aWideBracketTellsOfTheLastRefreshInIt();
    void everyMinuteOfADayStaysOneRowEach();
};

void TstRefreshMerge::accountsBecomeAsManyRefreshesAsThereWere_data()
{
    QTest::addColumn<Accounts>("accounts");
    QTest::addColumn<int>("refreshes");
    const auto row = [](const char *name, int refreshes, const Accounts &accounts) {
        QTest::newRow(name) << accounts << refreshes;
    };

    row("a bracket and the commit within it", 1,
        {bracket(Source::XidClock, 10, 12), point(Source::CommitTimestamp, 11.3)});
    row("a bracket and a commit just before its first poll", 1,
        {bracket(Source::XidClock, 10, 12), point(Source::CommitTimestamp, 9.95)});
    row("a bracket and a commit well before it", 2,
        {bracket(Source::XidClock, 10, 12), point(Source::CommitTimestamp, 9)});
    row("a bracket and a commit well after it", 2,
        {bracket(Source::XidClock, 10, 12), point(Source::CommitTimestamp, 13)});
    row("an event trigger and the commit behind it", 1,
        {point(Source::EventTrigger, 20, 10), point(Source::CommitTimestamp, 20.01)});
    row("own run, event trigger, commit, sampling and bracket of one refresh", 1,
        {point(Source::OwnRun, 20.05, 9.98), point(Source::EventTrigger, 20, 10), point(Source::CommitTimestamp, 20.01),
         bracket(Source::Sampling, 18, 20.5, 10), bracket(Source::XidClock, 18.5, 20.5)});
    row("a job's run and the commit within it", 1, {job(10, 20), point(Source::CommitTimestamp, 14)});
    row("a job's run and the bracket that reaches into it", 1, {job(10, 20), bracket(Source::XidClock, 19, 21)});
    row("a job's run and a commit before it began", 2, {job(10, 20), point(Source::CommitTimestamp, 9.9)});
    row("a job's run and a commit after it", 2, {job(10, 20), point(Source::CommitTimestamp, 21)});
    row("a job's run and a sampled query that began before it", 2, {job(10, 20), bracket(Source::Sampling, 14, 16, 5)});
    row("a job's run and the sampled query in it", 1, {job(10, 20), bracket(Source::Sampling, 18, 20.5, 10.02)});
    const auto ofAggregate = [](RefreshEvent event) {
        event.kind = RefreshableKind::ContinuousAggregate;
        return event;
    };
    row("our own run of a continuous aggregate and the watermark that moved in it", 1,
        {ofAggregate(point(Source::OwnRun, 20, 10)), ofAggregate(point(Source::CommitTimestamp, 14))});
    row("our own run of a continuous aggregate and the watermark that moved before it", 2,
        {ofAggregate(point(Source::OwnRun, 20, 10)), ofAggregate(point(Source::CommitTimestamp, 9))});
    row("our own run of a view and a commit within it", 2,
        {point(Source::OwnRun, 20, 10), point(Source::CommitTimestamp, 14)});
    row("a sampled query and the commit between its last polls", 1,
        {bracket(Source::Sampling, 30, 32, 5), point(Source::CommitTimestamp, 31)});
    row("a sampled query whose transaction outlasts the refresh", 1,
        {point(Source::EventTrigger, 20, 10), bracket(Source::Sampling, 59, 60, 10)});

    row("two commits a second apart", 2, {point(Source::CommitTimestamp, 10), point(Source::CommitTimestamp, 11)});
    row("two commits a tenth of a second apart", 2,
        {point(Source::CommitTimestamp, 10), point(Source::CommitTimestamp, 10.1)});
    row("two refreshes a second apart, told by trigger and commit", 2,
        {point(Source::EventTrigger, 10, 9.5), point(Source::EventTrigger, 11, 10.5),
         point(Source::CommitTimestamp, 10.01), point(Source::CommitTimestamp, 11.01)});
    row("two refreshes a second apart, the commits told first", 2,
        {point(Source::CommitTimestamp, 10.01), point(Source::CommitTimestamp, 11.01),
         point(Source::EventTrigger, 11, 10.5), point(Source::EventTrigger, 10, 9.5)});
    row("two own runs a second apart within one bracket", 2,
        {point(Source::OwnRun, 10.2, 10), point(Source::OwnRun, 11.2, 11), bracket(Source::XidClock, 10, 12)});
    row("the bracket told before the two own runs within it", 2,
        {bracket(Source::XidClock, 10, 12), point(Source::OwnRun, 10.2, 10), point(Source::OwnRun, 11.2, 11)});
    row("brackets of successive polls", 2, {bracket(Source::XidClock, 10, 12), bracket(Source::XidClock, 12, 14)});
    row("a commit on the border of two brackets", 2,
        {bracket(Source::XidClock, 10, 12), bracket(Source::XidClock, 12, 14), point(Source::CommitTimestamp, 12.1)});
    row("brackets of two programs that poll in turn", 1,
        {bracket(Source::XidClock, 10, 12), bracket(Source::XidClock, 11, 13)});
    row("two jobs that began together, one after the other in the lock queue", 2,
        {point(Source::CommitTimestamp, 9.9), point(Source::CommitTimestamp, 19.9), job(0, 10),
         job(0, 20, "pg_cron job 4")});
    row("the same two jobs, told before the commits", 2,
        {job(0, 10), job(0, 20, "pg_cron job 4"), point(Source::CommitTimestamp, 9.9),
         point(Source::CommitTimestamp, 19.9)});
    row("two runs of one job", 2, {job(0, 10), job(60, 70)});

    row("one transaction, told by trigger long before its commit", 1,
        {withXid(point(Source::EventTrigger, 20, 10), 900), withXid(point(Source::CommitTimestamp, 300), 900)});
    row("brackets that overlap, of different transactions", 2,
        {withXid(bracket(Source::XidClock, 10, 12), 900), withXid(bracket(Source::XidClock, 11, 13), 901)});
    row("a trigger that knows the outer transaction, a commit that knows the inner", 1,
        {withXid(point(Source::EventTrigger, 20, 10), 900), withXid(point(Source::CommitTimestamp, 20.01), 901)});

    row("a failure and a success at the same time", 2, {failedOne(job(10, 20)), point(Source::CommitTimestamp, 19.99)});
    row("a failed job and the sampled query of it", 1,
        {failedOne(job(10, 20)), bracket(Source::Sampling, 19, 20.5, 10.01)});
    row("a failed own run told by the job log of the same moment", 1,
        {failedOne(point(Source::OwnRun, 20, 10)), failedOne(job(9.9, 20.1))});
}

void TstRefreshMerge::accountsBecomeAsManyRefreshesAsThereWere()
{
    QFETCH(Accounts, accounts);
    QFETCH(int, refreshes);
    QCOMPARE(static_cast<int>(stored(accounts).size()), refreshes);
}

void TstRefreshMerge::eachFieldComesFromTheSourceThatKnowsItBest_data()
{
    QTest::addColumn<Accounts>("accounts");
    QTest::addColumn<int>("source");
    QTest::addColumn<double>("finish");
    QTest::addColumn<double>("start");
    QTest::addColumn<int>("durationMs");

    RefreshEvent own = point(Source::OwnRun, 20.05, 9.98);
    own.duration = Millis(10'050);
    const RefreshEvent trigger = point(Source::EventTrigger, 20, 10);
    const RefreshEvent commit = point(Source::CommitTimestamp, 20.02);
    RefreshEvent sampled = bracket(Source::Sampling, 18, 20.5, 10);
    sampled.duration = Millis(9'000);
    const RefreshEvent clock = bracket(Source::XidClock, 19, 21);

    const auto row = [](const char *name, const Accounts &accounts, Source source, double finish, double start,
                        int durationMs) {
        QTest::newRow(name) << accounts << static_cast<int>(source) << finish << start << durationMs;
    };
    row("own run over all", {clock, sampled, commit, trigger, own}, Source::OwnRun, 20.05, 9.98, 10'050);
    row("event trigger over commit", {commit, trigger}, Source::EventTrigger, 20, 10, 10'000);
    row("commit over the job that holds it", {job(9, 25), commit}, Source::CommitTimestamp, 20.02, 9, 16'000);
    row("commit over brackets", {clock, commit}, Source::CommitTimestamp, 20.02, -1, -1);
    row("a sampled start with a commit makes a duration", {sampled, commit}, Source::CommitTimestamp, 20.02, 10,
        10'020);
    row("a sampled start over a job's", {job(9, 25), commit, sampled}, Source::CommitTimestamp, 20.02, 10, 10'020);
    row("a job's end over brackets", {clock, job(9, 20.5)}, Source::JobHistory, 20.5, 9, 11'500);
    row("no duration is made of a bracket", {clock, bracket(Source::Sampling, 18, 20.5, 10)}, Source::XidClock, 20.5,
        10, -1);
}

void TstRefreshMerge::eachFieldComesFromTheSourceThatKnowsItBest()
{
    QFETCH(Accounts, accounts);
    QFETCH(int, source);
    QFETCH(double, finish);
    QFETCH(double, start);
    QFETCH(int, durationMs);

    // In whatever order the sources come, the same becomes of them.
    std::vector<int> order(accounts.size());
    std::iota(order.begin(), order.end(), 0);
    do {
        Accounts shuffled;
        for (const int index : order)
            shuffled.push_back(accounts[static_cast<std::size_t>(index)]);
        const auto refreshes = stored(shuffled);
        QCOMPARE(static_cast<int>(refreshes.size()), 1);
        const RefreshEvent &refresh = refreshes.front();
        QCOMPARE(static_cast<int>(refresh.source), source);
        QVERIFY(refresh.finishedAt == at(finish));
        QVERIFY(refresh.startedAt == (start < 0 ? std::nullopt : std::optional(at(start))));
        QVERIFY(refresh.duration == (durationMs < 0 ? std::nullopt : std::optional(Millis(durationMs))));
    } while (std::next_permutation(order.begin(), order.end()));
}

void TstRefreshMerge::bracketsAreIntersected()
{
    const auto refreshes = stored(
        {bracket(Source::XidClock, 10, 12), bracket(Source::XidClock, 11, 13), bracket(Source::XidClock, 10.5, 11.5)});
    QCOMPARE(static_cast<int>(refreshes.size()), 1);
    QVERIFY(refreshes.front().finishedBracket == (TimeRange{at(11), at(11.5)}));
    QVERIFY(refreshes.front().finishedAt == at(11.5));
    QCOMPARE(refreshes.front().confidence, Confidence::Bracketed);
}

void TstRefreshMerge::aSampledRunDoesNotOutvoteAFailure()
{
    RefreshEvent sampled = bracket(Source::Sampling, 19, 20.5, 10.01);
    sampled.user = QStringLiteral("etl");
    const auto refreshes = stored({sampled, failedOne(job(10, 20))});
    QCOMPARE(static_cast<int>(refreshes.size()), 1);
    QVERIFY(!refreshes.front().succeeded);
    QCOMPARE(refreshes.front().error, QStringLiteral("ERROR: division by zero"));
    QCOMPARE(refreshes.front().user, QStringLiteral("etl"));
}

void TstRefreshMerge::tellingTheSameAgainChangesNothing()
{
    const Accounts accounts{job(10, 20), point(Source::CommitTimestamp, 19.99), bracket(Source::XidClock, 19, 21),
                            failedOne(job(70, 80))};
    Accounts twice = accounts;
    twice.insert(twice.end(), accounts.begin(), accounts.end());
    QVERIFY(stored(accounts) == stored(twice));
}

void TstRefreshMerge::aWideBracketTellsOfTheLastRefreshInIt()
{
    RefreshEvent wide = bracket(Source::XidClock, 0, 100);
    wide.rows = 42;
    const auto refreshes = stored({point(Source::EventTrigger, 20, 19), point(Source::EventTrigger, 50, 49),
                                   point(Source::EventTrigger, 90, 89), wide});
    QCOMPARE(static_cast<int>(refreshes.size()), 3);
    QVERIFY(!refreshes[0].rows && !refreshes[1].rows);
    QVERIFY(refreshes[2].rows == 42);
}

void TstRefreshMerge::everyMinuteOfADayStaysOneRowEach()
{
    Accounts accounts;
    for (int minute = 0; minute < 1440; ++minute) {
        accounts.push_back(point(Source::CommitTimestamp, minute * 60 + 3));
        accounts.push_back(job(minute * 60, minute * 60 + 3.1));
    }
    HistoryStore history(*LocalStore::inMemory());
    const DatabaseRef database{QStringLiteral("7000"), QStringLiteral("plays")};
    QVERIFY(history.addRefreshes(database, accounts));
    QVERIFY(history.addRefreshes(database, accounts));
    const auto refreshes = history.refreshes(database, {}, std::nullopt, 10'000).value();
    QCOMPARE(static_cast<int>(refreshes.size()), 1440);
}

QTEST_GUILESS_MAIN(TstRefreshMerge)
#include "tst_refreshmerge.moc"
