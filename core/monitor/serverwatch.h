// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/databasewatch.h"
#include "core/monitor/relationnames.h"
#include "core/store/profile.h"

#include <set>

namespace tidemark {

/// For which database collectors are made.
struct WatchScope
{
    QString database;                     ///< empty where libpq finds the primary one by itself
    bool primary = true;                  ///< the database the profile names also watches what belongs to the whole server
    std::shared_ptr<RelationNames> names; ///< shared by all databases of the server
};

using CollectorFactory = std::function<Collectors(const WatchScope &scope)>;

/// Watches all databases of one server and puts their snapshots together. Finds the databases by itself unless the
/// profile lists them. Keeps the profile's overhead budget by stretching the interval of all its databases alike.
/// `published` is called from the databases' threads, one at a time, and must not block.
class ServerWatch
{
public:
    using Published = std::function<void(std::shared_ptr<const ServerSnapshot>)>;
    /// Adds to a snapshot before it is published, and may keep what it says.
    using Annotate = std::function<void(ServerSnapshot &)>;

    ServerWatch(Profile profile, const QString &password, const Clock &clock, CollectorFactory factory, Annotate annotate,
                Published published);
    ~ServerWatch();

    [[nodiscard]] std::shared_ptr<const ServerSnapshot> snapshot() const;
    void setInterval(Millis interval);
    void setPaused(bool paused);
    void tickNow();

private:
    void watch(const QString &database, bool primary);
    void onPublished(const QString &key, bool primary, const DatabaseTicker &ticker);
    void keepBudget();
    [[nodiscard]] static double smoothed(double before, double now);

    const Profile m_profile;
    const pg::ConnInfo m_connInfo; // with the password
    const Clock &m_clock;
    const CollectorFactory m_factory;
    const std::shared_ptr<RelationNames> m_names = std::make_shared<RelationNames>();
    const Annotate m_annotate;
    const Published m_published;

    std::mutex m_mutex;
    mutable std::mutex m_snapshotMutex; // held for the moment of a copy alone: who asks never waits for who publishes
    std::shared_ptr<const ServerSnapshot> m_snapshot;
    std::map<QString, double> m_tickMs; // smoothed server ms a tick, by database
    Millis m_wished;
    double m_stretch = 1;
    bool m_paused = false;
    bool m_closing = false;
    std::map<QString, std::unique_ptr<DatabaseWatch>> m_watches; // by database name
};

} // namespace tidemark
