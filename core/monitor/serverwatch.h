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
    QString database;    ///< empty where libpq finds the primary one by itself
    bool primary = true; ///< the database the profile names also watches what belongs to the whole server
    std::shared_ptr<RelationNames> names; ///< shared by all databases of the server
};

using CollectorFactory = std::function<Collectors(const WatchScope &scope)>;

/// Watches all databases of one server and puts their snapshots together. Finds the databases by itself unless the
/// profile lists them, but takes only so many of the server's connections that nobody asked for (databasechoice.h).
/// Databases that come are joined within a tick or two of the primary one, dropped ones told as that and no longer watched,
/// or, where the profile names them, awaited. Keeps the profile's overhead budget by letting the costly collectors of all databases run less often (core/monitor/budget.h).
/// `published` is called from the databases' threads, one at a time, and must not block.
class ServerWatch
{
public:
    using Published = std::function<void(std::shared_ptr<const ServerSnapshot>)>;
    /// Adds to a snapshot before it is published, and may keep what it says.
    using Annotate = std::function<void(ServerSnapshot &)>;

    ServerWatch(Profile profile, const QString &password, const Clock &clock, CollectorFactory factory,
                Annotate annotate, Published published);
    ~ServerWatch();

    [[nodiscard]] std::shared_ptr<const ServerSnapshot> snapshot() const;
    void setInterval(Millis interval);
    void setPaused(bool paused);
    void tickNow();

private:
    using Watches = std::map<QString, std::unique_ptr<DatabaseWatch>>;

    void watch(const QString &database, bool primary);
    void onPublished(const QString &key, const DatabaseTicker &ticker);
    /// Follows what the server has now: watches new databases, and takes out of m_watches what is gone or watched twice.
    [[nodiscard]] Watches followSiblings(const DatabaseSnapshot &primary);
    /// Takes down what became of a watched database that is no longer there, by the newest list.
    void noteGone(const QString &database, quint32 oid);
    /// The primary database was dropped, or refuses this role: a live one takes over what belongs to the whole server.
    [[nodiscard]] Watches handOver();
    [[nodiscard]] std::shared_ptr<ServerSnapshot> compose(const QString &key, bool primary,
                                                          const DatabaseTicker &ticker);
    [[nodiscard]] double budgetMsPerSecond() const;
    void keepBudget();
    void setPaces();

    const Profile m_profile;
    const pg::ConnInfo m_connInfo; // with the password
    const Clock &m_clock;
    const CollectorFactory m_factory;
    const std::shared_ptr<RelationNames> m_names = std::make_shared<RelationNames>();
    const Annotate m_annotate;
    const Published m_published;

    // Taken in this order. Publishing may write to disk; m_mutex and m_snapshotMutex are held for moments, for the GUI
    // thread takes them.
    std::mutex m_publishMutex;
    std::mutex m_mutex;
    mutable std::mutex m_snapshotMutex;

    std::shared_ptr<const ServerSnapshot> m_snapshot;
    std::map<QString, std::vector<CollectorCost>> m_costs; // by database
    QString m_primary;                                     // key of the watch that also looks after the whole server
    bool m_primaryIsGone = false;
    std::vector<ListedDatabase> m_listed; // of the server, as the primary told last
    QStringList m_unwatched;
    QString m_unwatchedBecause;
    struct Gone
    {
        QString how;
        quint32 oid = 0;
        std::chrono::steady_clock::time_point at;
    };
    std::map<QString, Gone> m_gone;
    Millis m_wished;
    bool m_paused = false;
    bool m_closing = false;
    Watches m_watches; // by database name
};

} // namespace tidemark
