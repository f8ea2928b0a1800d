// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/standardcollectors.h"

#include "core/monitor/continuousaggregates.h"
#include "core/monitor/databaselistcollector.h"
#include "core/monitor/freshnesscollector.h"
#include "core/monitor/jobcollector.h"
#include "core/monitor/lockcollector.h"
#include "core/monitor/partitioncollector.h"
#include "core/monitor/relationnames.h"
#include "core/monitor/runscollector.h"

namespace tidemark {

CollectorFactory standardCollectors(std::shared_ptr<HistoryStore> history)
{
    return [history = std::move(history)](const WatchScope &scope) {
        Collectors collectors;
        if (scope.primary) {
            collectors.push_back(std::make_unique<DatabaseListCollector>());
            collectors.push_back(std::make_unique<LockCollector>(history, scope.names));
        } else {
            collectors.push_back(std::make_unique<RelationNamesCollector>(scope.database, scope.names));
        }
        collectors.push_back(std::make_unique<FreshnessCollector>(history, scope.primary));
        collectors.push_back(std::make_unique<JobCollector>(history));
        collectors.push_back(std::make_unique<PartitionCollector>(history));
        collectors.push_back(std::make_unique<RunsCollector>());
        collectors.push_back(std::make_unique<ContinuousAggregates>(history)); // reads what those before it published
        return collectors;
    };
}

} // namespace tidemark
