// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/xidclock.h"

#include <algorithm>

namespace tidemark {

namespace {

constexpr qint64 epochSize = qint64(1) << 32;
constexpr quint32 firstNormalXid = 3;
constexpr std::size_t mostSamples = 20'000; // 11 hours at 2 s, about 320 kB

} // namespace

void XidClock::load(std::vector<XidSample> samples)
{
    m_samples.clear();
    std::sort(samples.begin(), samples.end(), [](const XidSample &left, const XidSample &right) {
        return left.at != right.at ? left.at < right.at : left.nextXid < right.nextXid;
    });
    for (const XidSample &sample : samples)
        add(sample);
}

bool XidClock::add(const XidSample &sample)
{
    if (!m_samples.empty()) {
        XidSample &newest = m_samples.back();
        if (sample.nextXid < newest.nextXid) {
            m_samples.clear();
        } else if (sample.at < newest.at) {
            return false;
        } else if (sample.nextXid == newest.nextXid && m_samples.size() > 1
                   && m_samples[m_samples.size() - 2].nextXid == sample.nextXid) {
            newest.at = sample.at;
            return false;
        }
    }
    m_samples.push_back(sample);
    thin();
    return true;
}

std::optional<qint64> XidClock::withEpoch(quint32 xid) const
{
    if (m_samples.empty() || xid < firstNormalXid)
        return std::nullopt;
    const qint64 next = m_samples.back().nextXid;
    qint64 full = next - next % epochSize + xid;
    if (full >= next)
        full -= epochSize;
    return full < 0 ? std::nullopt : std::optional(full);
}

std::optional<TimeRange> XidClock::bracket(quint32 xid) const
{
    const auto full = withEpoch(xid);
    if (!full)
        return std::nullopt;
    const auto after = std::partition_point(m_samples.begin(), m_samples.end(),
                                            [&](const XidSample &sample) { return sample.nextXid <= *full; });
    if (after == m_samples.begin() || after == m_samples.end())
        return std::nullopt;
    return TimeRange{std::prev(after)->at, after->at};
}

void XidClock::thin()
{
    if (m_samples.size() <= mostSamples)
        return;
    // Every second sample of the older half goes: what is long ago is asked for less and less exactly.
    std::vector<XidSample> kept;
    kept.reserve(m_samples.size());
    for (std::size_t i = 0; i < m_samples.size(); ++i) {
        if (i >= m_samples.size() / 2 || i % 2 == 0)
            kept.push_back(m_samples[i]);
    }
    m_samples = std::move(kept);
}

} // namespace tidemark
