// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/databaseticker.h"

#include "core/base/log.h"
#include "core/pg/sqllibrary.h"

#include <QElapsedTimer>

namespace tidemark {

namespace {

// Longer than any tick should take, shorter than a DBA waits before calling a server dead.
constexpr Millis tickDeadline{8'000};

// Extensions are installed, roles granted, standbys promoted while we watch.
constexpr Millis probeAgainAfter{60'000};

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
    call.stop = stop;
    TIDEMARK_TRY(m_capabilities, pg::Capabilities::probe(session, call));
    m_session = std::make_unique<pg::Session>(std::move(session));
    m_feedReader.reset();
    m_feed = {};
    m_tick = 0;
    return {};
}

Status DatabaseTicker::runQueries(std::vector<TickQuery> queries, bool isTick, const pg::CallOptions &call)
{
    const pg::SqlLibrary &library = pg::SqlLibrary::builtIn();
    std::vector<pg::Statement> statements;
    statements.reserve(queries.size() + 2);
    const auto add = [&](const QString &id, const pg::Params &params) {
        const pg::SqlQuery &query = library.query(id, m_capabilities.serverVersion);
        statements.push_back({query.sql, params, query.id.toUtf8()});
    };
    add(clockQuery, {});
    if (isTick)
        add(QStringLiteral("server/feed"), m_feedReader.params());
    for (const TickQuery &query : queries)
        add(query.id, query.params);
    add(clockQuery, {});

    ++m_roundTrips;
    auto results = m_session->execBatch(statements, call);
    if (!m_session->isAlive()) {
        for (const auto &result : results) {
            if (!result && result.error().poisonsSession)
                return tidemark::fail(result.error());
        }
    }
    const auto &opening = results.front();
    const auto &closing = results.back();
    const auto &feed = results[1];
    if (!opening || !closing)
        return tidemark::fail(
            (opening ? closing : opening).error().within(QStringLiteral("reading the server's clock")));
    if (isTick && !feed)
        return tidemark::fail(feed.error().within(QStringLiteral("reading the catalogue")));
    if (isTick)
        m_feed = m_feedReader.absorb(*feed);
    const std::size_t before = isTick ? 2 : 1;
    for (std::size_t i = 0; i < queries.size(); ++i)
        queries[i].absorb(results[before + i]);
    m_tickEnded = closing->instant(0, 0).value_or(Instant{});
    m_serverMs += millisOf(m_tickEnded - opening->instant(0, 0).value_or(m_tickEnded));
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
    call.stop = stop;
    TickContext context;
    context.number = m_tick;
    context.first = m_tick == 0;
    context.interval = interval;
    context.serverNow = m_tick == 0 ? m_clock.now() : m_feed.serverNow;
    context.capabilities = &m_capabilities;

    const Instant previous = m_feed.serverNow;
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
    std::vector<TickQuery> queries;
    for (const auto &collector : m_collectors) {
        auto planned = collector->plan(context);
        std::move(planned.begin(), planned.end(), std::back_inserter(queries));
    }
    QElapsedTimer elapsed;
    elapsed.start();
    if (Status ran = runQueries(std::move(queries), true, call); !ran) {
        fail(ran.error());
        return ran;
    }
    const double roundTripMs = static_cast<double>(elapsed.nsecsElapsed()) / 1e6;
    m_clockOffset = millisBetween(m_clock.now(), m_tickEnded);
    context.feed = &m_feed;
    std::vector<TickQuery> more;
    for (const auto &collector : m_collectors) {
        auto planned = collector->followUp(context);
        std::move(planned.begin(), planned.end(), std::back_inserter(more));
    }
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
    next->takenAt = m_feed.serverNow;
    next->capabilities = m_capabilities;
    next->errors.clear();
    for (const auto &collector : m_collectors)
        collector->publish(context, *next);

    Overhead &overhead = next->overhead;
    overhead.lastTickServerMs = m_serverMs;
    overhead.lastTickBytes = m_session->bytesReceived() + m_session->bytesSent() - bytesBefore;
    overhead.lastTickRoundTripMs = roundTripMs;
    overhead.roundTrips = m_roundTrips;
    overhead.interval = interval;
    // A rate is what a while cost over how long it was: a tick that was asked for between two is no burst.
    const Millis since = m_tick == 0 ? interval : millisBetween(previous, m_feed.serverNow);
    constexpr double memory = 0.8;
    m_recent.serverMs = m_recent.serverMs * memory + m_serverMs;
    m_recent.bytes = m_recent.bytes * memory + static_cast<double>(overhead.lastTickBytes);
    m_recent.seconds = m_recent.seconds * memory + std::max(0.001, static_cast<double>(since.count()) / 1000.0);
    overhead.serverMsPerSecond = m_recent.serverMs / m_recent.seconds;
    overhead.bytesPerSecond = m_recent.bytes / m_recent.seconds;
    m_snapshot = std::move(next);
    ++m_tick;
    return {};
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
    m_snapshot = std::move(next);
}

} // namespace tidemark
