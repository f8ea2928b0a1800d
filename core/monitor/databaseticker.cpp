// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/databaseticker.h"

#include "core/base/log.h"
#include "core/pg/sqllibrary.h"

#include <QElapsedTimer>

#include <algorithm>

namespace tidemark {

namespace {

// Longer than any tick should take. A server that is slow, or a backend that is stuck, has all of it, and then the session's
// grace for a cancel.
constexpr Millis tickDeadline{8'000};

// A server that is frozen, or cut off without a word, is noticed sooner: the rest of the interval until the next tick, this
// silence, and what a second connection is given to be answered (pg::ServerProbe, two to three seconds); so about five
// seconds in all, and seven at most with the usual interval. A slow server still answers the second connection.
constexpr Millis silenceThatIsProbed{2'000};

// Extensions are installed, roles granted, standbys promoted while we watch.
constexpr Millis probeAgainAfter{60'000};

constexpr char noSuchDatabase[] = "3D000";

const QString clockQuery = QStringLiteral("server/clock");

double millisOf(std::chrono::microseconds duration)
{
    return static_cast<double>(duration.count()) / 1000.0;
}

} // namespace

DatabaseTicker::DatabaseTicker(pg::ConnInfo info, Collectors collectors, const Clock &clock, QString applicationName)
    : m_info(std::move(info))
    , m_collectors(std::move(collectors))
    , m_clock(clock)
    , m_applicationName(std::move(applicationName))
{
    m_units.emplace_back(QStringLiteral("catalogue"), nullptr);
    for (const auto &collector : m_collectors)
        m_units.emplace_back(collector->name(), collector.get());
    auto snapshot = std::make_shared<DatabaseSnapshot>();
    snapshot->name = m_info.value(QStringLiteral("dbname"));
    m_snapshot = std::move(snapshot);
}

DatabaseTicker::~DatabaseTicker() = default;

Status DatabaseTicker::connect(std::stop_token stop)
{
    pg::SessionOptions options;
    options.applicationName = m_applicationName;
    options.statementTimeout = tickDeadline - Millis(1'000);
    TIDEMARK_TRY(pg::Session session, pg::Session::open(m_info, options, stop));
    pg::CallOptions call;
    call.deadline = tickDeadline;
    call.probeAfter = silenceThatIsProbed;
    call.stop = stop;
    TIDEMARK_TRY(m_capabilities, pg::Capabilities::probe(session, call));
    m_session = std::make_unique<pg::Session>(std::move(session));
    m_feedReader.reset();
    for (Unit &unit : m_units) {
        unit.runs = 0;
        unit.feed = {};
    }
    m_tick = 0;
    m_tickBegan = m_clock.now();
    return {};
}

bool DatabaseTicker::isItsTurn(const Unit &unit) const
{
    const auto pace = m_paces.find(unit.name);
    return m_allAsked || unit.runs == 0 || pace == m_paces.end() || m_tick - unit.ranIn >= pace->second;
}

void DatabaseTicker::choose()
{
    // The feed runs when it may and somebody wants it; who uses it waits for it.
    const bool feedMay = isItsTurn(m_units.front());
    bool feedIsWanted = false;
    for (Unit &unit : m_units) {
        unit.tickMs = 0;
        if (unit.collector == nullptr)
            continue;
        const bool usesFeed = unit.collector->usesFeed();
        unit.isDue = isItsTurn(unit) && (!usesFeed || feedMay);
        feedIsWanted = feedIsWanted || (unit.isDue && usesFeed);
    }
    m_units.front().isDue = feedIsWanted;
    m_allAsked = false;
}

TickContext DatabaseTicker::contextOf(const Unit &unit, Millis interval) const
{
    TickContext context;
    context.number = unit.runs;
    context.first = unit.runs == 0;
    context.interval = interval;
    context.serverNow = m_tickBegan;
    context.capabilities = &m_capabilities;
    return context;
}

void DatabaseTicker::takeFeed(const RelationFeed &feed)
{
    for (Unit &unit : m_units) {
        if (unit.collector == nullptr || !unit.collector->usesFeed())
            continue;
        std::vector<quint32> &changed = unit.feed.changed;
        changed.insert(changed.end(), feed.changed.begin(), feed.changed.end());
        std::sort(changed.begin(), changed.end());
        changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
        unit.feed.xmins.insert(feed.xmins);
        unit.feed.relationsChanged = unit.feed.relationsChanged || feed.relationsChanged;
        unit.feed.matviewsChanged = unit.feed.matviewsChanged || feed.matviewsChanged;
        unit.feed.serverNow = feed.serverNow;
        unit.feed.nextXid = feed.nextXid;
    }
}

Status DatabaseTicker::runQueries(std::vector<Asked> asked, bool isTick, const pg::CallOptions &call)
{
    const pg::SqlLibrary &library = pg::SqlLibrary::builtIn();
    std::vector<pg::Statement> statements;
    const auto add = [&](const QString &id, const pg::Params &params) {
        const pg::SqlQuery &query = library.query(id, m_capabilities.serverVersion);
        statements.push_back({query.sql, params, query.id.toUtf8()});
        return statements.size() - 1;
    };
    // A look at the clock at the end of each unit's queries is the beginning of the next one's.
    std::vector<std::pair<std::size_t, std::size_t>> ends; // of units, by the place of the clock
    std::vector<std::size_t> places;
    const auto opened = add(clockQuery, {});
    std::optional<std::size_t> feedAt;
    if (isTick && m_units.front().isDue) {
        feedAt = add(QStringLiteral("server/feed"), m_feedReader.params());
        ends.emplace_back(0, add(clockQuery, {}));
    }
    for (std::size_t i = 0; i < asked.size(); ++i) {
        places.push_back(add(asked[i].query.id, asked[i].query.params));
        if (i + 1 == asked.size() || asked[i + 1].unit != asked[i].unit)
            ends.emplace_back(asked[i].unit, add(clockQuery, {}));
    }

    const std::size_t closed = ends.empty() ? add(clockQuery, {}) : ends.back().second;

    ++m_roundTrips;
    auto results = m_session->execBatch(statements, call);
    if (!m_session->isAlive()) {
        for (const auto &result : results) {
            if (!result && result.error().poisonsSession)
                return tidemark::fail(result.error());
        }
    }
    const auto clockAt = [&](std::size_t place) -> Result<Instant> {
        if (!results[place])
            return tidemark::fail(results[place].error().within(QStringLiteral("reading the server's clock")));
        return results[place]->instant(0, 0).value_or(Instant{});
    };
    TIDEMARK_TRY(const Instant began, clockAt(opened));
    if (isTick)
        m_tickBegan = began;
    m_tickEnded = began;
    for (const auto &[unit, place] : ends) {
        TIDEMARK_TRY(const Instant ended, clockAt(place));
        m_units[unit].tickMs += millisOf(ended - m_tickEnded);
        m_tickEnded = ended;
    }
    TIDEMARK_TRY(m_tickEnded, clockAt(closed));
    m_serverMs += millisOf(m_tickEnded - began);
    if (feedAt && !results[*feedAt])
        return tidemark::fail(results[*feedAt].error().within(QStringLiteral("reading the catalogue")));
    if (feedAt)
        takeFeed(m_feedReader.absorb(*results[*feedAt]));
    for (std::size_t i = 0; i < asked.size(); ++i)
        asked[i].query.absorb(results[places[i]]);
    return {};
}

Status DatabaseTicker::tick(Millis interval, std::stop_token stop)
{
    if (!m_session || !m_session->isAlive()) {
        disconnect();
        if (Status connected = connect(stop); !connected) {
            fail(connected.error());
            return connected;
        }
    }

    pg::CallOptions call;
    call.deadline = tickDeadline;
    call.probeAfter = silenceThatIsProbed;
    call.stop = stop;
    const Instant previous = m_tickBegan;
    const qint64 bytesBefore = m_session->bytesReceived() + m_session->bytesSent();
    m_roundTrips = 0;
    m_serverMs = 0;
    if (m_tick == 0) {
        m_probedAt = m_clock.now();
    } else if (m_clock.now() - m_probedAt >= probeAgainAfter) {
        m_probedAt = m_clock.now();
        auto probed = pg::Capabilities::probe(*m_session, call);
        ++m_roundTrips;
        if (probed)
            m_capabilities = std::move(*probed);
        else
            qCInfo(logMonitor) << "the server's facts could not be read again:" << probed.error().summary();
    }
    choose();
    const auto ask = [&](auto queriesOf) {
        std::vector<Asked> asked;
        for (std::size_t i = 0; i < m_units.size(); ++i) {
            const Unit &unit = m_units[i];
            if (unit.collector == nullptr || !unit.isDue)
                continue;
            for (TickQuery &query : queriesOf(unit))
                asked.push_back({std::move(query), i});
        }
        return asked;
    };
    QElapsedTimer elapsed;
    elapsed.start();
    auto planned = ask([&](const Unit &unit) { return unit.collector->plan(contextOf(unit, interval)); });
    if (Status ran = runQueries(std::move(planned), true, call); !ran) {
        fail(ran.error());
        return ran;
    }
    const double roundTripMs = static_cast<double>(elapsed.nsecsElapsed()) / 1e6;
    m_clockOffset = millisBetween(m_clock.now(), m_tickEnded);
    const auto answered = [&](const Unit &unit) {
        TickContext context = contextOf(unit, interval);
        if (unit.collector->usesFeed() && m_units.front().isDue)
            context.feed = &unit.feed;
        return context;
    };
    auto more = ask([&](const Unit &unit) { return unit.collector->followUp(answered(unit)); });
    if (!more.empty()) {
        if (Status ran = runQueries(std::move(more), false, call); !ran) {
            fail(ran.error());
            return ran;
        }
    }

    auto next = std::make_shared<DatabaseSnapshot>(*m_snapshot);
    next->name = m_session->database();
    next->state = WatchState::Live;
    next->error.reset();
    next->retryAt.reset();
    next->takenAt = m_tickBegan;
    next->capabilities = m_capabilities;
    for (Unit &unit : m_units) {
        if (unit.collector != nullptr && (unit.isDue || unit.collector->addsToOthers())) {
            next->errors.remove(unit.name);
            unit.collector->publish(answered(unit), *next);
        }
        if (unit.isDue) {
            unit.feed = {};
            unit.ranIn = m_tick;
            ++unit.runs;
        }
    }

    Overhead &overhead = next->overhead;
    overhead.lastTickServerMs = m_serverMs;
    overhead.lastTickBytes = m_session->bytesReceived() + m_session->bytesSent() - bytesBefore;
    overhead.lastTickRoundTripMs = roundTripMs;
    overhead.roundTrips = m_roundTrips;
    overhead.interval = interval;
    // A rate is what a while cost over how long it was: a tick that was asked for between two is no burst.
    const Millis since = m_tick == 0 ? interval : millisBetween(previous, m_tickBegan);
    constexpr double memory = 0.8;
    if (m_tick == 0) {
        // It reads the whole structure, once: as a part of the rate it would be told for minutes as what watching costs.
        m_recent = {};
        overhead.firstReadMs = m_serverMs;
        overhead.serverMsPerSecond = 0;
        overhead.bytesPerSecond = 0;
    } else {
        m_recent.serverMs = m_recent.serverMs * memory + m_serverMs;
        m_recent.bytes = m_recent.bytes * memory + static_cast<double>(overhead.lastTickBytes);
        m_recent.seconds = m_recent.seconds * memory + std::max(0.001, static_cast<double>(since.count()) / 1000.0);
        overhead.serverMsPerSecond = m_recent.serverMs / m_recent.seconds;
        overhead.bytesPerSecond = m_recent.bytes / m_recent.seconds;
    }
    noteCosts(overhead);
    m_snapshot = std::move(next);
    ++m_tick;
    return {};
}

void DatabaseTicker::noteCosts(Overhead &overhead)
{
    constexpr double weight = 0.1; // some ask little for many runs and much in one
    overhead.collectors.clear();
    overhead.widened = false;
    for (Unit &unit : m_units) {
        // The first run reads the whole structure once and says nothing about the steady cost.
        if (unit.isDue && unit.runs > 1)
            unit.smoothedMs = unit.runs == 2 ? unit.tickMs : unit.smoothedMs + weight * (unit.tickMs - unit.smoothedMs);
        const auto pace = m_paces.find(unit.name);
        CollectorCost cost{unit.name, m_session->database(), unit.smoothedMs,
                           unit.collector != nullptr && unit.collector->isUrgent(),
                           pace == m_paces.end() ? 1 : pace->second};
        overhead.widened = overhead.widened || cost.every > 1;
        overhead.collectors.push_back(std::move(cost));
    }
}

void DatabaseTicker::disconnect()
{
    if (!m_session)
        return;
    m_session.reset();
    for (const auto &collector : m_collectors)
        collector->sessionLost();
}

void DatabaseTicker::willRetryAt(Instant at)
{
    auto next = std::make_shared<DatabaseSnapshot>(*m_snapshot);
    next->retryAt = at;
    m_snapshot = std::move(next);
}

void DatabaseTicker::fail(const Error &error)
{
    qCInfo(logMonitor) << "watching" << m_info.display() << ":" << error.summary();
    disconnect();
    auto next = std::make_shared<DatabaseSnapshot>(*m_snapshot);
    next->state = WatchState::Failed;
    next->error = error;
    if (error.sqlState == noSuchDatabase && m_capabilities.databaseOid != 0)
        next->error->message = QStringLiteral("the database %1 was dropped or renamed").arg(next->name);
    m_snapshot = std::move(next);
}

} // namespace tidemark
