// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/relationestimates.h"

#include <algorithm>

namespace tidemark {

namespace {

// About a millisecond of server time and 4 kB a tick together.
constexpr std::size_t sliceSize = 150;
constexpr int mostHot = 64;
constexpr int hotTicks = 30;
// New relations read in one tick; the rest in the next.
constexpr std::size_t mostAtOnce = 2'000;

} // namespace

void RelationEstimates::watch(std::vector<quint32> oids)
{
    std::sort(oids.begin(), oids.end());
    oids.erase(std::unique(oids.begin(), oids.end()), oids.end());
    const auto isUnwatched = [&](const auto &entry) {
        return !std::binary_search(oids.begin(), oids.end(), entry.key());
    };
    m_estimates.removeIf(isUnwatched);
    m_hot.removeIf(isUnwatched);
    m_new.clear();
    for (const quint32 oid : oids) {
        if (!m_estimates.contains(oid))
            m_new.push_back(oid);
    }
    const quint32 resumeAt = m_next < m_order.size() ? m_order[m_next] : 0;
    m_order = std::move(oids);
    m_next = static_cast<std::size_t>(std::lower_bound(m_order.begin(), m_order.end(), resumeAt) - m_order.begin());
}

std::vector<TickQuery> RelationEstimates::plan()
{
    if (m_order.empty())
        return {};
    const std::size_t fresh = std::min(m_new.size(), mostAtOnce);
    std::vector<quint32> oids(m_new.end() - static_cast<std::ptrdiff_t>(fresh), m_new.end());
    m_new.resize(m_new.size() - fresh);
    for (auto hot = m_hot.begin(); hot != m_hot.end();) {
        oids.push_back(hot.key());
        hot = --hot.value() <= 0 ? m_hot.erase(hot) : std::next(hot);
    }
    for (std::size_t i = 0; i < std::min(sliceSize, m_order.size()); ++i) {
        if (m_next >= m_order.size())
            m_next = 0;
        oids.push_back(m_order[m_next++]);
    }
    return {{QStringLiteral("partitions/estimates"),
             {pg::Param::array(oids)},
             [this](const Result<pg::ResultSet> &rows) { absorb(rows); }}};
}

void RelationEstimates::absorb(const Result<pg::ResultSet> &rows)
{
    if (!rows) {
        m_error = rows.error().within(QStringLiteral("reading sizes"));
        return;
    }
    m_error.reset();
    const auto oids = rows->int64s(0, rows->column("relids"));
    const auto pages = rows->int64s(0, rows->column("pages"));
    const auto live = rows->int64s(0, rows->column("rows"));
    const auto modifications = rows->int64s(0, rows->column("modifications"));
    for (std::size_t i = 0; i < oids.size(); ++i) {
        const auto oid = static_cast<quint32>(oids[i]);
        const auto known = m_estimates.find(oid);
        if (known == m_estimates.end()) {
            m_estimates.insert(oid, {pages[i], live[i], modifications[i], {}});
            m_changed.insert(oid);
            continue;
        }
        // A counter that fell was reset: nobody modified anything.
        if (modifications[i] > known->modifications) {
            m_grown.insert(oid);
            if (m_hot.size() < mostHot || m_hot.contains(oid))
                m_hot.insert(oid, hotTicks);
        }
        if (known->pages != pages[i] || known->rows != live[i] || known->modifications != modifications[i]) {
            m_changed.insert(oid);
            known->pages = pages[i];
            known->rows = live[i];
            known->modifications = modifications[i];
        }
    }
}

void RelationEstimates::sessionLost()
{
    m_hot.clear();
}

QSet<quint32> RelationEstimates::takeChanged(Instant now)
{
    for (const quint32 oid : std::as_const(m_grown)) {
        if (const auto estimate = m_estimates.find(oid); estimate != m_estimates.end())
            estimate->movedAt = now;
    }
    m_grown.clear();
    return std::exchange(m_changed, {});
}

} // namespace tidemark
