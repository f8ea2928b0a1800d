// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/serverwatch.h"

#include "core/monitor/budget.h"

#include <QCoreApplication>

#include <algorithm>

namespace tidemark {

namespace {

// Test databases come and go by the thousand: that one went is told, and then forgotten.
constexpr std::chrono::seconds goneIsTold{60};

/// The database will not come back by waiting, but the server's others may be well.
bool isGone(const Error &error)
{
    return error.kind == ErrorKind::Missing || error.kind == ErrorKind::Permission;
}

bool wasDropped(const DatabaseSnapshot &database)
{
    return database.error->sqlState == "3D000" && database.capabilities.databaseOid != 0;
}

/// How often the database ticks: as often as the most frequent of its collectors that cost anything.
int everyOf(const std::vector<CollectorCost> &costs)
{
    int every = rarest;
    bool any = false;
    for (const CollectorCost &cost : costs) {
        if (cost.serverMs <= 0 && !cost.urgent)
            continue;
        any = true;
        every = std::min(every, cost.every);
    }
    return any ? every : 1;
}

} // namespace

ServerWatch::ServerWatch(Profile profile, const QString &password, const Clock &clock, CollectorFactory factory,
                         Annotate annotate, Published published)
    : m_profile(std::move(profile))
    , m_connInfo(m_profile.connInfo.with(QStringLiteral("password"), password))
    , m_clock(clock)
    , m_factory(std::move(factory))
    , m_annotate(std::move(annotate))
    , m_published(std::move(published))
    , m_wished(m_profile.interval)
{
    auto first = std::make_shared<ServerSnapshot>();
    first->name = m_profile.name;
    first->environment = toWord(m_profile.environment);
    first->chosenDatabases = m_profile.databases;
    if (const QString own = m_connInfo.value(QStringLiteral("dbname"));
        !first->chosenDatabases.isEmpty() && !own.isEmpty() && !first->chosenDatabases.contains(own))
        first->chosenDatabases << own;
    m_snapshot = std::move(first);

    const std::lock_guard lock(m_mutex);
    m_primary = m_connInfo.value(QStringLiteral("dbname"));
    watch(m_primary, true);
    for (const QString &database : m_profile.databases)
        watch(database, false);
}

ServerWatch::~ServerWatch()
{
    Watches watches;
    {
        const std::lock_guard lock(m_mutex);
        m_closing = true;
        watches.swap(m_watches);
    }
    // Joined here, without a lock: a thread that is publishing may still want it.
}

std::shared_ptr<const ServerSnapshot> ServerWatch::snapshot() const
{
    const std::lock_guard lock(m_snapshotMutex);
    return m_snapshot;
}

void ServerWatch::watch(const QString &database, bool primary)
{
    if (m_watches.contains(database))
        return;
    const pg::ConnInfo info = database.isEmpty() ? m_connInfo : m_connInfo.withDatabase(database);
    auto ticker = std::make_unique<DatabaseTicker>(info, m_factory({database, primary, m_names}), m_clock,
                                                   QStringLiteral("tidemark"));
    auto published = [this, database](const DatabaseTicker &from) { onPublished(database, from); };
    m_watches[database] = std::make_unique<DatabaseWatch>(std::move(ticker), m_clock, m_wished, std::move(published));
    if (m_paused)
        m_watches[database]->setPaused(true);
}

void ServerWatch::onPublished(const QString &key, const DatabaseTicker &ticker)
{
    Watches ended; // joined last, without a lock: their threads may be waiting to publish
    bool primary = false;
    QString handedOver;
    const std::lock_guard publishing(m_publishMutex);
    {
        const std::lock_guard lock(m_mutex);
        const auto watched = m_watches.find(key);
        // A watch that another took the place of may still want to tell something.
        if (m_closing || watched == m_watches.end() || !watched->second->isOf(ticker))
            return;
        const auto database = ticker.snapshot();
        primary = key == m_primary;
        if (database->state == WatchState::Live)
            m_gone.erase(database->name);
        else if (database->error && wasDropped(*database))
            noteGone(database->name, database->capabilities.databaseOid);
        if (primary && database->state == WatchState::Live)
            ended = followSiblings(*database);
        if (primary) {
            m_primaryIsGone = database->error && isGone(*database->error);
            if (m_primaryIsGone)
                ended = handOver();
        } else if (m_primaryIsGone && database->state == WatchState::Live) {
            m_watches.at(m_primary)->tickNow(); // it tries again, fails, and finds one to take over
        }
        handedOver = key == m_primary ? QString() : m_primary;
        primary = key == m_primary;
        if (database->state == WatchState::Live) {
            m_costs[key] = database->overhead.collectors;
            keepBudget();
        }
    }
    const auto next = compose(key, primary, ticker);
    for (const auto &[gone, watch] : ended) {
        if (gone != handedOver)
            next->databases.erase(gone);
    }
    if (m_annotate)
        m_annotate(*next);
    {
        const std::lock_guard swap(m_snapshotMutex);
        m_snapshot = next;
    }
    m_published(next);
}

void ServerWatch::noteGone(const QString &database, quint32 oid)
{
    const auto listed = std::find_if(m_listed.begin(), m_listed.end(),
                                     [oid](const ListedDatabase &entry) { return entry.oid == oid; });
    Gone &gone = m_gone[database];
    if (gone.oid != oid)
        gone.at = std::chrono::steady_clock::now();
    gone.oid = oid;
    if (listed == m_listed.end())
        gone.how = QCoreApplication::translate("Databases", "was dropped");
    else if (listed->name != database)
        gone.how = QCoreApplication::translate("Databases", "was renamed to %1").arg(listed->name);
    else if (!listed->mayConnect)
        gone.how = QCoreApplication::translate("Databases", "no longer lets this role connect");
    else
        gone.how = QCoreApplication::translate("Databases", "was dropped"); // the list is older than that
    m_names->forget(database);
}

ServerWatch::Watches ServerWatch::followSiblings(const DatabaseSnapshot &primary)
{
    Watches ended;
    const auto end = [&](const QString &database) {
        if (auto watch = m_watches.extract(database); !watch.empty())
            ended.insert(std::move(watch));
        m_costs.erase(database);
    };
    // A profile without a database connects to the one libpq picks, which the profile's list may name as well.
    if (m_primary != primary.name)
        end(primary.name);
    const bool isNews = m_listed != primary.siblings;
    m_listed = primary.siblings;
    const auto isOpen = [&](const QString &name) {
        return std::any_of(m_listed.begin(), m_listed.end(),
                           [&](const auto &listed) { return listed.name == name && listed.mayConnect; });
    };
    for (const auto &[database, gone] : m_gone)
        noteGone(database, gone.oid); // the list knows whether it only has another name
    for (const auto &[database, watch] : m_watches) {
        const auto known = m_snapshot->databases.find(database);
        const bool isLive = known != m_snapshot->databases.end() && known->second->state == WatchState::Live;
        if (isNews && !isLive && isOpen(database))
            watch->tickNow(); // it has just been made: no need to wait for the next try
    }
    if (!m_profile.databases.isEmpty() || m_listed.empty())
        return ended;

    QStringList watched{primary.name};
    QStringList missing;
    for (const auto &[database, watch] : m_watches) {
        if (database != primary.name && database != m_primary)
            (isOpen(database) ? watched : missing) << database;
    }
    for (const QString &database : missing) {
        const auto known = m_snapshot->databases.find(database);
        if (known != m_snapshot->databases.end() && known->second->capabilities.databaseOid != 0)
            noteGone(database, known->second->capabilities.databaseOid);
        end(database);
    }
    DatabaseChoice choice = chooseDatabases(watched, m_listed, primary.room);
    for (const QString &database : choice.watched) {
        if (!watched.contains(database))
            watch(database, false);
    }
    m_unwatched = std::move(choice.left);
    m_unwatchedBecause = std::move(choice.because);
    return ended;
}

ServerWatch::Watches ServerWatch::handOver()
{
    Watches ended;
    for (const auto &[name, database] : m_snapshot->databases) {
        if (name == m_primary || database->state != WatchState::Live)
            continue;
        auto other = m_watches.extract(name);
        if (other.empty())
            continue;
        ended.insert(std::move(other));
        m_costs.erase(name);
        m_primary = name;
        m_primaryIsGone = false;
        watch(name, true);
        break;
    }
    return ended;
}

std::shared_ptr<ServerSnapshot> ServerWatch::compose(const QString &key, bool primary, const DatabaseTicker &ticker)
{
    const auto database = ticker.snapshot();
    auto next = std::make_shared<ServerSnapshot>(*m_snapshot);
    if (key != database->name)
        next->databases.erase(key); // before it connected its name was not known
    next->databases[database->name] = database;
    if (primary) {
        next->state = database->state;
        next->error = database->error;
        if (database->state == WatchState::Live) {
            next->takenAt = database->takenAt;
            next->clockOffset = ticker.clockOffset();
        }
        next->locks = database->locks;
    }

    Overhead sum;
    for (const auto &[name, part] : next->databases) {
        if (part->state != WatchState::Live)
            continue;
        sum.serverMsPerSecond += part->overhead.serverMsPerSecond;
        sum.bytesPerSecond += part->overhead.bytesPerSecond;
        sum.firstReadMs += part->overhead.firstReadMs;
        sum.lastTickServerMs += part->overhead.lastTickServerMs;
        sum.lastTickBytes += part->overhead.lastTickBytes;
        sum.lastTickRoundTripMs = std::max(sum.lastTickRoundTripMs, part->overhead.lastTickRoundTripMs);
        sum.roundTrips = std::max(sum.roundTrips, part->overhead.roundTrips);
    }
    const std::lock_guard lock(m_mutex);
    sum.interval = m_wished;
    sum.budgetMsPerSecond = budgetMsPerSecond();
    for (const auto &[database, costs] : m_costs) {
        sum.collectors.insert(sum.collectors.end(), costs.begin(), costs.end());
        sum.widened = sum.widened
                      || std::any_of(costs.begin(), costs.end(), [](const auto &cost) { return cost.every > 1; });
    }
    next->overhead = sum;
    next->unwatchedDatabases = m_unwatched;
    next->unwatchedBecause = m_unwatchedBecause;
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(m_gone, [&](const auto &entry) {
        return now - entry.second.at > goneIsTold && !m_watches.contains(entry.first);
    });
    next->goneDatabases.clear();
    for (const auto &[name, gone] : m_gone)
        next->goneDatabases[name] = gone.how;
    return next;
}

double ServerWatch::budgetMsPerSecond() const
{
    return std::max(0.01, m_profile.budgetPercent) * 10.0;
}

void ServerWatch::keepBudget()
{
    std::vector<CollectorCost> all;
    for (const auto &[database, costs] : m_costs)
        all.insert(all.end(), costs.begin(), costs.end());
    shareBudget(all, m_wished, budgetMsPerSecond());
    auto next = all.begin();
    for (auto &[database, costs] : m_costs) {
        for (CollectorCost &cost : costs)
            cost = *next++;
    }
    setPaces();
}

void ServerWatch::setPaces()
{
    for (const auto &[database, costs] : m_costs) {
        const auto watched = m_watches.find(database);
        if (watched == m_watches.end())
            continue;
        const int every = everyOf(costs);
        std::map<QString, int> paces;
        for (const CollectorCost &cost : costs)
            paces[cost.name] = (cost.every + every - 1) / every;
        watched->second->setPace(m_wished * every, std::move(paces));
    }
}

void ServerWatch::setInterval(Millis interval)
{
    const std::lock_guard lock(m_mutex);
    m_wished = interval;
    for (const auto &[database, watch] : m_watches)
        watch->setPace(m_wished, {});
    keepBudget();
}

void ServerWatch::setPaused(bool paused)
{
    const std::lock_guard lock(m_mutex);
    m_paused = paused;
    for (const auto &[database, watch] : m_watches)
        watch->setPaused(paused);
}

void ServerWatch::tickNow()
{
    const std::lock_guard lock(m_mutex);
    for (const auto &[database, watch] : m_watches)
        watch->tickNow();
}

} // namespace tidemark
