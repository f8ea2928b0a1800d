// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/session.h"

#include <QStringList>

#include <optional>

namespace tidemark {

/// What a heavy step must not push the server beyond. An absent limit is not watched.
struct GovernorLimits
{
    std::optional<Millis> replicaLag;
    std::optional<qint64> slotLagBytes;
    std::optional<qint64> archiveLagBytes; ///< of WAL that waits to be archived
    std::optional<qint64> walBytesPerSecond;
    std::optional<qint64> lockWaiters;
    std::optional<qint64> activeSessions;
    friend bool operator==(const GovernorLimits &, const GovernorLimits &) = default;
};

/// One look at the server. What this role may not see is absent.
struct GovernorReading
{
    std::chrono::steady_clock::time_point at;
    std::optional<Millis> replicaLag;
    std::optional<qint64> slotLagBytes;
    std::optional<qint64> archiveLagBytes;
    std::optional<qint64> walPosition;
    std::optional<qint64> lockWaiters;
    std::optional<qint64> activeSessions;

    [[nodiscard]] static Result<GovernorReading> read(pg::Session &session, std::stop_token stop);
};

/// Why to hold back now; any reason wins. The WAL rate is that between the two readings. Pure.
[[nodiscard]] QStringList reasonsToHoldBack(const GovernorLimits &limits, const GovernorReading &before,
                                            const GovernorReading &now);

} // namespace tidemark
