// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/clock.h"
#include "ui/models/snapshots.h"

#include <QObject>

#include <deque>

namespace tidemark::ui {

class MonitorFeed;

/// One moment of a server, small enough to keep an hour of.
struct RecentSample
{
    Instant at;                 ///< server clock
    double serverMsPerSecond = 0;
    int waiters = 0;
    int chain = 0;
    int needRefresh = 0;        ///< refreshables that are breached, late or not populated
    int refreshables = 0;
};

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
    /// One field as a series with NaN where nothing was sampled for a while, oldest first.
    [[nodiscard]] QList<double> series(const QString &server, double (*field)(const RecentSample &)) const;

private:
    void add(const ServerSnapshotPtr &snapshot);

    QHash<QString, std::deque<RecentSample>> m_samples;
};

} // namespace tidemark::ui
