// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/freshnessmemory.h"

#include <utility>

namespace tidemark {

FreshnessMemory::FreshnessMemory(std::shared_ptr<HistoryStore> store)
    : m_store(std::move(store))
{
}

bool FreshnessMemory::setDatabase(const DatabaseRef &database)
{
    if (m_database == database)
        return false;
    m_database = database;
    m_baselines.clear();
    m_forgotten.clear();
    m_events.clear();
    m_mark.reset();
    m_markKept.reset();
    m_targets.clear();
    m_targetsReadAt.reset();
    return true;
}

std::vector<RefreshableBaseline> FreshnessMemory::baselines()
{
    if (!m_store)
        return {};
    auto found = m_store->baselines(m_database);
    if (found)
        return std::move(*found);
    note(fail(found.error()));
    return {};
}

std::vector<XidSample> FreshnessMemory::xidSamples()
{
    if (!m_store)
        return {};
    auto found = m_store->xidSamples(m_database.systemIdentifier, m_database.timeline);
    if (found)
        return std::move(*found);
    note(fail(found.error()));
    return {};
}

std::vector<RefreshEvent> FreshnessMemory::refreshes(const pg::QualifiedName &name, int limit)
{
    if (!m_store)
        return {};
    auto found = m_store->refreshes(m_database, name, std::nullopt, limit);
    if (found)
        return std::move(*found);
    note(fail(found.error()));
    return {};
}

const QHash<pg::QualifiedName, Millis> &FreshnessMemory::targets(Instant now)
{
    constexpr Millis readAgainAfter{5'000};
    if (m_store && (!m_targetsReadAt || millisBetween(*m_targetsReadAt, now) >= readAgainAfter)) {
        m_targetsReadAt = now;
        if (auto found = m_store->targets(m_database))
            m_targets = std::move(*found);
        else
            note(fail(found.error()));
    }
    return m_targets;
}

std::optional<RefreshLogMark> FreshnessMemory::refreshLogMark(quint32 table)
{
    if (!m_store)
        return std::nullopt;
    const auto found = m_store->refreshLogMark(m_database, table);
    if (found)
        return *found;
    note(fail(found.error()));
    return std::nullopt;
}

void FreshnessMemory::keep(const RefreshLogMark &mark)
{
    if (m_store && m_markKept != mark)
        m_mark = mark;
}

void FreshnessMemory::keep(const RefreshableBaseline &baseline)
{
    std::erase(m_forgotten, baseline.oid);
    if (m_store)
        m_baselines[baseline.oid] = baseline;
}

void FreshnessMemory::tell(const RefreshEvent &event)
{
    if (m_store)
        m_events.push(event);
}

void FreshnessMemory::forget(quint32 oid)
{
    m_baselines.erase(oid);
    if (m_store)
        m_forgotten.push_back(oid);
}

void FreshnessMemory::addXidSample(const XidSample &sample)
{
    if (m_store)
        note(m_store->addXidSample(m_database.systemIdentifier, m_database.timeline, sample));
}

void FreshnessMemory::flush()
{
    if (!m_store || (m_forgotten.empty() && m_baselines.empty() && m_events.isEmpty() && !m_mark))
        return;
    // What the store refuses waits for the next time. A second failure must not be hidden by what succeeds after it.
    Status kept;
    const auto did = [&kept](const Status &written) {
        if (!written && kept)
            kept = written;
        return bool(written);
    };
    if (!m_forgotten.empty() && did(m_store->removeBaselines(m_database, m_forgotten)))
        m_forgotten.clear();
    if (!m_baselines.empty()) {
        std::vector<RefreshableBaseline> changed;
        changed.reserve(m_baselines.size());
        for (const auto &[oid, baseline] : m_baselines)
            changed.push_back(baseline);
        if (did(m_store->saveBaselines(m_database, changed)))
            m_baselines.clear();
    }
    did(m_events.flush(*m_store, m_database));
    if (m_mark && m_events.isEmpty() && did(m_store->setRefreshLogMark(m_database, *m_mark)))
        m_markKept = std::exchange(m_mark, std::nullopt);
    note(kept);
}

void FreshnessMemory::flushEvents()
{
    if (m_store && !m_events.isEmpty())
        note(m_events.flush(*m_store, m_database));
}

void FreshnessMemory::note(const Status &status)
{
    if (status)
        m_error.reset();
    else
        m_error = status.error().within(QStringLiteral("keeping the refresh history"));
}

} // namespace tidemark
