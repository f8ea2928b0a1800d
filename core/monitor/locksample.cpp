// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/locksample.h"

#include <QCoreApplication>

#include <algorithm>
#include <tuple>

namespace tidemark {

bool operator<(const WaitIdentity &left, const WaitIdentity &right)
{
    return std::tie(left.pid, left.backendStart, left.queryStart, left.waitEvent)
           < std::tie(right.pid, right.backendStart, right.queryStart, right.waitEvent);
}

QString hiddenQueryText()
{
    return QCoreApplication::translate("Locks", "hidden: needs pg_read_all_stats");
}

LockSample LockSample::read(const pg::ResultSet &rows)
{
    LockSample sample;
    const auto serverNow = rows.column("server_now");
    const auto serverMs = rows.column("server_ms");
    const auto pid = rows.column("pid");
    const auto blockers = rows.column("blockers");
    const auto waitEvent = rows.column("wait_event");
    const auto applicationName = rows.column("application_name");
    const auto user = rows.column("user_name");
    const auto database = rows.column("database");
    const auto clientAddress = rows.column("client_address");
    const auto backendStart = rows.column("backend_start");
    const auto state = rows.column("state");
    const auto stateChange = rows.column("state_change");
    const auto xactStart = rows.column("xact_start");
    const auto queryStart = rows.column("query_start");
    const auto query = rows.column("query");
    const auto hidden = rows.column("hidden");

    for (int row = 0; row < rows.rowCount(); ++row) {
        sample.at = rows.instant(row, serverNow).value_or(Instant{});
        sample.serverMs = rows.real(row, serverMs);
        sample.lockWaiters = rows.int32(row, rows.column("lock_waiters"));
        sample.hiddenBackends = rows.int32(row, rows.column("hidden_backends"));
        if (rows.isNull(row, pid))
            continue; // nobody waits: the row is there for the totals

        LockParty party;
        party.pid = rows.int32(row, pid);
        party.backendStart = rows.instant(row, backendStart);
        party.applicationName = rows.text(row, applicationName);
        party.user = rows.text(row, user);
        party.database = rows.text(row, database);
        party.clientAddress = rows.text(row, clientAddress);
        party.state = rows.text(row, state);
        party.waitEvent = rows.text(row, waitEvent);
        party.xactStart = rows.instant(row, xactStart);
        party.queryStart = rows.instant(row, queryStart);
        party.query = rows.boolean(row, hidden) ? hiddenQueryText() : rows.text(row, query);

        if (!rows.isNull(row, blockers)) {
            SampledWaiter waiter;
            waiter.identity = {party.pid, party.backendStart, party.queryStart, party.waitEvent};
            waiter.stateChange = rows.instant(row, stateChange);
            for (const qint64 blocker : rows.int64s(row, blockers))
                waiter.blockers.push_back(static_cast<int>(blocker));
            std::sort(waiter.blockers.begin(), waiter.blockers.end());
            sample.waiters.push_back(std::move(waiter));
        }
        sample.parties.insert(party.pid, party);
    }
    std::sort(sample.waiters.begin(), sample.waiters.end(),
              [](const SampledWaiter &left, const SampledWaiter &right) { return left.identity < right.identity; });
    return sample;
}

std::size_t LockSample::edgeCount() const
{
    std::size_t count = 0;
    for (const SampledWaiter &waiter : waiters)
        count += waiter.blockers.size();
    return count;
}

} // namespace tidemark
