// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/governor.h"

#include "core/base/units.h"
#include "core/pg/sqllibrary.h"

namespace tidemark {

Result<GovernorReading> GovernorReading::read(pg::Session &session, std::stop_token stop)
{
    const auto &query = pg::SqlLibrary::builtIn().query(QStringLiteral("plan/governor"), session.serverVersion());
    TIDEMARK_TRY(const auto rows, session.exec(query.sql, {}, {.stop = stop}));
    GovernorReading reading;
    reading.at = std::chrono::steady_clock::now();
    if (const auto lag = rows.optionalInt64(0, rows.column("replica_lag_ms")))
        reading.replicaLag = Millis(*lag);
    reading.slotLagBytes = rows.optionalInt64(0, rows.column("slot_lag_bytes"));
    reading.archiveLagBytes = rows.optionalInt64(0, rows.column("archive_lag_bytes"));
    reading.walPosition = rows.optionalInt64(0, rows.column("wal_position"));
    reading.lockWaiters = rows.optionalInt64(0, rows.column("lock_waiters"));
    reading.activeSessions = rows.optionalInt64(0, rows.column("active_sessions"));
    return reading;
}

QStringList reasonsToHoldBack(const GovernorLimits &limits, const GovernorReading &before, const GovernorReading &now)
{
    QStringList reasons;
    if (limits.replicaLag && now.replicaLag && *now.replicaLag > *limits.replicaLag) {
        reasons << QStringLiteral("a replica is %1 behind (limit %2)")
                       .arg(units::duration(*now.replicaLag), units::duration(*limits.replicaLag));
    }
    if (limits.slotLagBytes && now.slotLagBytes && *now.slotLagBytes > *limits.slotLagBytes) {
        reasons << QStringLiteral("a replication slot keeps %1 of WAL (limit %2)")
                       .arg(units::bytes(*now.slotLagBytes), units::bytes(*limits.slotLagBytes));
    }
    if (limits.archiveLagBytes && now.archiveLagBytes && *now.archiveLagBytes > *limits.archiveLagBytes) {
        reasons << QStringLiteral("%1 of WAL waits to be archived (limit %2)")
                       .arg(units::bytes(*now.archiveLagBytes), units::bytes(*limits.archiveLagBytes));
    }
    if (limits.walBytesPerSecond && now.walPosition && before.walPosition && now.at > before.at) {
        const double seconds = std::chrono::duration<double>(now.at - before.at).count();
        const auto rate = static_cast<qint64>(static_cast<double>(*now.walPosition - *before.walPosition) / seconds);
        if (rate > *limits.walBytesPerSecond) {
            reasons << QStringLiteral("the server writes %1 of WAL a second (limit %2)")
                           .arg(units::bytes(rate), units::bytes(*limits.walBytesPerSecond));
        }
    }
    if (limits.lockWaiters && now.lockWaiters && *now.lockWaiters > *limits.lockWaiters) {
        reasons
            << QStringLiteral("%1 sessions wait for locks (limit %2)").arg(*now.lockWaiters).arg(*limits.lockWaiters);
    }
    if (limits.activeSessions && now.activeSessions && *now.activeSessions > *limits.activeSessions) {
        reasons
            << QStringLiteral("%1 sessions are active (limit %2)").arg(*now.activeSessions).arg(*limits.activeSessions);
    }
    return reasons;
}

} // namespace tidemark
