// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/monitor.h"
#include "ui/services/monitorfeed.h"

#include <QSet>
#include <QThreadPool>
#include <QTimer>

#include <memory>
#include <mutex>

namespace tidemark::ui {

/// Brings the snapshots of core's monitor from its threads to the GUI thread: of each server only the newest, no more
/// often than a screen needs. Made and used on the GUI thread; what would wait there is done on a thread of its own.
class MonitorBridge final : public MonitorFeed
{
    Q_OBJECT

public:
    MonitorBridge(const Clock &clock, CollectorFactory factory, ServerWatch::Annotate annotate,
                  QObject *parent = nullptr);
    ~MonitorBridge() override;

    [[nodiscard]] Snapshots snapshots() const override { return m_snapshots; }
    void watch(const Profile &profile, const QString &password) override;
    void unwatch(const QString &server) override;
    void setPaused(bool paused) override;
    void setInterval(Millis interval) override;
    void refreshNow() override;
    void retry(const QString &server) override;

private:
    void receive(ServerSnapshotPtr snapshot);
    void deliver();

    std::mutex m_mutex;
    Snapshots m_arrived;   // guarded by m_mutex
    bool m_posted = false; // guarded by m_mutex
    Snapshots m_snapshots;
    QSet<QString> m_watched;
    QTimer m_gap;
    QThreadPool m_endings;
    std::unique_ptr<Monitor> m_monitor;
};

} // namespace tidemark::ui
