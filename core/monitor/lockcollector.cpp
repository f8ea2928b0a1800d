// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/lockcollector.h"

#include "core/base/log.h"

#include <algorithm>

namespace tidemark {

namespace {

constexpr qint64 mostWaiters = 500;
constexpr qint64 fewestWaiters = 50;
constexpr std::size_t manyEdges = 10'000;
constexpr std::size_t fewEdges = manyEdges / 8; // halving the cap quarters the edges: growing again must not overshoot
constexpr std::chrono::seconds detailPeriod{10};

std::chrono::microseconds restAfter(double serverMs)
{
    constexpr double restPerWork = 100;
    return std::chrono::microseconds(static_cast<qint64>(serverMs * 1000 * restPerWork));
}

} // namespace

LockCollector::LockCollector(std::shared_ptr<HistoryStore> history, std::shared_ptr<RelationNames> names)
    : m_history(std::move(history))
    , m_details(std::move(names))
    , m_cap(mostWaiters)
{
}

std::vector<TickQuery> LockCollector::plan(const TickContext &context)
{
    m_sampled = false;
    if (!context.first && context.serverNow + context.interval < m_edgesRestUntil)
        return {};
    return {{QStringLiteral("locks/edges"), {m_cap}, [this](const auto &rows) { absorbEdges(rows); }}};
}

void LockCollector::absorbEdges(const Result<pg::ResultSet> &rows)
{
    if (!rows) {
        m_edgesError = rows.error().within(QStringLiteral("reading who waits for locks"));
        return;
    }
    m_edgesError.reset();
    m_sampled = true;
    m_sample = LockSample::read(*rows);
    m_details.observe(m_sample);
    m_edgesRestUntil = m_sample.at + restAfter(m_sample.serverMs);
    // Backends that hide their waits take up the cap as well: each has to be asked.
    m_truncated = m_sample.lockWaiters + m_sample.hiddenBackends > m_cap;
    const std::size_t edges = m_sample.edgeCount();
    if (edges > manyEdges)
        m_cap = std::max(fewestWaiters, m_cap / 2);
    else if (edges < fewEdges)
        m_cap = std::min(mostWaiters, m_cap * 2);
}

std::vector<TickQuery> LockCollector::followUp(const TickContext &)
{
    if (!m_sampled)
        return {};
    if (m_sample.waiters.empty()) {
        m_explained.clear();
        m_detailError.reset();
        return {};
    }
    const bool due = m_sample.waiters != m_explained || m_sample.at - m_explainedAt >= detailPeriod;
    if (!due || m_sample.at < m_detailRestUntil)
        return {};

    std::vector<int> pids;
    for (auto it = m_sample.parties.keyBegin(); it != m_sample.parties.keyEnd(); ++it) {
        if (*it != 0)
            pids.push_back(*it);
    }
    const bool withPrepared = m_sample.parties.contains(0);
    return {{QStringLiteral("locks/detail"), {pg::Param::array(pids), withPrepared}, [this](const auto &rows) {
                 absorbDetail(rows);
             }}};
}

void LockCollector::absorbDetail(const Result<pg::ResultSet> &rows)
{
    m_explained = m_sample.waiters;
    m_explainedAt = m_sample.at;
    if (!rows) {
        m_detailError = rows.error().within(QStringLiteral("reading what the waiters wait for"));
        m_detailRestUntil = m_sample.at + detailPeriod;
        return;
    }
    m_detailError.reset();
    m_details.absorb(*rows, m_sample);
    if (!rows->isEmpty())
        m_detailRestUntil = m_sample.at + restAfter(rows->real(rows->rowCount() - 1, rows->column("server_ms")));
}

void LockCollector::publish(const TickContext &context, DatabaseSnapshot &snapshot)
{
    if (m_sampled) {
        LockSnapshot next = m_details.snapshot(m_sample);
        next.truncated = m_truncated;
        next.waiterCount = static_cast<int>(m_sample.waiters.size());
        if (next.truncated)
            next.waiterCount = std::max(next.waiterCount, m_sample.lockWaiters);
        record(context.capabilities->systemIdentifier, next);
        m_latest = std::make_shared<const LockSnapshot>(std::move(next));
    }
    snapshot.locks = m_latest;
    if (m_edgesError)
        snapshot.errors.insert(name(), *m_edgesError);
    else if (m_detailError)
        snapshot.errors.insert(name(), *m_detailError);
}

void LockCollector::record(const QString &systemIdentifier, const LockSnapshot &snapshot)
{
    // An episode ends with the second sample in a row that does not show it.
    constexpr int samplesThatEnd = 2;
    if (!snapshot.edges.empty())
        m_samplesOwed = samplesThatEnd;
    else if (m_samplesOwed == 0)
        return;
    else
        --m_samplesOwed;
    if (!m_history)
        return;
    if (const Status added = m_history->addLockSample(systemIdentifier, snapshot); !added) {
        qCInfo(logStore) << "a lock sample was not stored:" << added.error().summary();
        m_samplesOwed = samplesThatEnd;
    }
}

void LockCollector::sessionLost()
{
    m_sample = {};
    m_details.clear();
    m_explained.clear();
    m_edgesRestUntil = {};
    m_detailRestUntil = {};
    m_sampled = false;
}

} // namespace tidemark
