// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/refresh/refreshadvice.h"

#include <QTest>

using namespace tidemark;
using namespace tidemark::refresh;
using namespace std::chrono_literals;

namespace {

const Instant now = fromEpochMicros(1'767'268'800'000'000);

/// Read every ten minutes for ten days, sources changed every second, not refreshed.
AdviceFacts facts()
{
    AdviceFacts all;
    all.name = {QStringLiteral("public"), QStringLiteral("daily \"sales\"")};
    all.concurrently = concurrentEligibility(true, 0);
    all.now = now;
    all.countedSince = now - 240h;
    all.scans = 240 * 6;
    all.sourceModifications = 240 * 3600;
    return all;
}

/// So many refreshes, the newest first, at this interval.
void addRefreshes(AdviceFacts &all, int count, Millis interval, Millis duration, std::optional<qint64> rows = 5)
{
    for (int place = 0; place < count; ++place) {
        RefreshEvent event;
        event.finishedAt = now - place * interval;
        event.duration = duration;
        event.rows = rows;
        event.concurrently = true;
        all.refreshes.push_back(event);
    }
}

QString kindsOf(const AdviceFacts &all)
{
    QStringList kinds;
    for (const Advice &advice : adviseOn(all))
        kinds << toWord(advice.kind);
    return kinds.join(QLatin1Char(' '));
}

KeyCandidate key(const QStringList &columns, KeyCandidate::Verdict verdict)
{
    return {columns, verdict};
}

} // namespace

/// What is advised, from what was measured and from nothing else.
class TstRefreshAdvice : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aViewThatIsUsedAsItIsRefreshedIsLeftAlone()
    {
        AdviceFacts all = facts();
        QCOMPARE(kindsOf(all), QString());
        addRefreshes(all, 20, 10min, 5s);
        QCOMPARE(kindsOf(all), QString());
    }

    void anIndexIsProposedThatItsRowsAllow()
    {
        AdviceFacts all = facts();
        all.concurrently = concurrentEligibility(true, std::nullopt);
        QCOMPARE(kindsOf(all), QString());
        all.keys = {key({QStringLiteral("day")}, KeyCandidate::Verdict::Duplicates)};
        QCOMPARE(kindsOf(all), QString());
        all.keys.push_back(key({QStringLiteral("day"), QStringLiteral("Shop")}, KeyCandidate::Verdict::NotChecked));
        QCOMPARE(kindsOf(all), QString()); // what was not looked at is not promised
        all.keys.back().verdict = KeyCandidate::Verdict::Unique;
        const auto advice = adviseOn(all);
        QCOMPARE(advice.size(), std::size_t(1));
        QCOMPARE(advice[0].sql, QStringLiteral("CREATE UNIQUE INDEX CONCURRENTLY ON \"public\".\"daily \"\"sales\"\"\" "
                                               "(\"day\", \"Shop\")"));
        QVERIFY2(advice[0].because.startsWith(QLatin1String("it has no unique index")), qPrintable(advice[0].because));
        all.keys.back().verdict = KeyCandidate::Verdict::WithNulls;
        QVERIFY(adviseOn(all)[0].because.contains(QLatin1String("NULL")));
        all.populated = false;
        QCOMPARE(kindsOf(all), QString());
    }

    void whatNobodyReadsIsToldOnlyAfterADay()
    {
        AdviceFacts all = facts();
        all.scans = 0;
        QCOMPARE(kindsOf(all), QStringLiteral("nobody_reads"));
        all.countedSince = now - 23h;
        QCOMPARE(kindsOf(all), QString());
        all.countedSince.reset();
        QCOMPARE(kindsOf(all), QString());
        all.countedSince = now - 240h;
        all.scans.reset();
        QCOMPARE(kindsOf(all), QString());
    }

    void sourcesThatStandStillNeedNoRefresh()
    {
        AdviceFacts all = facts();
        all.sourceModifications = 0;
        QCOMPARE(kindsOf(all), QString());
        addRefreshes(all, 3, 1h, 5s);
        QCOMPARE(kindsOf(all), QStringLiteral("sources_stand_still"));
        QVERIFY2(adviseOn(all)[0].because.contains(QLatin1String("refreshed 3 times")),
                 qPrintable(adviseOn(all)[0].because));
    }

    void refreshesThatWriteNothingAreCounted()
    {
        AdviceFacts all = facts();
        addRefreshes(all, 1, 10min, 5s, 7);
        addRefreshes(all, 4, 10min, 5s, 0);
        QCOMPARE(kindsOf(all), QStringLiteral("nothing_changed"));
        QVERIFY2(adviseOn(all)[0].because.contains(QLatin1String("4 of its last 5")),
                 qPrintable(adviseOn(all)[0].because));
        for (RefreshEvent &event : all.refreshes)
            event.concurrently = false; // a plain one writes all rows: it tells nothing
        QCOMPARE(kindsOf(all), QString());
    }

    void theIntervalFollowsWhatItTakesAndWhatItIsFor()
    {
        AdviceFacts slow = facts();
        addRefreshes(slow, 10, 1min, 30s);
        QCOMPARE(kindsOf(slow), QStringLiteral("interval"));
        const Advice advice = adviseOn(slow).front();
        QCOMPARE(advice.what, QStringLiteral("every 10 min is often enough")); // read every 10 min
        QVERIFY2(advice.because.contains(QLatin1String("50 % of the time")), qPrintable(advice.because));
        slow.scans = 240 * 3600; // read every second: then what it takes decides
        QCOMPARE(adviseOn(slow).front().what, QStringLiteral("every 5 min is often enough"));
        AdviceFacts few = facts();
        addRefreshes(few, 4, 1min, 30s);
        QCOMPARE(kindsOf(few), QString()); // no habit yet
        AdviceFacts seldom = facts();
        seldom.sourceModifications = 10;
        addRefreshes(seldom, 10, 10min, 1s);
        QCOMPARE(adviseOn(seldom).front().what, QStringLiteral("every 1 d is often enough"));
    }

    void failedRefreshesAreNoHabit()
    {
        AdviceFacts all = facts();
        addRefreshes(all, 10, 1min, 30s);
        for (RefreshEvent &event : all.refreshes)
            event.succeeded = false;
        QCOMPARE(kindsOf(all), QString());
    }
};

QTEST_APPLESS_MAIN(TstRefreshAdvice)
#include "tst_refreshadvice.moc"
