// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/recentsamples.h"

#include "ui/services/monitorfeed.h"

#include <cmath>
#include <limits>

namespace tidemark::ui {

namespace {

int needRefresh(const ServerSnapshot &server, int &total)
{
    int count = 0;
    for (const auto &[name, database] : server.databases) {
        if (!database->freshness)
            continue;
        for (const Refreshable &row : database->freshness->refreshables) {
            ++total;
            const FreshnessStatus status = freshnessStatus(row, server.takenAt);
            count += status == FreshnessStatus::Breached || status == FreshnessStatus::NotPopulated
                    || status == FreshnessStatus::Late
                ? 1
                : 0;
        }
    }
    return count;
}

} // namespace

RecentSamples::RecentSamples(const MonitorFeed &feed, QObject *parent)
    : QObject(parent)
{
    connect(&feed, &MonitorFeed::serverUpdated, this, &RecentSamples::add);
    connect(&feed, &MonitorFeed::serverRemoved, this, [this](const QString &server) { m_samples.remove(server); });
}

const std::deque<RecentSample> &RecentSamples::of(const QString &server) const
{
    static const std::deque<RecentSample> none;
    const auto found = m_samples.constFind(server);
    return found == m_samples.constEnd() ? none : *found;
}

void RecentSamples::add(const ServerSnapshotPtr &snapshot)
{
    if (snapshot->state != WatchState::Live)
        return;
    std::deque<RecentSample> &samples = m_samples[snapshot->name];
    if (!samples.empty() && snapshot->takenAt - samples.back().at < between)
        return;
    RecentSample sample;
    sample.at = snapshot->takenAt;
    sample.serverMsPerSecond = snapshot->overhead.serverMsPerSecond;
    sample.needRefresh = needRefresh(*snapshot, sample.refreshables);
    if (snapshot->locks) {
        sample.waiters = snapshot->locks->waiterCount;
        sample.chain = longestChain(*snapshot->locks);
    }
    samples.push_back(sample);
    while (samples.front().at < sample.at - kept)
        samples.pop_front();
}

QList<double> RecentSamples::series(const QString &server, double (*field)(const RecentSample &)) const
{
    QList<double> values;
    Instant before;
    for (const RecentSample &sample : of(server)) {
        if (!values.isEmpty() && sample.at - before > between * 3)
            values << std::numeric_limits<double>::quiet_NaN();
        values << field(sample);
        before = sample.at;
    }
    return values;
}

} // namespace tidemark::ui
