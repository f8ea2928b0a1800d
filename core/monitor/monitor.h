// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/serverwatch.h"

namespace tidemark {

/// All watched servers. The composition root makes one, gives it the factory of the collectors and one observer, and adds
/// profiles to it. Every call may be made from any thread and returns at once, except remove() and the destructor, which
/// wait for the threads of what they end (a statement under way is cancelled first).
class Monitor
{
public:
    /// Called from the watches' threads with a new snapshot of one server; must not block, nor call back into the monitor.
    using Observer = std::function<void(std::shared_ptr<const ServerSnapshot>)>;

    /// `annotate` may add to a snapshot before anyone sees it; it has the observer's rules.
    Monitor(const Clock &clock, CollectorFactory factory, Observer observer, ServerWatch::Annotate annotate = {});
    ~Monitor();

    /// Starts watching; a server already watched under that name is replaced.
    void add(const Profile &profile, const QString &password);
    void remove(const QString &profile);

    [[nodiscard]] std::vector<std::shared_ptr<const ServerSnapshot>> snapshots() const;
    /// Of all servers, also those added later, whatever their profiles wish.
    void setInterval(Millis interval);
    /// Servers added while it is paused are read once, so that there is something to see, and stand then.
    void setPaused(bool paused);
    void tickNow();
    /// One server alone: an unknown one is nothing to do.
    void tickNow(const QString &profile);

private:
    const Clock &m_clock;
    const CollectorFactory m_factory;
    const Observer m_observer;
    const ServerWatch::Annotate m_annotate;
    mutable std::mutex m_mutex;
    std::map<QString, std::unique_ptr<ServerWatch>> m_servers;
    bool m_paused = false;
    std::optional<Millis> m_interval; ///< chosen for all
};

} // namespace tidemark
