// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/serverwatch.h"

#include <algorithm>
#include <cmath>

namespace tidemark {

namespace {

// Beyond this the picture is too old to be called live; the meter then shows that the budget is not kept.
constexpr double longestStretch = 30;

Millis stretched(Millis wished, double stretch)
{
    constexpr double step = 100;
    return Millis(static_cast<qint64>(std::ceil(static_cast<double>(wished.count()) * stretch / step) * step));
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
    m_snapshot = std::move(first);

    const std::lock_guard lock(m_mutex);
    watch(m_connInfo.value(QStringLiteral("dbname")), true);
    for (const QString &database : m_profile.databases)
        watch(database, false);
}

ServerWatch::~ServerWatch()
{
    std::map<QString, std::unique_ptr<DatabaseWatch>> watches;
    {
        const std::lock_guard lock(m_mutex);
        m_closing = true;
        watches.swap(m_watches);
    }
    // Joined here, without the lock: a thread that is publishing may still want it.
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
    auto published = [this, database, primary](const DatabaseTicker &from) { onPublished(database, primary, from); };
    m_watches[database] = std::make_unique<DatabaseWatch>(std::move(ticker), m_clock, stretched(m_wished, m_stretch),
                                                          std::move(published));
    if (m_paused)
        m_watches[database]->setPaused(true);
}

void ServerWatch::onPublished(const QString &key, bool primary, const DatabaseTicker &ticker)
{
    const std::lock_guard lock(m_mutex);
    if (m_closing)
        return;
    const auto database = ticker.snapshot();
    auto next = std::make_shared<ServerSnapshot>(*m_snapshot);
    next->databases[database->name] = database;
    if (primary) {
        next->state = database->state;
        next->error = database->error;
        if (database->state == WatchState::Live) {
            next->takenAt = database->takenAt;
            next->clockOffset = ticker.clockOffset();
        }
        next->locks = database->locks;
        if (m_profile.databases.isEmpty() && database->state == WatchState::Live) {
            for (const QString &other : database->siblings) {
                if (other != database->name)
                    watch(other, false);
            }
        }
    }
    // The first tick reads the whole structure once and says nothing about the steady cost.
    if (database->state == WatchState::Live && ticker.ticks() > 1) {
        auto &ms = m_tickMs[key];
        ms = smoothed(ms, database->overhead.lastTickServerMs);
    }
    keepBudget();

    Overhead sum;
    for (const auto &[name, part] : next->databases) {
        if (part->state != WatchState::Live)
            continue;
        sum.serverMsPerSecond += part->overhead.serverMsPerSecond;
        sum.bytesPerSecond += part->overhead.bytesPerSecond;
        sum.lastTickServerMs += part->overhead.lastTickServerMs;
        sum.lastTickBytes += part->overhead.lastTickBytes;
        sum.lastTickRoundTripMs = std::max(sum.lastTickRoundTripMs, part->overhead.lastTickRoundTripMs);
        sum.roundTrips = std::max(sum.roundTrips, part->overhead.roundTrips);
    }
    sum.interval = stretched(m_wished, m_stretch);
    sum.widened = m_stretch > 1;
    next->overhead = sum;
    if (m_annotate)
        m_annotate(*next);
    const std::shared_ptr<const ServerSnapshot> published = std::move(next);
    {
        const std::lock_guard swap(m_snapshotMutex);
        m_snapshot = published;
    }
    m_published(published);
}

double ServerWatch::smoothed(double before, double now)
{
    return before == 0 ? now : before + 0.2 * (now - before);
}

void ServerWatch::keepBudget()
{
    double totalMs = 0;
    for (const auto &[database, ms] : m_tickMs)
        totalMs += ms;
    const double budgetMsPerSecond = std::max(0.01, m_profile.budgetPercent) * 10.0;
    const double wishedSeconds = static_cast<double>(m_wished.count()) / 1000.0;
    const double wanted = std::clamp(totalMs / (wishedSeconds * budgetMsPerSecond), 1.0, longestStretch);
    // A step of less than a tenth is noise.
    if (std::abs(wanted - m_stretch) < 0.1 * m_stretch && !(wanted == 1.0 && m_stretch != 1.0))
        return;
    m_stretch = wanted;
    for (const auto &[database, watch] : m_watches)
        watch->setInterval(stretched(m_wished, m_stretch));
}

void ServerWatch::setInterval(Millis interval)
{
    const std::lock_guard lock(m_mutex);
    m_wished = interval;
    keepBudget();
    for (const auto &[database, watch] : m_watches)
        watch->setInterval(stretched(m_wished, m_stretch));
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
