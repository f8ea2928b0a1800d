// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "ui/models/snapshots.h"

#include <QObject>

#include <deque>
#include <vector>

namespace tidemark::ui {

class MonitorFeed;

/// One moment of a server, small enough to keep an hour of.
struct RecentSample
{
    Instant at; ///< server clock
    double serverMsPerSecond = 0;
    int waiters = 0;
    int chain = 0;
    int needRefresh = 0; ///< refreshables that are breached, late or not populated
    int refreshables = 0;
};

/// A value at a moment.
struct TimedValue
{
    Instant at;
    double value = 0;
};

/// The hour before `end` in half minutes, oldest first, the highest of each; NaN where there is none.
[[nodiscard]] QList<double> hourSeries(const std::vector<TimedValue> &values, Instant end);

/// The last hour of every watched server as this process saw it, one sample every ten seconds: under the cards'
/// sparklines and the chart of waits. GUI thread.
class RecentSamples : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::seconds between{10};
    static constexpr std::chrono::hours kept{1};

    explicit RecentSamples(const MonitorFeed &feed, QObject *parent = nullptr);

    [[nodiscard]] const std::deque<RecentSample> &of(const QString &server) const;
    /// One field as an hourSeries().
    [[nodiscard]] QList<double> series(const QString &server, double (*field)(const RecentSample &)) const;

private:
    void add(const ServerSnapshotPtr &snapshot);

    QHash<QString, std::deque<RecentSample>> m_samples;
};

} // namespace tidemark::ui
