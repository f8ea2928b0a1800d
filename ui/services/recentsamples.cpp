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
    std::vector<TimedValue> values;
    for (const RecentSample &sample : of(server))
        values.push_back({sample.at, field(sample)});
    return values.empty() ? QList<double>() : hourSeries(values, values.back().at);
}

QList<double> hourSeries(const std::vector<TimedValue> &values, Instant end)
{
    constexpr std::chrono::seconds apart{30};
    QList<double> series(RecentSamples::kept / apart, std::numeric_limits<double>::quiet_NaN());
    for (const TimedValue &value : values) {
        const auto slot = series.size() - 1 - (end - value.at) / apart;
        if (slot >= 0 && slot < series.size())
            series[slot] = std::isnan(series[slot]) ? value.value : std::max(series[slot], value.value);
    }
    return series;
}

} // namespace tidemark::ui
