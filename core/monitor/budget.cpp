// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/budget.h"

#include "core/base/units.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace tidemark {

namespace {

constexpr double leastForTheRest = 0.2;

/// What one may take at most for all of `demands` together to fit into `budget`; infinite where they do.
double fairShare(std::vector<double> demands, double budget)
{
    std::sort(demands.begin(), demands.end());
    double left = budget;
    for (std::size_t i = 0; i < demands.size(); ++i) {
        const double equal = left / static_cast<double>(demands.size() - i);
        if (demands[i] > equal)
            return equal;
        left -= demands[i];
    }
    return std::numeric_limits<double>::infinity();
}

} // namespace

void shareBudget(std::vector<CollectorCost> &costs, Millis interval, double msPerSecond)
{
    const double seconds = std::max(0.001, static_cast<double>(interval.count()) / 1000.0);
    double urgent = 0;
    std::vector<double> demands;
    for (const CollectorCost &cost : costs) {
        if (cost.urgent)
            urgent += cost.serverMs / seconds;
        else
            demands.push_back(cost.serverMs / seconds);
    }
    const double share = fairShare(demands, std::max(msPerSecond - urgent, msPerSecond * leastForTheRest));
    for (CollectorCost &cost : costs) {
        const double demand = cost.serverMs / seconds;
        cost.every = cost.urgent || demand <= share
                         ? 1
                         : static_cast<int>(std::min(std::ceil(demand / share), double(rarest)));
    }
}

QString stretchText(const CollectorCost &cost, Millis interval)
{
    if (cost.every <= 1)
        return {};
    return QCoreApplication::translate("Budget", "%1 of %2 every %3 instead of %4: a run costs %5 ms of the server")
        .arg(cost.name, cost.database, units::duration(interval * cost.every), units::duration(interval),
             QLocale().toString(cost.serverMs, 'f', 1));
}

} // namespace tidemark
