// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/monitorbridge.h"

namespace tidemark::ui {

namespace {
constexpr int gapMs = 150;
}

MonitorBridge::MonitorBridge(const Clock &clock, CollectorFactory factory, ServerWatch::Annotate annotate,
                             QObject *parent)
    : MonitorFeed(parent)
    , m_monitor(std::make_unique<Monitor>(
          clock, std::move(factory), [this](ServerSnapshotPtr snapshot) { receive(std::move(snapshot)); },
          std::move(annotate)))
{
    m_gap.setSingleShot(true);
    m_gap.setInterval(gapMs);
    connect(&m_gap, &QTimer::timeout, this, &MonitorBridge::deliver);
    m_endings.setMaxThreadCount(1);
}

MonitorBridge::~MonitorBridge()
{
    m_endings.waitForDone();
    m_monitor.reset(); // no observer runs after this, so nothing is posted to what is going
}

void MonitorBridge::watch(const Profile &profile, const QString &password)
{
    m_watched.insert(profile.name);
    // In the order of the calls: an unwatch() of the same name may still be ending.
    m_endings.start([this, profile, password]() { m_monitor->add(profile, password); });
}

void MonitorBridge::unwatch(const QString &server)
{
    if (!m_watched.remove(server))
        return;
    m_snapshots.remove(server);
    m_endings.start([this, server]() { m_monitor->remove(server); });
    Q_EMIT serverRemoved(server);
}

void MonitorBridge::setPaused(bool paused)
{
    m_monitor->setPaused(paused);
}

void MonitorBridge::setInterval(Millis interval)
{
    m_monitor->setInterval(interval);
}

void MonitorBridge::refreshNow()
{
    m_monitor->tickNow();
}

void MonitorBridge::retry(const QString &server)
{
    m_monitor->tickNow(server);
}

void MonitorBridge::receive(ServerSnapshotPtr snapshot)
{
    const std::lock_guard lock(m_mutex);
    m_arrived.insert(snapshot->name, std::move(snapshot));
    if (m_posted)
        return;
    m_posted = true;
    QMetaObject::invokeMethod(
        this,
        [this]() {
            if (!m_gap.isActive())
                deliver();
        },
        Qt::QueuedConnection);
}

void MonitorBridge::deliver()
{
    Snapshots arrived;
    {
        const std::lock_guard lock(m_mutex);
        arrived.swap(m_arrived);
        m_posted = false;
    }
    if (arrived.isEmpty())
        return;
    m_gap.start();
    for (const ServerSnapshotPtr &snapshot : std::as_const(arrived)) {
        if (!m_watched.contains(snapshot->name))
            continue;
        m_snapshots.insert(snapshot->name, snapshot);
        Q_EMIT serverUpdated(snapshot);
    }
}

} // namespace tidemark::ui
