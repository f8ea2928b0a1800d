// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/standardcollectors.h"

#include "core/monitor/databaselistcollector.h"
#include "core/monitor/freshnesscollector.h"
#include "core/monitor/jobcollector.h"
#include "core/monitor/lockcollector.h"
#include "core/monitor/partitioncollector.h"

namespace tidemark {

Collectors standardCollectors(const std::shared_ptr<HistoryStore> &history, const Profile &, const QString &, bool primary)
{
    Collectors collectors;
    if (primary) {
        collectors.push_back(std::make_unique<DatabaseListCollector>());
        collectors.push_back(std::make_unique<LockCollector>(history));
    }
    collectors.push_back(std::make_unique<FreshnessCollector>(history));
    collectors.push_back(std::make_unique<JobCollector>(history));
    collectors.push_back(std::make_unique<PartitionCollector>(history));
    return collectors;
}

} // namespace tidemark
