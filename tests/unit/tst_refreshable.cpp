// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/refreshable.h"

#include <QTest>

using namespace tidemark;
using namespace std::chrono_literals;

namespace {

const Instant now = fromEpochMicros(1'790'000'000'000'000);

Refreshable aggregate(std::optional<Millis> tailLag, std::optional<Millis> policyLag = {})
{
    Refreshable row;
    row.kind = RefreshableKind::ContinuousAggregate;
    row.notJudgedBecause = QStringLiteral("judged by its own clockwork");
    row.lastRefresh.at = now - 1h;
    row.lastRefresh.confidence = Confidence::Commit;
    row.aggregate.emplace();
    row.aggregate->watermark = now - 2h;
    row.aggregate->tailLag = tailLag;
    row.aggregate->policyLag = policyLag;
    return row;
}

} // namespace

/// What a row says of itself, and when it fails its target.
class RefreshableStatus : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aContinuousAggregateIsJudgedByItsClockwork()
    {
        QCOMPARE(freshnessStatus(aggregate(0ms), now), FreshnessStatus::Fresh);
        QCOMPARE(freshnessStatus(aggregate(1s), now), FreshnessStatus::Stale);
        QCOMPARE(freshnessStatus(aggregate(2h, 2h), now), FreshnessStatus::Fresh);
        QCOMPARE(freshnessStatus(aggregate(2h + 1s, 2h), now), FreshnessStatus::Stale);
        QCOMPARE(freshnessStatus(aggregate({}), now), FreshnessStatus::Unknown);
        Refreshable row = aggregate(0ms, 2h);
        row.aggregate->invalidRanges.push_back({now - 5h, now - 4h, 0});
        QCOMPARE(freshnessStatus(row, now), FreshnessStatus::Stale);
        row.target = 2h;
        QCOMPARE(freshnessStatus(row, now), FreshnessStatus::Fresh);
        row.populated = false;
        QCOMPARE(freshnessStatus(row, now), FreshnessStatus::NotPopulated);
    }

    void whatHoldsNoDataFailsItsTarget()
    {
        Refreshable row;
        row.populated = false;
        QCOMPARE(isBreached(row, now), std::nullopt);
        row.target = 1h;
        QCOMPARE(isBreached(row, now), std::optional(true));
        row.lastRefresh.at = now;
        row.lastRefresh.confidence = Confidence::Exact;
        QCOMPARE(isBreached(row, now), std::optional(true));
        QCOMPARE(freshnessStatus(row, now), FreshnessStatus::NotPopulated);
    }

    void whatNobodyCountedIsUnknownNotZero_data()
    {
        QTest::addColumn<int>("pages");
        QTest::addColumn<double>("rows");
        QTest::addColumn<int>("major");
        QTest::addColumn<bool>("populated");
        QTest::addColumn<qint64>("bytes");
        QTest::addColumn<qint64>("estimate");
        QTest::newRow("counted") << 3 << 40.0 << 15 << true << qint64(24'576) << qint64(40);
        QTest::newRow("refreshed, not counted since") << 0 << -1.0 << 15 << true << qint64(-1) << qint64(-1);
        QTest::newRow("counted as empty") << 0 << 0.0 << 15 << true << qint64(0) << qint64(0);
        QTest::newRow("a server that knows no -1") << 0 << 0.0 << 13 << true << qint64(-1) << qint64(-1);
        QTest::newRow("WITH NO DATA") << 0 << -1.0 << 15 << false << qint64(0) << qint64(-1);
    }
    void whatNobodyCountedIsUnknownNotZero()
    {
        QFETCH(const int, pages);
        QFETCH(const double, rows);
        QFETCH(const int, major);
        Refreshable row;
        QFETCH(const bool, populated);
        row.populated = populated;
        setEstimates(row, pages, rows, 8192, major);
        QTEST(row.bytesEstimate, "bytes");
        QTEST(row.rowsEstimate, "estimate");
    }
};

QTEST_APPLESS_MAIN(RefreshableStatus)
#include "tst_refreshable.moc"
