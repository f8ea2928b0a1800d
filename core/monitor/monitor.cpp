// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/monitor.h"

namespace tidemark {

Monitor::Monitor(const Clock &clock, CollectorFactory factory, Observer observer, ServerWatch::Annotate annotate)
    : m_clock(clock)
    , m_factory(std::move(factory))
    , m_observer(std::move(observer))
    , m_annotate(std::move(annotate))
{
}

Monitor::~Monitor() = default;

void Monitor::add(const Profile &profile, const QString &password)
{
    remove(profile.name);
    auto server = std::make_unique<ServerWatch>(profile, password, m_clock, m_factory, m_annotate, m_observer);
    const std::lock_guard lock(m_mutex);
    server->setPaused(m_paused);
    if (m_interval)
        server->setInterval(*m_interval);
    m_servers[profile.name] = std::move(server);
}

void Monitor::remove(const QString &profile)
{
    std::unique_ptr<ServerWatch> ended; // joined after the lock is released
    const std::lock_guard lock(m_mutex);
    if (const auto found = m_servers.find(profile); found != m_servers.end()) {
        ended = std::move(found->second);
        m_servers.erase(found);
    }
}

std::vector<std::shared_ptr<const ServerSnapshot>> Monitor::snapshots() const
{
    const std::lock_guard lock(m_mutex);
    std::vector<std::shared_ptr<const ServerSnapshot>> all;
    for (const auto &[name, server] : m_servers)
        all.push_back(server->snapshot());
    return all;
}

void Monitor::setInterval(Millis interval)
{
    const std::lock_guard lock(m_mutex);
    m_interval = interval;
    for (const auto &[name, server] : m_servers)
        server->setInterval(interval);
}

void Monitor::setPaused(bool paused)
{
    const std::lock_guard lock(m_mutex);
    m_paused = paused;
    for (const auto &[name, server] : m_servers)
        server->setPaused(paused);
}

void Monitor::tickNow()
{
    const std::lock_guard lock(m_mutex);
    for (const auto &[name, server] : m_servers)
        server->tickNow();
}

void Monitor::tickNow(const QString &profile)
{
    const std::lock_guard lock(m_mutex);
    if (const auto found = m_servers.find(profile); found != m_servers.end())
        found->second->tickNow();
}

} // namespace tidemark
