// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/serveroverview.h"

#include <QCoreApplication>

#include <algorithm>

namespace tidemark::ui {

namespace {

void addFreshness(ServerOverview::Freshness &sum, const FreshnessSnapshot &part, const ObjectRef &where, Instant now)
{
    for (const Refreshable &row : part.refreshables) {
        const FreshnessStatus status = freshnessStatus(row, now);
        ++sum.byStatus[static_cast<size_t>(status)];
        ++sum.total;
        sum.running += row.running ? 1 : 0;
        const Instant at = row.lastRefresh.at.value_or(Instant());
        const bool worse = !sum.worst || status < sum.worstStatus
                           || (status == sum.worstStatus && at < sum.worstRefresh.at.value_or(Instant()));
        if (!worse)
            continue;
        sum.worst = where;
        sum.worst->kind = ObjectKind::Refreshable;
        sum.worst->oid = row.oid;
        sum.worst->name = row.name;
        sum.worstStatus = status;
        sum.worstRefresh = row.lastRefresh;
    }
}

void addPartitions(ServerOverview::Partitions &sum, const PartitionSnapshot &part, const ObjectRef &where,
                   std::optional<Millis> shortRunway, Instant now)
{
    for (const auto &table : part.tables) {
        ++sum.tables;
        sum.leaves += table->leafCount;
        sum.bytes += std::max<qint64>(table->totalBytes, 0);
        sum.withDefaultRows += table->defaultRows.value_or(0) > 0 ? 1 : 0;
        ObjectRef itself = where;
        itself.kind = ObjectKind::PartitionedTable;
        itself.oid = table->oid;
        itself.name = table->name;
        const PartitionHealth health = partitionHealth(*table, shortRunway, now);
        if (health < sum.worstHealth) {
            sum.worstHealth = health;
            sum.withWorstHealth = 0;
            sum.worst = itself;
        }
        sum.withWorstHealth += health == sum.worstHealth ? 1 : 0;
        if (!table->runsOut || !table->runwayUntil || (sum.runsOutAt && *sum.runsOutAt <= *table->runwayUntil))
            continue;
        sum.runsOutAt = table->runwayUntil;
        sum.nearest = itself;
    }
}

ServerOverview::Locks locksOf(const LockSnapshot &locks, const QString &server)
{
    ServerOverview::Locks sum;
    sum.waiters = locks.waiterCount;
    sum.depth = longestChain(locks);
    const std::vector<LockNode> forest = lockForest(locks);
    if (!forest.empty()) {
        const LockParty &root = locks.parties[static_cast<size_t>(forest.front().party)];
        sum.root = ObjectRef{ObjectKind::Backend, server, root.database, 0, {}, root.pid};
        sum.rootName = partyName(root);
        sum.rootState = root.state;
        sum.rootBlocks = forest.front().blocks;
    }
    for (const LockParty &party : locks.parties) {
        if (party.waitingSince)
            sum.longestWait = std::max(sum.longestWait.value_or(Millis(0)),
                                       millisBetween(*party.waitingSince, locks.takenAt));
    }
    return sum;
}

} // namespace

ServerOverview overviewOf(const ServerSnapshot &server, const Scope &scope, Instant now)
{
    ServerOverview result;
    for (const auto &[name, database] : server.databases) {
        if (!scope.covers(server.name, name))
            continue;
        ++result.databases;
        result.failedDatabases += database->state == WatchState::Failed ? 1 : 0;
        const ObjectRef where{ObjectKind::Database, server.name, name, 0, {}, 0};
        if (database->freshness) {
            if (!result.freshness)
                result.freshness.emplace();
            addFreshness(*result.freshness, *database->freshness, where, now);
        }
        if (database->partitions) {
            if (!result.partitions)
                result.partitions.emplace();
            addPartitions(*result.partitions, *database->partitions, where, server.shortRunway, now);
        }
        if (database->jobs) {
            if (!result.jobs)
                result.jobs.emplace();
            for (const Job &job : *database->jobs) {
                ++result.jobs->total;
                if (job.lastSucceeded == false) {
                    ++result.jobs->failed;
                    result.jobs->lastFailed = job.name;
                }
            }
        }
    }
    if (server.locks)
        result.locks = locksOf(*server.locks, server.name);
    return result;
}

QString partyName(const LockParty &party)
{
    if (party.pid == 0)
        return QCoreApplication::translate("tidemark::ui", "prepared transaction %1").arg(party.preparedGid);
    const QString who = !party.applicationName.isEmpty() ? party.applicationName
                        : !party.user.isEmpty()          ? party.user
                                                         : QCoreApplication::translate("tidemark::ui", "backend");
    return QStringLiteral("%1 (%2)").arg(who).arg(party.pid);
}

} // namespace tidemark::ui
