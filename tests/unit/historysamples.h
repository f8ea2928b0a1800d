// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/historystore.h"

// What the tests of the history put into it.
namespace tidemark::test {

using namespace std::chrono_literals;

inline const auto server = QStringLiteral("7000000000000000001");
inline const DatabaseRef plays{server, QStringLiteral("plays")};

inline Instant at(std::chrono::microseconds sinceNoon)
{
    return fromEpochMicros(1'767'268'800'000'000) + sinceNoon;
}

inline LockParty backend(int pid, const QString &object = {})
{
    LockParty party;
    party.pid = pid;
    party.backendStart = at(-1h) + std::chrono::microseconds(pid);
    party.applicationName = QStringLiteral("app %1").arg(pid);
    party.user = QStringLiteral("etl");
    party.database = QStringLiteral("plays");
    party.state = QStringLiteral("active");
    party.query = QStringLiteral("UPDATE plays SET seen = true WHERE id = %1").arg(pid);
    party.xactStart = at(-10min);
    party.object = object;
    if (!object.isEmpty()) {
        party.wantedMode = QStringLiteral("AccessExclusiveLock");
        party.lockType = QStringLiteral("relation");
    }
    return party;
}

/// The first party blocks the second, that one the third …
inline LockSnapshot chain(Instant takenAt, const std::vector<LockParty> &parties)
{
    LockSnapshot snapshot;
    snapshot.takenAt = takenAt;
    snapshot.parties = parties;
    for (int waiter = 1; waiter < static_cast<int>(parties.size()); ++waiter)
        snapshot.edges.push_back({waiter, waiter - 1, false});
    snapshot.waiterCount = static_cast<int>(parties.size()) - 1;
    return snapshot;
}

inline LockSnapshot nobody(Instant takenAt)
{
    LockSnapshot snapshot;
    snapshot.takenAt = takenAt;
    return snapshot;
}

/// All behind one.
inline LockSnapshot crowd(Instant takenAt, int waiters)
{
    LockSnapshot snapshot;
    snapshot.takenAt = takenAt;
    snapshot.parties.push_back(backend(100));
    for (int waiter = 1; waiter <= waiters; ++waiter) {
        snapshot.parties.push_back(backend(100 + waiter, QStringLiteral("public.plays")));
        snapshot.edges.push_back({waiter, 0, waiter % 2 == 0});
    }
    snapshot.waiterCount = waiters;
    return snapshot;
}

} // namespace tidemark::test
