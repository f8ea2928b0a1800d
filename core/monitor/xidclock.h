// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/historystore.h"

#include <optional>
#include <vector>

namespace tidemark {

/// Tells when a transaction id was given out, from samples of (server time, next id). Needs nothing of the server: every
/// feed of a tick is a sample, and the store keeps those of earlier starts and other databases of the same server.
///
/// An id is given out when the transaction first writes, for a REFRESH about its start, not its commit. On an idle server
/// the ids stand still, so a bracket may be wide. Not thread-safe; a value of its collector.
class XidClock
{
public:
    /// Replaces what is known; in any order.
    void load(std::vector<XidSample> samples);
    /// False when the sample tells nothing new (the ids did not move), which only prolongs the newest one. A clock that
    /// runs backwards means another server: it starts anew.
    bool add(const XidSample &sample);

    /// Between which two samples the id was given out. Nothing for the permanent ids, for ids before the first sample and
    /// for ids not yet seen. Ids wrap around at 2^32: the newest possible epoch is meant.
    [[nodiscard]] std::optional<TimeRange> bracket(quint32 xid) const;
    /// The id with its epoch; nothing while there is no sample or for the permanent ids.
    [[nodiscard]] std::optional<qint64> withEpoch(quint32 xid) const;

    [[nodiscard]] std::size_t size() const { return m_samples.size(); }

private:
    void thin();

    std::vector<XidSample> m_samples; // by time, ids not falling
};

} // namespace tidemark
