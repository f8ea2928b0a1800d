// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/budget.h"

#include <QTest>

using namespace tidemark;

namespace {

CollectorCost cost(const char *name, double serverMs, bool urgent = false)
{
    return {QString::fromLatin1(name), QStringLiteral("plays"), serverMs, urgent, 1};
}

constexpr Millis interval{2000};
constexpr double onePercent = 10; // ms a second

double spent(const std::vector<CollectorCost> &costs)
{
    double ms = 0;
    for (const CollectorCost &each : costs)
        ms += each.serverMs / 2.0 / each.every;
    return ms;
}

} // namespace

/// Who runs how often under an overhead budget.
class TstBudget : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withinTheBudgetNobodyIsStretched();
    void theCostlyAreStretchedFirst();
    void urgentOnesAlwaysRun();
    void nobodyIsPutOffForEver();
    void theReasonIsTold();
};

void TstBudget::withinTheBudgetNobodyIsStretched()
{
    std::vector costs{cost("locks", 1, true), cost("catalogue", 6), cost("freshness", 8)};
    shareBudget(costs, interval, onePercent);
    for (const CollectorCost &each : costs)
        QCOMPARE(each.every, 1);
}

void TstBudget::theCostlyAreStretchedFirst()
{
    std::vector costs{cost("locks", 2, true), cost("jobs", 1), cost("catalogue", 8), cost("partitions", 80),
                      cost("freshness", 30)};
    shareBudget(costs, interval, onePercent);
    QCOMPARE(costs[0].every, 1);
    QCOMPARE(costs[1].every, 1);
    QVERIFY(costs[2].every <= costs[4].every);
    QVERIFY(costs[4].every < costs[3].every);
    QVERIFY2(spent(costs) <= onePercent, qPrintable(QString::number(spent(costs))));
    QVERIFY2(spent(costs) > 0.6 * onePercent, qPrintable(QString::number(spent(costs))));
}

void TstBudget::urgentOnesAlwaysRun()
{
    std::vector costs{cost("locks", 100, true), cost("freshness", 10)};
    shareBudget(costs, interval, onePercent);
    QCOMPARE(costs[0].every, 1);
    QCOMPARE(costs[1].every, 3); // 5 ms a second of a fifth of the budget
}

void TstBudget::nobodyIsPutOffForEver()
{
    std::vector costs{cost("freshness", 1e6)};
    shareBudget(costs, interval, onePercent);
    QCOMPARE(costs[0].every, rarest);
}

void TstBudget::theReasonIsTold()
{
    CollectorCost freshness = cost("freshness", 35.25);
    QVERIFY(stretchText(freshness, interval).isEmpty());
    freshness.every = 10;
    const QString text = stretchText(freshness, interval);
    for (const char *part : {"freshness", "plays", "20 s", "2.0 s", "35.3"})
        QVERIFY2(text.contains(QLatin1String(part)), qPrintable(text));
}

QTEST_GUILESS_MAIN(TstBudget)
#include "tst_budget.moc"
